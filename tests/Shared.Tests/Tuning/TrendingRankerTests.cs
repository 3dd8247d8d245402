using Media.Evaluation;
using Media.Events.Simulator;
using Media.Features;
using Media.Models;
using Media.Tuning;

namespace Media.Tests.Tuning;

public class TrendingRankerTests
{
    private const long Hour = 3_600_000_000;
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

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
}
