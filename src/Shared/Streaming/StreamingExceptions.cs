namespace Media.Streaming;

/// <summary>No broker answered in the time allowed.</summary>
public sealed class BrokerUnreachableException : IOException
{
    public BrokerUnreachableException(KafkaOptions options, Exception inner)
        : base($"Kafka at {options.BootstrapServers} did not answer within {options.UnreachableAfter.TotalSeconds:0.#} s; is it running there?", inner) { }
}

/// <summary>The log no longer holds a record that was to be read next: it is lost, and the counts would not add up.</summary>
public sealed class LostRecordException : IOException
{
    /// <param name="found">The offset that came instead; null when the log answered that it has none there.</param>
    public LostRecordException(string topic, int partition, long expected, long? found)
        : base($"Topic '{topic}' partition {partition} has lost records: offset {expected} was to come next, but {(found is { } at ? $"{at} came" : "the log does not reach back to it")}.") =>
        (Partition, Offset) = (partition, expected);

    public int Partition { get; }

    /// <summary>The first offset lost.</summary>
    public long Offset { get; }
}

/// <summary>An event that was handed over did not reach the log.</summary>
public sealed class DeliveryFailedException : IOException
{
    public DeliveryFailedException(string what, string topic, string reason) : base($"{what} did not reach topic '{topic}': {reason}") { }
}
