using Media.Events;

namespace Media.Sessions;

// The way of this folder: Sessionizer.cs takes events (step 1), asks Watermark.cs whether each is in time (step 2) and keeps it in its reader's
//   OpenReader.cs (step 3); what the watermark has made final goes through SessionFold.cs (step 4), from which SessionMetrics.cs reads the
//   metrics (step 5) of a Session.cs, and SessionNumbering.cs gives it its place among the reader's sessions (step 6). SessionOptions.cs says where one
//   session ends. SessionSql.cs is steps 3 to 5 once more, for Spark.

/// <summary>What became of an event.</summary>
public enum AddOutcome
{
    /// <summary>It is in a session.</summary>
    Accepted,
    /// <summary>Its id is already in a session that is still open: nothing changed.</summary>
    Duplicate,
    /// <summary>The session it would belong to may be closed: nothing changed.</summary>
    Late,
}

/// <summary>Cuts the events of one Kafka partition into sessions, by event time.</summary>
/// <remarks>
/// <para>A reader's events in order of (event time, event id): one starts a new session when it comes more than the gap after the one before, or at
/// session start + cap or later. Which events are in a session depends only on the set of accepted events, never on the order of their arrival.</para>
/// <para>An event is late when its time is before the watermark as it stood before the event; readers are keyed to partitions, so a partition has a
/// sessionizer of its own and another's clock makes nothing late here. A session closes as soon as no event that is in time can still join it.</para>
/// <para>Memory: the events of open sessions, and some 24 bytes beside the user id per reader ever seen. Not thread-safe; deterministic.</para>
/// </remarks>
public sealed class Sessionizer
{
    private readonly long _gapMicros;
    private readonly long _capMicros;
    private readonly Watermark _watermark;
    private readonly SessionFold _fold = new();
    private readonly Dictionary<UserId, OpenReader> _open = [];
    private readonly SessionNumbering _numbering = new();
    private readonly Stack<OpenReader> _idle = [];

    /// <summary>Readers by the deadline of their first open session. An entry other than the reader's queued deadline is stale and passed over.</summary>
    private readonly PriorityQueue<OpenReader, long> _deadlines = new();

    /// <exception cref="ArgumentOutOfRangeException">Gap or cap is not positive, or the allowed lateness is negative.</exception>
    public Sessionizer(SessionOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Gap, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(options.Cap, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.AllowedLateness, TimeSpan.Zero);
        _gapMicros = (long)options.Gap.TotalMicroseconds;
        _capMicros = (long)options.Cap.TotalMicroseconds;
        _watermark = new Watermark(options.AllowedLateness);
    }

    /// <summary>All sessions of events that are there already: cut, and what is open at the end closed.</summary>
    /// <remarks>In the order in which they close. Late events are in none of them.</remarks>
    /// <param name="events">Of one partition, in the order of their arrival.</param>
    public static IReadOnlyList<Session> Cut(IEnumerable<MediaEvent> events, SessionOptions options)
    {
        var sessionizer = new Sessionizer(options);
        var sessions = new List<Session>();
        foreach (var e in events) sessionizer.Add(e, sessions);
        sessionizer.Flush(sessions);
        return sessions;
    }

    /// <summary>µs since the Unix epoch, UTC; <see cref="long.MinValue"/> before the first event.</summary>
    public long WatermarkMicros => _watermark.Micros;

    /// <summary>Newest event time seen, µs since the Unix epoch, UTC; <see cref="long.MinValue"/> before the first event.</summary>
    public long NewestEventMicros => _watermark.NewestEventMicros;

    /// <summary>Events accepted by <see cref="Add"/>.</summary>
    public long Accepted { get; private set; }

    public long Duplicates { get; private set; }

    public long Late { get; private set; }

    /// <summary>Takes an event and closes the sessions that it makes final.</summary>
    /// <remarks>
    /// A second delivery of an event whose session is closed is <see cref="AddOutcome.Late"/>: to know it again would need every id for ever; the lake's
    /// transaction per offset keeps such a replay out.
    /// </remarks>
    /// <param name="closed">Gets the sessions that close, each reader's in order.</param>
    public AddOutcome Add(MediaEvent e, ICollection<Session> closed)
    {
        if (_open.TryGetValue(e.UserId, out var reader) && reader.Holds(e))
        {
            Duplicates++;
            return AddOutcome.Duplicate;
        }
        var sealedMicros = reader?.SealedMicros ?? SealOf(e.UserId);
        if (_watermark.IsLate(e.EventTimeMicros) || e.EventTimeMicros <= sealedMicros)
        {
            Late++;
            return AddOutcome.Late;
        }
        reader ??= Open(e.UserId, sealedMicros);
        Keep(reader, e);
        Accepted++;
        _watermark.Advance(e.EventTimeMicros);
        CloseFinal(closed);
        return AddOutcome.Accepted;
    }

