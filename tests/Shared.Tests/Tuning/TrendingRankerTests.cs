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
    public void ModelThatDoesNotHelp_IsNotHeard()
    {
        // Which articles come to be viewed follows the last day's views alone, and the model is kept from seeing them.
        var random = new Random(4);
        var rows = Enumerable.Range(0, 120 * 30).Select(i => (Hour: 1 + 7 * (i / 30), Article: i % 30, Views: random.Next(60))).ToList();
        var names = new TrendingEstimator().Features;
        var (at, values) = (names.ToList().IndexOf("article_views_24h"), new float[rows.Count * names.Count]);
        for (var r = 0; r < rows.Count; r++) values[r * names.Count + at] = rows[r].Views;
        var x = new FeatureBatch(names, [.. rows.Select(r => $"a{r.Article}")], [.. rows.Select(r => r.Hour * Hour)], [.. rows.Select(r => r.Hour * Hour - 1)], values);
        var train = LabelledRows.Of(x, [.. rows.Select(r => (float)r.Views / 60)], TrendingEstimator.Ahead);

        var ranker = TrendingRanker.Fit(new TrendingEstimator { Features = [.. names.Where(n => n != "article_views_24h")] }, train, Cancel);
        Assert.Equal(1, ranker.Weight);
        Assert.Equal(1, TrendingLists.Precision(TrendingLists.Judged(train), ranker.Score(x)));
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
}
