using Media.Evaluation;
using Media.Events.Simulator;
using Media.Features;
using Media.Models;

namespace Media.Tests.Evaluation;

public class TrendingListsTests
{
    private const long Hour = 3_600_000_000;
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Fact]
    public void HoursWithFewerThanTenViewedArticles_AreNotJudged()
    {
        // Hour 1: twelve of fifteen viewed; hour 2: nine of fifteen.
        var rows = Rows((1, 15, i => i < 12 ? i + 1 : 0), (2, 15, i => i < 9 ? 1 : 0));
        var judged = TrendingLists.Judged(rows);
        Assert.Equal(15, judged.Rows);
        Assert.All(judged.X.AsOfMicros, t => Assert.Equal(Hour, t));
        // The tenth most viewed of 12, 11, …, 1 has three.
        Assert.Equal(judged.Y.Select(y => y >= 3 ? 1f : 0f), TrendingLists.Right(judged));
    }

    [Fact]
    public void Precision_IsTheShareOfRightOnesInTheFirstTen()
    {
        var judged = TrendingLists.Judged(Rows((1, 20, i => i < 10 ? 5 : 0), (30, 20, i => i < 10 ? 5 : 0)));
        // The first list has all ten at the top, the second six of ten.
        double[] scores = [.. Enumerable.Range(0, 20).Select(i => -i), .. Enumerable.Range(0, 20).Select(i => i is >= 6 and < 10 ? -100.0 : -i)];
        var precision = TrendingLists.Precision(judged, scores, new BootstrapOptions(), Cancel);
        Assert.Equal(0.8, precision.Value, 9);
        Assert.Equal((0.6, 1.0), (precision.Low, precision.High));
    }

    [Fact]
    public void Ranker_LeansOnWhateverWasBetterInTheTrainingTime()
    {
        var log = ArticleLog.Of(new EventSimulator(new SimulatorOptions { Users = 1_200, Days = 30, Seed = 6 }).Events());
        long first = log.Events[0].TimeMicros / Hour;
        var train = TrendingEstimator.RowsAt(log, [.. Enumerable.Range(0, 80).Select(i => (first + 168 + 5 * i) * Hour)], Cancel);
        var test = TrendingLists.Judged(TrendingEstimator.RowsAt(log, [.. Enumerable.Range(0, 24).Select(i => (first + 600 + 5 * i) * Hour)], Cancel));
        var ranker = TrendingRanker.Fit(new TrendingEstimator(), train, Cancel);
        Assert.InRange(ranker.Weight, 0, 1);
        var (model, lastDay) = (TrendingLists.Precision(test, ranker.Score(test.X)), TrendingLists.Precision(test, TrendingRanker.LastDay(test.X)));
        Assert.True(model > lastDay + 0.05, $"precision {model:F3}; by the last day's views {lastDay:F3}");
        Assert.Equal(ranker.Score(test.X), TrendingRanker.Fit(new TrendingEstimator(), train, Cancel).Score(test.X));
        Assert.Throws<ArgumentException>(() => TrendingRanker.Fit(new TrendingEstimator(), train.Take([]), Cancel));
    }

    private static LabelledRows Rows(params (int Hour, int Rows, Func<int, float> Views)[] lists)
    {
        long[] at = [.. lists.SelectMany(l => Enumerable.Repeat(l.Hour * Hour, l.Rows))];
        string[] articles = [.. lists.SelectMany(l => Enumerable.Range(0, l.Rows).Select(i => $"article-{i}"))];
        return LabelledRows.Of(new FeatureBatch(["a"], articles, at, [.. at.Select(t => t - 1)], new float[at.Length]), [.. lists.SelectMany(l => Enumerable.Range(0, l.Rows).Select(l.Views))], TimeSpan.FromHours(6));
    }
}
