using Media.Events;

namespace Media.Sessions;

/// <summary>What becomes of a reader's sessions when days are cut anew.</summary>
/// <param name="Kept">Earlier sessions that cannot change, in order.</param>
/// <param name="Replaced">Sessions to be taken out.</param>
/// <param name="New">Sessions in their place, in order of their start, not yet numbered.</param>
/// <param name="After">Later sessions that stay, in order: their numbers may change.</param>
public sealed record SessionRepair(IReadOnlyList<Session> Kept, IReadOnlyList<Session> Replaced, IReadOnlyList<Session> New, IReadOnlyList<Session> After);

/// <summary>Cuts days gone by anew, from every event that is known of them, also those that came too late for the stream.</summary>
/// <remarks>
/// <para>A session that began more than the cap before the first day cannot change. For each reader the cut begins with the first session that may, at its very
/// start, and ends behind the last day at the reader's first pause, or where it meets the beginning of a session that is there: from there on nothing changes but numbers.</para>
/// <para>What the stream has not closed yet is left to it. Pure; immutable, thread-safe.</para>
/// </remarks>
public sealed class Resessionizer
{
    private readonly long _gapMicros, _capMicros, _latenessMicros;

    /// <param name="firstDay">First UTC day.</param>
    /// <param name="lastDay">Last UTC day, that day included.</param>
    /// <exception cref="ArgumentException">The last day is before the first.</exception>
    public Resessionizer(SessionOptions options, DateOnly firstDay, DateOnly lastDay)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (lastDay < firstDay) throw new ArgumentException($"The last day, {lastDay:yyyy-MM-dd}, is before the first, {firstDay:yyyy-MM-dd}.", nameof(lastDay));
        (_gapMicros, _capMicros, _latenessMicros) = ((long)options.Gap.TotalMicroseconds, (long)options.Cap.TotalMicroseconds, (long)options.AllowedLateness.TotalMicroseconds);
        StartMicros = Midnight(firstDay) - _capMicros;
        EndMicros = Midnight(lastDay.AddDays(1));
    }

    /// <summary>Sessions that ended before here (less the gap) are not touched, µs since the Unix epoch, UTC.</summary>
    public long StartMicros { get; }

    /// <summary>Midnight after the last day, µs since the Unix epoch, UTC.</summary>
    public long EndMicros { get; }

    /// <summary>Earliest start of a session that may be replaced: sessions and events before it need not be read.</summary>
    public long ReadFromMicros => StartMicros - _gapMicros - _capMicros;

    /// <summary>Events from here on need not be read: by then a reader's cut has met a session that stays, or there is none.</summary>
    public long ReadToMicros => EndMicros + 2 * _capMicros;

    /// <summary>Where a reader's events must be cut from, µs since the Unix epoch, UTC.</summary>
    /// <param name="existing">The reader's sessions from <see cref="ReadFromMicros"/> on, in order of their start.</param>
    public long CutFrom(IReadOnlyList<Session> existing) =>
        Math.Min(StartMicros, existing.FirstOrDefault(MayChange)?.SessionStartMicros ?? long.MaxValue);

    /// <summary>One reader's events as sessions, in order, each closed by gap or cap and not yet numbered.</summary>
    /// <param name="events">From <see cref="CutFrom"/> on, in any order, with whether each came late; one event_id once.</param>
    public IReadOnlyList<Session> Cut(IEnumerable<(MediaEvent Event, bool IsLate)> events)
    {
        var (sessions, fold) = (new List<Session>(), new SessionFold());
        long start = 0, end = 0;
        var isOpen = false;
        foreach (var (e, isLate) in events.OrderBy(e => e.Event.EventTimeMicros).ThenBy(e => e.Event.EventId))
        {
            if (isOpen && (e.EventTimeMicros > end + _gapMicros || e.EventTimeMicros >= start + _capMicros))
            {
                sessions.Add(fold.Close(BoundOf(start, end)));
                isOpen = false;
            }
            if (!isOpen) (isOpen, start) = (true, e.EventTimeMicros);
            end = e.EventTimeMicros;
            fold.Add(e, isLate);
        }
        if (isOpen) sessions.Add(fold.Close(BoundOf(start, end)));
        return sessions;
    }

    /// <summary>Holds a reader's new cut against the sessions that are there.</summary>
    /// <param name="existing">As for <see cref="CutFrom"/>.</param>
    /// <param name="cut">The events from <see cref="CutFrom"/> to <see cref="ReadToMicros"/> as sessions, in order.</param>
    /// <param name="newestEventMicros">The newest event time of the reader's partition: what the stream has closed.</param>
    /// <returns>Null when all is as it was.</returns>
    /// <exception cref="InvalidOperationException">The reader never pauses long enough behind the last day, so that the new cut meets no session that stays.</exception>
    public SessionRepair? Compare(IReadOnlyList<Session> existing, IReadOnlyList<Session> cut, long newestEventMicros)
    {
        var stays = existing.Select(s => s.SessionStartMicros).ToHashSet();
        var lastWritten = existing.Count == 0 ? long.MinValue : existing.Max(s => s.SessionEndMicros);
        var flushed = existing.Where(s => s.ClosedBy == ClosedBy.Flush).Select(s => s.SessionEndMicros).ToHashSet();
        var made = new List<Session>();
        var (meets, previousEnd) = (long.MaxValue, long.MinValue);
        foreach (var session in cut)
        {
            // Where all events pause, those that the stream had paused too: no session that is there can reach across.
            var afterPause = previousEnd == long.MinValue || session.SessionStartMicros > previousEnd + _gapMicros;
            if (session.SessionStartMicros >= EndMicros && (afterPause || stays.Contains(session.SessionStartMicros)))
            {
                meets = session.SessionStartMicros;
                break;
            }
            previousEnd = session.SessionEndMicros;
            var deadline = Math.Min(session.SessionEndMicros + _gapMicros + 1, session.SessionStartMicros + _capMicros);
            if (session.SessionEndMicros > lastWritten && deadline > newestEventMicros - _latenessMicros) break;
            if (deadline > ReadToMicros && newestEventMicros >= ReadToMicros)
                throw new InvalidOperationException($"Reader '{session.UserId}' has a visit that reaches from before {EpochMicros.Instant(EndMicros):yyyy-MM-dd} beyond the two caps after it; choose a later last day.");
            made.Add(flushed.Contains(session.SessionEndMicros) ? session with { ClosedBy = ClosedBy.Flush } : session);
        }
        if (meets == long.MaxValue) meets = existing.Where(s => s.SessionStartMicros >= ReadToMicros).Select(s => s.SessionStartMicros).DefaultIfEmpty(long.MaxValue).Min();
        var replaced = existing.Where(s => MayChange(s) && s.SessionStartMicros < meets).ToList();
        if (replaced.Count == made.Count && replaced.Zip(made).All(p => AreSame(p.First, p.Second, m => m.OfEvents is not null))) return null;
        return new SessionRepair([.. existing.Where(s => !MayChange(s))], replaced, made, [.. existing.Where(s => s.SessionStartMicros >= meets)]);
    }

    /// <summary>Whether two sessions are the same row; numbers may be apart by rounding, since two engines do not add up in the same order.</summary>
    public static bool AreSame(Session a, Session b) => AreSame(a, b, _ => true);

    private bool MayChange(Session session) => session.SessionEndMicros >= StartMicros - _gapMicros;

    private ClosedBy BoundOf(long start, long end) => start + _capMicros <= end + _gapMicros ? ClosedBy.Cap : ClosedBy.Gap;

    private static bool AreSame(Session a, Session b, Func<SessionMetric, bool> compared)
    {
        const double Rounding = 1e-9;
        return a with { Metrics = b.Metrics } == b
            && SessionMetrics.All.Where(compared).All(m => a[m].Equals(b[m]) || Math.Abs(a[m] - b[m]) <= Rounding * Math.Max(1, Math.Abs(a[m])));
    }

    private static long Midnight(DateOnly day) => (day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * TimeSpan.TicksPerDay / TimeSpan.TicksPerMicrosecond;
}
