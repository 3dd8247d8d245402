using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Media.Events;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;
using Media.Warehouse;

namespace Media.Jobs;

/// <summary>What came in and what became of it, since the pipeline was opened.</summary>
/// <remarks>Once committed: Received = Good + Bad + Replayed; Good = Accepted + Late + Duplicates; rows in events = Accepted + Late.</remarks>
internal sealed record PipelineCounts
{
    public long Received { get; set; }
    public long Good { get; set; }
    public long Bad { get; set; }

    /// <summary>Bad records that a run before this one had already kept.</summary>
    public long Replayed { get; set; }
    public long Accepted { get; set; }

    /// <summary>Kept in events, in no session.</summary>
    public long Late { get; set; }

    /// <summary>Second deliveries of an event of an open session: dropped.</summary>
    public long OpenDuplicates { get; set; }

    /// <summary>Second deliveries of an event that the lake holds, later than the allowed lateness: dropped.</summary>
    public long LateDuplicates { get; set; }
    public long Duplicates => OpenDuplicates + LateDuplicates;
    public long Sessions { get; set; }

    /// <summary>Sessions written at the start, because a run before this one stopped between its events and their sessions.</summary>
    public long Recovered { get; set; }
    public long Commits { get; set; }
}

/// <summary>The log's way into the lake: batches in; events, bad events and closed sessions out, each exactly once.</summary>
/// <remarks>
/// <para>Every commit goes bad_events → events → sessions → Kafka's offsets. Each table carries, per partition, the next offset as a Delta
/// transaction: after a crash the log is read on from what the lake holds (<see cref="StartAt"/>), not from what the group remembers.</para>
/// <para>Open sessions survive by replay: the lake's events of the last hours rebuild each partition's <see cref="Sessionizer"/>, and a
/// session that had closed but was not written is written at the start. So there is one truth, the events table, and no checkpoint beside it
/// that could disagree.</para>
/// <para>The warehouse, when there is one, is fed beside: before a commit it has all that the commit holds, so it never lags behind the lake.</para>
/// <para>One pipeline per lake and partition; a second writer is found out at its next commit. Not thread-safe.</para>
/// </remarks>
internal sealed class SessionPipeline
{
    private readonly string _topic;
    private readonly DeltaTable _events;
    private readonly DeltaTable _badEvents;
    private readonly DeltaTable _sessions;
    private readonly PipelineOptions _options;
    private readonly SessionOptions _sessionOptions;
    private readonly Dictionary<int, Sessionizer> _sessionizers = [];
    private readonly Dictionary<int, long> _startAt = [];
    private readonly Dictionary<int, long> _badKeptUntil = [];
    private readonly ConcurrentQueue<Dictionary<int, long>> _safe = new();
    private readonly ConcurrentQueue<Pending> _committed = new();
    private WarehouseFeed? _feed;
    private Pending _pending = new();
    private Task _writing = Task.CompletedTask;

    private SessionPipeline(string topic, DeltaTable events, DeltaTable badEvents, DeltaTable sessions, SessionOptions sessionOptions, PipelineOptions options) =>
        (_topic, _events, _badEvents, _sessions, _sessionOptions, _options) = (topic, events, badEvents, sessions, sessionOptions, options);

    public PipelineCounts Counts { get; } = new();

    /// <summary>Per partition, the offset at which the log must be read on.</summary>
    public IReadOnlyDictionary<int, long> StartAt => _startAt;

    /// <summary>Opens the lake's tables, makes those that are missing, and rebuilds what was open when the last run ended.</summary>
    /// <param name="topic">The log that is read: a lake remembers an offset for each of its partitions.</param>
    /// <param name="partitions">Partitions of the topic.</param>
    public static async Task<SessionPipeline> OpenAsync(IObjectStore lake, string topic, int partitions, SessionOptions sessionOptions, PipelineOptions options, TimeProvider time, CancellationToken cancel)
    {
        var pipeline = new SessionPipeline(topic,
            await DeltaTable.CreateOrOpenAsync(lake, Tables.Events.Name, Tables.Events, time, cancel),
            await DeltaTable.CreateOrOpenAsync(lake, Tables.BadEvents.Name, Tables.BadEvents, time, cancel),
            await DeltaTable.CreateOrOpenAsync(lake, Tables.Sessions.Name, Tables.Sessions, time, cancel),
            sessionOptions, options);
        for (var partition = 0; partition < partitions; partition++)
        {
            if (await pipeline._events.TransactionVersionAsync(EventsApp(topic, partition), cancel) is { } next) pipeline._startAt[partition] = next;
            pipeline._badKeptUntil[partition] = await pipeline._badEvents.TransactionVersionAsync(BadEventsApp(topic, partition), cancel) ?? 0;
        }
        if (pipeline._startAt.Count > 0) await pipeline.RestoreAsync(cancel);
        return pipeline;
    }

