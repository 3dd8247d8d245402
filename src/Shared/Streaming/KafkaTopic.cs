using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Media.Streaming;

/// <summary>The topic itself: made once, then asked for its partitions.</summary>
public static class KafkaTopic
{
    /// <summary>Makes the topic unless it is there.</summary>
    /// <returns>Its number of partitions, which another maker may have chosen otherwise.</returns>
    /// <exception cref="BrokerUnreachableException">No broker answered in time.</exception>
    public static async Task<int> EnsureAsync(KafkaOptions options, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        using var admin = new AdminClientBuilder(new AdminClientConfig { BootstrapServers = options.BootstrapServers, AllowAutoCreateTopics = false })
            .SetLogHandler(Quiet).SetErrorHandler(Quiet).Build();
        if (Find(admin, options) is { } partitions) return partitions;
        cancel.ThrowIfCancellationRequested();
        try
        {
            await admin.CreateTopicsAsync([new TopicSpecification { Name = options.Topic, NumPartitions = options.Partitions, ReplicationFactor = -1 }],
                new CreateTopicsOptions { OperationTimeout = options.UnreachableAfter, RequestTimeout = options.UnreachableAfter });
        }
        catch (CreateTopicsException fault) when (fault.Results.All(r => r.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            // Someone made it between the question and the order: then it is there.
        }
        return options.Partitions;
    }

    /// <summary>Its number of partitions.</summary>
    /// <exception cref="BrokerUnreachableException">No broker answered in time.</exception>
    /// <exception cref="InvalidOperationException">There is no such topic.</exception>
    internal static int Partitions(Handle handle, KafkaOptions options)
    {
        using var admin = new DependentAdminClientBuilder(handle).Build();
        return Find(admin, options) ?? throw new InvalidOperationException($"Kafka at {options.BootstrapServers} has no topic '{options.Topic}'; make it first.");
    }

    /// <summary>librdkafka's own lines: what matters of them rises as an exception.</summary>
    internal static void Quiet(IClient client, LogMessage line) { }

    internal static void Quiet(IClient client, Error error) { }

    private static int? Find(IAdminClient admin, KafkaOptions options)
    {
        try
        {
            var topic = admin.GetMetadata(options.Topic, options.UnreachableAfter).Topics.FirstOrDefault(t => t.Topic == options.Topic);
            return topic is null || topic.Error.IsError || topic.Partitions.Count == 0 ? null : topic.Partitions.Count;
        }
        catch (KafkaException fault) when (fault.Error.IsLocalError)
        {
            throw new BrokerUnreachableException(options, fault);
        }
    }
}
