using System.ComponentModel.DataAnnotations;

namespace Media.Streaming;

// Streaming: the events on their way through Kafka.
//   EventProducer (step 1: an event to its user's partition) → topic → EventConsumer (step 2: batches of good and bad, offsets beside them).
//   KafkaTopic makes the topic · EmbeddedBroker is a broker inside this process, for one machine · ProducerPacing keeps producers within its small memory.

/// <summary>Where the event log is and how it is written and read. Immutable, thread-safe.</summary>
public sealed record KafkaOptions
{
    /// <summary>host:port, several separated by commas.</summary>
    [Required]
    public required string BootstrapServers { get; init; }

    /// <summary>Default media.events.</summary>
    [Required]
    public string Topic { get; init; } = "media.events";

    /// <summary>Consumers of one group share the partitions. Default media-sessionize.</summary>
    [Required]
    public string GroupId { get; init; } = "media-sessionize";

    /// <summary>Partitions of a topic that is made new. Default 4, range 1 – 10,000.</summary>
    [Range(1, 10_000)]
    public int Partitions { get; init; } = 4;

    /// <summary>Most records of a batch. Default 50,000, range 1 – 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxBatchEvents { get; init; } = 50_000;

    /// <summary>Longest time a batch is gathered. Default 500 ms, range 1 ms – 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan MaxBatchWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long the producer waits for company before it sends, ms. Default 5, range 0 – 1,000.</summary>
    [Range(0, 1000)]
    public int LingerMs { get; init; } = 5;

    /// <summary>How long a broker without news may hold a fetch, ms. Default 10, range 1 – 1,000.</summary>
    [Range(1, 1000)]
    public int FetchWaitMs { get; init; } = 10;

    /// <summary>Most events that wait in the producer to be sent; the next one waits for room. Default 100,000, range 1 – 10,000,000.</summary>
    [Range(1, 10_000_000)]
    public int MaxQueuedEvents { get; init; } = 100_000;

    /// <summary>After this long without a heartbeat the group gives a member's partitions to others; the embedded broker also lets a newcomer wait so long, less 1 s,
    /// after the last member left. Default 45 s, range 1 s – 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(45);

    /// <summary>After this long without an answer the brokers count as unreachable. Default 10 s, range 100 ms – 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan UnreachableAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After this long an event that could not be delivered is an error. Default 1 min, range 1 s – 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>A jump in a partition's offsets is a lost record and an error. Default true; false only for a topic written in transactions or compacted, where jumps are normal.</summary>
    public bool OffsetsAreGapFree { get; init; } = true;
}
