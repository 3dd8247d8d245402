using System.ComponentModel.DataAnnotations;

namespace Media.Streaming;

// Streaming: the events on their way through Kafka.
//   EventProducer (step 1: an event to its user's partition) → topic → EventConsumer (step 2: batches of good and bad, offsets beside them).
//   IPartitionOwner answers for the partitions that the group gives a consumer · DeadLetters (beside step 2: bad events to a topic of their own)
//   KafkaTopic makes the topic · GroupLag tells how far a group is behind · EmbeddedBroker is a broker inside this process, for one machine · ProducerPacing keeps producers within its small memory.

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

    /// <summary>Where bad events go, beside the lake's bad_events; empty for nowhere. Default media.events.bad.</summary>
    public string DeadLetterTopic { get; init; } = "media.events.bad";

    /// <summary>Partitions of a topic that is made new. Default 4, range 1 – 10,000.</summary>
    [Range(1, 10_000)]
    public int Partitions { get; init; } = 4;

    /// <summary>Copies of each partition of a topic that is made new. Default −1 (as the cluster is set), range −1 – 10; 0 is as −1.</summary>
    [Range(-1, 10)]
    public short ReplicationFactor { get; init; } = -1;

    /// <summary>How long a topic that is made new keeps its records; the lake keeps them for ever, so this is the longest time the sessionizer may stand still.
    /// Default 7 d, range 1 min – 3,650 d.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Largest record that is sent, key and value and some 100 bytes beside them; a topic that is set lower is minded. Default 1,000,000 (what brokers take
    /// by default), range 1,000 – 100,000,000. An event reader takes 65,536.</summary>
    [Range(1_000, 100_000_000)]
    public int MaxRecordBytes { get; init; } = 1_000_000;

    /// <summary>Most records of a batch. Default 50,000, range 1 – 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int MaxBatchEvents { get; init; } = 50_000;

    /// <summary>Longest time a batch is gathered: an event waits about half of it before anyone can ask for it. Default 100 ms, range 1 ms – 1 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan MaxBatchWait { get; init; } = TimeSpan.FromMilliseconds(100);

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
    /// after the last member left. Default 10 s, so that what a killed member read is read on well within 30 s; a broker takes 6 s – 30 min unless it is set otherwise. Range 1 s – 5 min.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00")]
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After this long without an answer to a question, such as at the start, the brokers count as unreachable. Default 10 s, range 100 ms – 10 min.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00")]
    public TimeSpan UnreachableAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the brokers may be away while the log is being read, before that is an error; until then the reader waits and goes on. Default 5 min, range 100 ms – 1 d.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "1.00:00:00")]
    public TimeSpan LongestOutage { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>After this long an event that could not be delivered is an error. Default 5 min, range 1 s – 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>A jump in a partition's offsets is a lost record and an error. Default true; false only for a topic written in transactions or compacted, where jumps are normal.</summary>
    public bool OffsetsAreGapFree { get; init; } = true;

    /// <summary>Read on behind records that are lost (the log let go of them before they were read) and tell their number, instead of ending. Default false.</summary>
    public bool PassOverLostRecords { get; init; }
}
