using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Media.Events;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;
using Media.Warehouse;

namespace Media.Jobs;

/// <summary>What came in and what became of it, since the pipeline was opened; what was taken and given up with its partition is not counted, since its next owner takes it.</summary>
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

/// <summary>A partition's tables are written by another sessionizer now: it has claimed the partition since, and what this one holds of it is that one's to read.</summary>
internal sealed class PartitionTakenException(Exception inner) : Exception($"Another sessionizer has taken over a partition of this lake: {inner.Message}", inner);

/// <summary>The log's way into the lake: batches in; events, bad events and closed sessions out, each exactly once.</summary>
/// <remarks>
/// <para>Every commit goes bad_events → dead letters → events → sessions → Kafka's offsets. Each table carries, per partition, the next offset as a Delta
/// transaction: after a crash the log is read on from what the lake holds (<see cref="StartAt"/>), not from what the group remembers.</para>
/// <para>Open sessions survive by replay: the lake's events of the last hours rebuild each partition's <see cref="Sessionizer"/>, and a
/// session that had closed but was not written is written at the start. So there is one truth, the events table, and no checkpoint beside it
/// that could disagree. A partition that comes from another member of the group is taken up by the very same code.</para>
/// <para>One writer per partition, whatever the group believes: to take a partition up is to claim it, which raises a number in each of its tables, and every commit expects that
/// number unchanged and the recorded offset to be the one it goes on from. A process that slept through the loss of its partition is refused by the tables themselves,
/// in one go with whatever it had gathered. Pipelines of other partitions commit to the same tables side by side.</para>
/// <para>The warehouse, when there is one, is fed beside: before a commit it has all that the commit holds, so it never lags behind the lake.</para>
/// <para>Not thread-safe.</para>
/// </remarks>
internal sealed class SessionPipeline
{
    private const int ClaimTries = 20;
    private const string EventsApp = "sessionize";

    private readonly string _topic;
    private readonly Output _events, _badEvents, _sessions;
    private readonly PipelineOptions _options;
    private readonly SessionOptions _sessionOptions;
    private readonly Dictionary<int, Part> _parts = [];
    private readonly ConcurrentQueue<Dictionary<int, long>> _safe = new();
    private readonly ConcurrentQueue<Pending> _committed = new();
    private readonly List<Session> _closedNow = [];
    private WarehouseFeed? _feed;
    private DeadLetters? _deadLetters;
    private Pending _pending = new();
    private Pending? _underWay;
    private Task _writing = Task.CompletedTask;

    private SessionPipeline(string topic, DeltaTable events, DeltaTable badEvents, DeltaTable sessions, SessionOptions sessionOptions, PipelineOptions options)
    {
        (_topic, _sessionOptions, _options) = (topic, sessionOptions, options);
        (_events, _badEvents, _sessions) = (new Output(events, EventsApp, 0), new Output(badEvents, "sessionize-bad", 1), new Output(sessions, EventsApp, 2));
    }

    public PipelineCounts Counts { get; } = new();

    /// <summary>The partitions it answers for.</summary>
    public IReadOnlyCollection<int> Partitions => _parts.Keys;

    /// <summary>Of its partitions that the lake has something of, the offset at which the log must be read on.</summary>
    public IReadOnlyDictionary<int, long> StartAt => _parts.Where(p => p.Value.Recorded[_events.Number] >= 0).ToDictionary(p => p.Key, p => p.Value.Recorded[_events.Number]);

    /// <summary>Opens the lake's tables and makes those that are missing; it has no partition yet.</summary>
    /// <param name="topic">The log that is read: a lake remembers an offset for each of its partitions.</param>
    public static async Task<SessionPipeline> OpenAsync(IObjectStore lake, string topic, SessionOptions sessionOptions, PipelineOptions options, TimeProvider time, CancellationToken cancel) =>
        new(topic,
            await DeltaTable.CreateOrOpenAsync(lake, Tables.Events.Name, Tables.Events, time, cancel),
            await DeltaTable.CreateOrOpenAsync(lake, Tables.BadEvents.Name, Tables.BadEvents, time, cancel),
            await DeltaTable.CreateOrOpenAsync(lake, Tables.Sessions.Name, Tables.Sessions, time, cancel),
            sessionOptions, options);

