using System.Globalization;
using System.Text;
using Confluent.Kafka;
using Media.Events;

namespace Media.Streaming;

/// <summary>Bad events to a topic of their own, as the lake's bad_events holds them: value = the record's bytes, the rest in headers.</summary>
/// <remarks>
/// Key: "topic/partition/offset" of where the record came from, so a letter that is sent again (at least once) is known by it.
/// Headers, UTF-8: reason, field (left out where the whole record is at fault), source_topic, source_partition, source_offset, received_at (ISO 8601, µs). Not thread-safe.
/// </remarks>
public sealed class DeadLetters : IDisposable
{
    private readonly KafkaOptions _options;
    private readonly IProducer<string, byte[]> _producer;
    private Error? _failure;

    /// <exception cref="BrokerUnreachableException">No broker answered in time.</exception>
    /// <exception cref="InvalidOperationException">There is no such topic.</exception>
    public DeadLetters(KafkaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        var config = EventProducer.Settings(options);
        config.MessageMaxBytes = (int)LargestRecord(options);
        config.DeliveryReportFields = "none";
        _producer = new ProducerBuilder<string, byte[]>(config).SetLogHandler(KafkaTopic.Quiet).SetErrorHandler(KafkaTopic.Quiet).Build();
        try
        {
            _ = KafkaTopic.Partitions(_producer.Handle, options, options.DeadLetterTopic, options.UnreachableAfter);
        }
        catch
        {
            _producer.Dispose();
            throw;
        }
    }

    /// <summary>What the topic must take: the largest record of the other, whoever sent it, with its headers.</summary>
    internal static long LargestRecord(KafkaOptions options) => Math.Max(options.MaxRecordBytes, 1 << 20) + KafkaTopic.DeadLetterOverhead;

    /// <summary>"topic/partition/offset"</summary>
    public static string Key(string topic, BadEvent bad) => string.Create(CultureInfo.InvariantCulture, $"{topic}/{bad.Partition}/{bad.Offset}");

    /// <summary>Sends them and waits until the log has all.</summary>
    /// <exception cref="DeliveryFailedException">One did not reach it.</exception>
    public void Send(IReadOnlyList<BadEvent> events)
    {
        foreach (var bad in events)
        {
            var message = new Message<string, byte[]> { Key = Key(_options.Topic, bad), Value = bad.Raw.ToArray(), Headers = HeadersOf(bad) };
            for (var sent = false; !sent;)
            {
                try
                {
                    _producer.Produce(_options.DeadLetterTopic, message, report => { if (report.Error.IsError) _failure ??= report.Error; });
                    sent = true;
                }
                catch (ProduceException<string, byte[]> fault) when (fault.Error.Code == ErrorCode.Local_QueueFull)
                {
                    _producer.Poll(TimeSpan.FromMilliseconds(100));
                }
                catch (ProduceException<string, byte[]> fault)
                {
                    throw new DeliveryFailedException($"Bad event {message.Key}", _options.DeadLetterTopic, fault.Error.Reason);
                }
            }
        }
        while (_producer.Flush(TimeSpan.FromMilliseconds(100)) > 0) { }
        if (_failure is not { } error) return;
        _failure = null;
        throw new DeliveryFailedException("A bad event", _options.DeadLetterTopic, error.Reason);
    }

    public void Dispose() => _producer.Dispose();

    private Headers HeadersOf(BadEvent bad)
    {
        var headers = new Headers();
        void Add(string name, string value) => headers.Add(name, Encoding.UTF8.GetBytes(value));
        Add("reason", Vocabulary<BadEventReason>.Name(bad.Reason));
        if (bad.Field is not null) Add("field", bad.Field);
        Add("source_topic", _options.Topic);
        Add("source_partition", bad.Partition.ToString(CultureInfo.InvariantCulture));
        Add("source_offset", bad.Offset.ToString(CultureInfo.InvariantCulture));
        Add("received_at", bad.ReceivedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
        return headers;
    }
}
