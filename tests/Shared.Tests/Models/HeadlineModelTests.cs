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

    [Fact]
    public void Knowable_IsTheTruthLessWhatATitleHasOfItsOwn()
    {
        var options = new SimulatorOptions { Users = 300, Days = 42 };
        var (estimator, truth, history) = World(options);
        var rows = Weeks(estimator, history, options, 0, 4);
        double[] real = estimator.TruthOf(truth, rows, history), known = estimator.KnowableOf(truth, rows, history);
        Assert.True(rows.Rows > 1_000);
        Assert.InRange(real.Zip(known, (r, k) => r * k).Sum() / known.Sum(k => k * k), 0.94, 1.06);
        // A deviation of 0.08 in log-odds, a fifth or so less in the rate's logarithm, half of whose square is left beside the mean of two.
        Assert.InRange(Math.Sqrt(real.Zip(known, (r, k) => (r - k) * (r - k)).Average()), 0.035, 0.055);
        var byText = rows.X.Items.Zip(rows.X.Items.Select(title => truth.KnowableHeadlineLogClickRate(title))).ToList();
        Assert.Equal(6, byText.Select(t => t.Second).Distinct().Count());
        double Of(string start) => byText.First(t => t.First.StartsWith(start, StringComparison.Ordinal)).Second;
        Assert.True(Of("Exclusive: ") > Of("Why the ") && Of("Why the ") > Of("Warning as ") && Of("Warning as ") > Of("After months of talks in "));
    }

    [Fact]
    public void WithoutSignal_NothingIsKnowable()
    {
        var options = new SimulatorOptions { Users = 100, Days = 21, Signal = 0 };
        var (estimator, truth, history) = World(options);
        Assert.All(estimator.KnowableOf(truth, Weeks(estimator, history, options, 0, 1), history), known => Assert.Equal(0, known, 9));
    }

    [Fact(Explicit = true), Trait("Category", "Long")]
    public void SimulatedTests_AreForetoldNearlyAsWellAsCanBeKnownBeforehand()
    {
        var (model, knowable, ceiling) = (0.0, 0.0, 0.0);
        for (var seed = 1; seed <= 3; seed++)
        {
            var options = new SimulatorOptions { Seed = seed };
            var (estimator, truth, history) = World(options);
            var last = (options.Days - 14) / 7;
            var test = Weeks(estimator, history, options, last - 5, last + 1);
            var result = ModelEvaluation.Evaluate(estimator, Weeks(estimator, history, options, 0, last - 7), test, [new MeanEstimator(), new LinearEstimator { Features = estimator.Features }], estimator.TruthOf(truth, test, history),
                new Judging { Kind = LabelKind.Amount, Lead = estimator.LeadMetric, Knowable = estimator.KnowableOf(truth, test, history) }, Cancel);
            TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}: {test.Rows} rows; model {result.Judged["pairwise_accuracy"]}, {result.ShareOfKnowable} of the knowable, {result.ShareOfCeiling} of the ceiling");
            Assert.True(result.Judged["pairwise_accuracy"].Low > 0.5);
            (model, knowable, ceiling) = (model + Lift(result.Judged), knowable + Lift(result.Knowable!), ceiling + Lift(result.Ceiling!));
        }
        Assert.True(model >= 0.95 * knowable, $"lift {model / 3:0.0000}, of the knowable {knowable / 3:0.0000}");
        Assert.True(model >= 0.85 * ceiling, $"lift {model / 3:0.0000}, of the ceiling {ceiling / 3:0.0000}");

        static double Lift(JudgedModel judged) => judged["pairwise_accuracy"].Value - 0.5;
    }

    private static (HeadlineEstimator Estimator, SimulatedTruth Truth, History History) World(SimulatorOptions options) =>
        (new HeadlineEstimator(), new SimulatedTruth(options), new History([], ArticleLog.Of(new EventSimulator(options).Events())));

    private static LabelledRows Weeks(HeadlineEstimator estimator, History history, SimulatorOptions options, int from, int until)
    {
        var start = EpochMicros.Of(new DateTimeOffset(options.StartDate.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
        return estimator.RowsOf(history, [.. Enumerable.Range(from, until - from).Select(week => start + week * 7 * Day)], Cancel);
    }

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
