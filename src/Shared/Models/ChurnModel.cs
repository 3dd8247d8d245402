using System.Globalization;
using Media.Events.Simulator;
using Media.Events;
using Media.Features;
using Media.Sessions;

namespace Media.Models;

/// <summary>Probability that a reader who was there lately has no session within the horizon after the as-of instant.</summary>
/// <remarks>Rows: readers with a session overlapping [as_of − horizon, as_of). The fitted model is a <see cref="BoostedModel"/>. Immutable, thread-safe.</remarks>
public sealed record ChurnEstimator : IBoosted, IAsksReaders
{
    public string Name => "churn";
    public LabelKind Kind => LabelKind.YesNo;
    public IReadOnlyList<string> Features { get; init; } = FeatureCatalog.Names;

    /// <summary>How long an absence counts as churn, and how lately a reader must have been there to be asked about. Default 28 d, range above 0.</summary>
    public TimeSpan Horizon { get; init; } = TimeSpan.FromDays(28);

    public ILabelledEstimator WithHorizon(TimeSpan horizon)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(horizon, TimeSpan.Zero);
        return this with { Horizon = horizon };
    }

    public BoostedOptions Fitting { get; init; } = new();

    public IReadOnlyList<BoostedPart> Parts => [BoostedPart.YesNo(Fitting, fitting => this with { Fitting = fitting })];

    public string LabelDefinition => string.Create(CultureInfo.InvariantCulture,
        $"Rows: readers with a session overlapping the {Horizon.TotalDays:0.##} days before as_of. Label 1: no session overlaps the {Horizon.TotalDays:0.##} days from as_of on.");

    /// <summary>The label of one reader, from what came at or after the instant; <c>null</c> when the reader is no row then.</summary>
    /// <param name="asOfMicros">µs since the Unix epoch, UTC.</param>
    public float? LabelOf(UserTimeline timeline, long asOfMicros)
    {
        var horizon = EpochMicros.Of(Horizon);
        if (!Visits.Overlap(timeline, asOfMicros - horizon, asOfMicros)) return null;
        return Visits.Overlap(timeline, asOfMicros, asOfMicros + horizon) ? 0 : 1;
    }

    /// <summary>Those who were there within the horizon.</summary>
    public int[] Population(FeatureBatch readers) => ReaderRows.LatelyHere(readers, Horizon);

    public LabelledRows RowsOf(History history, IReadOnlyList<long> asOfs, CancellationToken cancel) => ReaderRows.Of(history, asOfs, Horizon, LabelOf, cancel);
    public FeatureBatch FeaturesOf(History known, FeatureBatch rows, CancellationToken cancel) => ReaderRows.Features(known, rows);

    public double[] TruthOf(SimulatedTruth truth, LabelledRows rows, History history) =>
        [.. Enumerable.Range(0, rows.Rows).Select(row => truth.ChurnProbability(new UserId(rows.X.Entities[row]), ReaderRows.Starts(history, rows.X.Entities[row], rows.X.AsOfMicros[row]), rows.X.AsOfMicros[row], Horizon))];

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => BoostedModel.Fit(Name, Features, Fitting, x, y, cancel);
    public IModel Load(Stream saved) => BoostedModel.Load(Name, Features, saved);
}