    /// <summary>Opens it and takes up every partition of the topic, as the only sessionizer does.</summary>
    /// <param name="partitions">Partitions of the topic.</param>
    public static async Task<SessionPipeline> OpenAsync(IObjectStore lake, string topic, int partitions, SessionOptions sessionOptions, PipelineOptions options, TimeProvider time, CancellationToken cancel)
    {
        var pipeline = await OpenAsync(lake, topic, sessionOptions, options, time, cancel);
        await pipeline.TakeUpAsync([.. Enumerable.Range(0, partitions)], cancel);
        return pipeline;
    }

    /// <summary>From here on the warehouse gets events and sessions as they are made, ahead of the lake's commits; it must be given every partition of the topic.</summary>
    public void FeedTo(WarehouseFeed feed) => _feed = feed;

    /// <summary>Lets the warehouse go: it has what was given to it so far, and is no longer level with the lake.</summary>
    public async Task EndFeedAsync()
    {
        if (_feed is not { } feed) return;
        _feed = null;
        _committed.Clear();
        await feed.FlushAsync(CancellationToken.None);
    }

    /// <summary>From here on bad events also go to a topic of their own, each after its commit to the lake and before its offset is passed.</summary>
    public void SendBadTo(DeadLetters deadLetters) => _deadLetters = deadLetters;

    /// <summary>Next offsets, per partition, of what became safe in the lake since the last call: to be committed to the group by the consumer's thread.</summary>
    public IReadOnlyDictionary<int, long> TakeSafeOffsets()
    {
        var offsets = new Dictionary<int, long>();
        while (_safe.TryDequeue(out var safe))
            foreach (var (partition, next) in safe) offsets[partition] = next;
        return offsets;
    }

    /// <summary>Takes partitions up, at the start or from another member of the group: claims them, and rebuilds what was open when the last owner ended.</summary>
    /// <returns>Sessions written now, because the last owner stopped between its events and their sessions.</returns>
    /// <exception cref="PartitionTakenException">Others claim them at the same time, again and again.</exception>
    public async Task<long> TakeUpAsync(IReadOnlyCollection<int> partitions, CancellationToken cancel)
    {
        await _writing;
        for (var tries = 1; ; tries++)
        {
            try
            {
                var parts = await ClaimAsync(partitions, cancel);
                var recovered = await RestoreAsync(parts, cancel);
                foreach (var (partition, part) in parts) _parts[partition] = part;
                Counts.Recovered += recovered;
                return recovered;
            }
            catch (StaleTransactionException stale)
            {
                if (tries == ClaimTries) throw new PartitionTakenException(stale);
            }
        }
    }

    /// <summary>Commits all that has gathered, then lets go of these partitions; those that are not its own are passed over.</summary>
    /// <exception cref="PartitionTakenException">One had another owner already; nothing that has gathered is kept.</exception>
    public async Task ReleaseAsync(IReadOnlyCollection<int> partitions)
    {
        if (!partitions.Any(_parts.ContainsKey)) return;
        try { await CommitAsync(); }
        finally
        {
            foreach (var partition in partitions) _parts.Remove(partition);
        }
    }

    /// <summary>Drops these partitions with all that has gathered of them: another owner reads it.</summary>
    /// <exception cref="PartitionTakenException">The commit under way was refused, so what it held of other partitions is gone too: <see cref="GiveUpAsync"/> and begin anew.</exception>
    public async Task LoseAsync(IReadOnlyCollection<int> partitions)
    {
        foreach (var partition in partitions) Drop(_pending, partition);
        try { await _writing; }
        finally
        {
            foreach (var partition in partitions) _parts.Remove(partition);
        }
    }

    /// <summary>Drops every partition with all that has gathered, after a commit was refused.</summary>
    public async Task GiveUpAsync()
    {
        try { await _writing; }
        catch (PartitionTakenException) { /* what is given up here */ }
        _writing = Task.CompletedTask;
        foreach (var gathered in new[] { _underWay, _pending }.OfType<Pending>())
            foreach (var partition in gathered.NextOffsets.Keys.ToList()) Drop(gathered, partition);
        (_underWay, _pending) = (null, new Pending());
        _parts.Clear();
    }

