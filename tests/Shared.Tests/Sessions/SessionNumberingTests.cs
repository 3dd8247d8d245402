using Media.Events;
using Media.Sessions;
using static Media.Tests.Sessions.EventStreams;

namespace Media.Tests.Sessions;

public class SessionNumberingTests
{
    private readonly SessionNumbering _numbering = new();

    [Fact]
    public void Sessions_AreNumberedPerReaderWithTheDaysBetween()
    {
        var sessions = new[] { Visit("a", Start), Visit("b", Start), Visit("a", Start + 2 * Day) };
        foreach (var session in sessions) _numbering.Number(session);
        Assert.Equal([1, 1, 2], sessions.Select(s => s[SessionMetrics.SessionNumber]));
        Assert.Equal([double.NaN, double.NaN, 2 - 1 / 1440d], sessions.Select(s => s[SessionMetrics.DaysSincePreviousSession]));
        Assert.True(_numbering.TryGetLast(new UserId("a"), out var last));
        Assert.Equal((2, Start + 2 * Day + Minute), (last.Number, last.EndMicros));
    }

    [Fact]
    public void ReaderWithEarlierSessions_IsNumberedOn()
    {
        _numbering.Begin(new Dictionary<UserId, PreviousSession> { [new UserId("a")] = new(7, Start - Day, ClosedBy.Cap) });
        var session = Visit("a", Start);
        _numbering.Number(session);
        Assert.Equal((8, 1), (session[SessionMetrics.SessionNumber], session[SessionMetrics.DaysSincePreviousSession]));
    }

    [Fact]
    public void SessionBeforeTheEndOfTheLastOne_IsRefused()
    {
        _numbering.Number(Visit("a", Start));
        Assert.Contains("before the reader's last one has ended", Assert.Throws<ArgumentException>(() => _numbering.Number(Visit("a", Start + Minute))).Message, StringComparison.Ordinal);
    }

    /// <summary>Two events, a minute apart.</summary>
    private static Session Visit(string user, long start)
    {
        var fold = new SessionFold();
        fold.Add(At<Navigation>(start) with { UserId = new UserId(user) }, isLate: false);
        fold.Add(At<Navigation>(start + Minute) with { UserId = new UserId(user) }, isLate: false);
        return fold.Close(ClosedBy.Gap);
    }
}
