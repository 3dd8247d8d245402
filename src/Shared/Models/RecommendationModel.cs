using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Models.NextReads;

namespace Media.Models;

/// <summary>Probability that a reader turns to an article on the day after the as-of instant: a hybrid of taste, topic, freshness and popularity, weighed by trees.</summary>
/// <remarks>
/// Rows: of each reader who turns to at least one known article of a brand on that day, the unread articles of the brand that are worth ranking, so that the rows of a reader are a list to be ordered.
/// What the reader has turned to before is in no list. Features that a new reader or a new article lacks are NaN, which the trees have learnt from other new ones. The fitted model is a
/// <see cref="BoostedModel"/>; <see cref="ReadingLists"/> makes lists of it. Immutable, thread-safe.
/// </remarks>
public sealed record RecommendationEstimator : IBoosted
{
    private static readonly long DayMicros = EpochMicros.Of(TimeSpan.FromDays(1));

    public string Name => "recommendation";
    public LabelKind Kind => LabelKind.YesNo;
    public IReadOnlyList<string> Features { get; init; } = CandidateFeatures.Names;
    public TimeSpan Horizon => TimeSpan.FromDays(1);
    public bool ReadsArticles => true;

    /// <summary>Popularity to which a reading of a quarter of a day ago counts 1 ⁄ e.</summary>
    public string RuleOfThumb => "first_readings_6h";
    public IReadOnlyDictionary<string, IReadOnlyList<string>> FeatureGroups => CandidateFeatures.Groups;

    /// <summary>Readers with a list, of each instant: more are a fixed sample. Default 120, range above 0.</summary>
    public int ListsPerInstant { get; init; } = 120;

    /// <summary>Which articles are in a list.</summary>
    public ListedArticles Listed { get; init; } = new();

    public BoostedOptions Fitting { get; init; } = new()
    {
        Folds = 3,
        Trees = new BoostedOptions().Trees with { Trees = 600, LearningRate = 0.06, Leaves = 12, RowsPerLeaf = 40, RowShare = 0.7, Patience = 30 },
    };

    public IReadOnlyList<BoostedPart> Parts => [BoostedPart.YesNo(Fitting, fitting => this with { Fitting = fitting })];

    public string LabelDefinition =>
        "Rows: of each reader who turns to a known article of a brand for the first time on the day from as_of on, that brand's unread articles worth ranking. Label 1: the reader turns to this one on that day.";

    public LabelledRows RowsOf(History history, IReadOnlyList<long> asOfs, CancellationToken cancel)
    {
        AsOfInstants.Check(asOfs);
        var log = history.Articles;
        var builder = new CandidateBuilder(new ReadingState(log), Listed.ArticlesPerOrder);
        var (rows, labels) = (new CandidateRows(), new List<float>());
        foreach (var ofInstant in ReadingInstance.Of(log, asOfs, Horizon, cancel).GroupBy(i => i.CutMicros))
            foreach (var instance in ReadingInstance.Sample([.. ofInstant], ListsPerInstant))
            {
                cancel.ThrowIfCancellationRequested();
                builder.State.AdvanceTo(instance.CutMicros);
                foreach (var brand in instance.Relevant.Select(a => log.Articles[a].Brand).Distinct())
                {
                    var offers = builder.Build(instance.Reader, Listed.Among(builder.State, brand), cancel);
                    // A list without an article that was taken up says nothing of their order.
                    if (!offers.Articles.Any(instance.Relevant.Contains)) continue;
                    rows.Add(builder.State, log.Readers[instance.Reader], offers);
                    labels.AddRange(offers.Articles.Select(a => instance.Relevant.Contains(a) ? 1f : 0f));
                }
            }
        return LabelledRows.Of(rows.ToBatch(), [.. labels], Horizon);
    }

    public FeatureBatch FeaturesOf(History known, FeatureBatch rows, CancellationToken cancel)
    {
        var log = known.Articles;
        var builder = new CandidateBuilder(new ReadingState(log), Listed.ArticlesPerOrder);
        var (found, order) = (new CandidateRows(), new List<int>(rows.Rows));
        int[] articles = [.. rows.Items.Select(log.ArticleOf)];
        foreach (var list in Enumerable.Range(0, rows.Rows)
            .GroupBy(row => (AsOf: rows.AsOfMicros[row], Reader: rows.Entities[row], Brand: articles[row] < 0 ? null : log.Articles[articles[row]].Brand)).OrderBy(list => list.Key.AsOf))
        {
            cancel.ThrowIfCancellationRequested();
            builder.State.AdvanceTo(list.Key.AsOf);
            int[] asked = [.. list.Select(row => articles[row])];
            found.Add(builder.State, list.Key.Reader, builder.Build(log.ReaderOf(list.Key.Reader), Listed.Among(builder.State, list.Key.Brand), asked, cancel), [.. list.Select(row => rows.Items[row])]);
            order.AddRange(list);
        }
        var back = new int[order.Count];
        for (var i = 0; i < back.Length; i++) back[order[i]] = i;
        return found.ToBatch().Take(back);
    }

    /// <remarks>Knows the hidden traits of reader and article, and at which hours others come; not when this reader comes.</remarks>
    public double[] TruthOf(SimulatedTruth truth, LabelledRows rows, History history) =>
        [.. Enumerable.Range(0, rows.Rows).Select(row => truth.ReadProbability(new UserId(rows.X.Entities[row]), rows.X.Items[row], rows.X.AsOfMicros[row], rows.X.AsOfMicros[row] + DayMicros))];

    /// <remarks>Of reader and article, what offers and readings before as_of tell, by Bayes' rule; of the day, how an article's offers so far let expect it to be offered.</remarks>
    public double[] KnowableOf(SimulatedTruth truth, LabelledRows rows, History history)
    {
        var exposures = new ArticleSightings(history.Articles).ExpectedExposures(truth, rows);
        return ReadingSightings.Of(truth, rows, history.Articles, (habits, row) => habits.ReadProbability(new UserId(rows.X.Entities[row]), rows.X.Items[row], exposures[row]));
    }

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => BoostedModel.Fit(Name, Features, Fitting, x, y, cancel);
    public IModel Load(Stream saved) => BoostedModel.Load(Name, Features, saved);
}

/// <summary>Which articles are worth ranking for one visit: those of a brand that came out lately, narrowed by <see cref="CandidateBuilder"/>.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record ListedArticles
{
    /// <summary>Unread articles taken from each order (newest, most popular, liked by similar readers). Default 12, range above 1.</summary>
    public int ArticlesPerOrder { get; init; } = 12;

    /// <summary>How long an article stays worth offering, from when it was published or, where that is not known, first turned to. Default 6 d, range above 0.</summary>
    public TimeSpan Fresh { get; init; } = TimeSpan.FromDays(6);

    /// <param name="brand">null: where the data knows no brands, all; elsewhere, articles without one.</param>
    internal Func<int, bool> Among(ReadingState state, string? brand) => article =>
        state.Log.Articles[article] is var known && known.Brand == brand && state.NowMicros - (known.PublishedAtMicros ?? state.Articles[article]!.FirstMicros) <= EpochMicros.Of(Fresh);
}
