using Media.Features;

namespace Media.Models;

/// <summary>Breiman's random forest for amounts (ML.NET's FastForest) over standardised columns, NaN as the mean.</summary>
/// <remarks>FastForest passes silently over rows with NaN, so none reaches it. After fitting, the trees are ours: saving and scoring do not need ML.NET.</remarks>
/// <seealso href="https://link.springer.com/article/10.1023/A:1010933404324">Breiman 2001, Random Forests</seealso>
public sealed record RandomForestRegressionEstimator : IBaseline
{
    public string Name => "random_forest_regression";
    public LabelKind Kind => LabelKind.Amount;
    public IReadOnlyList<string> Features { get; init; } = FeatureCatalog.Names;

    /// <summary>Trees, leaves and seed; 100 trees by default. Its features and its most rows are not looked at.</summary>
    public RandomForestEstimator Forest { get; init; } = new() { Trees = 100 };

    public IBaseline Over(IReadOnlyList<string> features) => this with { Features = features };

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        Forest.Check();
        AmountLabels.RequireFitting(x, y);
        var rows = x.Select(Features);
        var labels = y.ToArray();
        var standardisation = Standardisation.Fit(rows.Values, Features.Count);
        var values = new float[rows.Values.Length];
        standardisation.Apply(rows.Values, values);
        return new RandomForestRegressionModel(Features, new RandomForestRegressionModel.Body(standardisation, Forest.Grow(LabelKind.Amount, values, labels, Enumerable.Range(0, rows.Rows), cancel)));
    }

    public IModel Load(Stream saved) => RandomForestRegressionModel.Load(Name, Features, saved);
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
        ForestTree.RequireWidth(body.Standardisation, body.Trees, features.Count);
        return new RandomForestRegressionModel(features, body);
    }

    public void Predict(FeatureBatch x, Span<double> scores) => _body.Standardisation.Score(x.Select(Features), scores, standardised => ForestTree.Mean(_body.Trees, standardised));

    public void Save(Stream to) => ModelFile.Write(to, "random_forest_regression", Features, _body);

    internal sealed record Body(Standardisation Standardisation, ForestTree[] Trees);
}
