namespace Media.Evaluation;

/// <summary>Predicted and observed amounts, in falling order of prediction.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed class PredictedAmounts : JudgedRows
{
    /// <param name="predictions">One finite number per row. Any order.</param>
    /// <param name="observed">One finite number per row, in the order of the predictions.</param>
    /// <exception cref="ArgumentException">Lengths differ, a number is not finite, or all amounts observed are the same.</exception>
    public PredictedAmounts(ReadOnlySpan<double> predictions, ReadOnlySpan<float> observed) : base(predictions, observed)
    {
        (Predictions, Rows, TieEnds) = Rank(predictions);
        Observed = [.. Rows.Select(row => (double)Given[row])];
        if (Count == 0) throw new ArgumentException("There are no rows to judge.");
        var (sorted, order, ends) = Rank(Observed);
        (ByObserved, ObservedTieEnds) = (order, ends);
        if (sorted[0] == sorted[^1]) throw new ArgumentException($"All {Count} amounts observed are {sorted[0]}; there is nothing to tell apart.");
    }

    public override int Count => Rows.Length;

    /// <summary>Falling.</summary>
    public double[] Predictions { get; }

    /// <summary>What came of each row, in the order of the predictions.</summary>
    public double[] Observed { get; }

    /// <summary>Rows[i] is where the i-th row in falling order of prediction stood in the input.</summary>
    public int[] Rows { get; }

    /// <summary>Positions, exclusive, at which each run of equal predictions ends; rising, the last is Count.</summary>
    public int[] TieEnds { get; }

    /// <summary>Positions in <see cref="Observed"/>, from the highest amount to the lowest.</summary>
    public int[] ByObserved { get; }

    /// <summary>Positions in <see cref="ByObserved"/>, exclusive, at which each run of equal amounts ends; rising, the last is Count.</summary>
    public int[] ObservedTieEnds { get; }

    internal override int[] OwnUnits => Rows;

    internal override int[] UnitsOf(ReadOnlySpan<int> unitOfRow)
    {
        var units = new int[Count];
        for (var i = 0; i < units.Length; i++) units[i] = unitOfRow[Rows[i]];
        return units;
    }

    internal override bool CanJudge(ReadOnlySpan<int> counts)
    {
        var first = 0;
        while (first < counts.Length && counts[first] == 0) first++;
        for (var i = first + 1; i < counts.Length; i++)
            if (counts[i] > 0 && Observed[i] != Observed[first]) return true;
        return false;
    }
}
