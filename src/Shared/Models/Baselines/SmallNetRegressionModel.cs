using Media.Features;

namespace Media.Models;

/// <summary>The small net for amounts: labels on one scale, squared error.</summary>
/// <remarks>One thread, seeded: equal rows give equal bytes.</remarks>
public sealed record SmallNetRegressionEstimator : IBaseline
{
    private const int Folds = 5;

    public string Name => "small_net_regression";
    public LabelKind Kind => LabelKind.Amount;
    public IReadOnlyList<string> Features { get; init; } = FeatureCatalog.Names;

    /// <summary>Layers, steps and seed; its features are not looked at.</summary>
    public SmallNetEstimator Net { get; init; } = new();

    public IBaseline Over(IReadOnlyList<string> features) => this with { Features = features };

    /// <exception cref="ArgumentException">Labels are no amounts, there are fewer entities than 5, or an option is out of its range.</exception>
    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        Net.Check();
        AmountLabels.RequireFitting(x, y);
        var rows = x.Select(Features);
        var labels = y.ToArray();
        var standardisation = Standardisation.Fit(rows.Values, Features.Count);
        var values = new float[rows.Values.Length];
        standardisation.Apply(rows.Values, values);
        var mean = labels.Average(v => (double)v);
        var deviation = Math.Sqrt(labels.Average(v => (v - mean) * (v - mean)));
        float[] scaled = [.. labels.Select(v => (float)((v - mean) / deviation))];
        var (kept, aside) = UserFolds.Part(UserFolds.DealByAmount(rows, labels, Folds));
        return new SmallNetRegressionModel(Features, new SmallNetRegressionModel.Body(standardisation, Net.Learn(LabelKind.Amount, values, scaled, kept, aside, cancel), mean, deviation));
    }

    public IModel Load(Stream saved) => SmallNetRegressionModel.Load(Name, Features, saved);
}

/// <summary>A fitted small net for amounts.</summary>
/// <remarks>Outputs: 1, in the label's unit.</remarks>
public sealed class SmallNetRegressionModel : IModel
{
    private readonly Body _body;

    internal SmallNetRegressionModel(IReadOnlyList<string> features, Body body) => (Features, _body) = (features, body);

    public IReadOnlyList<string> Features { get; }
    public int Outputs => 1;

    internal static SmallNetRegressionModel Load(string name, IReadOnlyList<string> features, Stream saved)
    {
        var body = ModelFile.Read<Body>(saved, name, features);
        body.Net.RequireWidth(body.Standardisation, features.Count);
        return new SmallNetRegressionModel(features, body);
    }

    public void Predict(FeatureBatch x, Span<double> scores) => _body.Standardisation.Score(x.Select(Features), scores, standardised => _body.Mean + _body.Deviation * _body.Net.Score(standardised));

    public void Save(Stream to) => ModelFile.Write(to, "small_net_regression", Features, _body);

    /// <param name="Mean">of the training labels</param>
    /// <param name="Deviation">of the training labels</param>
    internal sealed record Body(Standardisation Standardisation, SmallNet Net, double Mean, double Deviation);
}