    /// <summary>Takes a batch, perhaps an empty one; begins a commit when enough has gathered.</summary>
    /// <exception cref="PartitionTakenException">The commit before was refused.</exception>
    public async Task TakeAsync(EventBatch batch)
    {
        Counts.Received += batch.Received;
        foreach (var consumed in batch.Good)
        {
            Counts.Good++;
            _closedNow.Clear();
            var outcome = _parts[consumed.Partition].Sessionizer.Add(consumed.Event, _closedNow);
            foreach (var session in _closedNow) _pending.Closed.Add((consumed.Partition, session));
            if (_feed is { } feed && !feed.Has(consumed.Partition, consumed.Offset))
            {
                if (outcome == AddOutcome.Accepted) feed.Add(consumed, late: false);
                foreach (var session in _closedNow) feed.Add(session);
            }
            if (outcome == AddOutcome.Duplicate)
            {
                Counts.OpenDuplicates++;
                _pending.Duplicates[consumed.Partition] = _pending.Duplicates.GetValueOrDefault(consumed.Partition) + 1;
                continue;
            }
            if (outcome == AddOutcome.Accepted) Counts.Accepted++;
            _pending.Events.Add(consumed);
            _pending.Late.Add(outcome == AddOutcome.Late);
        }
        foreach (var bad in batch.Bad)
        {
            // bad_events is committed first, so a crash may have left it ahead of events.
            if (bad.Offset < _parts[bad.Partition].BadKeptUntil)
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
        if (_pending.Events.Count >= _options.CommitEvents) await BeginCommitAsync();
    }

    /// <summary>Commits what has gathered and waits until it is safe.</summary>
    /// <exception cref="PartitionTakenException">It was refused, or the one before.</exception>
    public async Task CommitAsync()
    {
        await BeginCommitAsync();
        await _writing;
        if (_feed is null) return;
        FeedCommitted(_feed);
        await _feed.FlushAsync(CancellationToken.None);
    }

    /// <summary>Ends the stream: closes every open session of its partitions as it is and commits.</summary>
    public async Task FlushAsync()
    {
        _pending.ClosedInTime = _pending.Closed.Count;
        foreach (var partition in _parts.Keys.Order())
        {
            _closedNow.Clear();
            _parts[partition].Sessionizer.Flush(_closedNow);
            foreach (var session in _closedNow) _pending.Closed.Add((partition, session));
        }
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
                foreach (var (_, session) in done.Closed.Skip(inTime)) feed.Add(session);
            feed.ReachCommitted(done.NextOffsets);
        }
    }

    /// <summary>Waits for the commit before, then writes this one while the next batches are taken.</summary>
    /// <exception cref="PartitionTakenException">The one before was refused.</exception>
    public async Task BeginCommitAsync()
    {
        await _writing;
        if (_pending.IsEmpty) return;
        var fed = _feed?.FlushAsync(CancellationToken.None) ?? Task.CompletedTask;
        var pending = _underWay = _pending;
        _pending = new Pending();
        // A commit that has begun is finished even when the job is asked to stop.
        _writing = Task.Run(() => WriteAsync(pending, fed), CancellationToken.None);
    }

    /// <param name="fed">Ends when the warehouse has what is written here.</param>
    private async Task WriteAsync(Pending pending, Task fed)
    {
        var cancel = CancellationToken.None;
        await fed;
        try
        {
            if (pending.Bad.Count > 0)
                await AppendAsync(_badEvents, [BadEventColumns.From(pending.Bad)], pending.Bad.GroupBy(b => b.Partition).ToDictionary(g => g.Key, g => g.Max(b => b.Offset) + 1));
            pending.BadWritten = true;
            // Those kept by a run before may have missed their letter; one that comes twice is known by its key.
            if (pending.Bad.Count + pending.BadKept.Count > 0) _deadLetters?.Send([.. pending.BadKept, .. pending.Bad]);
            if (pending.NextOffsets.Count > 0)
            {
                var (events, late) = await WithoutLateDuplicatesAsync(pending, cancel);
                await AppendAsync(_events, events.Count == 0 ? [] : [EventColumns.From(events, CollectionsMarshal.AsSpan(late))], pending.NextOffsets);
                Counts.Late += late.Count(l => l);
                Counts.LateDuplicates += pending.Events.Count - events.Count;
                (pending.Events, pending.Late) = (events, late);
            }
            pending.EventsWritten = true;
            if (pending.Closed.Count > 0)
            {
                await AppendAsync(_sessions, [SessionColumns.From([.. pending.Closed.Select(c => c.Session)])],
                    pending.NextOffsets.Keys.Union(pending.Closed.Select(c => c.Partition)).ToDictionary(p => p, p => _parts[p].Recorded[_events.Number]));
                Counts.Sessions += pending.Closed.Count;
            }
        }
        catch (StaleTransactionException stale)
        {
            throw new PartitionTakenException(stale);
        }
        if (_feed is not null) _committed.Enqueue(pending);
        _safe.Enqueue(pending.NextOffsets);
        _underWay = null;
        Counts.Commits++;
    }

