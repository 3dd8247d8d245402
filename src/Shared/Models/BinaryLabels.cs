using Media.Features;

namespace Media.Models;

/// <summary>The one check of labels 0 and 1, for every model that learns a yes or no.</summary>
internal static class BinaryLabels
{
    /// <exception cref="ArgumentException">A label is neither 0 nor 1.</exception>
    internal static void Require(ReadOnlySpan<float> labels)
    {
        for (var i = 0; i < labels.Length; i++)
            if (labels[i] is not (0 or 1)) throw new ArgumentException($"The label of row {i} is {labels[i]}; a binary label is 0 or 1.");
    }

    /// <exception cref="ArgumentException">No rows, a label is neither 0 nor 1, or all are the same.</exception>
    internal static void RequireBoth(ReadOnlySpan<float> labels)
    {
        if (labels.Length == 0) throw new ArgumentException("There are no rows to learn from.");
        Require(labels);
        if (!labels.ContainsAnyExcept(labels[0])) throw new ArgumentException($"All {labels.Length} labels are {labels[0]}; both classes are needed.");
    }

    /// <exception cref="ArgumentException">Not one label per row, no rows, a label is neither 0 nor 1, or all are the same.</exception>
    internal static void RequireFitting(FeatureBatch x, ReadOnlySpan<float> labels)
    {
        if (labels.Length != x.Rows) throw new ArgumentException($"y has {labels.Length} labels but x has {x.Rows} rows.");
        RequireBoth(labels);
    }
}
