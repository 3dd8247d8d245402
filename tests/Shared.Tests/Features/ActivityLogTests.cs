using System.Globalization;
using Media.Events;
using Media.Events.Archives;
using Media.Evaluation;
using Media.Features;

namespace Media.Tests.Features;

public class ActivityLogTests
{
    private const long Day = 86_400_000_000;

    [Fact]
    public void Features_AreAsCountedByHand()
    {
        // As of day 100: acts 0.5, 0.6, 10.2 and 95 days before; the article of the last act was new to everybody.
        var log = ActivityLog.Of([View("r", 5, "a"), View("s", 20, "b"), View("r", 89.8, "b"), View("r", 99.4, "b"), Like("r", 99.5, "c"), View("r", 101, "d")]);
        var x = log.RowsAt(100 * Day, TimeSpan.FromDays(30));
        Assert.Equal(["r"], x.Entities);
        Assert.Equal(99.5 * Day, x.LatestEventMicros[0], 1.0);
        Assert.Equal(0.5, Of("days_since_last_act"), 1e-4);
        Assert.Equal(95, Of("days_since_first_act"), 1e-4);
        Assert.Equal((4, 3, 4), (Of("acts"), Of("active_days"), Of("sessions")));
        Assert.Equal((2, 1), (Of("acts_7d"), Of("active_days_7d")));
        Assert.Equal((3, 2), (Of("acts_30d"), Of("active_days_30d")));
        Assert.Equal((10 + 85) / 2.0, Of("mean_gap_days"), 1e-4);
        Assert.Equal((10, 85), (Of("last_gap_days"), Of("longest_gap_days")));
        Assert.Equal((1, 0, 3), (Of("likes"), Of("comments"), Of("articles")));
        Assert.Equal(0.75, Of("views_share"));
        // a and c were acted on when they were new, b on days 69.8 and 79.4.
        Assert.Equal(0.5, Of("fresh_share"));
        Assert.Equal((69.8 + 79.4) / 4, Of("mean_article_age_days"), 1e-3);
        Assert.Equal((1, 3), (log.CountsAfter(x, TimeSpan.FromDays(30))[0], log.CountsBefore(x, TimeSpan.FromDays(30))[0]));

        double Of(string name) => x.Row(0)[x.Names.ToList().IndexOf(name)];
    }

    [Fact]
    public void LaterEvents_ChangeNoFeature()
    {
        List<MediaEvent> events = [.. Enumerable.Range(0, 400).Select(i => View($"r{i * 7 % 13}", i / 3.0, $"a{i * 11 % 29}"))];
        var known = events.Where(e => e.EventTimeMicros < 90 * Day).ToList();
        var (all, cut) = (ActivityLog.Of(events).RowsAt(90 * Day, TimeSpan.FromDays(30)), ActivityLog.Of(known).RowsAt(90 * Day, TimeSpan.FromDays(30)));
        Assert.Equal(cut.Values, all.Values);
        Assert.Equal(cut.Entities, all.Entities);
        Assert.All(all.LatestEventMicros, latest => Assert.True(latest < 90 * Day));
    }

    [Fact]
    public void Rows_StandInTheOrderOfTheirNumbers()
    {
        var log = ActivityLog.Of([View("10", 1, "a"), View("9", 2, "a"), View("-3", 3, "a"), View("b", 4, "a"), View("late", 9, "a")]);
        Assert.Equal(["-3", "9", "10", "b"], log.RowsAt(5 * Day, TimeSpan.FromDays(30)).Entities);
        Assert.Throws<ArgumentException>(() => ActivityLog.Of([View("a", 2, "a"), View("a", 1, "a")]));
    }

    [Theory]
    [InlineData(7, 992, 275, 7062, "9e75a71f44be4fcb", "e56650dcda290626")]
    [InlineData(8, 1054, 358, 7061, "344ad10e1c14a49f", "815832732c0361fc")]
    [InlineData(9, 898, 292, 6300, "7dfa9e58d4a1b881", "80f38eb92cfc1405")]
    [InlineData(10, 869, 343, 4394, "22648df8b3ac56d7", "c300235713b3a3c0")]
    [InlineData(11, 746, 325, 2274, "a49502427daf7459", "fb77de043297d0d0")]
    public void DeskdropRows_AreThosePublished(int month, int readers, int churned, int events, string ofLabels, string ofCounts)
    {
        var path = SharedData.PathOrSkip("data", "deskdrop", "interactions_20160314_20161130.csv.gz");
        var log = ActivityLog.Of(DeskdropArchive.Read(File.OpenRead(path), Path.GetFileName(path), Assert.Fail, TestContext.Current.CancellationToken));
        var x = log.RowsAt(EpochMicros.Of(new DateTimeOffset(2016, month, 1, 0, 0, 0, TimeSpan.Zero)), TimeSpan.FromDays(30));
        var after = log.CountsAfter(x, TimeSpan.FromDays(30));
        Assert.Equal((readers, churned, events), (x.Rows, after.Count(n => n == 0), after.Sum()));
        Assert.Equal(ofLabels, Checksum(n => n == 0 ? 1 : 0));
        Assert.Equal(ofCounts, Checksum(n => n));

        string Checksum(Func<int, int> label) => RowChecksum.Of(x.Entities.Select((id, row) => string.Create(CultureInfo.InvariantCulture, $"{id},{label(after[row])}")));
    }

    private static ArticleView View(string reader, double day, string article) => new() { EventId = new EventId(Guid.NewGuid()), EventTimeMicros = (long)(day * Day), UserId = new UserId(reader), SchemaVersion = SchemaVersions.Archive, Article = new Article(article, null, null, null, null, null) };

    private static Reaction Like(string reader, double day, string article) => new() { EventId = new EventId(Guid.NewGuid()), EventTimeMicros = (long)(day * Day), UserId = new UserId(reader), SchemaVersion = SchemaVersions.Archive, Article = new Article(article, null, null, null, null, null), Kind = ReactionKind.Like };
}
