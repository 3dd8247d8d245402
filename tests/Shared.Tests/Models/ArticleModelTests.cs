using Media.Evaluation;
using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Models;

namespace Media.Tests.Models;

/// <summary>The two models whose rows are articles.</summary>
public class ArticleModelTests
{
    private const long Hour = 3_600_000_000;
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly SimulatorOptions Small = new() { Users = 500, Days = 60, Seed = 2 };
    private static readonly Lazy<History> World = new(() => HistoryOf(Small));

    [Fact]
    public void Performance_RowsAreAnHourAndSixHoursOldWithTheWeeksViews()
    {
        var log = World.Value.Articles;
        var rows = new ArticlePerformanceEstimator().RowsOf(World.Value, [Day(30), Day(37)], Cancel);
        Assert.Equal(rows.X.AsOfMicros.Order(), rows.X.AsOfMicros);
        Assert.All(rows.X.AsOfMicros, t => Assert.InRange(t, Day(30), Day(44) - 1));
        for (var row = 0; row < rows.Rows; row += 37)
        {
            var article = log.ArticleOf(rows.X.Entities[row]);
            var first = log.Articles[article].FirstSeenMicros;
            Assert.Equal(rows.X.Items[row] == "1h" ? 1 : 6, (rows.X.AsOfMicros[row] - first) / Hour);
            Assert.Equal(Math.Log(1 + Views(log, article, first, first + 168 * Hour)), rows.Y[row], 1e-6);
            Assert.Equal((rows.X.AsOfMicros[row], first + 168 * Hour), (rows.Windows[row].StartMicros, rows.Windows[row].EndMicros));
        }
    }

    [Fact]
    public void Trending_RowsAreTheHoursListsWithTheNextSixHoursViews()
    {
        var log = World.Value.Articles;
        var rows = new TrendingEstimator().RowsOf(World.Value, [Day(30), Day(33)], Cancel);
        Assert.Equal(rows.Rows, rows.X.Entities.Zip(rows.X.AsOfMicros).Distinct().Count());
        Assert.All(rows.X.AsOfMicros, t => Assert.Equal(0, t % Hour));
        for (var row = 0; row < rows.Rows; row += 97)
            Assert.Equal(Math.Log(1 + Views(log, log.ArticleOf(rows.X.Entities[row]), rows.X.AsOfMicros[row], rows.X.AsOfMicros[row] + 6 * Hour)), rows.Y[row], 1e-6);
    }

    [Theory, MemberData(nameof(Models))]
    public void RowsFromACutHistory_AreTheSame(string name)
    {
        var estimator = (ILabelledEstimator)ModelCatalog.Get(name);
        var rows = estimator.RowsOf(World.Value, [Day(35)], Cancel);
        rows = rows.Take([.. Enumerable.Range(0, 30).Select(i => i * (rows.Rows / 30))]);
        Assert.Equal(rows.X.Values, PointInTime.Rebuild(estimator, World.Value, rows.X, Cancel).Values);
    }

    [Theory, MemberData(nameof(Models))]
    public void NoInstant_IsRefused(string name) => Assert.Throws<ArgumentException>(() => ((ILabelledEstimator)ModelCatalog.Get(name)).RowsOf(World.Value, [], Cancel));

    /// <summary>What the model finds lies beyond the mean, what was to be known beyond the model, and the truth, which knows the article's traits, beyond that.</summary>
    [Theory, MemberData(nameof(Models))]
    public void SmallWorld_ModelKnowableAndTruthStandInThisOrder(string name)
    {
        var (model, knowable, truth) = Judge(Small, name);
        Assert.True(0.2 < model && model < knowable && knowable < truth, $"R² of the model {model:F3}, of the knowable {knowable:F3}, of the truth {truth:F3}");
    }

    [Theory(Explicit = true), Trait("Category", "Long"), MemberData(nameof(Models))]
    public void DefaultWorld_ModelReachesWhatWasToBeKnown(string name)
    {
        var (model, knowable, truth) = Judge(new SimulatorOptions(), name);
        TestContext.Current.TestOutputHelper?.WriteLine($"R² of the model {model:F4}, of the knowable {knowable:F4}, of the truth {truth:F4}");
        Assert.True(model >= 0.95 * knowable, $"R² of the model {model:F3}, of the knowable {knowable:F3}");
    }

    public static TheoryData<string> Models => ["article_performance", "trending"];

    private static (double Model, double Knowable, double Truth) Judge(SimulatorOptions options, string name)
    {
        var (estimator, history, truth) = ((ILabelledEstimator)ModelCatalog.Get(name), HistoryOf(options), new SimulatedTruth(options));
        var end = new DateTimeOffset(options.StartDate.AddDays(options.Days), TimeOnly.MinValue, TimeSpan.Zero);
        var split = TimeSplit.Of(TimeSplit.Grid(end.AddDays(28 - options.Days), end - estimator.Horizon, TimeSpan.FromDays(7)), estimator.Horizon);
        var (train, test) = split.Cut(estimator.RowsOf(history, [.. split.Train.Append(split.Test).Select(EpochMicros.Of)], Cancel));
        var scores = new double[test.Rows];
        estimator.Fit(train.X, train.Y, Cancel).Predict(test.X, scores);
        return (R2(scores), R2(estimator.KnowableOf(truth, test, history)), R2(estimator.TruthOf(truth, test, history)));

        double R2(double[]? of) => new PredictedAmounts(of ?? [], test.Y) is var rows ? RSquared.Of(rows, rows.Once) : double.NaN;
    }

    private static int Views(ArticleLog log, int article, long from, long to)
    {
        var views = 0;
        foreach (var e in log.Events)
            if (e.Article == article && (e.Act is ArticleAct.View or ArticleAct.VideoPlay) && e.TimeMicros >= from && e.TimeMicros < to) views++;
        return views;
    }

    private static long Day(int day) => EpochMicros.Of(new DateTimeOffset(Small.StartDate.AddDays(day), TimeOnly.MinValue, TimeSpan.Zero));

    private static History HistoryOf(SimulatorOptions options) => new([], ArticleLog.Of(new EventSimulator(options).Events()));
}
