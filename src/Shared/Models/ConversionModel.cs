using System.Globalization;
using Media.Events.Simulator;
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
public sealed record ConversionEstimator : IBoosted, IAsksReaders
{
    private static readonly TimeSpan Activity = TimeSpan.FromDays(28);

    public string Name => "conversion";
    public LabelKind Kind => LabelKind.YesNo;
    public IReadOnlyList<string> Features { get; init; } = FeatureCatalog.Names;

    /// <summary>How long after as_of a start counts. Default 28 d, range above 0.</summary>
    public TimeSpan Horizon { get; init; } = TimeSpan.FromDays(28);

    public ILabelledEstimator WithHorizon(TimeSpan horizon)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(horizon, TimeSpan.Zero);
        return this with { Horizon = horizon };
    }

    public BoostedOptions Fitting { get; init; } = new();

    public IReadOnlyList<BoostedPart> Parts => [BoostedPart.YesNo(Fitting, fitting => this with { Fitting = fitting })];

    public string LabelDefinition => string.Create(CultureInfo.InvariantCulture,
        $"Rows: readers of tier free, never subscribed before as_of, with a session in the 28 days before it. Label 1: a session with a subscription start begins in the {Horizon.TotalDays:0.##} days from as_of on.");

    /// <summary>The label of one reader, from what came at or after the instant; <c>null</c> when the reader is no row then.</summary>
    /// <param name="asOfMicros">µs since the Unix epoch, UTC.</param>
    public float? LabelOf(UserTimeline timeline, long asOfMicros)
    {
        var until = asOfMicros + EpochMicros.Of(Horizon);
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
        if (tier != SubscriptionTier.Free || !Visits.Overlap(timeline, asOfMicros - EpochMicros.Of(Activity), asOfMicros)) return null;
        return starts ? 1 : 0;
    }

    /// <summary>Those of tier free who were there in the last 28 days; whether one subscribed long ago and left again, the features do not tell.</summary>
    public int[] Population(FeatureBatch readers)
    {
        var isFree = readers.Column("subscription_free");
        return [.. ReaderRows.LatelyHere(readers, Activity).Where(row => isFree[row] == 1)];
    }

    public LabelledRows RowsOf(History history, IReadOnlyList<long> asOfs, CancellationToken cancel) => ReaderRows.Of(history, asOfs, Horizon, LabelOf, cancel);
    public FeatureBatch FeaturesOf(History known, FeatureBatch rows, CancellationToken cancel) => ReaderRows.Features(known, rows);

    public double[] TruthOf(SimulatedTruth truth, LabelledRows rows, History history) =>
        [.. Enumerable.Range(0, rows.Rows).Select(row => truth.ConversionProbability(new UserId(rows.X.Entities[row]), ReaderRows.Starts(history, rows.X.Entities[row], rows.X.AsOfMicros[row]), rows.X.AsOfMicros[row], Horizon))];

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => BoostedModel.Fit(Name, Features, Fitting, x, y, cancel);
    public IModel Load(Stream saved) => BoostedModel.Load(Name, Features, saved);
}
