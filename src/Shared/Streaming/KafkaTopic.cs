using System.Globalization;
using Confluent.Kafka;
using Confluent.Kafka.Admin;

namespace Media.Streaming;

/// <summary>A topic as it is.</summary>
/// <param name="Partitions">How many it has.</param>
/// <param name="Made">Whether it was made just now.</param>
/// <param name="Differences">A sentence for each setting in which it is not as the options say; empty when it was made just now.</param>
public sealed record TopicState(int Partitions, bool Made, IReadOnlyList<string> Differences);

/// <summary>The topic itself: made once, then asked for its partitions.</summary>
public static class KafkaTopic
{
    private const string RetentionMs = "retention.ms", MaxMessageBytes = "max.message.bytes";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>What a dead letter may have beside the record's own bytes: its headers and key.</summary>
    internal const int DeadLetterOverhead = 4096;

    /// <summary>Makes the topic of the events unless it is there.</summary>
    /// <returns>The topic; one that is there is left as it is, and told of where it differs.</returns>
    /// <exception cref="BrokerUnreachableException">No broker answered in time.</exception>
    /// <exception cref="InvalidOperationException">The broker refuses to make it, as when it has fewer brokers than copies are wanted.</exception>
    public static Task<TopicState> EnsureAsync(KafkaOptions options, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        return EnsureAsync(options, options.Topic, options.Partitions, maxRecordBytes: null, cancel);
    }

    /// <summary>Makes the topic of the bad events unless it is there: one partition, with room for the largest record and what is told beside it.</summary>
    /// <inheritdoc cref="EnsureAsync(KafkaOptions, CancellationToken)"/>
    public static Task<TopicState> EnsureDeadLettersAsync(KafkaOptions options, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(options);
        return EnsureAsync(options, options.DeadLetterTopic, partitions: 1, DeadLetters.LargestRecord(options), cancel);
    }

    /// <param name="maxRecordBytes">null = as the cluster is set, unless the options want larger ones.</param>
    private static async Task<TopicState> EnsureAsync(KafkaOptions options, string name, int partitions, long? maxRecordBytes, CancellationToken cancel)
    {
        using var admin = Admin(options);
        if (Find(admin, options, name, options.UnreachableAfter) is not { } there)
        {
            cancel.ThrowIfCancellationRequested();
            var settings = new Dictionary<string, string> { [RetentionMs] = Whole((long)options.Retention.TotalMilliseconds) };
            if (maxRecordBytes is { } largest) settings[MaxMessageBytes] = Whole(largest);
            try
            {
                var replicas = options.ReplicationFactor == 0 ? (short)-1 : options.ReplicationFactor;
                await admin.CreateTopicsAsync([new TopicSpecification { Name = name, NumPartitions = partitions, ReplicationFactor = replicas, Configs = settings }],
                    new CreateTopicsOptions { OperationTimeout = options.UnreachableAfter, RequestTimeout = options.UnreachableAfter });
                return new TopicState(partitions, true, []);
            }
            catch (CreateTopicsException fault) when (fault.Results.All(r => r.Error.Code == ErrorCode.TopicAlreadyExists))
            {
                // Someone made it between the question and the order: then it is there.
                there = Find(admin, options, name, options.UnreachableAfter) ?? throw new InvalidOperationException($"Topic '{name}' came and went.", fault);
            }
            catch (CreateTopicsException fault)
            {
                throw new InvalidOperationException($"Kafka at {options.BootstrapServers} does not make topic '{name}': {fault.Results[0].Error.Reason}", fault);
            }
            catch (KafkaException fault) when (fault.Error.IsLocalError)
            {
                throw new BrokerUnreachableException(options, options.UnreachableAfter, fault);
            }
        }
        var differences = new List<string>();
        if (there.Partitions.Count != partitions)
            differences.Add($"Topic '{name}' has {there.Partitions.Count} partitions, not the {partitions} of Kafka__Partitions: it is used as it is.");
        if (options.ReplicationFactor > 0 && there.Partitions[0].Replicas.Length is var copies && copies != options.ReplicationFactor)
            differences.Add($"Topic '{name}' keeps {copies} copies, not the {options.ReplicationFactor} of Kafka__ReplicationFactor: it is used as it is.");
        var set = await SettingsAsync(admin, options, name);
        if (Setting(set, RetentionMs) is { } kept && kept != (long)options.Retention.TotalMilliseconds)
            differences.Add($"Topic '{name}' keeps records {Days(kept)}, not the {Days((long)options.Retention.TotalMilliseconds)} of Kafka__Retention: it is used as it is.");
        if (Setting(set, MaxMessageBytes) is { } taken && taken < (maxRecordBytes ?? options.MaxRecordBytes))
            differences.Add(string.Create(CultureInfo.InvariantCulture, $"Topic '{name}' takes records of {taken:N0} bytes, less than {maxRecordBytes ?? options.MaxRecordBytes:N0}: larger ones are refused."));
        return new TopicState(there.Partitions.Count, false, differences);
    }

