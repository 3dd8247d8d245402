using Media.Features;

namespace Media.Models;

/// <summary>The mean amount, for everybody: what is known without any feature.</summary>
public sealed record MeanEstimator : IBaseline
{
    public string Name => "mean";
    public LabelKind Kind => LabelKind.Amount;

    /// <summary>None: it reads no column.</summary>
    public IReadOnlyList<string> Features => [];

    public IBaseline Over(IReadOnlyList<string> features) => this;

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        AmountLabels.RequireFitting(x, y);
        return new MeanModel(new MeanModel.Body(y.ToArray().Average(v => (double)v)));
    }

    public IModel Load(Stream saved) => new MeanModel(ModelFile.Read<MeanModel.Body>(saved, Name, Features));
}

/// <summary>One amount for every row.</summary>
public sealed class MeanModel : IModel
{
    private readonly Body _body;

    internal MeanModel(Body body) => _body = body;

    public IReadOnlyList<string> Features => [];
    public int Outputs => 1;

    public void Predict(FeatureBatch x, Span<double> scores)
    {
        if (scores.Length != x.Rows) throw new ArgumentException($"scores has {scores.Length} places but x has {x.Rows} rows.");
        scores.Fill(_body.Mean);
    }

    public void Save(Stream to) => ModelFile.Write(to, "mean", Features, _body);

    internal sealed record Body(double Mean);
}
