using Media.Models;

namespace Media.Tuning;

/// <summary>Training rows of a table as encoded cells with their labels.</summary>
/// <param name="Cells">rows × the encoding's columns, row-major.</param>
/// <param name="Labels">One per row: 0 or 1, or an amount.</param>
public sealed record TableRows(float[] Cells, float[] Labels);

/// <summary>A model of any table: reads its cells, makes its features, blends what learns it.</summary>
/// <remarks>
/// The way: <see cref="TableProfile"/> sees every training cell → <see cref="TableEncoding"/> makes numbers of cells → <see cref="TableFeatures"/> adds what categories
/// say of the label → <see cref="Blend"/>. Thread-safe; holds native boosters: dispose when no call is under way.
/// </remarks>
public sealed class TableModel : IDisposable
{
    private readonly TableEncoding _encoding;
    private readonly TableFeatures _features;
    private readonly BlendedModel _blend;

    private TableModel(TableEncoding encoding, TableFeatures features, BlendedModel blend, SingleColumn baseline) =>
        (_encoding, _features, _blend, Baseline) = (encoding, features, blend, baseline);

    /// <summary>What was tried, with its loss out of fold and its share of the blend.</summary>
    public IReadOnlyList<BlendShare> Shares => _blend.Shares;

    /// <summary>What the best single column says alone.</summary>
    public SingleColumn Baseline { get; }

    /// <param name="tell">Told in a sentence what was found, as it goes.</param>
    /// <exception cref="ArgumentException">Too few rows, one class only, equal amounts, or no column with anything in it.</exception>
    public static TableModel Fit(TableEncoding encoding, TableRows rows, LabelKind kind, int seed, Action<string> tell, CancellationToken cancel)
    {
        var size = encoding.Names.Count;
        var foldOf = TableFolds.Deal(rows.Labels, kind, BlendOptions.FoldsFor(rows.Labels.Length, size), seed);
        var (features, values) = TableFeatures.Fit(encoding, rows.Cells, rows.Labels, foldOf);
        tell($"{rows.Labels.Length} training rows, {features.Names.Count} features of {size} columns: {string.Join(", ", encoding.Kinds.GroupBy(k => k).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}"))}");
        var blendRows = new BlendRows { Names = features.Names, Values = values, CategoricalColumns = features.CategoricalColumns, Labels = rows.Labels, Kind = kind, FoldOf = foldOf };
        var blend = Blend.Fit(blendRows, BlendOptions.For(rows.Labels.Length, features.Names.Count) with { Seed = seed }, tell, cancel);
        return new TableModel(encoding, features, blend, SingleColumn.Best(blendRows));
    }

    /// <summary>Probabilities of the yes, or amounts; and what the baseline says.</summary>
    /// <param name="cells">rows × the encoding's columns, row-major.</param>
    public (double[] Scores, double[] Baseline) Predict(float[] cells)
    {
        var values = _features.Of(_encoding, cells);
        return (_blend.Predict(values), Baseline.Predict(values));
    }

    public void Dispose() => _blend.Dispose();
}
