using Media.Events;
using Media.Sessions;
using static Media.Tests.Sessions.EventStreams;

namespace Media.Tests.Sessions;

public class SessionizerRestartTests
{
    [Fact]
    public void KilledAnywhere_GivesTheSessionsOfTheRunWithoutStop()
    {
        int kills = 0, flushes = 0, late = 0;
        for (var seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            var options = RandomOptions(random);
            var arrivals = WithRepeats(random, Delayed(random, InOrder(random, options, 60), (long)options.AllowedLateness.TotalMicroseconds * 3 / 2 + Minute), 0.05);
            var flushAfter = random.Next(2) == 0 ? random.Next(arrivals.Count) : arrivals.Count;

            var job = new Job(options);
            for (var next = 0; next < arrivals.Count;)
            {
                // A batch never reaches beyond the flush, which belongs to the end of its batch.
                var end = Math.Min(arrivals.Count, next + random.Next(1, 15));
                if (next <= flushAfter) end = Math.Min(end, flushAfter + 1);
                var isFlush = end == flushAfter + 1;
                job.Take(arrivals[next..end], isFlush);
                switch (random.Next(4))
                {
                    case 0:
                        // Killed before any commit: the log gives the batch again.
                        job.Restart();
                        kills++;
                        continue;
                    case 1:
                        // Killed between the commit of the events and that of the sessions.
                        job.CommitEvents();
                        job.Restart();
                        if (isFlush) job.Take([], flush: true);
                        job.CommitSessions();
                        kills++;
                        break;
                    default:
                        job.CommitEvents();
                        job.CommitSessions();
                        break;
                }
                if (isFlush) flushes++;
                next = end;
            }
            job.Take([], flush: true);
            job.CommitSessions();

            var unstopped = new Job(options);
            unstopped.Take(arrivals[..Math.Min(flushAfter + 1, arrivals.Count)], flushAfter < arrivals.Count);
            unstopped.Take(arrivals[Math.Min(flushAfter + 1, arrivals.Count)..], flush: true);
            unstopped.CommitEvents();
            unstopped.CommitSessions();

            SessionAssert.Same(unstopped.Sessions, job.Sessions);
            Assert.Equal(unstopped.Events.Select(e => (e.Event.EventId, e.IsLate)), job.Events.Select(e => (e.Event.EventId, e.IsLate)));
            Assert.Equal(job.Events.Count(e => !e.IsLate), (int)job.Sessions.Sum(s => s[SessionMetrics.TotalEvents]));
            Assert.Equal(job.Sessions.Count, job.Sessions.Select(s => s.SessionId).Distinct().Count());
            late += job.Events.Count(e => e.IsLate);
        }
        Assert.True(kills > 1000 && flushes > 1000 && late > 1000, $"{kills} kills, {flushes} flushes, {late} late");
    }

    [Fact]
    public void RestoreAfterEvents_IsRefused()
    {
        var sessionizer = new Sessionizer(new SessionOptions());
        sessionizer.Add(At<Navigation>(Start), []);
        Assert.Throws<InvalidOperationException>(() => sessionizer.Restore([], new Dictionary<UserId, PreviousSession>(), Start, []));
    }

    /// <summary>A job with its lake: tables of events and sessions that outlive the sessionizer, each committed on its own.</summary>
    private sealed class Job(SessionOptions options)
    {
        private readonly List<(MediaEvent Event, bool IsLate)> _uncommittedEvents = [];
        private readonly List<Session> _uncommittedSessions = [];
        private Sessionizer _sessionizer = new(options);
        private long _newestAtSessionsMicros = long.MinValue;

        public List<(MediaEvent Event, bool IsLate)> Events { get; } = [];
        public List<Session> Sessions { get; } = [];

        public void Take(IEnumerable<MediaEvent> batch, bool flush)
        {
            foreach (var e in batch)
                if (_sessionizer.Add(e, _uncommittedSessions) is not AddOutcome.Duplicate and var outcome) _uncommittedEvents.Add((e, outcome == AddOutcome.Late));
            if (flush) _sessionizer.Flush(_uncommittedSessions);
        }

        public void CommitEvents()
        {
            Events.AddRange(_uncommittedEvents);
            _uncommittedEvents.Clear();
        }

        public void CommitSessions()
        {
            Sessions.AddRange(_uncommittedSessions);
            _uncommittedSessions.Clear();
            _newestAtSessionsMicros = Events.Count > 0 ? Events.Max(e => e.Event.EventTimeMicros) : long.MinValue;
        }

        /// <summary>All in memory is lost; the state comes back from the tables alone.</summary>
        public void Restart()
        {
            _uncommittedEvents.Clear();
            _uncommittedSessions.Clear();
            _sessionizer = new Sessionizer(options);
            if (Events.Count == 0) return;
            var from = _newestAtSessionsMicros == long.MinValue ? long.MinValue : Sessionizer.ReplayFromMicros(_newestAtSessionsMicros, options);
            var previous = Sessions.GroupBy(s => s.UserId).ToDictionary(own => own.Key, own => Previous(own.MaxBy(s => s.SessionEndMicros)!));
            _sessionizer.Restore(Events.Where(e => !e.IsLate && e.Event.EventTimeMicros >= from).Select(e => e.Event), previous, Events.Max(e => e.Event.EventTimeMicros), _uncommittedSessions);
        }

        private static PreviousSession Previous(Session last) => new((int)last[SessionMetrics.SessionNumber], last.SessionEndMicros, last.ClosedBy);
    }
}
