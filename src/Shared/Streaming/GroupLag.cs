using Confluent.Kafka;

namespace Media.Streaming;

/// <summary>One partition as the broker tells it.</summary>
/// <param name="Begins">The oldest offset that the log still has.</param>
/// <param name="Committed">What the group has told to be safe: the next offset to read; null when it never did.</param>
/// <param name="Ends">The offset that the next record will have.</param>
public readonly record struct PartitionProgress(int Partition, long Begins, long? Committed, long Ends)
{
    /// <summary>Records that the group has not made safe, ≥ 0.</summary>
    public long Lag => Math.Max(0, Ends - (Committed ?? Begins));
}

/// <summary>How far a group is behind, asked of the broker without joining the group.</summary>
public static class GroupLag
{
    /// <returns>The topic's partitions, in order.</returns>
    /// <exception cref="BrokerUnreachableException">No broker answered in time.</exception>
    /// <exception cref="InvalidOperationException">There is no such topic.</exception>
    public static IReadOnlyList<PartitionProgress> Read(KafkaOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var consumer = new ConsumerBuilder<Ignore, Ignore>(new ConsumerConfig
        {
            BootstrapServers = options.BootstrapServers, GroupId = options.GroupId, EnableAutoCommit = false, AllowAutoCreateTopics = false,
        }).SetLogHandler(KafkaTopic.Quiet).SetErrorHandler(KafkaTopic.Quiet).Build();
        var partitions = Enumerable.Range(0, KafkaTopic.Partitions(consumer.Handle, options)).Select(p => new TopicPartition(options.Topic, p)).ToList();
        try
        {
            var committed = consumer.Committed(partitions, options.UnreachableAfter).ToDictionary(c => c.Partition.Value, c => c.Offset);
            return
            [
                .. from partition in partitions
                   let marks = consumer.QueryWatermarkOffsets(partition, options.UnreachableAfter)
                   let offset = committed.GetValueOrDefault(partition.Partition.Value, Offset.Unset)
                   select new PartitionProgress(partition.Partition.Value, marks.Low.Value, offset == Offset.Unset ? null : offset.Value, marks.High.Value),
            ];
        }
        catch (KafkaException fault)
        {
            throw new BrokerUnreachableException(options, options.UnreachableAfter, fault);
        }
    }
}
