namespace Media.Evaluation;

/// <summary>Scored rows with labels 0 and 1, in falling order of score.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed class RankedRows : RowsByScore
{
    /// <param name="scores">One finite number per row; higher means more likely positive. Any order.</param>
    /// <param name="labels">0 or 1 per row, in the order of the scores.</param>
    /// <exception cref="ArgumentException">Lengths differ, a score is not finite, a label is neither 0 nor 1, or only one class is there.</exception>
    public RankedRows(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels) : base(scores, labels)
    {
        for (var i = 0; i < labels.Length; i++)
            if (labels[i] is not (0f or 1f)) throw new ArgumentException($"The label of row {i} is {labels[i]}; expected 0 or 1.");
        IsPositive = [.. Rows.Select(row => Given[row] == 1f)];
        Positives = IsPositive.Count(p => p);
        if (Positives == 0 || Positives == Count)
            throw new ArgumentException($"All {Count} labels are {(Positives == 0 ? 0 : 1)}; ranking needs rows of both classes.");
    }

    /// <summary>Rows whose label is 1.</summary>
    public int Positives { get; }

    public double BaseRate => (double)Positives / Count;

    /// <summary>Falling.</summary>
    public double[] Scores => Falling;

    /// <summary>The label of each ranked row.</summary>
    public bool[] IsPositive { get; }

    internal override bool CanJudge(ReadOnlySpan<int> counts)
    {
        bool positive = false, negative = false;
        for (var i = 0; i < counts.Length && !(positive && negative); i++)
            if (counts[i] > 0)
                if (IsPositive[i]) positive = true;
                else negative = true;
        return positive && negative;
    }

    /// <summary>How many positives and negatives stand in ranked positions [start, end).</summary>
    internal (long Positives, long Negatives) Tally(ReadOnlySpan<int> counts, int start, int end)
    {
        long positives = 0, negatives = 0;
        for (var i = start; i < end; i++)
            if (IsPositive[i]) positives += counts[i];
            else negatives += counts[i];
        return (positives, negatives);
    }
}
