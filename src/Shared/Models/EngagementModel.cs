using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Features.Offers;

namespace Media.Models;

/// <summary>How long a reader stays with an article once it is opened: the expected natural logarithm of the seconds.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><b>Row</b>: a view or a play that says how long it took; entity = reader, item = article id. <b>As of</b> its beginning: the event's time less the time spent, since
/// the event may be sent at the end. Of each grid instant's about <see cref="RowsPerInstant"/> are taken, chosen by a hash of reader and time.</item>
/// <item><b>Label</b>: ln of the engaged seconds, less than one counting as one; window [as_of, event]. Data without times give no rows.</item>
/// <item><b>Features</b>: form of the title, length, age; what all offers and views before as_of say of reader, article and category (<see cref="ReadingBelief"/>, which
/// learns from clicks what is read long, too); the reader's 59 from sessions that ended before.</item>
/// <item><b>Fixed at serving</b>: nothing; where the article stood plays no part.</item>
/// </list>
/// The fitted model is a <see cref="BoostedAmountModel"/>. Immutable, thread-safe.
/// </remarks>
public sealed record EngagementEstimator : IBoosted
{
    private static readonly ReadingRows Shape = new(
        [.. ReadingFeatures.Title, .. ReadingFeatures.Article], [.. ReadingFeatures.Times, .. ReadingFeatures.Clicks, .. ReadingFeatures.Views]);

    public string Name => "engagement";
    public LabelKind Kind => LabelKind.Amount;
    public bool ReadsArticles => true;
    public IReadOnlyList<string> Features { get; init; } = Shape.Names;
    public IReadOnlyList<string> RowFeatures => Shape.LookNames;

    public IReadOnlyDictionary<string, IReadOnlyList<string>> FeatureGroups { get; } = new Dictionary<string, IReadOnlyList<string>>(FeatureCatalog.Groups)
    {
        ["title"] = ClickEstimator.Names(ReadingFeatures.Title), ["article"] = ClickEstimator.Names(ReadingFeatures.Article), ["times_so_far"] = ClickEstimator.Names(ReadingFeatures.Times),
        ["clicks_so_far"] = ClickEstimator.Names(ReadingFeatures.Clicks), ["views_so_far"] = ClickEstimator.Names(ReadingFeatures.Views),
    };

    /// <summary>7 d: views begun and ended in the week after a grid instant are that instant's rows.</summary>
    public TimeSpan Horizon => TimeSpan.FromDays(7);

    /// <summary>About so many views of each grid instant become rows. Default 3,000, range ≥ 1.</summary>
    public int RowsPerInstant { get; init; } = 3_000;

    public BoostedAmountOptions Fitting { get; init; } = new() { Fitting = ClickEstimator.Quick(new BoostedOptions()) };

    public IReadOnlyList<BoostedPart> Parts => [BoostedPart.Amount(Fitting, fitting => this with { Fitting = fitting })];

    public string LabelDefinition => "Rows: views and plays of an article by a reader that say how long they took, as of their beginning. Label: natural logarithm of the engaged seconds, at least one second.";

    public LabelledRows RowsOf(History history, IReadOnlyList<long> asOfs, CancellationToken cancel)
    {
        AsOfInstants.Check(asOfs);
        var log = history.Articles;
        var byInstant = asOfs.Select(_ => new List<View>()).ToList();
        var seen = new HashSet<(int Reader, int Article, long BeginMicros)>();
        foreach (ref readonly var e in log.Events)
        {
            if (e.Act is not (ArticleAct.View or ArticleAct.VideoPlay) || float.IsNaN(e.EngagedSeconds)) continue;
            var view = new View(e, e.TimeMicros - (long)(Math.Max(0, e.EngagedSeconds) * 1e6));
            if (AsOfInstants.Of(asOfs, Horizon, view.BeginMicros, e.TimeMicros + 1) is >= 0 and var instant && seen.Add((e.Reader, e.Article, view.BeginMicros))) byInstant[instant].Add(view);
        }
        var views = HappeningRows.Sample(byInstant, RowsPerInstant, v => (log.Readers[v.Event.Reader], v.BeginMicros)).OrderBy(v => v.BeginMicros).ToList();
        var x = Shape.Of(history, [.. views.Select(v => new MeetingKey(log.Readers[v.Event.Reader], log.Articles[v.Event.Article].ArticleId, v.BeginMicros))],
            [.. views.Select(v => HappeningRows.LookOf(log, v.Event.Article, v.Event.Title, surface: null, position: -1, v.BeginMicros))], cancel);
        return new LabelledRows(x, [.. views.Select(v => (float)ReadingBelief.LogOf(v.Event.EngagedSeconds))], [.. views.Select(v => new LabelWindow(v.BeginMicros, v.Event.TimeMicros + 1))]);
    }

    public FeatureBatch FeaturesOf(History known, FeatureBatch rows, CancellationToken cancel) => Shape.Of(known, rows, cancel);

    public double[] TruthOf(SimulatedTruth truth, LabelledRows rows, History history) =>
        [.. Enumerable.Range(0, rows.Rows).Select(row => truth.Dwell(new UserId(rows.X.Entities[row]), rows.X.Items[row]).MeanLogMs - Math.Log(1_000))];

    public double[] KnowableOf(SimulatedTruth truth, LabelledRows rows, History history) =>
        ReadingSightings.Of(truth, rows, history.Articles, (habits, row) => habits.MeanLogMs(new UserId(rows.X.Entities[row]), rows.X.Items[row]) - Math.Log(1_000));

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => BoostedAmountModel.Fit(Name, Features, Fitting, x, y, cancel);
    public IModel Load(Stream saved) => BoostedAmountModel.Load(Name, Features, saved);

    /// <summary>A view and when it began.</summary>
    private readonly record struct View(ArticleEvent Event, long BeginMicros);
}