    /// <summary>From here on the warehouse gets events and sessions as they are made, ahead of the lake's commits.</summary>
    public void FeedTo(WarehouseFeed feed) => _feed = feed;

    /// <summary>Next offsets, per partition, of what became safe in the lake since the last call: to be committed to the group by the consumer's thread.</summary>
    public IReadOnlyDictionary<int, long> TakeSafeOffsets()
    {
        var offsets = new Dictionary<int, long>();
        while (_safe.TryDequeue(out var safe))
            foreach (var (partition, next) in safe) offsets[partition] = next;
        return offsets;
    }

    /// <summary>Takes a batch; commits when enough has gathered.</summary>
    public async Task TakeAsync(EventBatch batch)
    {
        Counts.Received += batch.Received;
        foreach (var consumed in batch.Good)
        {
            Counts.Good++;
            var closedBefore = _pending.Closed.Count;
            var outcome = SessionizerOf(consumed.Partition).Add(consumed.Event, _pending.Closed);
            if (_feed is { } feed && !feed.Has(consumed.Partition, consumed.Offset))
            {
                if (outcome == AddOutcome.Accepted) feed.Add(consumed, late: false);
                foreach (var session in _pending.Closed.Skip(closedBefore)) feed.Add(session);
            }
            if (outcome == AddOutcome.Duplicate) { Counts.OpenDuplicates++; continue; }
            if (outcome == AddOutcome.Accepted) Counts.Accepted++;
            _pending.Events.Add(consumed);
            _pending.Late.Add(outcome == AddOutcome.Late);
        }
        foreach (var bad in batch.Bad)
        {
            // bad_events is committed first, so a crash may have left it ahead of events.
            if (bad.Offset < _badKeptUntil.GetValueOrDefault(bad.Partition))
            {
                Counts.Replayed++;
                _pending.BadKept.Add(bad);
                continue;
            }
            Counts.Bad++;
            _pending.Bad.Add(bad);
        }
        foreach (var (partition, next) in batch.NextOffsets) _pending.NextOffsets[partition] = next;
        if (_feed is not null)
        {
            _feed.Reach(batch.NextOffsets);
            FeedCommitted(_feed);
            await _feed.OfferAsync(CancellationToken.None);
        }
        if (_pending.Events.Count >= _options.CommitEvents) await StartCommitAsync();
    }

    /// <summary>Commits what has gathered and waits until it is safe.</summary>
    public async Task CommitAsync()
    {
        await StartCommitAsync();
        await _writing;
        if (_feed is null) return;
        FeedCommitted(_feed);
        await _feed.FlushAsync(CancellationToken.None);
    }

    /// <summary>Ends the stream: closes every open session as it is and commits.</summary>
    public async Task FlushAsync()
    {
        _pending.ClosedInTime = _pending.Closed.Count;
        foreach (var partition in _sessionizers.Keys.Order()) _sessionizers[partition].Flush(_pending.Closed);
        await CommitAsync();
    }

    /// <summary>What only the commit has decided: late and bad events, and sessions closed at the end.</summary>
    private void FeedCommitted(WarehouseFeed feed)
    {
        while (_committed.TryDequeue(out var done))
        {
            foreach (var (consumed, late) in done.Events.Zip(done.Late))
                if (late) feed.Add(consumed, late: true);
            foreach (var bad in done.Bad.Concat(done.BadKept)) feed.Add(bad);
            if (done.ClosedInTime is { } inTime)
                foreach (var session in done.Closed.Skip(inTime)) feed.Add(session);
            feed.ReachCommitted(done.NextOffsets);
        }
    }

    private static string EventsApp(string topic, int partition) => $"sessionize/{topic}/{partition}";

    private static string BadEventsApp(string topic, int partition) => $"sessionize-bad/{topic}/{partition}";

    private Sessionizer SessionizerOf(int partition)
    {
        if (!_sessionizers.TryGetValue(partition, out var sessionizer)) _sessionizers.Add(partition, sessionizer = new Sessionizer(_sessionOptions));
        return sessionizer;
    }

    /// <summary>Waits for the commit before, then writes this one while the next batches are taken.</summary>
    private async Task StartCommitAsync()
    {
        await _writing;
        if (_pending.IsEmpty) return;
        if (_feed is not null) await _feed.FlushAsync(CancellationToken.None);
        var pending = _pending;
        _pending = new Pending();
        // A commit that has begun is finished even when the job is asked to stop.
        _writing = Task.Run(() => WriteAsync(pending), CancellationToken.None);
    }

