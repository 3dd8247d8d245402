using Media.Events.Simulator;
using Media.Features;
using Media.Features.Articles;

namespace Media.Tests.Features.Articles;

public class ArticleFeaturesTests
{
    private const long Hour = 3_600_000_000;
    private static readonly Lazy<ArticleLog> World = new(() => ArticleLog.Of(new EventSimulator(new SimulatorOptions { Users = 300, Days = 40, Seed = 3 }).Events()));

    [Fact]
    public void FeaturesFromACutLog_EqualThoseOfTheWhole()
    {
        var log = World.Value;
        var rows = Rows(log, 30);
        for (var row = 0; row < rows.Rows; row++)
        {
            var again = ArticleFeatures.Of(log.Before(rows.AsOfMicros[row]), rows.Take([row]), TestContext.Current.CancellationToken);
            Assert.Equal(rows.Row(row).ToArray(), again.Values);
            Assert.Equal(rows.LatestEventMicros[row], again.LatestEventMicros[0]);
        }
    }

    [Fact]
    public void Counts_EqualThoseCountedOneByOne()
    {
        var log = World.Value;
        var rows = Rows(log, 30);
        var columns = rows.Names.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i);
        for (var row = 0; row < rows.Rows; row++)
        {
            var (article, asOf) = (log.ArticleOf(rows.Entities[row]), rows.AsOfMicros[row]);
            ArticleEvent[] before = [.. log.Events.ToArray().Where(e => e.Article == article && e.TimeMicros < asOf)];
            ArticleEvent[] views = [.. before.Where(e => e.Act is ArticleAct.View or ArticleAct.VideoPlay)];
            Assert.Equal(views.Length, rows.Row(row)[columns["article_views"]]);
            Assert.Equal(views.Select(e => e.Reader).Distinct().Count(), rows.Row(row)[columns["article_readers"]]);
            Assert.Equal(views.Count(e => e.TimeMicros / Hour >= asOf / Hour - 6), rows.Row(row)[columns["article_views_6h"]]);
            Assert.Equal(before.Count(e => e.Act == ArticleAct.Impression), rows.Row(row)[columns["article_impressions"]]);
            Assert.Equal(before.Count(e => e.Act == ArticleAct.Click), rows.Row(row)[columns["article_clicks"]]);
        }
    }

    [Fact]
    public void ArticleNotSeenYet_IsRefused()
    {
        var log = World.Value;
        Assert.Throws<ArgumentException>(() => ArticleFeatures.Of(log, [0], [log.Articles[0].FirstSeenMicros], [], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void Groups_HoldEveryColumnOnce() => Assert.Equal(ArticleFeatures.Names.Order(StringComparer.Ordinal), ArticleFeatures.Groups.Values.SelectMany(g => g).Order(StringComparer.Ordinal));

    /// <summary>Articles spread over the log, asked some hours after they were first seen.</summary>
    private static FeatureBatch Rows(ArticleLog log, int count)
    {
        int[] articles = [.. Enumerable.Range(1, count).Select(i => i * (log.Articles.Count - 1) / (count + 1))];
        return ArticleFeatures.Of(log, articles, [.. articles.Select((a, i) => log.Articles[a].FirstSeenMicros + (1 + i % 30) * Hour)], [], TestContext.Current.CancellationToken);
    }
}
