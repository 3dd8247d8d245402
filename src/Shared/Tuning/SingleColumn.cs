namespace Media.Tuning;

/// <summary>What the best single column says alone: the mean label in each twentieth of its values. The rule of thumb that a learner has to beat.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed class SingleColumn
{
    private const int Bins = 20;
    private const double PriorRows = 10;

    private readonly int _columns;
    private readonly int _column;
    private readonly float[] _edges;
    private readonly double[] _means;

    private SingleColumn(string name, int columns, int column, float[] edges, double[] means) => (Name, _columns, _column, _edges, _means) = (name, columns, column, edges, means);

    /// <summary>The column.</summary>
    public string Name { get; }

    /// <summary>The column of least squared error (of labels 0 and 1: Brier score) on folds left out; of equal ones the first.</summary>
    public static SingleColumn Best(BlendRows rows)
    {
        var losses = new double[rows.Columns];
        Parallel.For(0, rows.Columns, column =>
        {
            var edges = Edges(rows, column);
            // Sums over all and per fold: a fold's rows are judged by the means of the others.
            var (sums, counts) = (new double[rows.Folds, Bins + 2], new int[rows.Folds, Bins + 2]);
            for (var row = 0; row < rows.Rows; row++)
            {
                var bin = BinOf(edges, rows.Values[row * rows.Columns + column]);
                sums[rows.FoldOf[row], bin] += rows.Labels[row];
                counts[rows.FoldOf[row], bin]++;
            }
            var prior = rows.Labels.Average(l => (double)l);
            for (var row = 0; row < rows.Rows; row++)
            {
                var bin = BinOf(edges, rows.Values[row * rows.Columns + column]);
                var (sum, count) = (PriorRows * prior, PriorRows);
                for (var fold = 0; fold < rows.Folds; fold++)
                    if (fold != rows.FoldOf[row])
                    {
                        sum += sums[fold, bin];
                        count += counts[fold, bin];
                    }
                losses[column] += (rows.Labels[row] - sum / count) * (rows.Labels[row] - sum / count);
            }
        });
        var best = Array.IndexOf(losses, losses.Min());
        var found = Edges(rows, best);
        var (allSums, allCounts) = (new double[Bins + 2], new int[Bins + 2]);
        for (var row = 0; row < rows.Rows; row++)
        {
            var bin = BinOf(found, rows.Values[row * rows.Columns + best]);
            allSums[bin] += rows.Labels[row];
            allCounts[bin]++;
        }
        var mean = rows.Labels.Average(l => (double)l);
        return new SingleColumn(rows.Names[best], rows.Columns, best, found, [.. allSums.Select((s, b) => (s + PriorRows * mean) / (allCounts[b] + PriorRows))]);
    }

    /// <summary>The mean label of each row's bin.</summary>
    /// <param name="values">rows × columns, row-major.</param>
    public double[] Predict(float[] values) => [.. Enumerable.Range(0, values.Length / _columns).Select(row => _means[BinOf(_edges, values[row * _columns + _column])])];

    private static float[] Edges(BlendRows rows, int column)
    {
        float[] sorted = [.. Enumerable.Range(0, rows.Rows).Select(r => rows.Values[r * rows.Columns + column]).Where(float.IsFinite).Order()];
        return sorted.Length == 0 ? [] : [.. Enumerable.Range(1, Bins - 1).Select(b => sorted[(int)((long)b * (sorted.Length - 1) / Bins)]).Distinct()];
    }

    /// <summary>0 for a missing value, else 1 + how many edges lie at or below it.</summary>
    private static int BinOf(float[] edges, float value)
    {
        if (float.IsNaN(value)) return 0;
        var at = Array.BinarySearch(edges, value);
        return 1 + (at >= 0 ? at + 1 : ~at);
    }
}
