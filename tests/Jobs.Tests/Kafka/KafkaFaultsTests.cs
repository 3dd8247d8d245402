using System.Globalization;
using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using Media.Events;
using Media.Lake;
using Media.Streaming;
using Media.Tests.Engines;

namespace Media.Tests.Jobs.Kafka;

/// <summary>What goes wrong on a real broker: each ends in a clear line, and nothing is lost or doubled.</summary>
[Trait("Category", "Long")]
public sealed class KafkaFaultsTests(KafkaFaultsTests.Broker broker) : IClassFixture<KafkaFaultsTests.Broker>, IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("media-faults-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>One broker for all of them; each test has a topic of its own.</summary>
    public sealed class Broker : IAsyncLifetime
    {
        private RealKafka? _kafka;

        internal async Task<RealKafka> StartedAsync() => _kafka ??= await RealKafka.StartOrSkipAsync(Cancel);

        public ValueTask InitializeAsync() => ValueTask.CompletedTask;

        public ValueTask DisposeAsync() => _kafka?.DisposeAsync() ?? ValueTask.CompletedTask;
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact(Explicit = true)]
    public async Task BrokerAwayFor30Seconds_WhileProducingAndSessionizing_LosesAndDoublesNothing()
    {
        var kafka = await broker.StartedAsync();
        var on = JobProcess.On(kafka, "outage");
        string[] world = ["--users", "800", "--days", "120", "--seed", "9"];
        using var producer = JobProcess.Start(on, ["produce", .. world]);
        using var sessionizer = JobProcess.Start(on, "sessionize", "--no-warehouse", "--out", _folder);
        await sessionizer.SaysAsync("are read here");
        await producer.SaysAsync(@"2\d %");
        await kafka.StopAsync(Cancel);
        // The outage itself is what is tried.
        await Task.Delay(TimeSpan.FromSeconds(30), Cancel);
        Assert.False(producer.HasExited, producer.Output);
        Assert.False(sessionizer.HasExited, sessionizer.Output);
        await kafka.StartAsync(Cancel);
        Assert.True(await producer.ExitAsync() == 0, producer.Output);

        // It goes on by itself: what was written after the outage comes into the lake.
        var written = GroupLag.Read(Options(kafka, "outage")).Sum(p => p.Ends);
        await Until(() => GroupLag.Read(Options(kafka, "outage")).Sum(p => p.Lag) == 0, () => sessionizer.Output);
        await sessionizer.KillAsync();
        await SessionizeAsync(on, _folder);
        var (exit, said) = await JobProcess.RunAsync(on, ["produce", "--to", Path.Combine(_folder, "truth.ndjson"), .. world]);
        Assert.True(exit == 0, said);
        var lines = await File.ReadAllLinesAsync(Path.Combine(_folder, "truth.ndjson"), Encoding.Latin1, Cancel);
        Assert.Equal(lines.Length, written);
        await AssertHoldsAsync(lines);
    }

    [Fact(Explicit = true)]
    public async Task PoisonMessages_AreBadEvents_InTheLakeAndAsDeadLettersAlike()
    {
        var kafka = await broker.StartedAsync();
        var on = JobProcess.On(kafka, "poison");
        var options = Options(kafka, "poison");
        await KafkaTopic.EnsureAsync(options, Cancel);
        var good = Lines(3);
        using (var raw = new ProducerBuilder<byte[]?, byte[]?>(new ProducerConfig { BootstrapServers = kafka.BootstrapServers, MessageMaxBytes = 1_100_000 }).Build())
        {
            var random = new Random(3);
            var binary = new byte[200];
            random.NextBytes(binary);
            var huge = new byte[1_000_000];
            random.NextBytes(huge);
            foreach (var value in new byte[]?[] { Encoding.UTF8.GetBytes(good[0]), null, [], binary, huge, [0], Encoding.UTF8.GetBytes("null"), Encoding.UTF8.GetBytes("{\"event_type\":\"search\"}") })
                await raw.ProduceAsync("poison", new Message<byte[]?, byte[]?> { Key = value is null ? null : [0xFF], Value = value, Headers = new Headers { { "", [] }, { "\u0000odd", null }, { "twice", binary }, { "twice", huge[..1000] } } }, Cancel);
            await raw.ProduceAsync("poison", new Message<byte[]?, byte[]?> { Key = [], Value = Encoding.UTF8.GetBytes(good[1]) }, Cancel);
        }
        await SessionizeAsync(on, _folder);

        var bad = new List<BadEvent>();
        await foreach (var batch in (await DeltaTable.OpenAsync(new LocalObjectStore(Path.Combine(_folder, "lake")), Tables.BadEvents.Name, Cancel)).ReadAsync(Cancel))
            bad.AddRange(BadEventColumns.Read(batch));
        Assert.Equal(2, (await KeptLake.ReadAsync(Path.Combine(_folder, "lake"))).EventIds.Count);
        Assert.Equal([BadEventReason.MissingField, BadEventReason.TooLarge, .. Enumerable.Repeat(BadEventReason.Undecodable, 5)], bad.Select(b => b.Reason).OrderBy(r => r == BadEventReason.Undecodable).ThenBy(r => r));

        var letters = Letters(kafka, "poison.bad", bad.Count);
        Assert.Equal(bad.Select(b => Letter(DeadLetters.Key("poison", b), b.Raw, Vocabulary<BadEventReason>.Name(b.Reason), b.Field ?? "", b.Partition, b.Offset)).Order(StringComparer.Ordinal), letters.Order(StringComparer.Ordinal));
    }

    [Fact(Explicit = true)]
    public async Task RecordOverTheLimit_IsNamedWithItsSizes_AndTheOthersGoOn()
    {
        var kafka = await broker.StartedAsync();
        var on = JobProcess.On(kafka, "large");
        on["Kafka__MaxRecordBytes"] = "50000";
        var lines = Lines(5);
        var large = lines[2].Insert(1, $"\"padding\":\"{new string('x', 60_000)}\",");
        var huge = lines[3].Insert(1, $"\"padding\":\"{new string('x', 1_000_000)}\",");
        var file = Path.Combine(_folder, "events.ndjson");
        await File.WriteAllLinesAsync(file, [lines[0], lines[1], large, huge, lines[4]], Cancel);

        var (exit, said) = await JobProcess.RunAsync(on, "produce", "--source", "ndjson", "--path", file);
        Assert.Equal(1, exit);
        Assert.Contains($"Event {IdOf(lines[2])} of user", said, StringComparison.Ordinal);
        Assert.Contains("topic 'large' takes 50,000. It was not sent.", said, StringComparison.Ordinal);
        Assert.Contains("Line 4 of", said, StringComparison.Ordinal);
        Assert.Contains("error: 2 records are larger than the log takes and were not sent; the other 3 were.", said, StringComparison.Ordinal);
        await SessionizeAsync(on, _folder);
        await AssertHoldsAsync([lines[0], lines[1], lines[4]]);
    }

    [Fact(Explicit = true)]
    public async Task TopicThatTakesLessThanABatch_GetsSmallerBatches()
    {
        var kafka = await broker.StartedAsync();
        var on = JobProcess.On(kafka, "narrow");
        using (var admin = Admin(kafka))
            await admin.CreateTopicsAsync([new() { Name = "narrow", NumPartitions = 2, ReplicationFactor = 1, Configs = new() { ["max.message.bytes"] = "20000", ["retention.ms"] = "3600000" } }]);
        var (exit, said) = await JobProcess.RunAsync(on, "produce", "--users", "50", "--days", "60");
        Assert.True(exit == 0, said);
        // What is not as the settings say is told.
        Assert.Contains("has 2 partitions, not the 4 of Kafka__Partitions", said, StringComparison.Ordinal);
        Assert.Contains("keeps records 0.042 days, not the 7 days of Kafka__Retention", said, StringComparison.Ordinal);
        Assert.Contains("takes records of 20,000 bytes", said, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task RetentionAheadOfTheLake_EndsInOneLine_AndIsPassedOverOnRequest()
    {
        var kafka = await broker.StartedAsync();
        var on = JobProcess.On(kafka, "retained");
        var file = Path.Combine(_folder, "events.ndjson");
        var lines = Lines(300);
        await ProduceAsync(on, file, lines[..100]);
        await SessionizeAsync(on, _folder);
        await ProduceAsync(on, file, lines[100..200]);
        using (var admin = Admin(kafka))
            await admin.DeleteRecordsAsync([.. GroupLag.Read(Options(kafka, "retained")).Select(p => new TopicPartitionOffset("retained", p.Partition, p.Ends))]);
        await ProduceAsync(on, file, lines[200..]);

        var (exit, said) = await JobProcess.RunAsync(on, "sessionize", "--no-warehouse", "--until-caught-up", "--out", _folder);
        Assert.Equal(1, exit);
        Assert.Matches("error: Topic 'retained' partition . has lost records: .*To go on without them: 'sessionize --pass-over-lost'", said);
        Assert.Equal(100, (await KeptLake.ReadAsync(Path.Combine(_folder, "lake"))).EventIds.Count);
        Assert.Contains("records that were never read", (await JobProcess.RunAsync(on, "lag", "--out", _folder)).Output, StringComparison.Ordinal);

        said = await SessionizeAsync(on, _folder, "--pass-over-lost");
        Assert.Contains("records are lost, offsets", said, StringComparison.Ordinal);
        await AssertHoldsAsync([.. lines[..100], .. lines[200..]]);
    }

    [Fact(Explicit = true)]
    public async Task NoBroker_AndNoTopic_AreOneLineEach()
    {
        var kafka = await broker.StartedAsync();
        var nobody = new Dictionary<string, string> { ["Kafka__BootstrapServers"] = "127.0.0.1:1", ["Kafka__UnreachableAfter"] = "00:00:02" };
        foreach (var verb in new string[][] { ["produce", "--users", "5"], ["sessionize", "--no-warehouse", "--out", _folder], ["lag", "--out", _folder] })
        {
            var (exit, said) = await JobProcess.RunAsync(nobody, verb);
            Assert.Equal(1, exit);
            Assert.Equal("error: Kafka at 127.0.0.1:1 did not answer within 2 s; is it running there?", said.Trim().Split('\n')[^1]);
        }
        var missing = await JobProcess.RunAsync(JobProcess.On(kafka, "missing"), "lag", "--out", _folder);
        Assert.Equal(1, missing.Exit);
        Assert.Equal($"error: Kafka at {kafka.BootstrapServers} has no topic 'missing'; make it first.", missing.Output.Trim());
        var copies = JobProcess.On(kafka, "copies");
        copies["Kafka__ReplicationFactor"] = "3";
        var tooMany = await JobProcess.RunAsync(copies, "produce", "--users", "5");
        Assert.Equal(1, tooMany.Exit);
        Assert.Contains("does not make topic 'copies'", tooMany.Output, StringComparison.Ordinal);
    }

    [Fact(Explicit = true)]
    public async Task BadEventsMended_AreReplayedOnceUnderTheirIds()
    {
        var kafka = await broker.StartedAsync();
        var on = JobProcess.On(kafka, "mended");
        var file = Path.Combine(_folder, "events.ndjson");
        var lines = Lines(60);
        // A wrong type, a missing field, and bytes that are nothing: two of them tell which event they were.
        var wrong = lines[10].Replace("\"schema_version\":", "\"schema_version\":\"x\",\"was\":", StringComparison.Ordinal);
        var lacking = lines[20].Replace("\"user_id\":", "\"was_user_id\":", StringComparison.Ordinal);
        await ProduceAsync(on, file, [.. lines[..10], wrong, .. lines[11..20], lacking, .. lines[21..30], "garbage", .. lines[31..]]);
        await SessionizeAsync(on, _folder);

        // As they are nothing can be sent.
        var (exit, said) = await JobProcess.RunAsync(on, "replay-bad", "--out", _folder);
        Assert.True(exit == 0, said);
        Assert.Contains("still no event: 1 × undecodable", said, StringComparison.Ordinal);
        Assert.Contains("3 bad events, 0 of them events now: 0 sent", said, StringComparison.Ordinal);

        var list = Path.Combine(_folder, "bad.ndjson");
        (exit, said) = await JobProcess.RunAsync(on, "replay-bad", "--list", list, "--out", _folder);
        Assert.True(exit == 0, said);
        var listed = await File.ReadAllLinesAsync(list, Cancel);
        Assert.Equal(3, listed.Length);
        string Mended(string line) => line.Replace("\"event\":null", $"\"event\":{(line.Contains("garbage", StringComparison.Ordinal) ? lines[30] : line.Contains("was_user_id", StringComparison.Ordinal) ? lines[20] : lines[10])}", StringComparison.Ordinal);

        // Another id than the record's own, or a place where nothing bad was: nothing is sent at all.
        await File.WriteAllLinesAsync(list, [Mended(listed[0]), .. listed[1..].Select(l => l.Replace("\"event\":null", $"\"event\":{lines[0]}", StringComparison.Ordinal)), $"{{\"kafka_partition\":0,\"kafka_offset\":99999,\"event\":{lines[0]}}}"], Cancel);
        (exit, said) = await JobProcess.RunAsync(on, "replay-bad", "--corrections", list, "--out", _folder);
        Assert.Equal(1, exit);
        Assert.Contains("it must stay", said, StringComparison.Ordinal);
        Assert.Contains("no bad event at partition 0 offset 99999", said, StringComparison.Ordinal);

        await File.WriteAllLinesAsync(list, listed.Select(Mended), Cancel);
        for (var time = 0; time < 2; time++)
        {
            // Twice before the sessionizer has seen the first, and again after it.
            (exit, said) = await JobProcess.RunAsync(on, "replay-bad", "--corrections", list, "--out", _folder);
            Assert.True(exit == 0, said);
            Assert.Contains("3 of them events now: 3 sent, 0 in the lake already", said, StringComparison.Ordinal);
        }
        await SessionizeAsync(on, _folder);
        await AssertHoldsAsync(lines);
        (exit, said) = await JobProcess.RunAsync(on, "replay-bad", "--corrections", list, "--out", _folder);
        Assert.True(exit == 0, said);
        Assert.Contains("0 sent, 3 in the lake already", said, StringComparison.Ordinal);
    }

    private static KafkaOptions Options(RealKafka kafka, string topic) => new() { BootstrapServers = kafka.BootstrapServers, Topic = topic, GroupId = $"{topic}-group", DeadLetterTopic = $"{topic}.bad" };

    private static IAdminClient Admin(RealKafka kafka) => new AdminClientBuilder(new AdminClientConfig { BootstrapServers = kafka.BootstrapServers }).Build();

    /// <summary>Good events as JSON, of five readers, a minute apart.</summary>
    private static string[] Lines(int count)
    {
        var json = new System.Buffers.ArrayBufferWriter<byte>();
        return [.. Enumerable.Range(0, count).Select(i =>
        {
            json.ResetWrittenCount();
            EventWriter.Write(new Search
            {
                EventId = new EventId(new Guid(i + 1, 0, 0x7000, 0x80, 0, 0, 0, 0, 0, 0, 0)), EventTimeMicros = 1_700_000_000_000_000 + i * 60_000_000L, UserId = new UserId($"reader-{i % 5}"),
                SchemaVersion = SchemaVersions.Live, Brand = "welt", DeviceType = DeviceType.Mobile, SubscriptionTier = SubscriptionTier.Free, Query = "kafka", ResultsCount = i, ClickedResult = false,
            }, json);
            return Encoding.UTF8.GetString(json.WrittenSpan);
        })];
    }

    private static string IdOf(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("event_id").GetString()!;
    }

    private static async Task ProduceAsync(Dictionary<string, string> on, string file, string[] lines)
    {
        await File.WriteAllLinesAsync(file, lines, Cancel);
        var (exit, said) = await JobProcess.RunAsync(on, "produce", "--source", "ndjson", "--path", file);
        Assert.True(exit == 0, said);
    }

    private static async Task<string> SessionizeAsync(Dictionary<string, string> on, string folder, params string[] more)
    {
        var (exit, said) = await JobProcess.RunAsync(on, ["sessionize", "--no-warehouse", "--until-caught-up", "--out", folder, .. more]);
        Assert.True(exit == 0, said);
        return said;
    }

    /// <summary>Each good event of the lines is in the lake, once, and nothing else.</summary>
    private async Task AssertHoldsAsync(string[] lines)
    {
        var reader = new EventReader();
        var expected = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines)
            if (reader.TryRead(Encoding.Latin1.GetBytes(line), DateTimeOffset.MaxValue.AddDays(-2), -1, -1, out var e, out _)) expected.Add(e.EventId.ToString());
        var kept = await KeptLake.ReadAsync(Path.Combine(_folder, "lake"));
        Assert.Equal(expected.Order(StringComparer.Ordinal), kept.EventIds.Order(StringComparer.Ordinal));
    }

    private static async Task Until(Func<bool> condition, Func<string> otherwise)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        while (!condition())
        {
            Assert.False(limit.IsCancellationRequested, otherwise());
            await Task.Delay(200, Cancel);
        }
    }

    private static string Letter(string key, ReadOnlyMemory<byte> value, string reason, string field, int partition, long offset) =>
        string.Create(CultureInfo.InvariantCulture, $"{key} {reason} {field} {partition} {offset} {Convert.ToHexString(value.Span)}");

    private static List<string> Letters(RealKafka kafka, string topic, int count)
    {
        var letters = new List<string>();
        using var consumer = new ConsumerBuilder<string, byte[]>(new ConsumerConfig { BootstrapServers = kafka.BootstrapServers, GroupId = "letters", AutoOffsetReset = AutoOffsetReset.Earliest, EnablePartitionEof = true }).Build();
        consumer.Assign(new TopicPartitionOffset(topic, 0, Offset.Beginning));
        for (var result = consumer.Consume(Cancel); !result.IsPartitionEOF; result = consumer.Consume(Cancel))
        {
            string Header(string name) => result.Message.Headers.TryGetLastBytes(name, out var bytes) ? Encoding.UTF8.GetString(bytes) : "";
            Assert.Equal("poison", Header("source_topic"));
            letters.Add(string.Create(CultureInfo.InvariantCulture, $"{result.Message.Key} {Header("reason")} {Header("field")} {Header("source_partition")} {Header("source_offset")} {Convert.ToHexString(result.Message.Value)}"));
        }
        Assert.Equal(count, letters.Count);
        return letters;
    }
}
