using Media.Features;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace Media.Models;

/// <summary>Breiman's random forest for amounts (ML.NET's FastForest) over standardised columns, NaN as the mean.</summary>
/// <remarks>FastForest passes silently over rows with NaN, so none reaches it. After fitting, the trees are ours: saving and scoring do not need ML.NET.</remarks>
/// <seealso href="https://link.springer.com/article/10.1023/A:1010933404324">Breiman 2001, Random Forests</seealso>
public sealed record RandomForestRegressionEstimator : IBaseline
{
    public string Name => "random_forest_regression";
    public LabelKind Kind => LabelKind.Amount;
    public IReadOnlyList<string> Features { get; init; } = FeatureCatalog.Names;

    /// <summary>Default 100, range 1 – 10,000.</summary>
    public int Trees { get; init; } = 100;

    /// <summary>Most leaves of a tree. Default 64, range 2 – 10,000.</summary>
    public int Leaves { get; init; } = 64;

    /// <summary>Fewest training rows in a leaf. Default 10, range 1 – 100,000.</summary>
    public int RowsPerLeaf { get; init; } = 10;

    /// <summary>Seed of bootstrap and column choice. Default 1.</summary>
    public int Seed { get; init; } = 1;

    public IBaseline Over(IReadOnlyList<string> features) => this with { Features = features };

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        if (Trees is < 1 or > 10_000) throw new ArgumentException($"Trees is {Trees}; its range is 1 – 10,000.");
        if (Leaves is < 2 or > 10_000) throw new ArgumentException($"Leaves is {Leaves}; its range is 2 – 10,000.");
        if (RowsPerLeaf is < 1 or > 100_000) throw new ArgumentException($"RowsPerLeaf is {RowsPerLeaf}; its range is 1 – 100,000.");
        cancel.ThrowIfCancellationRequested();
        AmountLabels.RequireFitting(x, y);
        var rows = x.Select(Features);
        var labels = y.ToArray();
        var standardisation = Standardisation.Fit(rows.Values, Features.Count);
        var values = new float[rows.Values.Length];
        standardisation.Apply(rows.Values, values);
        return new RandomForestRegressionModel(Features, new RandomForestRegressionModel.Body(standardisation, Grow(values, labels)));
    }

    public IModel Load(Stream saved) => RandomForestRegressionModel.Load(Name, Features, saved);

    private RandomForestModel.Tree[] Grow(float[] values, float[] labels)
    {
        var width = Features.Count;
        var context = new MLContext(Seed);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        var data = context.Data.LoadFromEnumerable(Enumerable.Range(0, labels.Length).Select(r => new Row { Label = labels[r], Features = values[(r * width)..((r + 1) * width)] }), schema);
        var trainer = context.Regression.Trainers.FastForest(new FastForestRegressionTrainer.Options
        {
            NumberOfTrees = Trees,
            NumberOfLeaves = Leaves,
            MinimumExampleCountPerLeaf = RowsPerLeaf,
            // A third of the columns: Breiman's choice for regression.
            FeatureFractionPerSplit = Math.Max(1.0 / width, 1.0 / 3),
            Seed = Seed,
            FeatureSelectionSeed = Seed,
            // One thread: with more, the order of additions follows the timing.
            NumberOfThreads = 1,
        });
        return [.. trainer.Fit(data).Model.TrainedTreeEnsemble.Trees.Select(t => new RandomForestModel.Tree(
            [.. t.NumericalSplitFeatureIndexes], [.. t.NumericalSplitThresholds], [.. t.LeftChild], [.. t.RightChild], [.. t.LeafValues]))];
    }

    private sealed class Row
    {
        public float Label { get; set; }
        public float[] Features { get; set; } = [];
    }
}

/// <summary>The mean of the trees.</summary>
/// <remarks>Outputs: 1, in the label's unit, within the range of the training labels.</remarks>
public sealed class RandomForestRegressionModel : IModel
{
    private readonly Body _body;

    internal RandomForestRegressionModel(IReadOnlyList<string> features, Body body) => (Features, _body) = (features, body);

    public IReadOnlyList<string> Features { get; }
    public int Outputs => 1;

    internal static RandomForestRegressionModel Load(string name, IReadOnlyList<string> features, Stream saved)
    {
        var body = ModelFile.Read<Body>(saved, name, features);
        if (body.Standardisation.Columns != features.Count || body.Trees.SelectMany(t => t.Columns).Any(c => c < 0 || c >= features.Count))
            throw new InvalidDataException("The saved forest has another width than its features.");
        return new RandomForestRegressionModel(features, body);
    }

    public void Predict(FeatureBatch x, Span<double> scores)
    {
        if (scores.Length != x.Rows) throw new ArgumentException($"scores has {scores.Length} places but x has {x.Rows} rows.");
        var rows = x.Select(Features);
        var standardised = new float[Features.Count];
        for (var row = 0; row < scores.Length; row++)
        {
            _body.Standardisation.Apply(rows.Row(row), standardised);
            scores[row] = RandomForestModel.Score(_body.Trees, standardised);
        }
    }

    public void Save(Stream to) => ModelFile.Write(to, "random_forest_regression", Features, _body);

    internal sealed record Body(Standardisation Standardisation, RandomForestModel.Tree[] Trees);
}