    private async Task WriteAsync(Pending pending)
    {
        var cancel = CancellationToken.None;
        if (pending.Bad.Count > 0)
        {
            var partitions = pending.Bad.GroupBy(b => b.Partition).Select(g => new DeltaTransaction(BadEventsApp(_topic, g.Key), g.Max(b => b.Offset) + 1)).ToList();
            Refuse(await _badEvents.AppendAsync([BadEventColumns.From(pending.Bad)], partitions, cancel));
        }
        if (pending.NextOffsets.Count > 0)
        {
            await DropLateDuplicatesAsync(pending, cancel);
            var partitions = pending.NextOffsets.Select(p => new DeltaTransaction(EventsApp(_topic, p.Key), p.Value)).ToList();
            Refuse(await _events.AppendAsync(pending.Events.Count == 0 ? [] : [EventColumns.From(pending.Events, CollectionsMarshal.AsSpan(pending.Late))], partitions, cancel));
        }
        if (pending.Closed.Count > 0)
        {
            var partitions = pending.NextOffsets.Select(p => new DeltaTransaction(EventsApp(_topic, p.Key), p.Value)).ToList();
            Refuse(await _sessions.AppendAsync([SessionColumns.From(pending.Closed)], partitions, cancel));
            Counts.Sessions += pending.Closed.Count;
        }
        if (_feed is not null) _committed.Enqueue(pending);
        _safe.Enqueue(pending.NextOffsets);
        Counts.Commits++;
    }

    /// <summary>Takes out the late events that the lake, or this very commit, holds already.</summary>
    /// <remarks>The sessionizer knows the ids of open sessions only. Late events are few, so for them the days they fall on are looked up.</remarks>
    private async Task DropLateDuplicatesAsync(Pending pending, CancellationToken cancel)
    {
        var late = Enumerable.Range(0, pending.Events.Count).Where(i => pending.Late[i]).ToList();
        if (late.Count == 0) return;
        var wanted = late.Select(i => pending.Events[i].Event.EventId.ToString()).ToHashSet(StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var day in late.Select(i => DateOnly.FromDateTime(pending.Events[i].Event.EventTime.UtcDateTime)).Distinct())
            await foreach (var batch in _events.ReadAsync(new ReadOptions { Columns = ["event_id"], Ranges = [ColumnRange.Days("event_date", day, day)] }, cancel))
                using (batch)
                {
                    var ids = (StringArray)batch.Column("event_id");
                    for (var row = 0; row < batch.Length; row++)
                        if (ids.GetString(row) is var id && wanted.Contains(id)) known.Add(id);
                }
        for (var i = 0; i < pending.Events.Count; i++)
            if (!pending.Late[i] && pending.Events[i].Event.EventId.ToString() is var id && wanted.Contains(id)) known.Add(id);

        var (events, flags) = (new List<ConsumedEvent>(pending.Events.Count), new List<bool>(pending.Events.Count));
        for (var i = 0; i < pending.Events.Count; i++)
        {
            if (pending.Late[i] && !known.Add(pending.Events[i].Event.EventId.ToString())) { Counts.LateDuplicates++; continue; }
            if (pending.Late[i]) Counts.Late++;
            events.Add(pending.Events[i]);
            flags.Add(pending.Late[i]);
        }
        (pending.Events, pending.Late) = (events, flags);
    }

    private static void Refuse(DeltaCommit commit)
    {
        if (commit.AlreadyCommitted) throw new JobException("Another sessionizer has written these offsets to the same lake; only one may work on a partition.");
    }

    private async Task RestoreAsync(CancellationToken cancel)
    {
        // Up to these offsets the sessions are written; events may be further, by the commits that a crash cut off.
        var sessionsUpTo = new Dictionary<int, long>();
        foreach (var partition in _startAt.Keys)
            sessionsUpTo[partition] = await _sessions.TransactionVersionAsync(EventsApp(_topic, partition), cancel) ?? 0;
        var (newest, newestWritten) = await NewestByPartitionAsync(sessionsUpTo, cancel);
        if (newest.Count == 0) return;
        var previous = await LastSessionsAsync(cancel);
        var from = newest.Keys.Min(p => newestWritten.TryGetValue(p, out var written) ? Sessionizer.ReplayFromMicros(written, _sessionOptions) : long.MinValue);
        var accepted = newest.Keys.ToDictionary(p => p, _ => new List<MediaEvent>());
        await foreach (var batch in _events.ReadAsync(new ReadOptions { Ranges = [ColumnRange.Micros("event_time", from, null)] }, cancel))
            using (batch)
                foreach (var stored in EventColumns.Read(batch))
                    if (!stored.IsLate) accepted[stored.Consumed.Partition].Add(stored.Consumed.Event);
        foreach (var (partition, events) in accepted)
            SessionizerOf(partition).Restore(events, previous, newest[partition], _pending.Closed);
        Counts.Recovered = _pending.Closed.Count;
        if (Counts.Recovered == 0) return;
        await _sessions.AppendAsync([SessionColumns.From(_pending.Closed)],
            [.. _startAt.Where(p => p.Value > sessionsUpTo[p.Key]).Select(p => new DeltaTransaction(EventsApp(_topic, p.Key), p.Value))], cancel);
        _pending = new Pending();
    }

