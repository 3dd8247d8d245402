using Media.Events;
using Media.Events.Simulator;
using Media.Features;

namespace Media.Tests.Features;

public class ArticleLogTests
{
    private static readonly MediaEvent[] Events = [.. new EventSimulator(new SimulatorOptions { Users = 60, Days = 60 }).Events()];

    [Fact]
    public void Log_HoldsEveryActWithAnArticleInOrderOfTime()
    {
        var log = ArticleLog.Of(Events);
        var expected = Events.Where(e => e is ArticleImpression or ArticleClick or ArticleView or VideoPlay or Reaction && e.Article is not null).OrderBy(e => e.EventTimeMicros).ThenBy(e => e.EventId).ToList();
        Assert.Equal(expected.Count, log.Count);
        for (var i = 0; i < log.Count; i++)
        {
            var (e, logged) = (expected[i], log.Events[i]);
            Assert.Equal((e.EventTimeMicros, e.UserId.Value, e.Article!.ArticleId, e.Article.Title), (logged.TimeMicros, log.Readers[logged.Reader], log.Articles[logged.Article].ArticleId, log.Titles[logged.Title]));
            if (e is ArticleImpression offer) Assert.Equal((offer.Position, offer.Surface), (logged.Position, logged.Surface));
            if (e is ArticleView view) Assert.Equal(view.TimeOnPageMs / 1000f, logged.EngagedSeconds);
        }
    }

    [Fact]
    public void OrderOfReading_DoesNotMatter()
    {
        var shuffled = (MediaEvent[])Events.Clone();
        new Random(1).Shuffle(shuffled);
        var (one, other) = (ArticleLog.Of(Events), ArticleLog.Of(shuffled));
        Assert.Equal(one.Events, other.Events);
        Assert.Equal(one.Readers, other.Readers);
        Assert.Equal(one.Articles, other.Articles);
    }

    [Fact]
    public void LogCutAtAnInstant_IsTheLogOfTheEventsBefore()
    {
        var whole = ArticleLog.Of(Events);
        foreach (var share in (double[])[0, 0.01, 0.3, 0.77, 1])
        {
            var at = share == 1 ? whole.Events[^1].TimeMicros + 1 : whole.Events[(int)(share * whole.Count)].TimeMicros;
            var (cut, direct) = (whole.Before(at), ArticleLog.Of(Events.Where(e => e.EventTimeMicros < at)));
            Assert.Equal(direct.Events, cut.Events);
            Assert.Equal(direct.Readers, cut.Readers);
            Assert.Equal(direct.Articles, cut.Articles);
            Assert.Equal(direct.Titles, cut.Titles);
            Assert.All(whole.Articles.Skip(cut.Articles.Count), a => Assert.Equal(-1, cut.ArticleOf(a.ArticleId)));
            Assert.All(cut.Articles.Index(), a => Assert.Equal(a.Index, cut.ArticleOf(a.Item.ArticleId)));
        }
    }

    [Fact]
    public void HistoryBefore_EndsBeforeTheInstant()
    {
        var sessionizer = new Media.Sessions.Sessionizer(new Media.Sessions.SessionOptions());
        var sessions = new List<Media.Sessions.Session>();
        foreach (var e in Events) sessionizer.Add(e, sessions);
        sessionizer.Flush(sessions);
        var history = new History(UserTimelines.From(sessions), ArticleLog.Of(Events));
        var at = Events[Events.Length / 2].EventTimeMicros;
        var known = history.Before(at);
        Assert.Equal(sessions.Count(s => s.SessionEndMicros < at), known.Timelines.Sum(t => t.Sessions.Count));
        Assert.All(known.Timelines.SelectMany(t => t.Sessions), s => Assert.True(s.SessionEndMicros < at));
        Assert.Equal(known.Timelines[0].Sessions, known.SessionsOf(known.Timelines[0].UserId.Value));
        Assert.Empty(known.SessionsOf("nobody"));
    }
}