    /// <summary>Appends rows of these partitions, each going on from the offset that its table has recorded, as long as the claim on it stands.</summary>
    private async Task AppendAsync(Output output, IReadOnlyList<RecordBatch> rows, Dictionary<int, long> nextOffsets)
    {
        var transactions = new List<DeltaTransaction>();
        foreach (var (partition, next) in nextOffsets)
        {
            var part = _parts[partition];
            transactions.Add(new DeltaTransaction(ClaimApp(partition), part.Claim) { Expected = part.Claim });
            transactions.Add(new DeltaTransaction(App(output, partition), next) { Expected = part.Recorded[output.Number] });
        }
        await output.Table.AppendAsync(rows, transactions, CancellationToken.None);
        foreach (var (partition, next) in nextOffsets) _parts[partition].Recorded[output.Number] = next;
    }

    /// <summary>The events but for the late ones that the lake, or this very commit, holds already; and which of them are late.</summary>
    /// <remarks>The sessionizer knows the ids of open sessions only. Late events are few, so for them the days they fall on are looked up.</remarks>
    private async Task<(List<ConsumedEvent> Events, List<bool> Late)> WithoutLateDuplicatesAsync(Pending pending, CancellationToken cancel)
    {
        var late = Enumerable.Range(0, pending.Events.Count).Where(i => pending.Late[i]).ToList();
        if (late.Count == 0) return (pending.Events, pending.Late);
        var wanted = late.Select(i => pending.Events[i].Event.EventId.ToString()).ToHashSet(StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var day in late.Select(i => DateOnly.FromDateTime(pending.Events[i].Event.EventTime.UtcDateTime)).Distinct())
            await foreach (var batch in _events.Table.ReadAsync(new ReadOptions { Columns = ["event_id"], Ranges = [ColumnRange.Days("event_date", day, day)] }, cancel))
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
            if (pending.Late[i] && !known.Add(pending.Events[i].Event.EventId.ToString())) continue;
            events.Add(pending.Events[i]);
            flags.Add(pending.Late[i]);
        }
        return (events, flags);
    }

    /// <summary>Takes out of what has gathered all that is a partition's, and out of the counts.</summary>
    private void Drop(Pending pending, int partition)
    {
        if (!pending.EventsWritten)
        {
            var kept = new Pending();
            foreach (var (consumed, late) in pending.Events.Zip(pending.Late))
            {
                if (consumed.Partition != partition)
                {
                    kept.Events.Add(consumed);
                    kept.Late.Add(late);
                    continue;
                }
                Counts.Received--;
                Counts.Good--;
                if (!late) Counts.Accepted--;
            }
            (pending.Events, pending.Late) = (kept.Events, kept.Late);
            var replayed = pending.BadKept.RemoveAll(b => b.Partition == partition);
            Counts.Received -= replayed;
            Counts.Replayed -= replayed;
            pending.Duplicates.Remove(partition, out var doubled);
            Counts.Received -= doubled;
            Counts.Good -= doubled;
            Counts.OpenDuplicates -= doubled;
        }
        if (!pending.BadWritten)
        {
            var bad = pending.Bad.RemoveAll(b => b.Partition == partition);
            Counts.Received -= bad;
            Counts.Bad -= bad;
        }
        pending.Closed.RemoveAll(c => c.Partition == partition);
        pending.NextOffsets.Remove(partition);
    }

    /// <summary>The offset at which the log is read on after what the lake's events hold; null before the first.</summary>
    public static Task<long?> NextOffsetAsync(DeltaTable events, string topic, int partition, CancellationToken cancel) => events.TransactionVersionAsync(App(EventsApp, topic, partition), cancel);

    private string App(Output output, int partition) => App(output.App, _topic, partition);

    private static string App(string app, string topic, int partition) => $"{app}/{topic}/{partition}";

    private const string ClaimPrefix = "sessionize-claim/";

    private string ClaimApp(int partition) => $"{ClaimPrefix}{_topic}/{partition}";

    /// <summary>Raises the partitions' claims in every table, the events' first: from then on no earlier owner can commit, so what is read now stays as it is.</summary>
    /// <exception cref="StaleTransactionException">Another claim came between.</exception>
    private async Task<Dictionary<int, Part>> ClaimAsync(IReadOnlyCollection<int> partitions, CancellationToken cancel)
    {
        var claims = new Dictionary<int, long>();
        foreach (var partition in partitions) claims[partition] = 1 + (await _events.Table.TransactionVersionAsync(ClaimApp(partition), cancel) ?? 0);
        foreach (var output in new[] { _events, _badEvents, _sessions })
        {
            var raised = new List<DeltaTransaction>();
            foreach (var (partition, claim) in claims)
            {
                var found = await output.Table.TransactionVersionAsync(ClaimApp(partition), cancel) ?? DeltaTransaction.Unrecorded;
                if (found >= claim) throw new StaleTransactionException(output.Table.Path, ClaimApp(partition), claim - 1, found);
                raised.Add(new DeltaTransaction(ClaimApp(partition), claim) { Expected = found });
            }
            await output.Table.AppendAsync([], raised, cancel);
        }
        var parts = new Dictionary<int, Part>();
        foreach (var (partition, claim) in claims)
        {
            var recorded = new long[3];
            foreach (var output in new[] { _events, _badEvents, _sessions })
                recorded[output.Number] = await output.Table.TransactionVersionAsync(App(output, partition), cancel) ?? DeltaTransaction.Unrecorded;
            parts.Add(partition, new Part(new Sessionizer(_sessionOptions), claim, recorded, recorded[_badEvents.Number]));
        }
        return parts;
    }

    /// <summary>Takes every partition from its owner, so that a sessionizer which runs finds it out at its next commit and reads the lake's sessions anew.</summary>
    /// <returns>What the commit to sessions must carry to be the one that takes them.</returns>
    public static async Task<IReadOnlyList<DeltaTransaction>> ClaimAllAsync(DeltaTable events, DeltaTable badEvents, DeltaTable sessions, CancellationToken cancel)
    {
        var claims = (await events.TransactionsAsync(cancel)).Where(t => t.Key.StartsWith(ClaimPrefix, StringComparison.Ordinal)).ToDictionary(t => t.Key, t => t.Value + 1);
        if (claims.Count == 0) return [];
        await events.AppendAsync([], await RaisedAsync(events), cancel);
        await badEvents.AppendAsync([], await RaisedAsync(badEvents), cancel);
        return await RaisedAsync(sessions);

        async Task<IReadOnlyList<DeltaTransaction>> RaisedAsync(DeltaTable table)
        {
            var recorded = await table.TransactionsAsync(cancel);
            return [.. claims.Select(c => new DeltaTransaction(c.Key, c.Value) { Expected = recorded.GetValueOrDefault(c.Key, DeltaTransaction.Unrecorded) })];
        }
    }

    private async Task<long> RestoreAsync(Dictionary<int, Part> parts, CancellationToken cancel)
    {
        // Up to these offsets the sessions are written; events may be further, by the commits that a crash cut off.
        var sessionsUpTo = parts.Where(p => p.Value.Recorded[_events.Number] >= 0).ToDictionary(p => p.Key, p => p.Value.Recorded[_sessions.Number]);
        if (sessionsUpTo.Count == 0) return 0;
        var (newest, newestWritten) = await NewestByPartitionAsync(sessionsUpTo, cancel);
        if (newest.Count == 0) return 0;
        var previous = await LastSessions.ReadAsync(_sessions.Table, new ReadOptions(), cancel);
        var from = newest.Keys.Min(p => newestWritten.TryGetValue(p, out var written) ? Sessionizer.ReplayFromMicros(written, _sessionOptions) : long.MinValue);
        var accepted = newest.Keys.ToDictionary(p => p, _ => new List<MediaEvent>());
        await foreach (var batch in _events.Table.ReadAsync(new ReadOptions { Ranges = [ColumnRange.Micros("event_time", from, null), Within(newest.Keys)] }, cancel))
            using (batch)
                foreach (var stored in EventColumns.Read(batch))
                    if (!stored.IsLate && accepted.TryGetValue(stored.Consumed.Partition, out var events)) events.Add(stored.Consumed.Event);
        var recovered = new List<Session>();
        var step = new List<DeltaTransaction>();
        foreach (var (partition, events) in accepted)
        {
            var part = parts[partition];
            part.Sessionizer.Restore(events, previous, newest[partition], recovered);
            var (next, written) = (part.Recorded[_events.Number], part.Recorded[_sessions.Number]);
            if (next == written) continue;
            step.Add(new DeltaTransaction(ClaimApp(partition), part.Claim) { Expected = part.Claim });
            step.Add(new DeltaTransaction(App(_sessions, partition), next) { Expected = written });
            part.Recorded[_sessions.Number] = next;
        }
        if (recovered.Count > 0) await _sessions.Table.AppendAsync([SessionColumns.From(recovered)], step, cancel);
        else
            foreach (var (partition, written) in sessionsUpTo) parts[partition].Recorded[_sessions.Number] = written;
        return recovered.Count;
    }

    private static ColumnRange Within(IReadOnlyCollection<int> partitions) => ColumnRange.Whole("kafka_partition", partitions.Min(), partitions.Max());

    /// <summary>The newest event time of each partition, and the newest of those whose sessions are written: three narrow columns of the whole table, read once at a start.</summary>
    private async Task<(Dictionary<int, long> Newest, Dictionary<int, long> NewestWritten)> NewestByPartitionAsync(Dictionary<int, long> sessionsUpTo, CancellationToken cancel)
    {
        var (newest, newestWritten) = (new Dictionary<int, long>(), new Dictionary<int, long>());
        await foreach (var batch in _events.Table.ReadAsync(new ReadOptions { Columns = ["kafka_partition", "kafka_offset", "event_time"], Ranges = [Within(sessionsUpTo.Keys)] }, cancel))
            using (batch)
            {
                var partitions = ((Int32Array)batch.Column("kafka_partition")).Values;
                var offsets = ((Int64Array)batch.Column("kafka_offset")).Values;
                var times = ((TimestampArray)batch.Column("event_time")).Values;
                for (var row = 0; row < batch.Length; row++)
                {
                    if (!sessionsUpTo.TryGetValue(partitions[row], out var written)) continue;
                    Raise(newest, partitions[row], times[row]);
                    if (offsets[row] < written) Raise(newestWritten, partitions[row], times[row]);
                }
            }
        return (newest, newestWritten);

        static void Raise(Dictionary<int, long> to, int partition, long micros)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(to, partition, out var exists);
            if (!exists || micros > known) known = micros;
        }
    }

    /// <summary>A table that is written, with the name under which its offsets are recorded and its place in <see cref="Part.Recorded"/>.</summary>
    private sealed record Output(DeltaTable Table, string App, int Number);

    /// <summary>A partition that is this pipeline's.</summary>
    /// <param name="Claim">The number that its tables must have recorded for the partition as long as it is.</param>
    /// <param name="Recorded">By table, the next offset that it has recorded; −1 for none.</param>
    /// <param name="BadKeptUntil">Bad events before this offset were in the lake when the partition was taken up.</param>
    private sealed record Part(Sessionizer Sessionizer, long Claim, long[] Recorded, long BadKeptUntil);

    private sealed class Pending
    {
        public List<ConsumedEvent> Events { get; set; } = [];

        /// <summary>One per event.</summary>
        public List<bool> Late { get; set; } = [];
        public List<BadEvent> Bad { get; } = [];

        /// <summary>Second deliveries, by partition.</summary>
        public Dictionary<int, int> Duplicates { get; } = [];

        /// <summary>Bad events that the lake has already and the warehouse perhaps not.</summary>
        public List<BadEvent> BadKept { get; } = [];
        public List<(int Partition, Session Session)> Closed { get; } = [];

        /// <summary>How many of them time has closed; null while it is all of them.</summary>
        public int? ClosedInTime { get; set; }
        public Dictionary<int, long> NextOffsets { get; } = [];

        /// <summary>How far its commit came.</summary>
        public bool BadWritten { get; set; }
        public bool EventsWritten { get; set; }
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
