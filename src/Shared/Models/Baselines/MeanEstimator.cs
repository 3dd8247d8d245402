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
        return new ConstantModel(Name, y.ToArray().Average(v => (double)v));
    }

    public IModel Load(Stream saved) => ConstantModel.Load(Name, saved);
}
