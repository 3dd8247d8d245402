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
/// A member of its group; partitions come and go with the other members. At least once: <see cref="Commit"/> a batch when it is safe elsewhere,
/// and what was not committed comes again. The bytes go from the client's memory straight to the <see cref="EventReader"/>. Not thread-safe.
/// </remarks>
public sealed class EventConsumer : IDisposable
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(50); // how late a cancel may be noticed
    private static readonly TimeSpan Brief = TimeSpan.FromSeconds(1);

    private readonly KafkaOptions _options;
    private readonly TimeProvider _time;
    private readonly ProducerPacing? _pacing;
    private readonly Dictionary<int, long> _startAt;
    private readonly Dictionary<int, long> _next = [];
    private readonly IConsumer<Ignore, Record> _consumer;
    private long? _silentSince;
    private bool _disposed;

    /// <param name="startAt">Per partition, the offset to begin at: the lake's, which is the truth after a crash. A partition not named begins at the group's
    /// committed offset, or else at the log's beginning.</param>
    /// <param name="pacing">The embedded broker's, told of every record read; null for a broker that keeps what it is given.</param>
    /// <exception cref="BrokerUnreachableException">No broker answered in time.</exception>
    /// <exception cref="InvalidOperationException">There is no such topic.</exception>
    public EventConsumer(KafkaOptions options, TimeProvider time, IReadOnlyDictionary<int, long>? startAt, ProducerPacing? pacing)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _time, _pacing) = (options, time, pacing);
        _startAt = new Dictionary<int, long>(startAt ?? new Dictionary<int, long>());
        var config = new ConsumerConfig
        {
            BootstrapServers = options.BootstrapServers,
            GroupId = options.GroupId,
            EnableAutoCommit = false,
            EnableAutoOffsetStore = false,
            AutoOffsetReset = AutoOffsetReset.Error, // a start that is gone is a loss, not a reason to begin elsewhere
            SessionTimeoutMs = (int)options.SessionTimeout.TotalMilliseconds,
            HeartbeatIntervalMs = (int)Math.Min(3000, options.SessionTimeout.TotalMilliseconds / 3),
            FetchWaitMaxMs = options.FetchWaitMs,
            ConsumeResultFields = "none",
            AllowAutoCreateTopics = false,
        };
        _consumer = new ConsumerBuilder<Ignore, Record>(config)
            .SetValueDeserializer(new RecordDeserializer(time))
            .SetPartitionsAssignedHandler(OnAssigned)
            .SetPartitionsRevokedHandler((_, partitions) => partitions.ForEach(p => _next.Remove(p.Partition.Value)))
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

    /// <summary>Gathers records until there are MaxBatchEvents, or MaxBatchWait has passed, or it is cancelled.</summary>
    /// <returns>What was gathered, perhaps nothing; a cancel loses nothing and throws nothing.</returns>
    /// <exception cref="LostRecordException">The log no longer holds the next record.</exception>
    /// <exception cref="BrokerUnreachableException">The brokers fell silent for too long.</exception>
    public EventBatch Read(CancellationToken cancel)
    {
        var good = new List<ConsumedEvent>();
        var bad = new List<BadEvent>();
        var next = new Dictionary<int, long>();
        var started = _time.GetTimestamp();
        while (good.Count + bad.Count < _options.MaxBatchEvents && !cancel.IsCancellationRequested)
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
            if (_options.OffsetsAreGapFree && _next.TryGetValue(partition, out var expected) && offset > expected)
                throw new LostRecordException(_options.Topic, partition, expected, offset);
            _next[partition] = next[partition] = offset + 1;
            _pacing?.Leave(partition, offset, record.Bytes);
            if (record.Good is not null) good.Add(new ConsumedEvent(record.Good, partition, offset));
            else if (record.Bad is not null) bad.Add(record.Bad with { Partition = partition, Offset = offset });
        }
        return new EventBatch(good, bad, next);
    }

    /// <summary>Tells the group that this batch is safe. Call it after the lake's commit.</summary>
    public void Commit(EventBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var mine = _consumer.Assignment.Select(p => p.Partition.Value).ToHashSet();
        var offsets = batch.NextOffsets.Where(p => mine.Contains(p.Key))
            .Select(p => new TopicPartitionOffset(_options.Topic, p.Key, p.Value)).ToList();
        if (offsets.Count == 0) return;
        try
        {
            _consumer.Commit(offsets);
        }
        catch (KafkaException fault) when (fault.Error.Code is ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.RebalanceInProgress)
        {
            // The partitions are moving to another member. It may read this batch again, which at-least-once allows and the sinks do not show.
        }
    }

    /// <summary>Of the partitions it reads now, how far it has come. Asks the broker.</summary>
    public IReadOnlyList<PartitionLag> Lag() =>
    [
        .. from partition in _consumer.Assignment
           let marks = _consumer.QueryWatermarkOffsets(partition, _options.UnreachableAfter)
           orderby partition.Partition.Value
           select new PartitionLag(partition.Partition.Value, _next.GetValueOrDefault(partition.Partition.Value, marks.Low.Value), marks.High.Value),
    ];

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
            return _consumer.Consume(wait);
        }
        catch (ConsumeException fault) when (fault.Error.Code is ErrorCode.Local_AutoOffsetReset or ErrorCode.OffsetOutOfRange)
        {
            var partition = fault.ConsumerRecord.Partition.Value;
            throw new LostRecordException(_options.Topic, partition, _next.GetValueOrDefault(partition), null);
        }
    }

    private List<TopicPartitionOffset> OnAssigned(IConsumer<Ignore, Record> consumer, List<TopicPartition> partitions)
    {
        var starts = new List<TopicPartitionOffset>();
        foreach (var committed in consumer.Committed(partitions, _options.UnreachableAfter))
        {
            var partition = committed.Partition.Value;
            // Given starts hold for the first time only: when a partition comes back, another member has gone on from there and committed.
            Offset start = _startAt.Remove(partition, out var given) ? given
                : committed.Offset != Offset.Unset ? committed.Offset
                : _pacing is not null ? 0 // an embedded log begins with this process: its first record must be there
                : Offset.Beginning;
            if (start != Offset.Beginning) _next[partition] = start.Value;
            starts.Add(new TopicPartitionOffset(committed.TopicPartition, start));
        }
        return starts;
    }

    private void ThrowIfSilent()
    {
        if (_silentSince is not { } since || _time.GetElapsedTime(since) < _options.UnreachableAfter) return;
        _ = KafkaTopic.Partitions(_consumer.Handle, _options with { UnreachableAfter = Brief });
        _silentSince = null;
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
