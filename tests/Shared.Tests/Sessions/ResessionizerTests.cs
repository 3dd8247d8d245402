using Media.Events;
using Media.Sessions;
using static Media.Tests.Sessions.EventStreams;

namespace Media.Tests.Sessions;

/// <summary>Days cut anew against the whole cut at once, over random streams with events that came too late.</summary>
public class ResessionizerTests
{
    [Fact]
    public void AllDays_AreAsIfNothingHadComeLate()
    {
        for (var seed = 0; seed < 400; seed++)
        {
            var world = new World(seed);
            world.Repair(world.FirstDay, world.LastDay);
            SessionAssert.Same(world.Truth(), world.Table);
        }
    }

    [Fact]
    public void DayByDay_InAnyOrder_ComesToTheSame()
    {
        for (var seed = 0; seed < 200; seed++)
        {
            // With a shorter cap a reader may never come to rest within two of them, which is refused.
            var world = new World(seed, cap: TimeSpan.FromHours(24));
            var days = Enumerable.Range(0, world.LastDay.DayNumber - world.FirstDay.DayNumber + 1).Select(world.FirstDay.AddDays).ToArray();
            new Random(seed).Shuffle(days);
            foreach (var day in days) world.Repair(day, day);
            SessionAssert.Same(world.Truth(), world.Table);
        }
    }

    [Fact]
    public void AfterARepair_NothingIsLeftToRepair()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var world = new World(seed);
            world.Repair(world.FirstDay, world.LastDay);
            Assert.False(world.Repair(world.FirstDay, world.LastDay));
        }
    }

    [Fact]
    public void SessionsStillOpen_AreLeftToTheStream()
    {
        var (options, log) = (new SessionOptions(), new[] { At<Navigation>(Start, id: 1), At<Navigation>(Start + Minute, id: 2) });
        var days = new Resessionizer(options, Day(Start), Day(Start));
        Assert.Null(days.Compare([], days.Cut(log.Select(e => ((MediaEvent)e, false))), newestEventMicros: Start + 6 * Hour));
        Assert.NotNull(days.Compare([], days.Cut(log.Select(e => ((MediaEvent)e, false))), newestEventMicros: Start + 7 * Hour));
    }

    [Fact]
    public void ReaderWhoNeverPauses_IsRefusedRatherThanCutShort()
    {
        // A late event moves the first session's start, and the caps after it never meet those that are there.
        var days = new Resessionizer(new SessionOptions(), Day(Start), Day(Start));
        var steady = Enumerable.Range(0, 600).Select(i => ((MediaEvent)At<Navigation>(Start + i * 20 * Minute, id: i + 1), false)).ToList();
        var refusal = Assert.Throws<InvalidOperationException>(() => days.Compare(days.Cut(steady.Skip(1)), days.Cut(steady.Where(e => e.Item1.EventTimeMicros < days.ReadToMicros)), Start + 30 * EventStreams.Day));
        Assert.Contains("choose a later last day", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LastDayBeforeTheFirst_IsRefused() => Assert.Throws<ArgumentException>(() => new Resessionizer(new SessionOptions(), Day(Start), Day(Start - EventStreams.Day)));

    private static DateOnly Day(long micros) => DateOnly.FromDateTime(EpochMicros.Instant(micros).UtcDateTime);

    /// <summary>A stream with late events, the sessions that it gave, and the table of them.</summary>
    private sealed class World
    {
        private readonly SessionOptions _options;
        private readonly List<(MediaEvent Event, bool IsLate)> _events = [];

        public World(int seed, TimeSpan? cap = null)
        {
            var random = new Random(seed);
            _options = RandomOptions(random);
            _options = _options with { Cap = cap ?? _options.Cap };
            var sessionizer = new Sessionizer(_options);
            var arrivals = Delayed(random, InOrder(random, _options, 60), (long)_options.AllowedLateness.TotalMicroseconds + Hour + random.NextInt64(2 * EventStreams.Day));
            foreach (var e in arrivals) _events.Add((e, sessionizer.Add(e, Table) == AddOutcome.Late));
            sessionizer.Flush(Table);
            (FirstDay, LastDay) = (Day(_events.Min(e => e.Event.EventTimeMicros)), Day(_events.Max(e => e.Event.EventTimeMicros)));
        }

        public List<Session> Table { get; private set; } = [];
        public DateOnly FirstDay { get; }
        public DateOnly LastDay { get; }

        /// <summary>Every event in its place; the last session of each reader flushed where the table has it so.</summary>
        public List<Session> Truth()
        {
            var (whole, numbering) = (new Resessionizer(_options, FirstDay, LastDay), new SessionNumbering());
            var sessions = _events.GroupBy(e => e.Event.UserId).SelectMany(g => whole.Cut(g)).ToList();
            var flushed = Table.Where(s => s.ClosedBy == ClosedBy.Flush).Select(s => (s.UserId, s.SessionEndMicros)).ToHashSet();
            sessions = [.. sessions.Select(s => flushed.Contains((s.UserId, s.SessionEndMicros)) ? s with { ClosedBy = ClosedBy.Flush } : s)];
            foreach (var session in sessions) numbering.Number(session);
            return sessions;
        }

        public bool Repair(DateOnly from, DateOnly to)
        {
            var days = new Resessionizer(_options, from, to);
            // Time has gone on since: nothing is open any more.
            var newest = _events.Max(e => e.Event.EventTimeMicros) + 30 * EventStreams.Day;
            var repaired = false;
            var table = new List<Session>();
            foreach (var user in _events.Select(e => e.Event.UserId).Distinct())
            {
                var own = Table.Where(s => s.UserId == user).OrderBy(s => s.SessionStartMicros).ToList();
                var existing = own.Where(s => s.SessionStartMicros >= days.ReadFromMicros).ToList();
                var start = days.CutFrom(existing);
                var cut = days.Cut(_events.Where(e => e.Event.UserId == user && e.Event.EventTimeMicros >= start && e.Event.EventTimeMicros < days.ReadToMicros));
                if (days.Compare(existing, cut, newest) is not { } repair)
                {
                    table.AddRange(own);
                    continue;
                }
                repaired = true;
                var numbering = new SessionNumbering();
                var kept = own.Where(s => s.SessionStartMicros < days.ReadFromMicros).Concat(repair.Kept).ToList();
                if (kept.Count > 0) numbering.Continue(kept[^1]);
                foreach (var session in repair.New.Concat(repair.After)) numbering.Number(session);
                table.AddRange([.. kept, .. repair.New, .. repair.After]);
            }
            Table = table;
            return repaired;
        }
    }
}
