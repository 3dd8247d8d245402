using Media.Events;
using Media.Events.Archives;
using Media.Features;
using Media.Sessions;
using Media.Tests.Features;

namespace Media.Tests.Sessions;

/// <summary>Real reading of 1,792 people, March to November 2016, cut into sessions and told as features.</summary>
public class DeskdropSessionsTests
{
    private static List<MediaEvent> Events()
    {
        var path = SharedData.PathOrSkip("data", "deskdrop", "interactions_20160314_20161130.csv.gz");
        using var file = File.OpenRead(path);
        return [.. DeskdropArchive.Read(file, Path.GetFileName(path), Assert.Fail, TestContext.Current.CancellationToken)];
    }

    [Fact]
    public void AllEvents_AreInOneSessionEach()
    {
        var events = Events();
        var sessions = Sessionize(events);
        Assert.Equal((64_054, 1_792), (events.Count, sessions.Select(s => s.UserId).Distinct().Count()));
        Assert.Equal(64_054, sessions.Sum(s => s[SessionMetrics.TotalEvents]));
        Assert.Equal(sessions.Count, sessions.Select(s => s.SessionId).Distinct().Count());
        // The archive has no dwell, brand or category: unknown, not 0.
        Assert.All(sessions, s => Assert.True(double.IsNaN(s[SessionMetrics.UniqueBrands]) && (s[SessionMetrics.ArticleViews] == 0 || double.IsNaN(s[SessionMetrics.EngagedS]))));
    }

    [Fact]
    public void ReadersPickedOut_HaveTheOraclesSessionsAndFeatures()
    {
        var picked = Events().GroupBy(e => e.UserId).Where((_, i) => i % 12 == 0).SelectMany(own => own).OrderBy(e => e.EventTimeMicros).ToList();
        var oracle = new BruteForceSessionizer(new SessionOptions());
        foreach (var e in picked) oracle.Add(e);
        var expected = oracle.Sessions();
        SessionAssert.Same(expected, Sessionize(picked));

        var asOf = new DateTimeOffset(2016, 11, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds() * 1000;
        var timelines = UserTimelines.From(expected);
        var batch = FeatureCatalog.Build(timelines, asOf);
        var rows = timelines.Select(t => BruteForceFeatures.Of(t.Sessions, asOf)).OfType<Dictionary<string, double>>().ToList();
        Assert.Equal(rows.Count, batch.Rows);
        for (var row = 0; row < batch.Rows; row++)
            foreach (var (name, value) in batch.Names.Zip(batch.Row(row).ToArray()))
                Assert.True(double.IsNaN(rows[row][name]) ? float.IsNaN(value) : Math.Abs(rows[row][name] - value) <= 1e-6 * Math.Max(1, Math.Abs(rows[row][name])), $"{batch.Entities[row]} {name}: {rows[row][name]} {value}");
    }

    private static List<Session> Sessionize(IEnumerable<MediaEvent> events)
    {
        var sessionizer = new Sessionizer(new SessionOptions());
        var sessions = new List<Session>();
        foreach (var e in events) Assert.Equal(AddOutcome.Accepted, sessionizer.Add(e, sessions));
        sessionizer.Flush(sessions);
        return sessions;
    }
}
