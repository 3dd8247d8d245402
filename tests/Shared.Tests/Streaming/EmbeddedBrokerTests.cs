using System.Text;
using Confluent.Kafka;
using Media.Events;
using Media.Streaming;

namespace Media.Tests.Streaming;

/// <summary>Producer, consumer and pacing over real sockets, against the broker inside this process.</summary>
public sealed class EmbeddedBrokerTests : IDisposable
{
    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly KafkaOptions _options;
    private readonly ProducerPacing _pacing;

    public EmbeddedBrokerTests()
    {
        _options = new KafkaOptions
        {
            BootstrapServers = _broker.BootstrapServers, MaxBatchWait = TimeSpan.FromMilliseconds(200),
            DeliveryTimeout = TimeSpan.FromSeconds(20), SessionTimeout = TimeSpan.FromSeconds(2),
        };
        _pacing = _broker.CreateTopic(_options.Topic, _options.Partitions);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _broker.Dispose();

    [Fact]
    public async Task MoreThanTheBrokerKeeps_Paced_AllArriveInTheirUsersOrder()
    {
        const int Count = 50_000; // 50,000 × ≈ 1 kB: twice what four partitions keep
        var produced = Task.Run(() =>
        {
            using var producer = new EventProducer(_options, _pacing);
            foreach (var e in LiveEvents.Numbered(Count, users: 100, padding: 700)) producer.Produce(e, Cancel);
            producer.Flush(Cancel);
            return producer.Delivered;
        }, Cancel);
        var lastOfUser = new Dictionary<UserId, int>();
        var seen = new HashSet<int>();
        var perPartition = new Dictionary<int, long>();
        using (var consumer = new EventConsumer(_options, TimeProvider.System, null, _pacing))
        {
            while (seen.Count < Count && !produced.IsFaulted)
            {
                var batch = consumer.Read(Cancel);
                Assert.Empty(batch.Bad);
                foreach (var (e, partition, offset) in batch.Good)
                {
                    Assert.True(e.Number() > lastOfUser.GetValueOrDefault(e.UserId, -1), $"user {e.UserId} out of order at {e.Number()}");
                    lastOfUser[e.UserId] = e.Number();
                    Assert.True(seen.Add(e.Number()));
                    Assert.Equal(perPartition.GetValueOrDefault(partition), offset);
                    perPartition[partition] = offset + 1;
                }
                consumer.Commit(batch);
            }
            Assert.All(consumer.Lag(), lag => Assert.Equal(0, lag.Records));
        }
        Assert.Equal(Count, await produced);
        Assert.Equal(Count, perPartition.Values.Sum());
        Assert.Equal(4, perPartition.Count);
        Assert.All(Enumerable.Range(0, 4), p => Assert.Equal(0, _pacing.InFlight(p)));
    }

    [Fact]
    public void MoreThanTheBrokerKeeps_Unpaced_IsALossNamedByPartitionAndOffset()
    {
        using (var producer = new EventProducer(_options, null))
        {
            foreach (var e in LiveEvents.Numbered(9_000, users: 1, padding: 1000)) producer.Produce(e, Cancel);
            producer.Flush(Cancel);
        }
        using var consumer = new EventConsumer(_options, TimeProvider.System, null, _pacing);
        var lost = Assert.Throws<LostRecordException>(() => ReadAll(consumer, 9_000));
        Assert.Equal(0, lost.Offset);
        Assert.Contains($"partition {lost.Partition} has lost records: offset 0 was to come next", lost.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PoisonBytes_AreBadEventsWithTheirPlace()
    {
        using (var producer = new EventProducer(_options, _pacing))
        {
            var good = LiveEvents.Numbered(2, users: 1).ToList();
            producer.Produce(good[0], Cancel);
            producer.Produce(good[0].UserId, [0xFF, 0x00], Cancel);
            producer.Produce(good[0].UserId, [], Cancel);
            producer.Produce(good[0].UserId, "{\"event_type\":\"article_view\"}"u8.ToArray(), Cancel);
            producer.Produce(good[1], Cancel);
            producer.Flush(Cancel);
        }
        using var consumer = new EventConsumer(_options, TimeProvider.System, null, _pacing);
        var (read, bad) = ReadAll(consumer, 5);
        Assert.Equal([0L, 4L], read.Select(e => e.Offset));
        Assert.Equal([(BadEventReason.Undecodable, 1L), (BadEventReason.Undecodable, 2L), (BadEventReason.MissingField, 3L)], bad.Select(b => (b.Reason, b.Offset)));
        Assert.All(bad, b => Assert.Equal(read[0].Partition, b.Partition));
        Assert.Equal([0xFF, 0x00], bad[0].Raw.ToArray());
    }

    [Fact]
    public void GivenOffsets_AreWhereReadingBegins()
    {
        Produce(1000);
        using (var first = new EventConsumer(_options, TimeProvider.System, null, _pacing))
        {
            var (read, _) = ReadAll(first, 1000);
            Assert.Equal(1000, read.Count);
        } // nothing committed: only the given offsets say where to go on
        var startAt = new Dictionary<int, long> { [0] = 10, [1] = 20, [2] = 0, [3] = 5 };
        using var second = new EventConsumer(_options, TimeProvider.System, startAt, _pacing);
        var (again, _) = ReadAll(second, 965);
        Assert.Equal(startAt.OrderBy(p => p.Key), again.GroupBy(e => e.Partition).Select(g => KeyValuePair.Create(g.Key, g.Min(e => e.Offset))).OrderBy(p => p.Key));
    }

    [Fact]
    public void CommittedBatch_DoesNotComeAgain()
    {
        Produce(500);
        var batch = new EventBatch([], [], new Dictionary<int, long>());
        using (var first = new EventConsumer(_options with { MaxBatchEvents = 200 }, TimeProvider.System, null, _pacing))
        {
            while (batch.Received == 0) batch = first.Read(Cancel);
            first.Commit(batch);
            first.Read(Cancel); // read, not committed: comes again
        }
        Assert.InRange(batch.Received, 1, 200);
        using var second = new EventConsumer(_options, TimeProvider.System, null, _pacing);
        var (rest, _) = ReadAll(second, 500 - batch.Received);
        Assert.Equal(500, rest.Concat(batch.Good).Select(e => e.Event.Number()).Distinct().Count());
    }

    [Fact]
    public async Task UsersPartition_IsWhereKafkasOwnRuleSendsIt()
    {
        using var theirs = new ProducerBuilder<string, string>(new ProducerConfig { BootstrapServers = _options.BootstrapServers, Partitioner = Partitioner.Murmur2 }).Build();
        foreach (var length in Enumerable.Range(1, 40))
        {
            var key = new string((char)('a' + length % 26), length) + "ü";
            var to = await theirs.ProduceAsync(_options.Topic, new Message<string, string> { Key = key, Value = "" }, Cancel);
            Assert.Equal(to.Partition.Value, UserPartition.Of(Encoding.UTF8.GetBytes(key), _options.Partitions));
        }
    }

    [Fact]
    public void CancelledRead_GivesWhatItHas()
    {
        using var consumer = new EventConsumer(_options with { MaxBatchWait = TimeSpan.FromMinutes(1) }, TimeProvider.System, null, _pacing);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        Assert.Equal(0, consumer.Read(soon.Token).Received);
    }

    [Fact]
    public void ProducerWithoutReader_WaitsAndCanBeCancelled()
    {
        using var producer = new EventProducer(_options, _pacing);
        using var soon = new CancellationTokenSource(TimeSpan.FromMilliseconds(1500));
        var sent = 0;
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var e in LiveEvents.Numbered(20_000, users: 1, padding: 1000))
            {
                producer.Produce(e, soon.Token);
                sent++;
            }
        });
        Assert.InRange(sent, 2500, 4 * 1024);
    }