    /// <summary>Ends the stream: closes every open session as it is, by <see cref="ClosedBy.Flush"/>.</summary>
    /// <remarks>
    /// The watermark stays. For each reader flushed, events up to the gap after the last event, that moment included, are late from now on (also after
    /// <see cref="Restore"/>), so that a flushed session is never opened again or met by a second one; later events start a new session.
    /// </remarks>
    /// <param name="closed">Gets the sessions, readers in ordinal order of user id.</param>
    public void Flush(ICollection<Session> closed)
    {
        var readers = _open.Values.ToList();
        readers.Sort((a, b) => string.CompareOrdinal(a.User.Value, b.User.Value));
        foreach (var reader in readers)
        {
            while (reader.Count > 0) CloseFirst(reader, ClosedBy.Flush, closed);
            Retire(reader);
        }
        _deadlines.Clear();
    }

    /// <summary>From which event time on accepted events must be given to <see cref="Restore"/>, µs since the Unix epoch, UTC.</summary>
    /// <param name="newestEventMicros">The partition's newest event time when the sessions that are now in the sessions table were written.</param>
    /// <remarks>A session then open ended after the watermark − gap and began after the watermark − cap.</remarks>
    public static long ReplayFromMicros(long newestEventMicros, SessionOptions options) =>
        newestEventMicros - (long)(options.AllowedLateness + options.Cap).TotalMicroseconds;

    /// <summary>Puts a new sessionizer in the state of the one that stopped, from what the lake holds.</summary>
    /// <remarks>
    /// Right when the lake got every accepted event before, or together with, the sessions that it closed. Nothing is counted as accepted again.
    /// </remarks>
    /// <param name="accepted">The partition's events that were accepted (not late) from <see cref="ReplayFromMicros"/> on, in any order; more, or one twice, does no harm.</param>
    /// <param name="previous">The last session of each reader in the sessions table; readers of other partitions do no harm.</param>
    /// <param name="newestEventMicros">The newest event time of the partition in the lake.</param>
    /// <param name="closed">Gets the sessions that had closed but are missing in the sessions table: the caller appends them.</param>
    /// <exception cref="InvalidOperationException">The sessionizer has already taken events.</exception>
    public void Restore(IEnumerable<MediaEvent> accepted, IReadOnlyDictionary<UserId, PreviousSession> previous, long newestEventMicros, ICollection<Session> closed)
    {
        if (NewestEventMicros != long.MinValue || _numbering.Readers > 0) throw new InvalidOperationException("Restore comes before the first event and only once.");
        _numbering.Begin(previous);
        foreach (var e in accepted)
        {
            // A reader's sessions close in order: what is not after the end of the last one written is in one of those written.
            if (_numbering.TryGetLast(e.UserId, out var written) && e.EventTimeMicros <= written.EndMicros) continue;
            var reader = _open.TryGetValue(e.UserId, out var known) ? known : Open(e.UserId, SealOf(e.UserId));
            if (!reader.Holds(e)) Keep(reader, e);
        }
        _watermark.Advance(newestEventMicros);
        CloseFinal(closed);
    }

    private long SealOf(UserId user) =>
        _numbering.TryGetLast(user, out var previous) && previous.ClosedBy == ClosedBy.Flush ? previous.EndMicros + _gapMicros : long.MinValue;

    private OpenReader Open(UserId user, long sealedMicros)
    {
        var reader = _idle.TryPop(out var idle) ? idle : new OpenReader(_gapMicros, _capMicros);
        reader.Open(user, sealedMicros);
        _open.Add(user, reader);
        return reader;
    }

    private void Keep(OpenReader reader, MediaEvent e)
    {
        reader.Add(e);
        // A deadline that moved away is seen when its entry comes up; one that came nearer needs an entry of its own.
        if (reader.DeadlineMicros < reader.QueuedDeadlineMicros) Queue(reader);
    }

    private void Queue(OpenReader reader)
    {
        reader.QueuedDeadlineMicros = reader.DeadlineMicros;
        _deadlines.Enqueue(reader, reader.DeadlineMicros);
    }

    private void CloseFinal(ICollection<Session> closed)
    {
        while (_deadlines.TryPeek(out var reader, out var deadline) && deadline <= WatermarkMicros)
        {
            _deadlines.Dequeue();
            if (deadline != reader.QueuedDeadlineMicros) continue;
            while (reader.Count > 0 && reader.DeadlineMicros <= WatermarkMicros) CloseFirst(reader, reader.Bound, closed);
            if (reader.Count == 0) Retire(reader);
            else Queue(reader);
        }
    }

    private void CloseFirst(OpenReader reader, ClosedBy closedBy, ICollection<Session> closed)
    {
        reader.TakeFirst(_fold);
        var session = _fold.Close(closedBy);
        _numbering.Number(session);
        closed.Add(session);
    }

    private void Retire(OpenReader reader)
    {
        _open.Remove(reader.User);
        reader.QueuedDeadlineMicros = long.MaxValue;
        _idle.Push(reader);
    }
}
