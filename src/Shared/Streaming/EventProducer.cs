using System.Buffers;
using System.Text;
using Confluent.Kafka;
using Media.Events;

namespace Media.Streaming;

/// <summary>Sends events to the topic, each to the partition of its user, so that one user's events stay in order.</summary>
/// <remarks>
/// Idempotent (a retry writes nothing twice), acknowledged by all replicas, lz4. An event that cannot be delivered is an exception at the next call,
/// at the latest at <see cref="Flush"/>. One that is larger than the log takes is refused before it is handed over, and the producer goes on.
/// When the queue is full or the pacing says so, <see cref="Produce(MediaEvent, CancellationToken)"/> waits. Not thread-safe.
/// </remarks>
public sealed class EventProducer : IDisposable
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100); // how late a cancel may be noticed
    private const int CallsPerPoll = 256;
    private const int BatchBytes = 512 * 1024;

    /// <summary>What a record may take beside key and value: its own framing and that of the batch it is alone in.</summary>
    private const int RecordEnvelope = 100;

    /// <summary>Largest record whose event id is looked for when it is to be named.</summary>
    private const int LargestDescribed = 16 * 1024 * 1024;

    private readonly KafkaOptions _options;
    private readonly ProducerPacing? _pacing;
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly Action<DeliveryReport<byte[], byte[]>> _onDelivery;
    private readonly TopicPartition[] _partitions;
    private readonly ArrayBufferWriter<byte> _json = new(4096);
    private readonly long _maxRecordBytes;
    private DeliveryFailedException? _failure;
    private int _calls;

    /// <param name="pacing">The embedded broker's; null for a broker that keeps what it is given.</param>
    /// <exception cref="BrokerUnreachableException">No broker answered in time.</exception>
    /// <exception cref="InvalidOperationException">There is no such topic.</exception>
    public EventProducer(KafkaOptions options, ProducerPacing? pacing)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _pacing = pacing;
        _onDelivery = OnDelivery;
        var config = Settings(options);
        _maxRecordBytes = options.MaxRecordBytes;
        _producer = Build(config);
        try
        {
            _partitions = [.. Enumerable.Range(0, KafkaTopic.Partitions(_producer.Handle, options)).Select(p => new TopicPartition(options.Topic, p))];
            // A topic may take less than the client would send, and refuses a whole batch that is larger, with all that is good in it.
            if (pacing is null && KafkaTopic.LargestRecord(options, options.Topic) is { } takes && takes < Math.Max(config.MessageMaxBytes ?? 0, config.BatchSize ?? 0))
            {
                _maxRecordBytes = Math.Min(_maxRecordBytes, takes);
                config.BatchSize = (int)Math.Min(BatchBytes, takes);
                _producer.Dispose();
                _producer = Build(config);
            }
        }
        catch
        {
            _producer.Dispose();
            throw;
        }
    }

    /// <summary>Idempotent, acknowledged by all replicas, lz4.</summary>
    internal static ProducerConfig Settings(KafkaOptions options) => new()
    {
        BootstrapServers = options.BootstrapServers,
        EnableIdempotence = true,
        Acks = Acks.All,
        CompressionType = CompressionType.Lz4,
        LingerMs = options.LingerMs,
        BatchSize = BatchBytes,
        MessageMaxBytes = options.MaxRecordBytes,
        QueueBufferingMaxMessages = options.MaxQueuedEvents,
        QueueBufferingMaxKbytes = 256 * 1024,
        MessageTimeoutMs = (int)options.DeliveryTimeout.TotalMilliseconds,
        EnableBackgroundPoll = false,
        DeliveryReportFields = "key,value",
        AllowAutoCreateTopics = false,
    };

    /// <summary>Events the log has acknowledged so far.</summary>
    public long Delivered { get; private set; }

    /// <exception cref="DeliveryFailedException">An earlier event did not reach the log.</exception>
    public void Produce(MediaEvent mediaEvent, CancellationToken cancel)
    {
        _json.ResetWrittenCount();
        EventWriter.Write(mediaEvent, _json);
        Produce(mediaEvent.UserId, _json.WrittenSpan.ToArray(), cancel);
    }

    /// <summary>Sends a record as it is: one that came as JSON, or a bad one that was mended.</summary>
    /// <param name="json">Must not be changed afterwards.</param>
    /// <exception cref="RecordTooLargeException">It is larger than the log takes; nothing was done.</exception>
    /// <exception cref="DeliveryFailedException">An earlier event did not reach the log.</exception>
    public void Produce(UserId user, byte[] json, CancellationToken cancel)
    {
        ThrowIfFailed();
        var key = Encoding.UTF8.GetBytes(user.Value);
        var message = new Message<byte[], byte[]> { Key = key, Value = json };
        if ((long)key.Length + json.Length + RecordEnvelope is var bytes && bytes > _maxRecordBytes) throw new RecordTooLargeException(Describe(message), _options.Topic, bytes, _maxRecordBytes);
        var partition = UserPartition.Of(key, _partitions.Length);
        while (_pacing is not null && !_pacing.TryEnter(partition, json.Length, Slice, cancel)) Poll(TimeSpan.Zero);
        while (!TryProduce(_partitions[partition], message))
        {
            cancel.ThrowIfCancellationRequested();
            Poll(Slice);
        }
        if (++_calls % CallsPerPoll == 0) Poll(TimeSpan.Zero);
    }

    /// <summary>Waits until every event is in the log.</summary>
    /// <exception cref="DeliveryFailedException">One did not reach it.</exception>
    public void Flush(CancellationToken cancel)
    {
        while (_producer.Flush(Slice) > 0)
        {
            ThrowIfFailed();
            cancel.ThrowIfCancellationRequested();
        }
        ThrowIfFailed();
    }

    /// <summary>Ends without waiting for what is not yet delivered: <see cref="Flush"/> first.</summary>
    public void Dispose() => _producer.Dispose();

    private bool TryProduce(TopicPartition to, Message<byte[], byte[]> message)
    {
        try
        {
            _producer.Produce(to, message, _onDelivery);
            return true;
        }
        catch (ProduceException<byte[], byte[]> fault) when (fault.Error.Code == ErrorCode.Local_QueueFull)
        {
            return false; // the client has no other way to say so
        }
    }

    private void Poll(TimeSpan wait)
    {
        _producer.Poll(wait);
        ThrowIfFailed();
    }

    private void OnDelivery(DeliveryReport<byte[], byte[]> report)
    {
        if (!report.Error.IsError) Delivered++;
        else _failure ??= new DeliveryFailedException(Describe(report.Message), _options.Topic, report.Error.Reason);
    }

    private IProducer<byte[], byte[]> Build(ProducerConfig config) => new ProducerBuilder<byte[], byte[]>(config).SetLogHandler(KafkaTopic.Quiet).SetErrorHandler(OnError).Build();

    private void OnError(IClient client, Error error)
    {
        if (error.IsFatal) _failure ??= new DeliveryFailedException("What was produced last", _options.Topic, error.Reason);
    }

    private static string Describe(Message<byte[], byte[]> message)
    {
        var read = new EventReader(new EventReaderOptions { MaxBytes = LargestDescribed }).TryRead(message.Value.Length > LargestDescribed ? [] : message.Value, DateTimeOffset.MaxValue.AddDays(-2), -1, -1, out var good, out _);
        return read && good is not null ? $"Event {good.EventId} of user '{good.UserId}'" : $"A record of user '{Encoding.UTF8.GetString(message.Key)}'";
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null) throw _failure;
    }
}