    [Fact]
    public void BrokerGone_IsADeliveryFailureThatNamesTheEvent()
    {
        using var producer = new EventProducer(_options with { DeliveryTimeout = TimeSpan.FromSeconds(1) }, _pacing);
        _broker.Dispose();
        var e = LiveEvents.Numbered(1, users: 1).Single();
        producer.Produce(e, Cancel);
        var failed = Assert.Throws<DeliveryFailedException>(() => producer.Flush(Cancel));
        Assert.StartsWith($"Event {e.EventId} of user 'user_0' did not reach topic 'media.events'", failed.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NoSuchTopic_SaysSo()
    {
        var fault = Assert.Throws<InvalidOperationException>(() => new EventConsumer(_options with { Topic = "nothing" }, TimeProvider.System, null, null));
        Assert.Contains("has no topic 'nothing'", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NobodyThere_IsOneSentenceWithTheAddress()
    {
        var nobody = _options with { BootstrapServers = "127.0.0.1:1", UnreachableAfter = TimeSpan.FromMilliseconds(500) };
        const string Expected = "Kafka at 127.0.0.1:1 did not answer within 0.5 s; is it running there?";
        Assert.Equal(Expected, Assert.Throws<BrokerUnreachableException>(() => new EventProducer(nobody, null)).Message);
        Assert.Equal(Expected, Assert.Throws<BrokerUnreachableException>(() => new EventConsumer(nobody, TimeProvider.System, null, null)).Message);
    }

    [Fact]
    public void BrokerThatFallsSilent_IsUnreachableAfterAWhile()
    {
        using var consumer = new EventConsumer(_options with { LongestOutage = TimeSpan.FromSeconds(1) }, TimeProvider.System, null, _pacing);
        Assert.Equal(0, consumer.Read(Cancel).Received);
        _broker.Dispose();
        Assert.Throws<BrokerUnreachableException>(() =>
        {
            for (var reads = 0; reads < 100; reads++) consumer.Read(Cancel);
        });
    }

    private void Produce(int count)
    {
        using var producer = new EventProducer(_options, _pacing);
        foreach (var e in LiveEvents.Numbered(count, users: 97)) producer.Produce(e, Cancel);
        producer.Flush(Cancel);
    }

    /// <summary>Reads until so many records have come, with a limit on the number of reads.</summary>
    private static (List<ConsumedEvent> Good, List<BadEvent> Bad) ReadAll(EventConsumer consumer, int count)
    {
        var (good, bad) = (new List<ConsumedEvent>(), new List<BadEvent>());
        for (var reads = 0; good.Count + bad.Count < count && reads < 100; reads++)
        {
            var batch = consumer.Read(Cancel);
            good.AddRange(batch.Good);
            bad.AddRange(batch.Bad);
        }
        Assert.Equal(count, good.Count + bad.Count);
        return (good, bad);
    }
}
