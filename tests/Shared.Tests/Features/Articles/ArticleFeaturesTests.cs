using Media.Events;
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

    /// <summary>A pass that begins later meets the article anew, one that began earlier knew it and had let it go: neither may take it for a rival.</summary>
    [Fact]
    public void OldArticleReadAgain_IsNoRivalInACutLogEither()
    {
        var events = new EventSimulator(new SimulatorOptions { Users = 100, Days = 60, Seed = 3 }).Events().Where(e => e is not ArticleImpression).ToList();
        var old = events.OfType<ArticleView>().First();
        var asOf = events.OfType<ArticleView>().Where(v => v.Brand == old.Brand).Max(v => v.EventTimeMicros) / Hour * Hour + Hour / 2;
        // One of nearly eight days that is read as well: so articles of that age have a share of the traffic.
        var aged = events.OfType<ArticleView>().DistinctBy(v => v.Article!.ArticleId).First(v => v.Brand == old.Brand && v.EventTimeMicros > asOf - 250 * Hour);
        var log = ArticleLog.Of([.. events,
            old with { EventId = new EventId(new Guid("00000000-0000-0000-0000-00000000a9a1")), EventTimeMicros = asOf - Hour / 4 },
            aged with { EventId = new EventId(new Guid("00000000-0000-0000-0000-00000000a9a2")), EventTimeMicros = aged.Article!.PublishedAtMicros!.Value + 186 * Hour }]);
        int[] articles = [.. Enumerable.Range(0, log.Articles.Count).Where(a => log.Articles[a].Brand == old.Brand)];
        var (early, late) = (articles[5], articles.Last(a => log.Articles[a].FirstSeenMicros < asOf));

        var whole = ArticleFeatures.Of(log, [early, late], [log.Articles[early].FirstSeenMicros + Hour, asOf], [], TestContext.Current.CancellationToken).Take([1]);
        var alone = ArticleFeatures.Of(log.Before(asOf), whole, TestContext.Current.CancellationToken);
        Assert.Equal(whole.Select(["log_brand_competition"]).Values, alone.Select(["log_brand_competition"]).Values);
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
