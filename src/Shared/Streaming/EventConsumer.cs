using System.Globalization;
using System.Runtime.ExceptionServices;
using Confluent.Kafka;
using Media.Events;

namespace Media.Streaming;

/// <summary>How far a consumer is behind.</summary>
/// <param name="NextOffset">What it reads next.</param>
/// <param name="HighWatermark">What the next record written will have.</param>
public readonly record struct PartitionLag(int Partition, long NextOffset, long HighWatermark)
{
    /// <summary>Records, ≥ 0.</summary>
    public long Records => Math.Max(0, HighWatermark - NextOffset);
}

/// <summary>Reads the topic in batches: every record becomes a good or a bad event, every gap an exception.</summary>
/// <remarks>
/// A member of its group; partitions come and go with the other members, one by one: those that stay are read on meanwhile (cooperative sticky assignment), since to
/// take a partition up costs its owner the rebuilding of what is open. At least once: <see cref="Commit(EventBatch)"/> a batch when it is safe elsewhere, and what was
/// not committed comes again. Brokers that are away for a while are waited for. The bytes go from the client's memory straight to the <see cref="EventReader"/>. Not thread-safe.
/// </remarks>
public sealed class EventConsumer : IDisposable
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(50); // how late a cancel may be noticed
    private static readonly TimeSpan Brief = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(5);

    private readonly KafkaOptions _options;
    private readonly TimeProvider _time;
    private readonly ProducerPacing? _pacing;
    private readonly IPartitionOwner? _owner;
    private readonly Action<string> _tell;
    private readonly Dictionary<int, long> _startAt;
    private readonly Dictionary<int, long> _next = [];
    private readonly Dictionary<int, long> _uncommitted = [];
    private readonly IConsumer<Ignore, Record> _consumer;
    private List<ConsumedEvent> _good = [];
    private List<BadEvent> _bad = [];
    private Dictionary<int, long> _read = [];
    private ExceptionDispatchInfo? _fault;
    private long? _silentSince;
    private long _askedAt;
    private bool _disposed;

    /// <param name="startAt">Per partition, the offset to begin at the first time. A partition not named begins at the group's committed offset, or else at the log's beginning.</param>
    /// <param name="pacing">The embedded broker's, told of every record read; null for a broker that keeps what it is given.</param>
    /// <exception cref="BrokerUnreachableException">No broker answered in time.</exception>
    /// <exception cref="InvalidOperationException">There is no such topic.</exception>
    public EventConsumer(KafkaOptions options, TimeProvider time, IReadOnlyDictionary<int, long>? startAt, ProducerPacing? pacing) : this(options, time, startAt, null, _ => { }, pacing) { }

    /// <summary>A member that answers for its partitions to an owner.</summary>
    /// <param name="owner">Says where each partition begins, and is told when it goes.</param>
    /// <param name="tell">Told in a sentence each what whoever runs this should know: records that are gone.</param>
    /// <exception cref="BrokerUnreachableException">No broker answered in time.</exception>
    /// <exception cref="InvalidOperationException">There is no such topic.</exception>
    public static EventConsumer For(IPartitionOwner owner, KafkaOptions options, TimeProvider time, Action<string> tell) => new(options, time, null, owner, tell, null);

    private EventConsumer(KafkaOptions options, TimeProvider time, IReadOnlyDictionary<int, long>? startAt, IPartitionOwner? owner, Action<string> tell, ProducerPacing? pacing)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _time, _owner, _tell, _pacing) = (options, time, owner, tell, pacing);
        _startAt = new Dictionary<int, long>(startAt ?? new Dictionary<int, long>());
        var config = new ConsumerConfig
        {
            BootstrapServers = options.BootstrapServers,
            GroupId = options.GroupId,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Error, // a start that is gone is a loss, not a reason to begin elsewhere
            PartitionAssignmentStrategy = PartitionAssignmentStrategy.CooperativeSticky,
            SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds,
            HeartbeatIntervalMs = (int)Math.Min(3000, options.SessionTimeout.TotalMilliseconds / 3),
            FetchWaitMaxMs = options.FetchWaitMs,
            ConsumeResultFields = "none",
            AllowAutoCreateTopics = false,
        };
        _consumer = new ConsumerBuilder<Ignore, Record>(config)
            .SetValueDeserializer(new RecordDeserializer(time))
            .SetPartitionsAssignedHandler((_, partitions) => OnAssigned(partitions))
            .SetPartitionsRevokedHandler((_, partitions) => Guard(() => OnRevoked(partitions)))
            .SetPartitionsLostHandler((_, partitions) => Guard(() => OnLost(partitions)))
            .SetLogHandler(KafkaTopic.Quiet)
            .SetErrorHandler((_, error) => { if (error.Code == ErrorCode.Local_AllBrokersDown) _silentSince ??= _time.GetTimestamp(); })
            .Build();
        try
        {
            _ = KafkaTopic.Partitions(_consumer.Handle, options);
            _consumer.Subscribe(options.Topic);
        }
        catch
        {
            _consumer.Dispose();
            throw;
        }
    }

    /// <summary>Records that the log had let go of before they were read, and that were passed over.</summary>
    public long Lost { get; private set; }

    /// <summary>Gathers records until there are MaxBatchEvents, or MaxBatchWait has passed, or it is cancelled.</summary>
    /// <returns>What was gathered, perhaps nothing, of the partitions that are still this member's; a cancel loses nothing and throws nothing.</returns>
    /// <exception cref="LostRecordException">The log no longer holds the next record.</exception>
    /// <exception cref="BrokerUnreachableException">The brokers were away for longer than LongestOutage.</exception>
    public EventBatch Read(CancellationToken cancel)
    {
        (_good, _bad, _read) = ([], [], []);
        var started = _time.GetTimestamp();
        while (_good.Count + _bad.Count < _options.MaxBatchEvents && !cancel.IsCancellationRequested)
        {
            var left = _options.MaxBatchWait - _time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero) break;
            if (Consume(left < Slice ? left : Slice) is not { } result)
            {
                ThrowIfSilent();
                continue;
            }
            _silentSince = null;
            var (partition, offset, record) = (result.Partition.Value, result.Offset.Value, result.Message.Value);
            if (_options.OffsetsAreGapFree && _next.TryGetValue(partition, out var expected) && offset > expected) PassOver(partition, expected, offset);
            _next[partition] = _read[partition] = offset + 1;
            _pacing?.Leave(partition, offset, record.Bytes);
            if (record.Good is not null) _good.Add(new ConsumedEvent(record.Good, partition, offset));
            else if (record.Bad is not null) _bad.Add(record.Bad with { Partition = partition, Offset = offset });
        }
        return new EventBatch(_good, _bad, _read);
    }

    /// <summary>Tells the group that this batch is safe. Call it after the lake's commit.</summary>
    public void Commit(EventBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        Commit(batch.NextOffsets);
    }

    /// <summary>Tells the group that all before these offsets is safe. While it cannot be told (the brokers are away, partitions move) it is told with the next ones.</summary>
    public void Commit(IReadOnlyDictionary<int, long> nextOffsets)
    {
        ArgumentNullException.ThrowIfNull(nextOffsets);
        foreach (var (partition, next) in nextOffsets) _uncommitted[partition] = next;
        var mine = _consumer.Assignment.Select(p => p.Partition.Value).ToHashSet();
        foreach (var gone in _uncommitted.Keys.Where(p => !mine.Contains(p)).ToList()) _uncommitted.Remove(gone);
        if (_uncommitted.Count == 0 || _silentSince is not null) return;
        try
        {
            _consumer.Commit([.. _uncommitted.Select(p => new TopicPartitionOffset(_options.Topic, p.Key, p.Value))]);
            _uncommitted.Clear();
        }
        catch (KafkaException fault) when (fault.Error.Code is ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.RebalanceInProgress || IsPassing(fault.Error))
        {
            // The group's offsets are only a hint: where to begin is the lake's word, and what comes again the sinks do not show twice.
        }
    }

    /// <summary>Of the partitions it reads now, how far it has come. Asks the broker; empty while it does not answer.</summary>
    public IReadOnlyList<PartitionLag> Lag()
    {
        try
        {
            return
            [
                .. from partition in _consumer.Assignment
                   let marks = _consumer.QueryWatermarkOffsets(partition, _options.UnreachableAfter)
                   orderby partition.Partition.Value
                   select new PartitionLag(partition.Partition.Value, _next.GetValueOrDefault(partition.Partition.Value, marks.Low.Value), marks.High.Value),
            ];
        }
        catch (KafkaException fault) when (IsPassing(fault.Error))
        {
            return [];
        }
    }

    /// <summary>Gives up every partition, without a word to the owner beyond <see cref="IPartitionOwner.Lose"/>, and asks the group for some anew.</summary>
    public void Rejoin()
    {
        OnLost([.. _consumer.Assignment.Select(p => new TopicPartitionOffset(p, Offset.Unset))]);
        _consumer.Unsubscribe();
        _consumer.Subscribe(_options.Topic);
    }

    /// <summary>Leaves the group.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _consumer.Close();
        _consumer.Dispose();
    }

    private ConsumeResult<Ignore, Record>? Consume(TimeSpan wait)
    {
        try
        {
            var result = _consumer.Consume(wait);
            if (_fault is { } fault)
            {
                _fault = null;
                fault.Throw();
            }
            return result;
        }
        catch (ConsumeException fault) when (fault.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
        {
            var partition = fault.ConsumerRecord.Partition;
            var expected = _next.GetValueOrDefault(partition.Value);
            if (_owner is null) throw new LostRecordException(_options.Topic, partition.Value, expected, null);
            // Retention overtook the reading.
            var begin = Checked(partition.Value, expected);
            _consumer.Seek(new TopicPartitionOffset(_options.Topic, partition, begin));
            _next[partition.Value] = begin;
            return null;
        }
        catch (ConsumeException fault) when (fault.Error.Code == ErrorCode.Local_MaxPollExceeded)
        {
            return null; // the partitions are given up and asked for anew with the next call
        }
        catch (ConsumeException fault) when (!fault.Error.IsFatal && IsPassing(fault.Error))
        {
            _silentSince ??= _time.GetTimestamp();
            return null;
        }
    }

    /// <summary>What a broker says, or does not say, while it goes down, comes up, or the topic's leader moves.</summary>
    private static bool IsPassing(Error error) => error.Code is
        ErrorCode.Local_Transport or ErrorCode.Local_AllBrokersDown or ErrorCode.Local_TimedOut or ErrorCode.Local_TimedOutQueue or ErrorCode.Local_WaitCoord or ErrorCode.Local_Resolve or ErrorCode.Local_NoOffset
        or ErrorCode.Local_UnknownPartition or ErrorCode.Local_UnknownTopic or ErrorCode.Local_Destroy or ErrorCode.Local_State
        or ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable or ErrorCode.NotLeaderForPartition or ErrorCode.RequestTimedOut or ErrorCode.BrokerNotAvailable or ErrorCode.NetworkException
        or ErrorCode.GroupLoadInProgress or ErrorCode.GroupCoordinatorNotAvailable or ErrorCode.NotCoordinatorForGroup or ErrorCode.ReplicaNotAvailable or ErrorCode.OffsetNotAvailable or ErrorCode.KafkaStorageError;

    /// <summary>The client must get an answer to every change of partitions, or it stands still: a fault waits until the read that brought it ends.</summary>
    private void Guard(Action answer)
    {
        try { answer(); }
        catch (Exception fault) { _fault ??= ExceptionDispatchInfo.Capture(fault); }
    }

    private List<TopicPartitionOffset> OnAssigned(List<TopicPartition> partitions)
    {
        if (partitions.Count == 0) return [];
        var begins = partitions.ToDictionary(p => p.Partition.Value, _ => Offset.Beginning.Value);
        Guard(() => begins = _owner is null ? ByGroup(partitions) : ByOwner(_owner, [.. begins.Keys]));
        foreach (var (partition, begin) in begins)
            if (begin >= 0) _next[partition] = begin;
        return [.. begins.Select(b => new TopicPartitionOffset(_options.Topic, b.Key, b.Value))];
    }

    private Dictionary<int, long> ByOwner(IPartitionOwner owner, List<int> partitions)
    {
        var taken = owner.Take(partitions);
        return partitions.ToDictionary(p => p, p => taken.TryGetValue(p, out var next) ? Checked(p, next) : First(p));
    }

    /// <summary>As given, or as the group has committed, or from the beginning.</summary>
    private Dictionary<int, long> ByGroup(List<TopicPartition> partitions)
    {
        var begins = new Dictionary<int, long>();
        foreach (var committed in _consumer.Committed(partitions, _options.UnreachableAfter))
        {
            var partition = committed.Partition.Value;
            // Given starts hold for the first time only: when a partition comes back, another member has gone on from there and committed.
            begins[partition] = _startAt.Remove(partition, out var given) ? given
                : committed.Offset != Offset.Unset ? committed.Offset.Value
                : _pacing is not null ? 0 // an embedded log begins with this process: its first record must be there
                : Offset.Beginning.Value;
        }
        return begins;
    }

    /// <summary>The log's first record, for a reader that has read none yet.</summary>
    private long First(int partition)
    {
        if (Marks(partition) is not { } marks) return Offset.Beginning.Value;
        if (marks.Low > 0)
            _tell(string.Create(CultureInfo.InvariantCulture, $"Topic '{_options.Topic}' partition {partition} begins at offset {marks.Low.Value:N0}: the {marks.Low.Value:N0} records before it are gone and will not be in this lake."));
        return marks.Low.Value;
    }

    /// <summary>Holds the place to read on against what the log has.</summary>
    /// <returns>The place, or the log's beginning when all before it is lost and to be passed over.</returns>
    private long Checked(int partition, long next)
    {
        // Without an answer the place is taken as it is: the first fetch will tell.
        if (Marks(partition) is not { } marks) return next;
        if (next > marks.High.Value)
            throw new InvalidOperationException(string.Create(CultureInfo.InvariantCulture, $"The lake has read topic '{_options.Topic}' partition {partition} up to offset {next:N0}, but the log ends at {marks.High.Value:N0}: it is another log, or was made anew. Use another topic name or another lake."));
        if (next >= marks.Low.Value) return next;
        if (!_options.PassOverLostRecords) throw LostRecordException.ByRetention(_options.Topic, partition, next, marks.Low.Value);
        PassOver(partition, next, marks.Low.Value);
        return marks.Low.Value;
    }

    private void PassOver(int partition, long expected, long found)
    {
        if (!_options.PassOverLostRecords) throw new LostRecordException(_options.Topic, partition, expected, found);
        Lost += found - expected;
        _tell(string.Create(CultureInfo.InvariantCulture, $"Topic '{_options.Topic}' partition {partition}: {found - expected:N0} records are lost, offsets {expected:N0} – {found - 1:N0}; reading goes on behind them."));
    }

    private WatermarkOffsets? Marks(int partition)
    {
        try { return _consumer.QueryWatermarkOffsets(new TopicPartition(_options.Topic, partition), _options.UnreachableAfter); }
        catch (KafkaException fault) when (IsPassing(fault.Error)) { return null; }
    }

    private void OnRevoked(List<TopicPartitionOffset> partitions)
    {
        if (partitions.Count == 0) return;
        var numbers = LetGo(partitions);
        if (_owner is not null) Commit(_owner.Release(numbers));
    }

    private void OnLost(List<TopicPartitionOffset> partitions)
    {
        if (partitions.Count > 0) _owner?.Lose(LetGo(partitions));
    }

    /// <summary>Takes out of the batch under way what its partitions' next reader will read.</summary>
    private List<int> LetGo(List<TopicPartitionOffset> partitions)
    {
        var numbers = partitions.Select(p => p.Partition.Value).ToList();
        foreach (var partition in numbers)
        {
            _next.Remove(partition);
            _read.Remove(partition);
        }
        _good.RemoveAll(e => numbers.Contains(e.Partition));
        _bad.RemoveAll(b => numbers.Contains(b.Partition));
        return numbers;
    }

    /// <summary>While the brokers are silent, asks now and then whether they are back.</summary>
    private void ThrowIfSilent()
    {
        if (_silentSince is not { } since) return;
        var waited = _time.GetElapsedTime(since);
        if (waited < _options.LongestOutage && _time.GetElapsedTime(Math.Max(since, _askedAt)) < AskAgain) return;
        try
        {
            _ = KafkaTopic.Partitions(_consumer.Handle, _options, _options.Topic, Brief);
            _silentSince = null;
        }
        catch (BrokerUnreachableException fault)
        {
            if (waited >= _options.LongestOutage) throw new BrokerUnreachableException(_options, waited, fault);
        }
        catch (InvalidOperationException) when (waited < _options.LongestOutage)
        {
            // A broker that comes up does not know its topics at once.
        }
        _askedAt = _time.GetTimestamp();
    }

    private readonly record struct Record(MediaEvent? Good, BadEvent? Bad, int Bytes);

    /// <summary>Called by the client with its own memory; partition and offset are known only afterwards.</summary>
    private sealed class RecordDeserializer(TimeProvider time) : IDeserializer<Record>
    {
        private readonly EventReader _reader = new();

        public Record Deserialize(ReadOnlySpan<byte> data, bool isNull, SerializationContext context)
        {
            _reader.TryRead(data, time.GetUtcNow(), -1, -1, out var good, out var bad);
            return new Record(good, bad, data.Length);
        }
    }
}
