using Media.Events;
using Media.Sessions;
using static Media.Tests.Sessions.EventStreams;

namespace Media.Tests.Sessions;

public class SessionizerTests
{
    private readonly List<Session> _closed = [];
    private readonly Sessionizer _sessionizer = new(new SessionOptions { AllowedLateness = TimeSpan.FromHours(1) });
    private int _nextId = 1;

    private AddOutcome Add(long micros, string user = "u", int? id = null) => _sessionizer.Add(At<Navigation>(micros, user, id ?? _nextId++), _closed);

    [Fact]
    public void ExactlyTheGap_IsTheSameSession()
    {
        Add(Start);
        Add(Start + 30 * Minute);
        _sessionizer.Flush(_closed);
        Assert.Equal(2, Assert.Single(_closed)[SessionMetrics.TotalEvents]);
    }

    [Fact]
    public void OneMicrosecondMoreThanTheGap_IsTheNextSession()
    {
        Add(Start);
        Add(Start + 30 * Minute + 1);
        _sessionizer.Flush(_closed);
        Assert.Equal([1, 2], _closed.Select(s => s[SessionMetrics.SessionNumber]));
    }

    [Fact]
    public void Cut_GivesAllSessions_AlsoThoseOpenAtTheEnd()
    {
        var sessions = Sessionizer.Cut([At<Navigation>(Start, "u", 1), At<Navigation>(Start + 31 * Minute, "u", 2), At<Navigation>(Start + 31 * Minute, "other", 3), At<Navigation>(Start + 2 * Day, "u", 4)], new SessionOptions());

        Assert.Equal(
            [("other", Start + 31 * Minute, ClosedBy.Gap), ("u", Start, ClosedBy.Gap), ("u", Start + 31 * Minute, ClosedBy.Gap), ("u", Start + 2 * Day, ClosedBy.Flush)],
            sessions.Select(s => (s.UserId.Value, s.SessionStartMicros, s.ClosedBy)).Order());
    }

    [Fact]
    public void SteadyReader_IsCutAtTheCap()
    {
        for (var minute = 0; minute <= 24 * 60; minute += 30) Add(Start + minute * Minute);
        Add(Start + 3 * Day);
        Assert.Equal([(Start, Start + Day - 30 * Minute, ClosedBy.Cap), (Start + Day, Start + Day, ClosedBy.Gap)], _closed.Select(s => (s.SessionStartMicros, s.SessionEndMicros, s.ClosedBy)));
    }

    [Fact]
    public void WatermarkAtTheGapsEnd_KeepsTheSessionOpen_AndOneMicrosecondOnClosesIt()
    {
        Add(Start);
        Add(Start + 90 * Minute, "other");
        Assert.Empty(_closed);
        Add(Start + 90 * Minute + 1, "other");
        Assert.Equal(ClosedBy.Gap, Assert.Single(_closed).ClosedBy);
    }

    [Fact]
    public void EventInTimeBetweenTwoSessions_JoinsThem()
    {
        Add(Start);
        Add(Start + 50 * Minute);
        Add(Start + 25 * Minute);
        _sessionizer.Flush(_closed);
        Assert.Equal(3, Assert.Single(_closed)[SessionMetrics.TotalEvents]);
    }

    [Fact]
    public void EarlierStart_MovesTheCap()
    {
        var patient = new Sessionizer(new SessionOptions { AllowedLateness = TimeSpan.FromDays(2) });
        var closed = new List<Session>();
        // Up to here all are within 24 h of the first; the one that comes last and lies before them ends that.
        for (var minute = 20; minute <= 24 * 60; minute += 20) patient.Add(At<Navigation>(Start + minute * Minute, id: minute), closed);
        patient.Add(At<Navigation>(Start, id: 1), closed);
        patient.Flush(closed);
        Assert.Equal([Start, Start + Day], closed.Select(s => s.SessionStartMicros));
    }