    /// <summary>The newest event time of each partition, and the newest of those whose sessions are written: three narrow columns of the whole table, read once at a start.</summary>
    private async Task<(Dictionary<int, long> Newest, Dictionary<int, long> NewestWritten)> NewestByPartitionAsync(Dictionary<int, long> sessionsUpTo, CancellationToken cancel)
    {
        var (newest, newestWritten) = (new Dictionary<int, long>(), new Dictionary<int, long>());
        await foreach (var batch in _events.ReadAsync(new ReadOptions { Columns = ["kafka_partition", "kafka_offset", "event_time"] }, cancel))
            using (batch)
            {
                var partitions = ((Int32Array)batch.Column("kafka_partition")).Values;
                var offsets = ((Int64Array)batch.Column("kafka_offset")).Values;
                var times = ((TimestampArray)batch.Column("event_time")).Values;
                for (var row = 0; row < batch.Length; row++)
                {
                    Raise(newest, partitions[row], times[row]);
                    if (offsets[row] < sessionsUpTo.GetValueOrDefault(partitions[row])) Raise(newestWritten, partitions[row], times[row]);
                }
            }
        return (newest, newestWritten);

        static void Raise(Dictionary<int, long> to, int partition, long micros)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(to, partition, out var exists);
            if (!exists || micros > known) known = micros;
        }
    }

    private async Task<Dictionary<UserId, PreviousSession>> LastSessionsAsync(CancellationToken cancel)
    {
        var last = new Dictionary<UserId, PreviousSession>();
        await foreach (var batch in _sessions.ReadAsync(new ReadOptions { Columns = ["user_id", "session_end", "session_number", "closed_by"] }, cancel))
            using (batch)
            {
                var users = (StringArray)batch.Column("user_id");
                var ends = ((TimestampArray)batch.Column("session_end")).Values;
                var numbers = ((Int64Array)batch.Column("session_number")).Values;
                var closedBy = (StringArray)batch.Column("closed_by");
                for (var row = 0; row < batch.Length; row++)
                {
                    ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(last, new UserId(users.GetString(row)), out var exists);
                    if (exists && known.EndMicros >= ends[row]) continue;
                    if (!Vocabulary<ClosedBy>.TryParse(closedBy.GetString(row), out var by))
                        throw new InvalidDataException($"The sessions table holds closed_by '{closedBy.GetString(row)}', which is none of {string.Join(", ", Vocabulary<ClosedBy>.Names)}.");
                    known = new PreviousSession((int)numbers[row], ends[row], by);
                }
            }
        return last;
    }

    private sealed class Pending
    {
        public List<ConsumedEvent> Events { get; set; } = [];

        /// <summary>One per event.</summary>
        public List<bool> Late { get; set; } = [];
        public List<BadEvent> Bad { get; } = [];

        /// <summary>Bad events that the lake has already and the warehouse perhaps not.</summary>
        public List<BadEvent> BadKept { get; } = [];
        public List<Session> Closed { get; } = [];

        /// <summary>How many of them time has closed; null while it is all of them.</summary>
        public int? ClosedInTime { get; set; }
        public Dictionary<int, long> NextOffsets { get; } = [];
        public bool IsEmpty => NextOffsets.Count == 0 && Closed.Count == 0;
    }
}

/// <summary>How much is written at once.</summary>
internal sealed record PipelineOptions
{
    /// <summary>Events of one commit: few, large files; a stream that idles commits earlier. Default 250,000, ≥ 1.</summary>
    public int CommitEvents { get; init; } = 250_000;

    /// <summary>Longest time an event waits for its commit while the log is quiet. Default 10 s.</summary>
    public TimeSpan CommitWait { get; init; } = TimeSpan.FromSeconds(10);
}
