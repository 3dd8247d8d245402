using Media.Features;

namespace Media.Models;

/// <summary>The share of ones, for everybody: what is known without any feature.</summary>
public sealed record TrivialEstimator : IBaseline
{
    public string Name => "trivial";

    /// <summary>None: it reads no column.</summary>
    public IReadOnlyList<string> Features => [];

    public IBaseline Over(IReadOnlyList<string> features) => this;

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        BinaryLabels.RequireFitting(x, y);
        return new TrivialModel(new TrivialModel.Body((y.Length - y.Count(0f)) / (double)y.Length));
    }

    public IModel Load(Stream saved) => new TrivialModel(ModelFile.Read<TrivialModel.Body>(saved, Name, Features));
}

/// <summary>One probability for every row.</summary>
public sealed class TrivialModel : IModel
{
    private readonly Body _body;

    internal TrivialModel(Body body) => _body = body;

    public IReadOnlyList<string> Features => [];
    public int Outputs => 1;

    public void Predict(FeatureBatch x, Span<double> scores)
    {
        if (scores.Length != x.Rows) throw new ArgumentException($"scores has {scores.Length} places but x has {x.Rows} rows.");
        scores.Fill(_body.Rate);
    }

    public void Save(Stream to) => ModelFile.Write(to, "trivial", Features, _body);

    internal sealed record Body(double Rate);
}
