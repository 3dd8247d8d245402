using Media.Features;

namespace Media.Models;

/// <summary>Holds labels to be amounts that something can be learnt from.</summary>
internal static class AmountLabels
{
    /// <exception cref="ArgumentException">Lengths differ, no rows, a label is not finite, or all are equal.</exception>
    internal static void RequireFitting(FeatureBatch x, ReadOnlySpan<float> y)
    {
        if (y.Length != x.Rows) throw new ArgumentException($"y has {y.Length} labels but x has {x.Rows} rows.");
        if (y.Length == 0) throw new ArgumentException("There are no rows to learn from.");
        for (var row = 0; row < y.Length; row++)
            if (!float.IsFinite(y[row])) throw new ArgumentException($"The label of row {row} is {y[row]}; an amount is finite.");
        if (!y.ContainsAnyExcept(y[0])) throw new ArgumentException($"All {y.Length} labels are {y[0]}; there is nothing to learn.");
    }
}
