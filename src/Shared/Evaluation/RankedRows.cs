namespace Media.Evaluation;

/// <summary>Scored, labelled rows in falling order of score.</summary>
/// <remarks>
/// <para>The folder's picture: labelled rows → <see cref="TimeSplit"/> → fit → scores → <b>RankedRows</b> → a <see cref="RankedMetric"/>
/// → <see cref="Bootstrap"/> → <see cref="ModelEvaluation"/>; beside it <see cref="LeakGate"/> asks whether the figures may be believed.</para>
/// <para>Rows are sorted once. Every metric is then one pass in which row i counts <c>counts[i]</c> times: all ones give the plain value,
/// a bootstrap draw gives a resampled one without sorting again.</para>
/// <para>Immutable, thread-safe.</para>
/// </remarks>
public sealed class RankedRows
{
    /// <param name="scores">One finite number per row; higher means more likely positive. Any order.</param>
    /// <param name="labels">0 or 1 per row, in the order of the scores.</param>
    /// <exception cref="ArgumentException">Lengths differ, a score is not finite, a label is neither 0 nor 1, or only one class is there.</exception>
    public RankedRows(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels)
    {
        if (labels.Length != scores.Length) throw new ArgumentException($"labels has {labels.Length} rows but scores has {scores.Length}.");
        Scores = scores.ToArray();
        Rows = new int[scores.Length];
        for (var i = 0; i < scores.Length; i++)
        {
            if (!double.IsFinite(scores[i])) throw new ArgumentException($"The score of row {i} is {scores[i]}; expected a finite number.");
            if (labels[i] is not (0f or 1f)) throw new ArgumentException($"The label of row {i} is {labels[i]}; expected 0 or 1.");
            Rows[i] = i;
        }
        Array.Sort(Scores, Rows);
        Array.Reverse(Scores);
        Array.Reverse(Rows);

        IsPositive = new bool[scores.Length];
        Once = new int[scores.Length];
        var ends = new List<int>();
        for (var i = 0; i < Rows.Length; i++)
        {
            IsPositive[i] = labels[Rows[i]] == 1f;
            if (IsPositive[i]) Positives++;
            Once[i] = 1;
            if (i + 1 == Rows.Length || Scores[i + 1] != Scores[i]) ends.Add(i + 1);
        }
        TieEnds = [.. ends];
        if (Positives == 0 || Positives == Count)
            throw new ArgumentException($"All {Count} labels are {(Positives == 0 ? 0 : 1)}; ranking needs rows of both classes.");
    }

    public int Count => Rows.Length;

    /// <summary>Rows whose label is 1.</summary>
    public int Positives { get; }

    public double BaseRate => (double)Positives / Count;

    /// <summary>Falling.</summary>
    public double[] Scores { get; }

    /// <summary>The label of each ranked row.</summary>
    public bool[] IsPositive { get; }

    /// <summary>Rows[i] is where the i-th ranked row stood in the input.</summary>
    public int[] Rows { get; }

    /// <summary>All ones: each row counted once.</summary>
    public int[] Once { get; }

    /// <summary>Ranked positions, exclusive, at which each run of equal scores ends; rising, the last is Count.</summary>
    public int[] TieEnds { get; }

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

/// <summary>A number computed in one pass over ranked rows.</summary>
/// <param name="counts">How often each ranked row counts, ≥ 0; both classes count at least once.</param>
public delegate double RankedMetric(RankedRows rows, ReadOnlySpan<int> counts);
