using Media.Evaluation;
using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Models;

namespace Media.Tests.Models;

public class HeadlineModelTests
{
    private const long Hour = 3_600_000_000;
    private const long Day = 24 * Hour;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Row_IsATitleOfATestWithItsLiftInClickRate()
    {
        var log = Log(("a", "Why?", 100, 12), ("a", "Because", 100, 6), ("alone", "Only one", 100, 50));
        var rows = new HeadlineEstimator().RowsOf(new History([], log), [0], Cancel);
        Assert.Equal([("a", "Because"), ("a", "Why?")], rows.X.Entities.Zip(rows.X.Items));
        var lift = Math.Log(12.5 / 6.5) / 2;
        Assert.Equal(-lift, rows.Y[0], 5);
        Assert.Equal(lift, rows.Y[1], 5);
        var question = rows.X.Names.ToList().IndexOf("title_has_question_over_test");
        Assert.Equal((-0.5f, 0.5f), (rows.X.Row(0)[question], rows.X.Row(1)[question]));
        Assert.All(rows.X.AsOfMicros, t => Assert.Equal(Hour, t));
        Assert.All(rows.X.LatestEventMicros, t => Assert.Equal(Hour - 1, t));
        Assert.All(rows.Windows, w => Assert.Equal((Hour, Hour + 7 * Day), (w.StartMicros, w.EndMicros)));
    }

    [Fact]
    public void TooFewOffersOfATitle_IsNoTest() =>
        Assert.Equal(0, new HeadlineEstimator().RowsOf(new History([], Log(("a", "Why?", 100, 12), ("a", "Because", 0, 6))), [0], Cancel).Rows);

    [Fact]
    public void OffersAfterTheWindow_DoNotCount() =>
        Assert.Equal(0, new HeadlineEstimator { Window = TimeSpan.FromSeconds(15), FewestImpressions = 20 }.RowsOf(new History([], Log(("a", "Why?", 100, 12), ("a", "Because", 100, 6))), [0], Cancel).Rows);

    [Fact]
    public void TestThatBeganBeforeTheInstant_IsNoRow() =>
        Assert.Equal(0, new HeadlineEstimator().RowsOf(new History([], Log(("a", "Why?", 100, 12), ("a", "Because", 100, 6))), [2 * Hour], Cancel).Rows);

    [Fact]
    public void EqualClickRates_GiveLabelZero() =>
        Assert.All(new HeadlineEstimator().RowsOf(new History([], Log(("a", "Why?", 100, 6), ("a", "Because", 100, 6))), [0], Cancel).Y, y => Assert.Equal(0, y, 6));

    [Fact]
    public void InstantsThatDoNotAscend_AreRefused() => Assert.Throws<ArgumentException>(() => new HeadlineEstimator().RowsOf(new History([], ArticleLog.Empty), [Day, 0], Cancel));

    [Fact(Explicit = true), Trait("Category", "Long")]
    public void SimulatedTests_AreForetoldNearlyAsWellAsByThePlantedForms()
    {
        var estimator = new HeadlineEstimator();
        var (model, forms, ceiling) = (0.0, 0.0, 0.0);
        for (var seed = 1; seed <= 3; seed++)
        {
            var options = new SimulatorOptions { Seed = seed };
            var history = new History([], ArticleLog.Of(new EventSimulator(options).Events()));
            var start = EpochMicros.Of(new DateTimeOffset(options.StartDate.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
            var last = (options.Days - 14) / 7;
            var test = Weeks(last - 5, last + 1);
            var result = ModelEvaluation.Evaluate(estimator, Weeks(0, last - 7), test, [new MeanEstimator(), new LinearEstimator { Features = estimator.Features }],
                estimator.TruthOf(new SimulatedTruth(options), test, history), new Judging { Kind = LabelKind.Amount, Lead = estimator.LeadMetric }, Cancel);
            var readable = RankedLists.Of<string>([.. test.X.Items.Select(FormEffect)], test.Y, test.X.Entities);
            var (got, read, best) = (result.Judged["pairwise_accuracy"].Value, PairwiseAccuracy.Of(readable, readable.Once), result.Ceiling!["pairwise_accuracy"].Value);
            TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {test.Rows} rows; model {got:0.0000}, planted forms {read:0.0000}, ceiling {best:0.0000}; R² {result.Judged["r2"].Value:0.000} of {result.Ceiling["r2"].Value:0.000}");
            Assert.True(result.Judged["pairwise_accuracy"].Low > 0.5);
            (model, forms, ceiling) = (model + got - 0.5, forms + read - 0.5, ceiling + best - 0.5);

            LabelledRows Weeks(int from, int until) => estimator.RowsOf(history, [.. Enumerable.Range(from, until - from).Select(week => start + week * 7 * Day)], Cancel);
        }
        // The ceiling knows each title's own effect too, which no text shows; the effects of the six forms are all that can be read.
        Assert.True(model >= 0.95 * forms, $"lift {model / 3:0.0000}, of the planted forms {forms / 3:0.0000}");
        Assert.True(model >= 0.85 * ceiling, $"lift {model / 3:0.0000}, of the ceiling {ceiling / 3:0.0000}");
    }

    /// <summary>What the simulator plants for the form of a title.</summary>
    private static double FormEffect(string title) =>
        title.EndsWith('?') ? 0.35 : char.IsDigit(title[0]) ? 0.25 : title.StartsWith("Exclusive:", StringComparison.Ordinal) ? 0.45
        : title.StartsWith("Warning", StringComparison.Ordinal) ? 0.15 : title.StartsWith("After months", StringComparison.Ordinal) ? -0.35 : 0;

    /// <summary>Offers an hour after the epoch, a second apart, titles in turn; the clicks follow the last offer.</summary>
    private static ArticleLog Log(params (string Article, string Title, int Impressions, int Clicks)[] titles)
    {
        var gathering = new ArticleLog.Gathering();
        var id = 0;
        foreach (var (article, title, impressions, clicks) in titles)
        {
            var told = new Article(article, "politics", title, null, Hour, null);
            for (var i = 0; i < impressions; i++) Add(told, Hour + i * 1_000_000L, ArticleAct.Impression);
            for (var i = 0; i < clicks; i++) Add(told, Hour + (1_000 + i) * 1_000_000L, ArticleAct.Click);
        }
        return gathering.ToLog();

        void Add(Article article, long micros, ArticleAct act) =>
            gathering.Add(micros, new EventId(new Guid(++id, 0, 0, [0, 0, 0, 0, 0, 0, 0, 0])), $"user-{id}", "welt", article, act, Surface.Home, 0, null);
    }
}
