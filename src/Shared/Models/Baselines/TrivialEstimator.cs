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
        return new ConstantModel(Name, (y.Length - y.Count(0f)) / (double)y.Length);
    }

    public IModel Load(Stream saved) => ConstantModel.Load(Name, saved);
}
