using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Features.Articles;

namespace Media.Models;

/// <summary>ln(1 + views of an article in its first seven days), asked one and six hours after it was first seen.</summary>
/// <remarks>
/// Views are article views and video plays. Rows: entity = article, item = "1h" or "6h"; as-of = first event + that age. Those seen before as-of are known and count:
/// the label's window holds the rest. The fitted model is a <see cref="BoostedAmountModel"/>. Immutable, thread-safe.
/// </remarks>
public sealed record ArticlePerformanceEstimator : IBoosted
{
    private static readonly (string Item, long Micros)[] Ages = [("1h", EpochMicros.Of(TimeSpan.FromHours(1))), ("6h", EpochMicros.Of(TimeSpan.FromHours(6)))];
    private static readonly TimeSpan OneWeek = TimeSpan.FromDays(7);
    private static readonly long Week = EpochMicros.Of(OneWeek);

    public string Name => "article_performance";
    public LabelKind Kind => LabelKind.Amount;
    public IReadOnlyList<string> Features { get; init; } = ArticleFeatures.Names;

    /// <summary>Rows of a week, each looking at most a week ahead.</summary>
    public TimeSpan Horizon => TimeSpan.FromDays(14);

    public bool ReadsArticles => true;
    public IReadOnlyDictionary<string, IReadOnlyList<string>> FeatureGroups => ArticleFeatures.Groups;

    public BoostedAmountOptions Fitting { get; init; } = new()
    {
        Fitting = new BoostedOptions { Folds = 4, LineL2 = 300, Trees = new BoostedOptions().Trees with { Trees = 1_000, LearningRate = 0.03, RowsPerLeaf = 80, L2 = 30, Patience = 40 } },
    };

    public IReadOnlyList<BoostedPart> Parts => [BoostedPart.Amount(Fitting, fitting => this with { Fitting = fitting }) with { Learns = ArticleRows.Thinned }];

    public string LabelDefinition => "Rows: articles 1 h and 6 h after they were first seen. Label: ln(1 + article views and video plays in the first 7 days), those before as_of included.";

    public LabelledRows RowsOf(History history, IReadOnlyList<long> asOfs, CancellationToken cancel)
    {
        AsOfInstants.Check(asOfs);
        var log = history.Articles;
        var rows = new List<(int Article, long AsOf, string Item)>();
        for (var article = 0; article < log.Articles.Count; article++)
            foreach (var (item, age) in Ages)
            {
                var asOf = log.Articles[article].FirstSeenMicros + age;
                if (AsOfInstants.Of(asOfs, OneWeek, asOf, asOf + 1) >= 0) rows.Add((article, asOf, item));
            }
        rows.Sort((a, b) => (a.AsOf, a.Article).CompareTo((b.AsOf, b.Article)));
        var views = new ArticleViews(log);
        var x = ArticleFeatures.Of(log, [.. rows.Select(r => r.Article)], [.. rows.Select(r => r.AsOf)], [.. rows.Select(r => r.Item)], cancel);
        return new LabelledRows(x,
            [.. rows.Select(r => float.LogP1(views.Between(r.Article, log.Articles[r.Article].FirstSeenMicros, log.Articles[r.Article].FirstSeenMicros + Week)))],
            [.. rows.Select(r => new LabelWindow(r.AsOf, log.Articles[r.Article].FirstSeenMicros + Week))]);
    }

    public FeatureBatch FeaturesOf(History known, FeatureBatch rows, CancellationToken cancel) => ArticleFeatures.Of(known.Articles, rows, cancel);

    /// <summary>E[label] given the views before as-of, the article's latent traits, and who visits when.</summary>
    public double[] TruthOf(SimulatedTruth truth, LabelledRows rows, History history)
    {
        var soFar = SoFar(history.Articles, rows);
        var answers = new double[rows.Rows];
        Parallel.For(0, rows.Rows, row =>
            answers[row] = PoissonLog.Expected(soFar(history.Articles.ArticleOf(rows.X.Entities[row]), row), truth.ExpectedViews(rows.X.Entities[row], rows.X.AsOfMicros[row], rows.Windows[row].EndMicros)));
        return answers;
    }

    /// <summary>E[label] given what was seen of the article before as-of: an hour's offers say little of its traits.</summary>
    public double[] KnowableOf(SimulatedTruth truth, LabelledRows rows, History history) => new ArticleSightings(history.Articles).ExpectedLogViews(truth, rows, SoFar(history.Articles, rows));

    private static Func<int, int, int> SoFar(ArticleLog log, LabelledRows rows)
    {
        var views = new ArticleViews(log);
        return (article, row) => views.Between(article, log.Articles[article].FirstSeenMicros, rows.X.AsOfMicros[row]);
    }

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => ArticleRows.Fit(Name, Features, Fitting, x, y, cancel);
    public IModel Load(Stream saved) => BoostedAmountModel.Load(Name, Features, saved);
}
