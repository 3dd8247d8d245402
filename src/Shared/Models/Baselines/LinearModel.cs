using Media.Features;

namespace Media.Models;

/// <summary>Ridge regression over standardised columns: sign(x)·ln(1 + |x|), NaN as the mean with a weight of its own.</summary>
public sealed record LinearEstimator : IBaseline
{
    public string Name => "linear";
    public LabelKind Kind => LabelKind.Amount;
    public IReadOnlyList<string> Features { get; init; } = FeatureCatalog.Names;

    /// <summary>L2 penalty on the weights, beside a squared error summed over rows. Default 10, > 0.</summary>
    public double L2 { get; init; } = 10;

    public IBaseline Over(IReadOnlyList<string> features) => this with { Features = features };

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        AmountLabels.RequireFitting(x, y);
        var rows = x.Select(Features);
        var line = LinearScore.Fit(Standardisation.Fit(rows.Values, Features.Count), rows.Values, y, L2, LineFamily.Gaussian, free: -1, cancel);
        return new LinearModel(Features, line);
    }

    public IModel Load(Stream saved)
    {
        var line = ModelFile.Read<LinearScore>(saved, Name, Features);
        if (line.Columns != Features.Count) throw new InvalidDataException($"The saved line has {line.Columns} weights but {Features.Count} features.");
        return new LinearModel(Features, line);
    }
}

/// <summary>A straight line.</summary>
/// <remarks>Outputs: 1, in the label's unit.</remarks>
public sealed class LinearModel : IModel
{
    private readonly LinearScore _line;

    internal LinearModel(IReadOnlyList<string> features, LinearScore line) => (Features, _line) = (features, line);

    public IReadOnlyList<string> Features { get; }
    public int Outputs => 1;

    public void Predict(FeatureBatch x, Span<double> scores)
    {
        if (scores.Length != x.Rows) throw new ArgumentException($"scores has {scores.Length} places but x has {x.Rows} rows.");
        _line.Score(x.Select(Features).Values, scores);
    }

    public void Save(Stream to) => ModelFile.Write(to, "linear", Features, _line);
}
