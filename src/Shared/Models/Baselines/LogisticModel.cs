using Media.Features;

namespace Media.Models;

/// <summary>Logistic regression over standardised columns: sign(x)·ln(1 + |x|), NaN as the mean with a weight of its own.</summary>
public sealed record LogisticEstimator : IBaseline
{
    public string Name => "logistic";
    public IReadOnlyList<string> Features { get; init; } = FeatureCatalog.Names;

    /// <summary>L2 penalty on the weights, beside a loss summed over rows. Default 1, > 0.</summary>
    public double L2 { get; init; } = 1;

    public IBaseline Over(IReadOnlyList<string> features) => this with { Features = features };
    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => LogisticModel.Fit(Name, Features, L2, x, y, cancel);
    public IModel Load(Stream saved) => LogisticModel.Load(Name, Features, saved);
}

/// <summary>Logistic regression on one column: what the best single number says alone.</summary>
public sealed record SingleFeatureEstimator : IBaseline
{
    public string Name => "single_feature";

    /// <summary>The column. Default days_since_last_session, the strongest rule of thumb about readers.</summary>
    public string Feature { get; init; } = "days_since_last_session";
    public IReadOnlyList<string> Features => [Feature];

    public IBaseline Over(IReadOnlyList<string> features) =>
        features.Contains(Feature, StringComparer.Ordinal) ? this : throw new ArgumentException($"'{Feature}' is not among the {features.Count} features.");

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => LogisticModel.Fit(Name, Features, l2: 1e-3, x, y, cancel);
    public IModel Load(Stream saved) => LogisticModel.Load(Name, Features, saved);
}

/// <summary>A straight line in log-odds.</summary>
/// <remarks>Outputs: 1, in [0, 1].</remarks>
public sealed class LogisticModel : IModel
{
    private readonly string _name;
    private readonly LinearScore _line;

    private LogisticModel(string name, IReadOnlyList<string> features, LinearScore line) => (_name, Features, _line) = (name, features, line);

    public IReadOnlyList<string> Features { get; }
    public int Outputs => 1;

    internal static LogisticModel Fit(string name, IReadOnlyList<string> features, double l2, FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        BinaryLabels.RequireFitting(x, y);
        var rows = x.Select(features);
        return new LogisticModel(name, features, LinearScore.Fit(Standardisation.Fit(rows.Values, features.Count), rows.Values, y, l2, cancel));
    }

    internal static LogisticModel Load(string name, IReadOnlyList<string> features, Stream saved)
    {
        var line = ModelFile.Read<LinearScore>(saved, name, features);
        if (line.Columns != features.Count) throw new InvalidDataException($"The saved line has {line.Columns} weights but {features.Count} features.");
        return new LogisticModel(name, features, line);
    }

    public void Predict(FeatureBatch x, Span<double> scores)
    {
        if (scores.Length != x.Rows) throw new ArgumentException($"scores has {scores.Length} places but x has {x.Rows} rows.");
        _line.Score(x.Select(Features).Values, scores);
        for (var row = 0; row < scores.Length; row++) scores[row] = LogOdds.ToProbability(scores[row]);
    }

    public void Save(Stream to) => ModelFile.Write(to, _name, Features, _line);
}
