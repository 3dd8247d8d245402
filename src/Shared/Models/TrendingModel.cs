using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Features.Articles;

namespace Media.Models;

/// <summary>ln(1 + views of an article in the next six hours), asked at whole hours.</summary>
/// <remarks>
/// Views are article views and video plays. Rows: entity = article, as-of = an hour; every article with an offer or a view in the day before, so that the rows of an
/// hour are its list. Of the hours every nineteenth is taken: no divisor of day or week, so all hours of the day come. What brand, hour, age and the
/// article's own counts let expect is a feature (<see cref="Attention"/>); line and trees learn what it leaves over. The fitted model is a <see cref="BoostedAmountModel"/>.
/// Immutable, thread-safe.
/// </remarks>
public sealed record TrendingEstimator : IBoosted
{
    private const int EveryHours = 19;

    private static readonly long Hour = EpochMicros.Of(TimeSpan.FromHours(1));
    private static readonly long Week = EpochMicros.Of(TimeSpan.FromDays(7));

    /// <summary>How far ahead views are counted.</summary>
    public static TimeSpan Ahead { get; } = TimeSpan.FromHours(6);

    public string Name => "trending";
    public LabelKind Kind => LabelKind.Amount;
    public IReadOnlyList<string> Features { get; init; } = [.. ArticleFeatures.Names.Where(n => !n.EndsWith("_7d", StringComparison.Ordinal) || n.Contains("brand", StringComparison.Ordinal))];

    /// <summary>Rows of a week, each looking six hours ahead.</summary>
    public TimeSpan Horizon => TimeSpan.FromDays(7) + Ahead;

    public bool ReadsArticles => true;
    public IReadOnlyDictionary<string, IReadOnlyList<string>> FeatureGroups => ArticleFeatures.Groups;

    public BoostedAmountOptions Fitting { get; init; } = new()
    {
        Fitting = new BoostedOptions { Folds = 3, LineL2 = 10, Trees = new BoostedOptions().Trees with { Trees = 300, LearningRate = 0.08, Leaves = 12, RowsPerLeaf = 80, Patience = 20 } },
    };

    public IReadOnlyList<BoostedPart> Parts => [BoostedPart.Amount(Fitting, fitting => this with { Fitting = fitting }) with { Learns = ArticleRows.Thinned }];

    public string LabelDefinition => "Rows: at every nineteenth hour, articles with an offer or a view in the day before, first seen in the 7 days before. Label: ln(1 + article views and video plays in the next 6 h).";

    public LabelledRows RowsOf(History history, IReadOnlyList<long> asOfs, CancellationToken cancel)
    {
        AsOfInstants.Check(asOfs);
        var hours = new List<long>();
        foreach (var start in asOfs)
            for (var hour = (start + Hour - 1) / Hour; hour * Hour < start + Week; hour++)
                if (hour % EveryHours == 0 && (hours.Count == 0 || hour * Hour > hours[^1])) hours.Add(hour * Hour);
        return RowsAt(history.Articles, hours, cancel);
    }

    /// <summary>The lists of these hours, with what came of them.</summary>
    /// <param name="asOfMicros">µs since the Unix epoch, UTC; ascending.</param>
    public static LabelledRows RowsAt(ArticleLog log, IReadOnlyList<long> asOfMicros, CancellationToken cancel)
    {
        var (articles, instants) = (new List<int>(), new List<long>());
        foreach (var (asOf, active) in ArticleFeatures.Active(log, asOfMicros))
        {
            articles.AddRange(active);
            instants.AddRange(active.Select(_ => asOf));
        }
        var views = new ArticleViews(log);
        var ahead = EpochMicros.Of(Ahead);
        var x = ArticleFeatures.Of(log, articles, instants, [], cancel);
        return LabelledRows.Of(x, [.. articles.Select((article, i) => float.LogP1(views.Between(article, instants[i], instants[i] + ahead)))], Ahead);
    }

    public FeatureBatch FeaturesOf(History known, FeatureBatch rows, CancellationToken cancel) => ArticleFeatures.Of(known.Articles, rows, cancel);

    /// <summary>E[label] given the article's latent traits, its bursts to come, and who visits when.</summary>
    public double[] TruthOf(SimulatedTruth truth, LabelledRows rows, History history)
    {
        var answers = new double[rows.Rows];
        Parallel.For(0, rows.Rows, row => answers[row] = PoissonLog.Expected(0, truth.ExpectedViews(rows.X.Entities[row], rows.Windows[row].StartMicros, rows.Windows[row].EndMicros)));
        return answers;
    }

    /// <summary>E[label] given what was seen of the article before as-of.</summary>
    public double[] KnowableOf(SimulatedTruth truth, LabelledRows rows, History history) => new ArticleSightings(history.Articles).ExpectedLogViews(truth, rows, (_, _) => 0);

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => ArticleRows.Fit(Name, Features, Fitting, x, y, cancel);
    public IModel Load(Stream saved) => BoostedAmountModel.Load(Name, Features, saved);
}
