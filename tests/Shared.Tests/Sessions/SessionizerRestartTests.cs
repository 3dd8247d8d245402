using Media.Events;
using Media.Sessions;
using static Media.Tests.Sessions.EventStreams;

namespace Media.Tests.Sessions;

public class SessionizerRestartTests
{
    /// <summary>The lake as a job leaves it: events with their is_late flag, sessions, and where both stood when it was killed.</summary>
    private sealed class Lake
    {
        public List<(MediaEvent Event, bool IsLate)> Events { get; } = [];
        public List<Session> Sessions { get; } = [];
        public long NewestAtSessions { get; private set; } = long.MinValue;
        private int _eventsBehindSessions;

        public void Commit(IEnumerable<(MediaEvent, bool)> events, IEnumerable<Session>? sessions)
        {
            Events.AddRange(events);
            if (sessions is null) return;
            Sessions.AddRange(sessions);
            _eventsBehindSessions = Events.Count;
            if (_eventsBehindSessions > 0) NewestAtSessions = Events.Max(e => e.Event.EventTimeMicros);
        }

        public Sessionizer Restart(SessionOptions options, List<Session> missing)
        {
            var from = NewestAtSessions == long.MinValue ? long.MinValue : Sessionizer.ReplayFromMicros(NewestAtSessions, options);
            var accepted = Events.Where(e => !e.IsLate && e.Event.EventTimeMicros >= from).Select(e => e.Event);
            var previous = Sessions.GroupBy(s => s.UserId).ToDictionary(g => g.Key, g =>
            {
                var last = g.MaxBy(s => s.SessionEndMicros)!;
                return new PreviousSession((int)last[SessionMetrics.SessionNumber], last.SessionEndMicros, last.ClosedBy);
            });
            var sessionizer = new Sessionizer(options);
            if (Events.Count > 0) sessionizer.Restore(accepted, previous, Events.Max(e => e.Event.EventTimeMicros), missing);
            return sessionizer;
        }
    }

    [Fact]
    public void KilledAnywhere_GivesTheSessionsOfTheRunWithoutStop()
    {
        var restarts = 0;
        for (var seed = 0; seed < 3_000; seed++)
        {
            var random = new Random(seed);
            var options = RandomOptions(random);
            var arrivals = WithRepeats(random, Delayed(random, InOrder(random, options, 60), (long)options.AllowedLateness.TotalMicroseconds * 3 / 2), 0.05);
            var flushAt = random.Next(3) == 0 ? random.Next(arrivals.Count) : -1;

            var lake = new Lake();
            var closed = new List<Session>();
            var sessionizer = new Sessionizer(options);
            var uncommitted = new List<(MediaEvent, bool)>();
            var batchStart = 0;
            for (var i = 0; i < arrivals.Count; i++)
            {
                // What is accepted or late goes to the lake; what is a duplicate is there already.
                var outcome = sessionizer.Add(arrivals[i], closed);
                if (outcome != AddOutcome.Duplicate) uncommitted.Add((arrivals[i], outcome == AddOutcome.Late));
                if (i == flushAt)
                {
                    sessionizer.Flush(closed);
                    lake.Commit(uncommitted, closed);
                    (uncommitted, closed, batchStart) = ([], [], i + 1);
                    flushAt = -1;
                }
                switch (random.Next(12))
                {
                    case 0 or 1: // A batch ends well.
                        lake.Commit(uncommitted, closed);
                        (uncommitted, closed, batchStart) = ([], [], i + 1);
                        break;
                    case 2: // Killed between the commit of the events and that of the sessions.
                        lake.Commit(uncommitted, null);
                        (uncommitted, closed, batchStart) = ([], [], i + 1);
                        sessionizer = lake.Restart(options, closed);
                        restarts++;
                        break;
                    case 3 when flushAt < 0: // Killed before any commit: the batch comes again.
                        i = batchStart - 1;
                        (uncommitted, closed) = ([], []);
                        sessionizer = lake.Restart(options, closed);
                        restarts++;
                        // Once is enough for this place; the next batch is committed with the rest.
                        lake.Commit([], closed);
                        closed = [];
                        break;
                }
            }
            sessionizer.Flush(closed);
            lake.Commit(uncommitted, closed);

            Assert.Equal(lake.Sessions.Count, lake.Sessions.Select(s => s.SessionId).Distinct().Count());
            Assert.Equal(lake.Events.Count(e => !e.IsLate), (int)lake.Sessions.Sum(s => s[SessionMetrics.TotalEvents]));
        }
        Assert.True(restarts > 1000);
    }
}
