namespace Media.Evaluation;

/// <summary>Predicted and observed amounts, in falling order of prediction.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed class PredictedAmounts : RowsByScore
{
    /// <param name="predictions">One finite number per row. Any order.</param>
    /// <param name="observed">One finite number per row, in the order of the predictions.</param>
    /// <exception cref="ArgumentException">Lengths differ, a number is not finite, or all amounts observed are the same.</exception>
    public PredictedAmounts(ReadOnlySpan<double> predictions, ReadOnlySpan<float> observed) : base(predictions, observed)
    {
        Observed = [.. Rows.Select(row => (double)Given[row])];
        if (Count == 0) throw new ArgumentException("There are no rows to judge.");
        var (sorted, order, ends) = Rank(Observed);
        (ByObserved, ObservedTieEnds) = (order, ends);
        if (sorted[0] == sorted[^1]) throw new ArgumentException($"All {Count} amounts observed are {sorted[0]}; there is nothing to tell apart.");
    }

    /// <summary>Falling.</summary>
    public double[] Predictions => Falling;

    /// <summary>What came of each row, in the order of the predictions.</summary>
    public double[] Observed { get; }

    /// <summary>Positions in <see cref="Observed"/>, from the highest amount to the lowest.</summary>
    public int[] ByObserved { get; }

    /// <summary>Positions in <see cref="ByObserved"/>, exclusive, at which each run of equal amounts ends; rising, the last is Count.</summary>
    public int[] ObservedTieEnds { get; }

    internal override bool CanJudge(ReadOnlySpan<int> counts)
    {
        var first = 0;
        while (first < counts.Length && counts[first] == 0) first++;
        for (var i = first + 1; i < counts.Length; i++)
            if (counts[i] > 0 && Observed[i] != Observed[first]) return true;
        return false;
    }
}
