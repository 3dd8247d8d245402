using Media.Events;
using Media.Sessions;
using static Media.Tests.Sessions.EventStreams;

namespace Media.Tests.Sessions;

public class SessionizerOracleTests
{
    [Fact]
    public void RandomStreams_GiveTheOraclesSessionsAndCounts()
    {
        int late = 0, duplicates = 0, caps = 0;
        for (var seed = 0; seed < 10_000; seed++)
        {
            var random = new Random(seed);
            var options = RandomOptions(random);
            var limit = (long)options.AllowedLateness.TotalMicroseconds;
            var inOrder = InOrder(random, options, random.Next(1, 40));
            var arrivals = WithRepeats(random, Delayed(random, inOrder, random.Next(3) switch { 0 => 0, 1 => limit, _ => 2 * limit + Hour }), 0.1);

            var oracle = new BruteForceSessionizer(options);
            var sessionizer = new Sessionizer(options);
            var sessions = new List<Session>();
            foreach (var e in arrivals)
            {
                oracle.Add(e);
                sessionizer.Add(e, sessions);
            }
            sessionizer.Flush(sessions);

            SessionAssert.Same(oracle.Sessions(), sessions);
            Assert.Equal((oracle.Accepted.Count, oracle.Duplicates, oracle.Late), (sessionizer.Accepted, sessionizer.Duplicates, sessionizer.Late));
            late += oracle.Late;
            duplicates += oracle.Duplicates;
            caps += sessions.Count(s => s.ClosedBy == ClosedBy.Cap);
        }
        // The streams are worth something only if they reach the hard places.
        Assert.True(late > 1000 && duplicates > 1000 && caps > 1000, $"{late} late, {duplicates} duplicates, {caps} capped");
    }

    [Fact]
    public void ArrivalShuffledWithinTheLateness_GivesTheSessionsOfTheOrderedStream()
    {
        for (var seed = 0; seed < 2_000; seed++)
        {
            var random = new Random(seed);
            var options = RandomOptions(random);
            var inOrder = InOrder(random, options, random.Next(1, 60));
            var shuffled = Delayed(random, inOrder, (long)options.AllowedLateness.TotalMicroseconds);

            var (sessions, late) = Run(options, shuffled);

            Assert.Equal(0, late);
            SessionAssert.Same(Run(options, inOrder).Sessions, sessions);
        }
    }

    [Fact]
    public void EveryClosedSession_IsFinalWhenItCloses()
    {
        for (var seed = 0; seed < 1_000; seed++)
        {
            var random = new Random(seed);
            var options = RandomOptions(random);
            var arrivals = Delayed(random, InOrder(random, options, 60), (long)options.AllowedLateness.TotalMicroseconds);
            var sessionizer = new Sessionizer(options);
            var closed = new List<Session>();
            foreach (var e in arrivals)
            {
                var before = closed.Count;
                sessionizer.Add(e, closed);
                // Neither too early (an event in time could still join) nor too late (nothing could).
                Assert.All(closed.Skip(before), s => Assert.True(Deadline(s, options) <= sessionizer.WatermarkMicros));
            }
            var open = new List<Session>();
            sessionizer.Flush(open);
            Assert.All(open, s => Assert.True(Deadline(s, options) > sessionizer.WatermarkMicros));
        }
    }

    private static long Deadline(Session session, SessionOptions options) => Math.Min(
        session.SessionEndMicros + options.Gap.Ticks / 10 + 1, session.SessionStartMicros + options.Cap.Ticks / 10);

    private static (List<Session> Sessions, long Late) Run(SessionOptions options, IEnumerable<MediaEvent> arrivals)
    {
        var sessionizer = new Sessionizer(options);
        var sessions = new List<Session>();
        foreach (var e in arrivals) sessionizer.Add(e, sessions);
        sessionizer.Flush(sessions);
        return (sessions, sessionizer.Late);
    }
}
