using Media.Features;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;

namespace Media.Models;

/// <summary>Breiman's random forest (ML.NET's FastForest) over standardised columns, NaN as the mean, calibrated by Platt's method on users kept aside.</summary>
/// <remarks>FastForest passes silently over rows with NaN, so none reaches it. After fitting, the trees are ours: saving and scoring do not need ML.NET.</remarks>
/// <seealso href="https://link.springer.com/article/10.1023/A:1010933404324">Breiman 2001, Random Forests</seealso>
public sealed record RandomForestEstimator : IBaseline
{
    /// <summary>One fold in this many is kept aside to calibrate on; the forest is then grown again on all rows.</summary>
    private const int Folds = 5;

    public string Name => "random_forest";
    public IReadOnlyList<string> Features { get; init; } = FeatureCatalog.Names;

    /// <summary>Default 200, range 1 – 10,000.</summary>
    public int Trees { get; init; } = 200;

    /// <summary>Most leaves of a tree. Default 64, range 2 – 10,000.</summary>
    public int Leaves { get; init; } = 64;

    /// <summary>Fewest training rows in a leaf. Default 10, range 1 – 100,000.</summary>
    public int RowsPerLeaf { get; init; } = 10;

    /// <summary>Of more rows than these, so many are taken at even distances: a forest gains little from more, and its time grows with them. Default 20,000, range 100 – 10,000,000.</summary>
    public int MostRows { get; init; } = 20_000;

    /// <summary>Seed of bootstrap and column choice. Default 1.</summary>
    public int Seed { get; init; } = 1;

    public IBaseline Over(IReadOnlyList<string> features) => this with { Features = features };

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        Check();
        BinaryLabels.RequireFitting(x, y);
        var all = y.ToArray();
        var most = Math.Min(x.Rows, MostRows);
        int[] taken = [.. Enumerable.Range(0, most).Select(i => (int)((long)i * x.Rows / most))];
        var rows = x.Take(taken).Select(Features);
        float[] labels = [.. taken.Select(row => all[row])];
        var standardisation = Standardisation.Fit(rows.Values, Features.Count);
        var values = new float[rows.Values.Length];
        standardisation.Apply(rows.Values, values);

        var (kept, aside) = UserFolds.Part(UserFolds.Deal(rows, labels, Folds));
        var trial = Grow(LabelKind.YesNo, values, labels, kept, cancel);
        double[] scores = [.. aside.Select(r => ForestTree.Mean(trial, values.AsSpan(r * Features.Count, Features.Count)))];
        var calibration = PlattCalibration.Fit(scores, [.. aside.Select(r => labels[r])]);
        var trees = Grow(LabelKind.YesNo, values, labels, Enumerable.Range(0, rows.Rows), cancel);
        return new RandomForestModel(Features, new RandomForestModel.Body(standardisation, trees, calibration));
    }

    public IModel Load(Stream saved) => RandomForestModel.Load(Name, Features, saved);

    /// <summary>The trees over these rows: for classes with √columns looked at in each split, for amounts with a third, both Breiman's choices.</summary>
    /// <param name="values">rows × columns, standardised, finite.</param>
    internal ForestTree[] Grow(LabelKind kind, float[] values, float[] labels, IEnumerable<int> chosen, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        var width = values.Length / labels.Length;
        var context = new MLContext(Seed);
        var schema = SchemaDefinition.Create(typeof(Row));
        schema[nameof(Row.Features)].ColumnType = new VectorDataViewType(NumberDataViewType.Single, width);
        var data = context.Data.LoadFromEnumerable(chosen.Select(r => new Row { IsOne = labels[r] == 1, Amount = labels[r], Features = values[(r * width)..((r + 1) * width)] }), schema);
        TreeEnsembleModelParametersBasedOnQuantileRegressionTree grown = kind == LabelKind.YesNo
            ? context.BinaryClassification.Trainers.FastForest(With(new FastForestBinaryTrainer.Options { LabelColumnName = nameof(Row.IsOne), FeatureFractionPerSplit = Math.Sqrt(width) / width })).Fit(data).Model
            : context.Regression.Trainers.FastForest(With(new FastForestRegressionTrainer.Options { LabelColumnName = nameof(Row.Amount), FeatureFractionPerSplit = Math.Max(1.0 / width, 1.0 / 3) })).Fit(data).Model;
        return [.. grown.TrainedTreeEnsemble.Trees.Select(t => new ForestTree([.. t.NumericalSplitFeatureIndexes], [.. t.NumericalSplitThresholds], [.. t.LeftChild], [.. t.RightChild], [.. t.LeafValues]))];
    }

    internal void Check()
    {
        if (Trees is < 1 or > 10_000) throw new ArgumentException($"Trees is {Trees}; its range is 1 – 10,000.");
        if (Leaves is < 2 or > 10_000) throw new ArgumentException($"Leaves is {Leaves}; its range is 2 – 10,000.");
        if (RowsPerLeaf is < 1 or > 100_000) throw new ArgumentException($"RowsPerLeaf is {RowsPerLeaf}; its range is 1 – 100,000.");
        if (MostRows is < 100 or > 10_000_000) throw new ArgumentException($"MostRows is {MostRows}; its range is 100 – 10,000,000.");
    }

    private TOptions With<TOptions>(TOptions options) where TOptions : FastForestOptionsBase
    {
        options.NumberOfTrees = Trees;
        options.NumberOfLeaves = Leaves;
        options.MinimumExampleCountPerLeaf = RowsPerLeaf;
        options.Seed = Seed;
        options.FeatureSelectionSeed = Seed;
        // One thread: with more, the order of additions follows the timing.
        options.NumberOfThreads = 1;
        return options;
    }

    /// <summary>A row with its label as either trainer wants it.</summary>
    private sealed class Row
    {
        public bool IsOne { get; set; }
        public float Amount { get; set; }
        public float[] Features { get; set; } = [];
    }
}

/// <summary>The mean of the trees, calibrated.</summary>
/// <remarks>Outputs: 1, in [0, 1].</remarks>
public sealed class RandomForestModel : IModel
{
    private readonly Body _body;

    internal RandomForestModel(IReadOnlyList<string> features, Body body) => (Features, _body) = (features, body);

    public IReadOnlyList<string> Features { get; }
    public int Outputs => 1;

    internal static RandomForestModel Load(string name, IReadOnlyList<string> features, Stream saved)
    {
        var body = ModelFile.Read<Body>(saved, name, features);
        ForestTree.RequireWidth(body.Standardisation, body.Trees, features.Count);
        return new RandomForestModel(features, body);
    }

    public void Predict(FeatureBatch x, Span<double> scores) =>
        _body.Standardisation.Score(x.Select(Features), scores, standardised => _body.Calibration.Apply(ForestTree.Mean(_body.Trees, standardised)));

    public void Save(Stream to) => ModelFile.Write(to, "random_forest", Features, _body);

    internal sealed record Body(Standardisation Standardisation, ForestTree[] Trees, PlattCalibration Calibration);
}
