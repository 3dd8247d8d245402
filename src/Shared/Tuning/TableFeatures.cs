namespace Media.Tuning;

/// <summary>The columns that a blend learns from, made of a table's encoded cells: what they are, and for categories what their label's mean and their number of rows are.</summary>
/// <remarks>
/// A training row's category mean is taken over the other folds' rows only, so that no label speaks of itself; other rows get the mean over all. Means are drawn
/// towards the mean of all rows as if <see cref="PriorRows"/> rows of it had been seen. Immutable, thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1145/507533.507538">Micci-Barreca 2001, A preprocessing scheme for high-cardinality categorical attributes</seealso>
public sealed class TableFeatures
{
    private const double PriorRows = 10;

    // Fewer levels say all as codes; more levels than the second are too many to be searched for the best two sets.
    private const int LevelsWithMeans = 6;
    private const int LevelsAsCodes = 255;

    private readonly Part[] _parts;

    private TableFeatures(Part[] parts)
    {
        _parts = parts;
        Names = [.. parts.Select(p => p.Name)];
        CategoricalColumns = [.. Enumerable.Range(0, parts.Length).Where(i => parts[i].Use == Use.Code)];
    }

    public IReadOnlyList<string> Names { get; }

    /// <summary>Columns that hold category codes, by position among the names.</summary>
    public IReadOnlyList<int> CategoricalColumns { get; }

    /// <summary>Learns from training rows.</summary>
    /// <param name="cells">rows × the encoding's columns, row-major.</param>
    /// <param name="labels">One per row.</param>
    /// <param name="foldOf">One per row.</param>
    /// <returns>The features, and the training rows' values: rows × Names, row-major.</returns>
    /// <exception cref="ArgumentException">No column has anything to learn from.</exception>
    public static (TableFeatures Features, float[] Values) Fit(TableEncoding encoding, float[] cells, float[] labels, int[] foldOf)
    {
        var parts = new List<Part>();
        for (var column = 0; column < encoding.Names.Count; column++)
        {
            var (name, levels) = (encoding.Names[column], encoding.LevelsOf(column));
            switch (encoding.Kinds[column])
            {
                case TableColumnKind.Number: parts.Add(new(name, column, Use.Number)); break;
                case TableColumnKind.Text: parts.Add(new($"{name}_length", column, Use.Number)); break;
                case TableColumnKind.Date:
                    parts.AddRange([new($"{name}_days", column, Use.Number), new($"{name}_day_of_week", column, Use.DayOfWeek), new($"{name}_month", column, Use.Month), new($"{name}_hour", column, Use.Hour)]);
                    break;
                case TableColumnKind.Category:
                    if (levels <= LevelsAsCodes) parts.Add(new(name, column, Use.Code));
                    if (levels <= LevelsWithMeans) break;
                    var means = CategoryMeans.Of(encoding, column, cells, labels, foldOf);
                    parts.AddRange([new($"{name}_label_mean", column, Use.LabelMean) { Means = means }, new($"{name}_rows", column, Use.RowCount) { Means = means }]);
                    break;
            }
        }
        if (parts.Count == 0) throw new ArgumentException("No column holds anything to learn from: all are empty.");
        var features = new TableFeatures([.. parts]);
        return (features, features.Of(encoding, cells, foldOf));
    }

    /// <summary>Other rows' values: rows × Names, row-major.</summary>
    public float[] Of(TableEncoding encoding, float[] cells) => Of(encoding, cells, foldOf: null);

    private float[] Of(TableEncoding encoding, float[] cells, int[]? foldOf)
    {
        var width = encoding.Names.Count;
        var rows = width == 0 ? 0 : cells.Length / width;
        var values = new float[(long)rows * _parts.Length];
        for (var row = 0; row < rows; row++)
            for (var p = 0; p < _parts.Length; p++)
                values[row * _parts.Length + p] = _parts[p].Value(cells[row * width + _parts[p].Column], foldOf is null ? -1 : foldOf[row]);
        return values;
    }

    private enum Use { Number, DayOfWeek, Month, Hour, Code, LabelMean, RowCount }

    private sealed record Part(string Name, int Column, Use Use)
    {
        public CategoryMeans? Means { get; init; }

        /// <param name="fold">The training row's fold; −1 for other rows.</param>
        public float Value(float cell, int fold) => (Use, Means) switch
        {
            (Use.LabelMean, { } means) => means.MeanOf(cell, fold),
            (Use.RowCount, { } means) => means.RowsOf(cell),
            (Use.Number or Use.Code, _) => cell,
            _ when float.IsNaN(cell) => float.NaN,
            (Use.Month, _) => DateTime.UnixEpoch.AddDays(cell).Month,
            // 1 January 1970 was a Thursday; Monday is 0.
            (Use.DayOfWeek, _) => (float)((Math.Floor(cell) + 3) % 7 + 7) % 7,
            _ => MathF.Round((cell - MathF.Floor(cell)) * 24, 1),
        };
    }

    /// <summary>Sums of labels and rows per category and fold.</summary>
    private sealed class CategoryMeans(double[,] sums, int[,] rows, double[] allSums, int[] allRows, double prior)
    {
        public static CategoryMeans Of(TableEncoding encoding, int column, float[] cells, float[] labels, int[] foldOf)
        {
            var (levels, folds, width) = (encoding.LevelsOf(column), foldOf.Max() + 1, encoding.Names.Count);
            var (sums, rows, allSums, allRows) = (new double[levels, folds], new int[levels, folds], new double[levels], new int[levels]);
            for (var row = 0; row < labels.Length; row++)
            {
                var level = (int)cells[row * width + column];
                sums[level, foldOf[row]] += labels[row];
                rows[level, foldOf[row]]++;
                allSums[level] += labels[row];
                allRows[level]++;
            }
            return new CategoryMeans(sums, rows, allSums, allRows, labels.Average(l => (double)l));
        }

        public float MeanOf(float cell, int fold)
        {
            if (float.IsNaN(cell)) return (float)prior;
            var level = (int)cell;
            var (sum, count) = fold < 0 ? (allSums[level], allRows[level]) : (allSums[level] - sums[level, fold], allRows[level] - rows[level, fold]);
            return (float)((sum + PriorRows * prior) / (count + PriorRows));
        }

        public float RowsOf(float cell) => float.IsNaN(cell) ? 0 : allRows[(int)cell];
    }
}