    [Fact]
    public void EventAtTheWatermark_IsInTime_AndOneMicrosecondBeforeIsLate()
    {
        Add(Start + Hour);
        Assert.Equal(AddOutcome.Accepted, Add(Start, "v"));
        Assert.Equal(AddOutcome.Late, Add(Start - 1, "w"));
        Assert.Equal((2, 1), (_sessionizer.Accepted, _sessionizer.Late));
    }

    [Fact]
    public void LateEvent_ReopensNothing()
    {
        Add(Start);
        Add(Start + 3 * Hour, "other");
        var closed = Assert.Single(_closed);
        Assert.Equal(AddOutcome.Late, Add(Start + Minute));
        _sessionizer.Flush(_closed);
        Assert.Equal([closed.SessionId], _closed.Where(s => s.UserId.Value == "u").Select(s => s.SessionId));
    }

    [Fact]
    public void SecondDelivery_IsADuplicate_EvenWhenOlderThanTheWatermark()
    {
        Add(Start, id: 7);
        Add(Start + 25 * Minute);
        Add(Start + 80 * Minute, "other");
        Assert.Equal(AddOutcome.Duplicate, Add(Start, id: 7));
        Assert.Equal((3, 1, 0), (_sessionizer.Accepted, _sessionizer.Duplicates, _sessionizer.Late));
    }

    [Fact]
    public void SecondDelivery_IsKnownAmongVeryManyEvents()
    {
        for (var id = 1; id <= 500; id++) Assert.Equal(AddOutcome.Accepted, Add(Start + id * Second, id: id));
        for (var id = 1; id <= 500; id++) Assert.Equal(AddOutcome.Duplicate, Add(Start + id * Second, id: id));
        // The same id at another time is still the same event.
        Assert.Equal(AddOutcome.Duplicate, Add(Start + Hour, id: 3));
        _sessionizer.Flush(_closed);
        Assert.Equal(500, Assert.Single(_closed)[SessionMetrics.TotalEvents]);
    }

    [Fact]
    public void EqualTimes_AreInOrderOfEventId()
    {
        var article = (int id) => At<ArticleView>(Start, id: id) with { Article = new Article("a" + id, null, null, null, null, null) };
        foreach (var id in new[] { 3, 1, 2 }) _sessionizer.Add(article(id), _closed);
        _sessionizer.Flush(_closed);
        Assert.Equal(("a1", "a3"), (_closed[0].LandingArticleId, _closed[0].ExitArticleId));
    }

    [Fact]
    public void AnotherPartitionsClock_MakesNothingLate()
    {
        var ahead = new Sessionizer(new SessionOptions());
        ahead.Add(At<Navigation>(Start + 30 * Day), []);
        Assert.Equal(AddOutcome.Accepted, Add(Start));
    }

    [Fact]
    public void FlushedSession_TakesNoMoreEvents_AndTheNextOneCountsOn()
    {
        Add(Start);
        _sessionizer.Flush(_closed);
        Assert.Equal(ClosedBy.Flush, Assert.Single(_closed).ClosedBy);
        Assert.Equal(AddOutcome.Late, Add(Start));
        Assert.Equal(AddOutcome.Late, Add(Start + 30 * Minute));
        Assert.Equal(AddOutcome.Accepted, Add(Start + 30 * Minute + 1));
        Assert.Equal(AddOutcome.Accepted, Add(Start, "other"));
        _sessionizer.Flush(_closed);
        Assert.Equal([1, 2], _closed.Where(s => s.UserId.Value == "u").Select(s => s[SessionMetrics.SessionNumber]));
    }

    [Fact]
    public void SessionId_IsThePublishedHash() =>
        // printf 'u:1767394800000000' | sha256sum | cut -c1-32
        Assert.Equal("30d95e0cee4b0a9437fb02f87d6fba04", SessionFold.IdOf(new UserId("u"), Start));

    [Fact]
    public void LongestUserId_HasAnId() => Assert.Equal(32, SessionFold.IdOf(new UserId(new string('ä', UserId.MaxLength)), long.MinValue).Length);

    [Fact]
    public void NegativeLateness_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new Sessionizer(new SessionOptions { AllowedLateness = TimeSpan.FromSeconds(-1) }));
}
