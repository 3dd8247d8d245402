using Media.Streaming;
using Media.Tests.Engines;

namespace Media.Tests.Streaming;

/// <summary>The same producer and consumer against Apache Kafka itself.</summary>
[Trait("Category", "Long")]
public class RealKafkaTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Explicit = true)]
    public async Task BrokerKilledMidway_EveryEventIsThereOnceAndInOrder()
    {
        const int Count = 200_000;
        await using var kafka = await RealKafka.StartOrSkipAsync(Cancel);
        var options = new KafkaOptions { BootstrapServers = kafka.BootstrapServers, DeliveryTimeout = TimeSpan.FromMinutes(2), UnreachableAfter = TimeSpan.FromMinutes(1), Partitions = 3 };
        Assert.Equal(3, (await KafkaTopic.EnsureAsync(options, Cancel)).Partitions);

        var halfway = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var produced = Task.Run(() =>
        {
            using var producer = new EventProducer(options, null);
            foreach (var e in LiveEvents.Numbered(Count, users: 500, padding: 100))
            {
                producer.Produce(e, Cancel);
                if (e.Number() == Count / 2) halfway.SetResult();
            }
            producer.Flush(Cancel);
            return producer.Delivered;
        }, Cancel);
        await halfway.Task;
        await kafka.KillAsync(Cancel);
        await kafka.StartAsync(Cancel);
        Assert.Equal(Count, await produced);

        var seen = new HashSet<int>();
        var lastOfUser = new Dictionary<Media.Events.UserId, int>();
        using var consumer = new EventConsumer(options, TimeProvider.System, null, null);
        for (var reads = 0; seen.Count < Count && reads < 300; reads++)
        {
            var batch = consumer.Read(Cancel);
            Assert.Empty(batch.Bad);
            foreach (var (e, _, _) in batch.Good)
            {
                Assert.True(seen.Add(e.Number()), $"event {e.Number()} twice");
                Assert.True(e.Number() > lastOfUser.GetValueOrDefault(e.UserId, -1), $"user {e.UserId} out of order at {e.Number()}");
                lastOfUser[e.UserId] = e.Number();
            }
            consumer.Commit(batch);
        }
        Assert.Equal(Count, seen.Count);
        Assert.Equal(0, consumer.Lag().Sum(l => l.Records));
    }

    [Fact(Explicit = true)]
    public async Task TwoMembers_ShareThePartitionsAndLoseNothing()
    {
        const int Count = 100_000;
        await using var kafka = await RealKafka.StartOrSkipAsync(Cancel);
        var options = new KafkaOptions { BootstrapServers = kafka.BootstrapServers, UnreachableAfter = TimeSpan.FromMinutes(1), SessionTimeout = TimeSpan.FromSeconds(10), MaxBatchEvents = 2000 };
        await KafkaTopic.EnsureAsync(options, Cancel);
        using var producer = new EventProducer(options, null);
        foreach (var e in LiveEvents.Numbered(Count / 2, users: 500)) producer.Produce(e, Cancel);
        producer.Flush(Cancel);

        var seen = new HashSet<int>();
        using var first = new EventConsumer(options, TimeProvider.System, null, null);
        while (seen.Count == 0) ReadInto(first, seen);
        using var second = new EventConsumer(options, TimeProvider.System, null, null);
        var ofSecond = new HashSet<int>();
        foreach (var e in LiveEvents.Numbered(Count, users: 500).Skip(Count / 2)) producer.Produce(e, Cancel);
        producer.Flush(Cancel);
        for (var reads = 0; seen.Union(ofSecond).Count() < Count && reads < 500; reads++)
        {
            ReadInto(first, seen);
            ReadInto(second, ofSecond);
        }
        Assert.Equal(Count, seen.Union(ofSecond).Count());
        Assert.NotEmpty(ofSecond);
        Assert.Equal(2, first.Lag().Count);
        Assert.Equal(2, second.Lag().Count);
    }

    private static void ReadInto(EventConsumer consumer, HashSet<int> seen)
    {
        var batch = consumer.Read(Cancel);
        seen.UnionWith(batch.Good.Select(e => e.Event.Number()));
        consumer.Commit(batch);
    }
}
