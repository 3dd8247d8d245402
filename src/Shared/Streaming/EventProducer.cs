using System.Buffers;
using System.Text;
using Confluent.Kafka;
using Media.Events;

namespace Media.Streaming;

/// <summary>Sends events to the topic, each to the partition of its user, so that one user's events stay in order.</summary>
/// <remarks>
/// Idempotent (a retry writes nothing twice), acknowledged by all replicas, lz4. An event that cannot be delivered is an exception at the next call,
/// at the latest at <see cref="Flush"/>. When the queue is full or the pacing says so, <see cref="Produce(MediaEvent, CancellationToken)"/> waits. Not thread-safe.
/// </remarks>
public sealed class EventProducer : IDisposable
{
    private static readonly TimeSpan Slice = TimeSpan.FromMilliseconds(100); // how late a cancel may be noticed
    private const int CallsPerPoll = 256;

    private readonly KafkaOptions _options;
    private readonly ProducerPacing? _pacing;
    private readonly IProducer<byte[], byte[]> _producer;
    private readonly Action<DeliveryReport<byte[], byte[]>> _onDelivery;
    private readonly TopicPartition[] _partitions;
    private readonly ArrayBufferWriter<byte> _json = new(4096);
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
        var config = new ProducerConfig
        {
            BootstrapServers = options.BootstrapServers,
            EnableIdempotence = true,
            Acks = Acks.All,
            CompressionType = CompressionType.Lz4,
            LingerMs = options.LingerMs,
            BatchSize = 512 * 1024,
            QueueBufferingMaxMessages = options.MaxQueuedEvents,
            QueueBufferingMaxKbytes = 256 * 1024,
            MessageTimeoutMs = (int)options.DeliveryTimeout.TotalMilliseconds,
            EnableBackgroundPoll = false,
            DeliveryReportFields = "key,value",
            AllowAutoCreateTopics = false,
        };
        _producer = new ProducerBuilder<byte[], byte[]>(config).SetLogHandler(KafkaTopic.Quiet).SetErrorHandler(OnError).Build();
        try
        {
            _partitions = [.. Enumerable.Range(0, KafkaTopic.Partitions(_producer.Handle, options)).Select(p => new TopicPartition(options.Topic, p))];
        }
        catch
        {
            _producer.Dispose();
            throw;
        }
    }

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
    /// <exception cref="DeliveryFailedException">An earlier event did not reach the log.</exception>
    public void Produce(UserId user, byte[] json, CancellationToken cancel)
    {
        ThrowIfFailed();
        var key = Encoding.UTF8.GetBytes(user.Value);
        var partition = UserPartition.Of(key, _partitions.Length);
        while (_pacing is not null && !_pacing.TryEnter(partition, json.Length, Slice, cancel)) Poll(TimeSpan.Zero);
        var message = new Message<byte[], byte[]> { Key = key, Value = json };
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

    private void OnError(IClient client, Error error)
    {
        if (error.IsFatal) _failure ??= new DeliveryFailedException("What was produced last", _options.Topic, error.Reason);
    }

    private static string Describe(Message<byte[], byte[]> message)
    {
        var read = new EventReader().TryRead(message.Value, DateTimeOffset.MaxValue.AddDays(-2), -1, -1, out var good, out _);
        return read && good is not null ? $"Event {good.EventId} of user '{good.UserId}'" : $"A record of user '{Encoding.UTF8.GetString(message.Key)}'";
    }

    private void ThrowIfFailed()
    {
        if (_failure is not null) throw _failure;
    }
}
