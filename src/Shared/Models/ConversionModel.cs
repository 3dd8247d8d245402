using System.Globalization;
using Media.Events;
using Media.Features;
using Media.Sessions;

namespace Media.Models;

/// <summary>Probability that a reader without a subscription starts one within the horizon after the as-of instant.</summary>
/// <remarks>
/// Rows: readers whose latest session before as_of has tier free, who never started a subscription before, and who were there in the last 28 days. The last is
/// asked because an offer can only be shown to somebody who comes; readers long gone never subscribe and would flatter every figure. A tier that the data lacks
/// is not taken for free. The fitted model is a <see cref="BoostedModel"/>. Immutable, thread-safe.
/// </remarks>
public sealed record ConversionEstimator : ILabelledEstimator
{
    private static readonly TimeSpan Activity = TimeSpan.FromDays(28);

    public string Name => "conversion";
    public IReadOnlyList<string> Features { get; init; } = FeatureCatalog.Names;

    /// <summary>How long after as_of a start counts. Default 28 d, range above 0.</summary>
    public TimeSpan Horizon { get; init; } = TimeSpan.FromDays(28);

    public IReadOnlyDictionary<string, string> LeakExceptions { get; } = new Dictionary<string, string>();

    public ILabelledEstimator WithHorizon(TimeSpan horizon)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(horizon, TimeSpan.Zero);
        return this with { Horizon = horizon };
    }

    public BoostedOptions Fitting { get; init; } = new();

    public string LabelDefinition => string.Create(CultureInfo.InvariantCulture,
        $"Rows: readers of tier free, never subscribed before as_of, with a session in the 28 days before it. Label 1: a session with a subscription start begins in the {Horizon.TotalDays:0.##} days from as_of on.");

    public float? LabelOf(UserTimeline timeline, long asOfMicros)
    {
        var until = asOfMicros + Visits.Micros(Horizon);
        SubscriptionTier? tier = null;
        var starts = false;
        foreach (var session in timeline.Sessions)
        {
            var subscribes = session[SessionMetrics.SubscriptionStarts] > 0;
            if (session.SessionStartMicros < asOfMicros)
            {
                // Also one under way at as_of: whether its start of a subscription lies before or after is not known from the session.
                if (subscribes) return null;
                if (session.SessionEndMicros < asOfMicros) tier = session.SubscriptionTier;
            }
            else if (session.SessionStartMicros < until) starts |= subscribes;
        }
        if (tier != SubscriptionTier.Free || !Visits.Overlap(timeline, asOfMicros - Visits.Micros(Activity), asOfMicros)) return null;
        return starts ? 1 : 0;
    }

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => BoostedModel.Fit(Name, Features, Fitting, x, y, cancel);
    public IModel Load(Stream saved) => BoostedModel.Load(Name, Features, saved);
}
