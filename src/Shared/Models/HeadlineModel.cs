using System.ComponentModel.DataAnnotations;
using System.Globalization;
using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Models.Text;

namespace Media.Models;

/// <summary>How much more or less an article is clicked under one headline than under the others it is tested with.</summary>
/// <remarks>
/// A row is an article (entity) under one of its titles (item) as of its first offer. Its features are <see cref="HeadlineFeatures"/> less their mean over the article's
/// titles, so the subject cancels; they are known before the first reader sees one, hence features of the row itself. The label compares a test's own
/// titles and no levels, so articles of any popularity teach alike. What a title has of its own beyond its form, no feature tells. Immutable, thread-safe.
/// </remarks>
public sealed record HeadlineEstimator : IBoosted
{
    /// <summary>Rows of a grid instant are the tests that begin within this time from it: those between two instants of a weekly grid.</summary>
    private static readonly TimeSpan Beginnings = TimeSpan.FromDays(7);

    public string Name => "headline";
    public LabelKind Kind => LabelKind.Amount;
    public string LeadMetric => "pairwise_accuracy";
    public bool ReadsArticles => true;
    public IReadOnlyList<string> Features { get; init; } = HeadlineTest.FeatureNames;
    public IReadOnlyList<string> RowFeatures => Features;

    public IReadOnlyDictionary<string, IReadOnlyList<string>> FeatureGroups => new Dictionary<string, IReadOnlyList<string>>
    {
        ["length and form"] = [.. Features.Intersect(HeadlineFeatures.Form.Select(HeadlineTest.OverTest))],
        ["kinds of words"] = [.. Features.Except(HeadlineFeatures.Form.Select(HeadlineTest.OverTest))],
    };

    /// <summary>How long a test's offers and clicks are counted. Default 7 d, as long as an article is on offer; range above 0.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "365.00:00:00")]
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Offers that each of an article's titles must have within the window for the test to count. Default 1, range 1 – 1,000,000: more make labels surer and tests fewer.</summary>
    [Range(1, 1_000_000)]
    public int FewestImpressions { get; init; } = 1;

    public TimeSpan Horizon => Beginnings + Window;

    /// <summary>How line and trees are fitted.</summary>
    public BoostedAmountOptions Fitting { get; init; } = new();

    public IReadOnlyList<BoostedPart> Parts => [BoostedPart.Amount(Fitting, fitting => this with { Fitting = fitting })];

    public string LabelDefinition => string.Create(CultureInfo.InvariantCulture,
        $"Rows: an article under one of two or more titles, each offered at least {FewestImpressions} time(s), as of its first offer. Label: ln click rate under the title in the {Window.TotalDays:0.##} days from then, less the mean over the article's titles.");

    public LabelledRows RowsOf(History history, IReadOnlyList<long> asOfs, CancellationToken cancel)
    {
        var tests = TestsOf(history.Articles, asOfs, cancel);
        var y = new List<float>();
        foreach (var test in tests)
        {
            var level = test.Titles.Average(t => t.LogRate);
            y.AddRange(test.Titles.Select(t => (float)(t.LogRate - level)));
        }
        return LabelledRows.Of(HeadlineTest.FeaturesOf(tests).Select(Features), [.. y], Window);
    }

    /// <summary>The rows' own features: a title is known before its first reader.</summary>
    public FeatureBatch FeaturesOf(History known, FeatureBatch rows, CancellationToken cancel) => rows.Select(Features);

    public double[] TruthOf(SimulatedTruth truth, LabelledRows rows, History history) => OverTest(rows.X, (article, title) => Math.Log(truth.HeadlineClickRate(article, title)));

    /// <summary>The form's effect: what a title has beyond it, nobody saw before its first reader.</summary>
    public double[] KnowableOf(SimulatedTruth truth, LabelledRows rows, History history) => OverTest(rows.X, (_, title) => truth.KnowableHeadlineLogClickRate(title));

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => BoostedAmountModel.Fit(Name, Features, Fitting, x, y, cancel);
    public IModel Load(Stream saved) => BoostedAmountModel.Load(Name, Features, saved);

    /// <summary>Each row's value less the mean over its test.</summary>
    private static double[] OverTest(FeatureBatch x, Func<string, string, double> value)
    {
        double[] values = [.. Enumerable.Range(0, x.Rows).Select(row => value(x.Entities[row], x.Items[row]))];
        var level = Enumerable.Range(0, x.Rows).GroupBy(row => x.Entities[row], StringComparer.Ordinal).ToDictionary(test => test.Key, test => test.Average(row => values[row]), StringComparer.Ordinal);
        return [.. values.Select((v, row) => v - level[x.Entities[row]])];
    }

    /// <summary>The tests that begin in the week after one of these instants, in order of their first offer, with what the window saw of them as far as the log goes.</summary>
    /// <inheritdoc cref="RowsOf" path="/param|/exception"/>
    public IReadOnlyList<HeadlineTest> TestsOf(ArticleLog log, IReadOnlyList<long> asOfs, CancellationToken cancel)
    {
        Options.Check(this);
        AsOfInstants.Check(asOfs);
        var window = EpochMicros.Of(Window);
        var startOf = new Dictionary<int, long>();
        var counts = new Dictionary<(int Article, int Title), (int Impressions, int Clicks)>();
        var events = log.Events;
        for (var i = 0; i < events.Length; i++)
        {
            if ((i & 0xFFFF) == 0) cancel.ThrowIfCancellationRequested();
            ref readonly var e = ref events[i];
            if (e.Title < 0 || e.Act is not (ArticleAct.Impression or ArticleAct.Click)) continue;
            // A click whose offer the log does not hold begins no test.
            if (!startOf.TryGetValue(e.Article, out var start))
            {
                if (e.Act != ArticleAct.Impression) continue;
                startOf.Add(e.Article, start = e.TimeMicros);
            }
            if (e.TimeMicros >= start + window || AsOfInstants.Of(asOfs, Horizon, start, start + window) < 0) continue;
            var (impressions, clicks) = counts.GetValueOrDefault((e.Article, e.Title));
            counts[(e.Article, e.Title)] = e.Act == ArticleAct.Impression ? (impressions + 1, clicks) : (impressions, clicks + 1);
        }
        return [.. counts.GroupBy(c => c.Key.Article).Where(article => article.Skip(1).Any() && article.All(c => c.Value.Impressions >= FewestImpressions))
            .Select(article => new HeadlineTest(log.Articles[article.Key].ArticleId, startOf[article.Key],
                [.. article.Select(c => new TestedTitle(log.Titles[c.Key.Title], c.Value.Impressions, c.Value.Clicks)).OrderBy(t => t.Title, StringComparer.Ordinal)]))
            .OrderBy(t => t.StartMicros).ThenBy(t => t.ArticleId, StringComparer.Ordinal)];
    }
}
