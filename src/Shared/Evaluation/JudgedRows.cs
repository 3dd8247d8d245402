namespace Media.Evaluation;

/// <summary>Predictions beside what came of them, prepared so that every metric is one pass over them.</summary>
/// <remarks>
/// <para>The folder's picture: labelled rows → <see cref="TimeSplit"/> → fit → scores → <b>JudgedRows</b> → a <see cref="Metric{TRows}"/>
/// → <see cref="Bootstrap"/> → <see cref="ModelEvaluation"/>; beside it <see cref="LeakGate"/> asks whether the figures may be believed.</para>
/// <para>Three kinds: <see cref="RankedRows"/> for labels 0 and 1, <see cref="PredictedAmounts"/> for amounts (both <see cref="RowsByScore"/>), <see cref="RankedLists"/> for rows of either
/// kind that compete within lists. Each sorts once; a metric then counts the i-th thing <c>counts[i]</c> times: all ones give the plain value, a
/// bootstrap draw gives a resampled one without sorting again.</para>
/// <para>Immutable, thread-safe.</para>
/// </remarks>
public abstract class JudgedRows
{
    private protected JudgedRows(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels)
    {
        if (labels.Length != scores.Length) throw new ArgumentException($"labels has {labels.Length} rows but scores has {scores.Length}.");
        for (var i = 0; i < scores.Length; i++)
        {
            if (!double.IsFinite(scores[i])) throw new ArgumentException($"The score of row {i} is {scores[i]}; expected a finite number.");
            if (!float.IsFinite(labels[i])) throw new ArgumentException($"The label of row {i} is {labels[i]}; expected a finite number.");
        }
        Given = labels.ToArray();
    }

    /// <summary>Things that are counted: rows, or lists of rows.</summary>
    public abstract int Count { get; }

    /// <summary>All ones: each thing counted once. Length: Count.</summary>
    public int[] Once => field ??= [.. Enumerable.Repeat(1, Count)];

    /// <summary>The labels in the order in which they were given.</summary>
    internal float[] Given { get; }

    /// <summary>The unit to resample that each thing is by itself, the same for all judgements of the same rows; 0 … Count − 1.</summary>
    internal abstract int[] OwnUnits { get; }

    /// <summary>The unit of each thing, from the unit of each row as given.</summary>
    /// <exception cref="ArgumentException">A thing would be torn apart.</exception>
    internal abstract int[] UnitsOf(ReadOnlySpan<int> unitOfRow);

    /// <summary>Whether a draw holds enough for every metric: both classes, two different amounts.</summary>
    internal abstract bool CanJudge(ReadOnlySpan<int> counts);

    /// <summary>Positions of the scores, from the highest to the lowest, and the exclusive ends of the runs of equal ones.</summary>
    private protected static (double[] Sorted, int[] Rows, int[] TieEnds) Rank(ReadOnlySpan<double> scores)
    {
        var sorted = scores.ToArray();
        int[] rows = [.. Enumerable.Range(0, scores.Length)];
        Array.Sort(sorted, rows);
        Array.Reverse(sorted);
        Array.Reverse(rows);
        return (sorted, rows, Ends(sorted));
    }

    private protected static int[] Ends(double[] sorted)
    {
        var ends = new List<int>();
        for (var i = 1; i <= sorted.Length; i++)
            if (i == sorted.Length || sorted[i] != sorted[i - 1]) ends.Add(i);
        return [.. ends];
    }
}

/// <summary>A number computed in one pass over judged rows; NaN where the rows counted leave it undefined.</summary>
/// <param name="counts">How often each thing counts, ≥ 0; length <see cref="JudgedRows.Count"/>.</param>
public delegate double Metric<in TRows>(TRows rows, ReadOnlySpan<int> counts) where TRows : JudgedRows;