    /// <summary>Its number of partitions.</summary>
    /// <exception cref="BrokerUnreachableException">No broker answered in time.</exception>
    /// <exception cref="InvalidOperationException">There is no such topic.</exception>
    internal static int Partitions(Handle handle, KafkaOptions options) => Partitions(handle, options, options.Topic, options.UnreachableAfter);

    internal static int Partitions(Handle handle, KafkaOptions options, string topic, TimeSpan wait)
    {
        using var admin = new DependentAdminClientBuilder(handle).Build();
        return Find(admin, options, topic, wait)?.Partitions.Count ?? throw new InvalidOperationException($"Kafka at {options.BootstrapServers} has no topic '{topic}'; make it first.");
    }

    /// <summary>The largest record that the topic takes, bytes; null when the broker does not say, as the embedded one, which has no controller to ask.</summary>
    internal static long? LargestRecord(KafkaOptions options, string topic)
    {
        using var admin = Admin(options);
        try { return Setting(SettingsAsync(admin, options with { UnreachableAfter = options.UnreachableAfter < Patience ? options.UnreachableAfter : Patience }, topic).GetAwaiter().GetResult(), MaxMessageBytes); }
        catch (BrokerUnreachableException) { return null; }
    }

    /// <summary>librdkafka's own lines: what matters of them rises as an exception.</summary>
    internal static void Quiet(IClient client, LogMessage line) { }

    internal static void Quiet(IClient client, Error error) { }

    internal static IAdminClient Admin(KafkaOptions options) =>
        new AdminClientBuilder(new AdminClientConfig { BootstrapServers = options.BootstrapServers, AllowAutoCreateTopics = false }).SetLogHandler(Quiet).SetErrorHandler(Quiet).Build();

    private static TopicMetadata? Find(IAdminClient admin, KafkaOptions options, string name, TimeSpan wait)
    {
        try
        {
            var topic = admin.GetMetadata(name, wait).Topics.FirstOrDefault(t => t.Topic == name);
            return topic is null || topic.Error.IsError || topic.Partitions.Count == 0 ? null : topic;
        }
        catch (KafkaException fault) when (fault.Error.IsLocalError)
        {
            throw new BrokerUnreachableException(options, wait, fault);
        }
    }

    /// <summary>The topic's settings; null when the broker does not tell them, as the embedded one.</summary>
    private static async Task<Dictionary<string, ConfigEntryResult>?> SettingsAsync(IAdminClient admin, KafkaOptions options, string name)
    {
        try
        {
            var answer = await admin.DescribeConfigsAsync([new ConfigResource { Type = ResourceType.Topic, Name = name }], new DescribeConfigsOptions { RequestTimeout = options.UnreachableAfter });
            return answer[0].Entries;
        }
        catch (KafkaException fault) when (fault.Error.Code is ErrorCode.Local_UnsupportedFeature or ErrorCode.TopicAuthorizationFailed or ErrorCode.ClusterAuthorizationFailed)
        {
            return null;
        }
        catch (KafkaException fault) when (fault.Error.IsLocalError)
        {
            throw new BrokerUnreachableException(options, options.UnreachableAfter, fault);
        }
    }

    private static long? Setting(Dictionary<string, ConfigEntryResult>? settings, string name) =>
        settings?.GetValueOrDefault(name)?.Value is { } text && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    private static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Days(long ms) => ms < 0 ? "for ever" : string.Create(CultureInfo.InvariantCulture, $"{TimeSpan.FromMilliseconds(ms).TotalDays:0.###} days");
}
