using System.Globalization;

namespace Media.Streaming;

/// <summary>No broker answered in the time allowed.</summary>
public sealed class BrokerUnreachableException : IOException
{
    public BrokerUnreachableException(KafkaOptions options, TimeSpan waited, Exception inner)
        : base(string.Create(CultureInfo.InvariantCulture, $"Kafka at {options.BootstrapServers} did not answer within {waited.TotalSeconds:0.#} s; is it running there?"), inner) { }
}

/// <summary>The log no longer holds a record that was to be read next: it is lost, and the counts would not add up.</summary>
public sealed class LostRecordException : IOException
{
    /// <param name="found">The offset that came instead; null when the log answered that it has none there.</param>
    public LostRecordException(string topic, int partition, long expected, long? found)
        : base($"Topic '{topic}' partition {partition} has lost records: offset {expected} was to come next, but {(found is { } at ? $"{at} came" : "the log does not reach back to it")}.") =>
        (Partition, Offset) = (partition, expected);

    /// <param name="begins">Where the log begins now.</param>
    /// <param name="next">What the reader is told to do.</param>
    private LostRecordException(string topic, int partition, long expected, long begins, string next)
        : base($"Topic '{topic}' partition {partition} has lost records: offset {expected} was to come next, but retention has let go of all before {begins}; {begins - expected} records were never read. {next}") =>
        (Partition, Offset) = (partition, expected);

    public int Partition { get; }

    /// <summary>The first offset lost.</summary>
    public long Offset { get; }

    internal static LostRecordException ByRetention(string topic, int partition, long expected, long begins) =>
        new(topic, partition, expected, begins, "To go on without them: 'sessionize --pass-over-lost'.");
}

/// <summary>An event that was handed over did not reach the log.</summary>
public sealed class DeliveryFailedException : IOException
{
    public DeliveryFailedException(string what, string topic, string reason) : base($"{what} did not reach topic '{topic}': {reason}") { }
}

/// <summary>A record is larger than the log takes; it was not sent, and the producer goes on with others.</summary>
public sealed class RecordTooLargeException : ArgumentException
{
    public RecordTooLargeException(string what, string topic, long bytes, long limit)
        : base(string.Create(CultureInfo.InvariantCulture, $"{what} has {bytes:N0} bytes with its key and envelope; topic '{topic}' takes {limit:N0}. It was not sent.")) => (Bytes, Limit) = (bytes, limit);

    public long Bytes { get; }
    public long Limit { get; }
}
