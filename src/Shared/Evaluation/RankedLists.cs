using System.Collections.Concurrent;

namespace Media.Evaluation;

/// <summary>Scored rows that compete within lists: the articles offered at one visit, the headlines of one test. Judged list by list.</summary>
/// <remarks>Lists stand in the order of their first rows; within each, scores fall. Immutable, thread-safe; what a metric says of each list is computed once and kept.</remarks>
public sealed class RankedLists : JudgedRows
{
    private readonly double[] _scores;
    private readonly float[] _labels;
    private readonly int[] _rows;
    private readonly int[] _ends;
    private readonly ConcurrentDictionary<ListMetric, ListFigure[]> _figures = new();

    private RankedLists(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels, int[] listOf, int lists) : base(scores, labels)
    {
        if (labels.Length == 0) throw new ArgumentException("There are no lists to judge.");
        var given = scores.ToArray();
        _rows = [.. Enumerable.Range(0, given.Length).OrderBy(row => listOf[row]).ThenByDescending(row => given[row]).ThenBy(row => row)];
        _scores = [.. _rows.Select(row => given[row])];
        _labels = [.. _rows.Select(row => Given[row])];
        _ends = new int[lists];
        foreach (var list in listOf) _ends[list]++;
        for (var list = 1; list < lists; list++) _ends[list] += _ends[list - 1];
        OwnUnits = [.. Enumerable.Range(0, lists)];
    }

    /// <param name="scores">One finite number per row; higher stands nearer to the top of its list. Any order.</param>
    /// <param name="labels">One finite number per row, in the order of the scores; higher is better.</param>
    /// <param name="listOf">Which list each row belongs to, in the order of the scores.</param>
    /// <exception cref="ArgumentException">Lengths differ, no rows, or a number is not finite.</exception>
    public static RankedLists Of<TKey>(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels, IReadOnlyList<TKey> listOf) where TKey : notnull
    {
        if (listOf.Count != scores.Length) throw new ArgumentException($"listOf has {listOf.Count} rows but scores has {scores.Length}.");
        var (numbers, count) = Clusters.Number(listOf);
        return new RankedLists(scores, labels, numbers, count);
    }

    /// <summary>Lists.</summary>
    public override int Count => _ends.Length;

    internal override int[] OwnUnits { get; }

    internal override int[] UnitsOf(ReadOnlySpan<int> unitOfRow)
    {
        var units = new int[Count];
        for (var list = 0; list < Count; list++)
        {
            var start = Start(list);
            units[list] = unitOfRow[_rows[start]];
            for (var i = start + 1; i < _ends[list]; i++)
                if (unitOfRow[_rows[i]] != units[list]) throw new ArgumentException($"Rows {_rows[start]} and {_rows[i]} are of one list but of two clusters; lists are resampled whole.");
        }
        return units;
    }

    internal override bool CanJudge(ReadOnlySpan<int> counts) => true;

    /// <summary>The mean of a figure over lists, each with its own weight times its count; NaN when no list counted has a weight.</summary>
    public double Mean(ListMetric metric, ReadOnlySpan<int> counts)
    {
        var figures = _figures.GetOrAdd(metric, OfEach);
        double sum = 0, weight = 0;
        for (var list = 0; list < figures.Length; list++)
        {
            sum += counts[list] * figures[list].Sum;
            weight += counts[list] * figures[list].Weight;
        }
        return weight > 0 ? sum / weight : double.NaN;
    }

    /// <summary>What a metric says of each list, in the order of their first rows.</summary>
    public ListFigure[] OfEach(ListMetric metric)
    {
        var figures = new ListFigure[Count];
        for (var list = 0; list < Count; list++)
        {
            var (start, end) = (Start(list), _ends[list]);
            figures[list] = metric(_scores.AsSpan(start, end - start), _labels.AsSpan(start, end - start));
        }
        return figures;
    }

    private int Start(int list) => list == 0 ? 0 : _ends[list - 1];
}

/// <summary>What one list adds to a mean over lists.</summary>
/// <param name="Sum">The figure times its weight.</param>
/// <param name="Weight">≥ 0; 0 for a list that says nothing, such as one whose labels are all alike.</param>
public readonly record struct ListFigure(double Sum, double Weight);

/// <summary>A figure of one list.</summary>
/// <param name="scores">Falling.</param>
/// <param name="labels">In the order of the scores.</param>
public delegate ListFigure ListMetric(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels);
