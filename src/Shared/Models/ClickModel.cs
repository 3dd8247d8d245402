using System.Globalization;
using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Features.Offers;

namespace Media.Models;

/// <summary>Probability that a reader clicks an article that is offered to them.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><b>Row</b>: an article on a page of offers; entity = reader, item = article id. <b>As of</b> the page's first offer, so that all rows of a page share reader
/// and as-of. Of each grid instant's pages about <see cref="RowsPerInstant"/> rows are taken, whole pages, chosen by a hash of reader and time.</item>
/// <item><b>Label</b>: 1 when the reader clicked the article within 30 minutes after the offer and was not offered it again before the click; window [as_of, offer + 30 min).
/// An article twice on one page is one row, its first place.</item>
/// <item><b>Features</b>: of the offer itself (position, surface, form of the title, length, age); what all offers and views before as_of say of reader, article and
/// category (<see cref="ReadingBelief"/>); the reader's 59 from sessions that ended before. An article never seen before is unknown but for what the offer shows.</item>
/// <item><b>Fixed at serving</b>: the place. Articles are ranked before any has one, so <see cref="AtTheTop"/> puts all of them first on the page.</item>
/// </list>
/// The fitted model is a <see cref="BoostedModel"/>. Immutable, thread-safe.
/// </remarks>
public sealed record ClickEstimator : IBoosted
{
    private static readonly ReadingRows Shape = new(
        [.. ReadingFeatures.Placement, .. ReadingFeatures.Title, .. ReadingFeatures.Article], [.. ReadingFeatures.Clicks, .. ReadingFeatures.Views]);

    public string Name => "click";
    public LabelKind Kind => LabelKind.YesNo;
    public bool ReadsArticles => true;
    public IReadOnlyList<string> Features { get; init; } = Shape.Names;
    public IReadOnlyList<string> RowFeatures => Shape.LookNames;

    public IReadOnlyDictionary<string, IReadOnlyList<string>> FeatureGroups { get; } = new Dictionary<string, IReadOnlyList<string>>(FeatureCatalog.Groups)
    {
        ["placement"] = Names(ReadingFeatures.Placement), ["title"] = Names(ReadingFeatures.Title), ["article"] = Names(ReadingFeatures.Article),
        ["clicks_so_far"] = Names(ReadingFeatures.Clicks), ["views_so_far"] = Names(ReadingFeatures.Views),
    };

    /// <summary>7 d: offers made in the week after a grid instant, with their outcomes, are that instant's rows.</summary>
    public TimeSpan Horizon => TimeSpan.FromDays(7);

    /// <summary>About so many offers of each grid instant become rows. Default 3,000, range ≥ 1.</summary>
    public int RowsPerInstant { get; init; } = 3_000;

    /// <summary>Fewer folds and quicker steps than usual: the beliefs leave little to find.</summary>
    public BoostedOptions Fitting { get; init; } = Quick(new BoostedOptions());

    public IReadOnlyList<BoostedPart> Parts => [BoostedPart.YesNo(Fitting, fitting => this with { Fitting = fitting })];

    public string LabelDefinition => string.Create(CultureInfo.InvariantCulture,
        $"Rows: articles offered to a reader on a page, as of the page's first offer. Label 1: the reader clicks the article within {Offer.Window.TotalMinutes:0} minutes after the offer, not having been offered it again before the click.");

    public LabelledRows RowsOf(History history, IReadOnlyList<long> asOfs, CancellationToken cancel)
    {
        AsOfInstants.Check(asOfs);
        var log = history.Articles;
        var byInstant = asOfs.Select(_ => new List<Offer>()).ToList();
        foreach (var offer in Offer.Of(log, asOfs[^1] + EpochMicros.Of(Horizon)))
            if (AsOfInstants.Of(asOfs, Horizon, offer.PageMicros, offer.DueMicros) is >= 0 and var instant) byInstant[instant].Add(offer);
        var offers = HappeningRows.Sample(byInstant, RowsPerInstant, o => (log.Readers[o.Reader], o.PageMicros)).OrderBy(o => o.PageMicros).ToList();
        var x = Shape.Of(history, [.. offers.Select(o => new MeetingKey(log.Readers[o.Reader], log.Articles[o.Article].ArticleId, o.PageMicros))],
            [.. offers.Select(o => HappeningRows.LookOf(log, o.Article, o.Title, o.Surface, o.Position, o.PageMicros))], cancel);
        return new LabelledRows(x, [.. offers.Select(o => o.Clicked ? 1f : 0f)], [.. offers.Select(o => new LabelWindow(o.PageMicros, o.DueMicros))]);
    }

    public FeatureBatch FeaturesOf(History known, FeatureBatch rows, CancellationToken cancel) => Shape.Of(known, rows, cancel);

    public double[] TruthOf(SimulatedTruth truth, LabelledRows rows, History history)
    {
        var placeOf = Places(rows.X);
        return [.. Enumerable.Range(0, rows.Rows).Select(row => truth.ClickProbability(new UserId(rows.X.Entities[row]), rows.X.Items[row], placeOf[row].Position, placeOf[row].Surface))];
    }

    public double[] KnowableOf(SimulatedTruth truth, LabelledRows rows, History history)
    {
        var placeOf = Places(rows.X);
        return ReadingSightings.Of(truth, rows, history.Articles, (habits, row) => habits.ClickProbability(new UserId(rows.X.Entities[row]), rows.X.Items[row], placeOf[row].Position, placeOf[row].Surface));
    }

    /// <summary>The same offers, each as if it stood first on its page: what articles are ranked by before they have a place.</summary>
    public static FeatureBatch AtTheTop(FeatureBatch offers)
    {
        var values = (float[])offers.Values.Clone();
        var position = offers.Names.ToList().IndexOf("position");
        if (position < 0) throw new ArgumentException("The batch lacks the feature position.");
        for (var row = 0; row < offers.Rows; row++) values[row * offers.Names.Count + position] = 0;
        return offers.With(values);
    }

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => BoostedModel.Fit(Name, Features, Fitting, x, y, cancel);
    public IModel Load(Stream saved) => BoostedModel.Load(Name, Features, saved);

    internal static BoostedOptions Quick(BoostedOptions usual) => usual with { Folds = 3, Trees = usual.Trees with { Trees = 400, LearningRate = 0.05, Patience = 20 } };

    internal static IReadOnlyList<string> Names(IReadOnlyList<ReadingFeature> features) => [.. features.Select(f => f.Name)];

    private static (int Position, Surface Surface)[] Places(FeatureBatch x)
    {
        var position = Column(x, "position");
        var surfaces = Enum.GetValues<Surface>().Select(s => Column(x, $"surface_{Vocabulary<Surface>.Name(s)}")).ToList();
        return [.. Enumerable.Range(0, x.Rows).Select(row => ((int)position[row], (Surface)surfaces.FindIndex(s => s[row] == 1)))];
    }

    private static float[] Column(FeatureBatch x, string name) => x.Select([name]).Values;
}
