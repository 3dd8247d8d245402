using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Apache.Arrow;
using Apache.Arrow.Types;
using Media.Events;
using Media.Events.Simulator;
using Media.Lake;

namespace Media.Tests.Spark;

/// <summary>Records read by Spark's SQL against the reader here: the same events, and the same fault of each bad one.</summary>
[Collection(TestSpark.OneAtATime)]
public class EventSqlTests(TestSpark spark)
{
    private static readonly DateTimeOffset Received = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SimulatedEvents_AreReadTheSame()
    {
        var arrivals = Disorder.Of(new EventSimulator(new SimulatorOptions { Users = 20, Days = 60, Seed = 3 }).Events(), new DisorderOptions { BrokenShare = 0.02 });
        await HoldAsync([.. arrivals.Select(a => a.Event is { } e ? Json(e) : a.Broken.ToArray())]);
    }

    [Fact]
    public async Task EveryFieldTakenAwayOrSpoilt_HasTheSameFault()
    {
        // One of each type, each field in turn absent, null, of every other type, empty, out of range.
        var records = new List<byte[]>();
        foreach (var e in new EventSimulator(new SimulatorOptions { Users = 60, Days = 60, Seed = 5 }).Events().DistinctBy(e => e.GetType()))
        {
            var json = JsonNode.Parse(Json(e))!.AsObject();
            foreach (var name in json.Select(p => p.Key).ToList())
                foreach (var value in new[] { "\0", "null", "\"\"", "\"x\"", "5", "-1", "1.5", "1e3", "0", "99999999999999999999", "1e400", "true", "[1]", "{\"a\":1}", "\"2026-13-01T00:00:00Z\"", "\"2027-01-01T00:00:00Z\"", "\"1980-01-01T00:00:00Z\"", "\"2026-03-01 00:00:00Z\"", "\"2026-03-01T00:00:00\"", "\"00000000-0000-0000-0000-000000000000\"", "\"de\"" })
                {
                    var spoilt = new StringBuilder("{");
                    foreach (var (key, own) in json)
                    {
                        if (key == name && value == "\0") continue;
                        if (spoilt.Length > 1) spoilt.Append(',');
                        spoilt.Append(JsonSerializer.Serialize(key)).Append(':').Append(key == name ? value : own?.ToJsonString() ?? "null");
                    }
                    records.Add(Encoding.UTF8.GetBytes(spoilt.Append('}').ToString()));
                }
        }
        Assert.True(records.Count > 3_000, $"only {records.Count} records");
        await HoldAsync(records);
    }

    [Fact]
    public async Task RecordsThatAreNoObject_AreUndecodable()
    {
        var good = Json(new EventSimulator(new SimulatorOptions { Users = 1, Days = 60, Seed = 1 }).Events().First());
        var text = Encoding.UTF8.GetString(good);
        await HoldAsync(
        [
            .. new[] { "", " ", "null", "5", "\"a\"", "[]", "{}", "{", "[" + text + "]", text + text, text + "x", text + ",", text + "," + text, text[..^1], "\ufeff" + text, " \t\r\n" + text + "\n", text.Replace(':', ' '), "{'a':1}", "{\"a\":NaN}", "{\"a\":01}" }.Select(Encoding.UTF8.GetBytes),
            [0xff, 0xfe], [.. good[..20], 0xff, .. good[20..]], Encoding.UTF8.GetBytes(text[..^1] + ",\"more\":\"" + new string('x', 70_000) + "\"}"),
            Encoding.UTF8.GetBytes(text[..^1] + ",\"more\":{\"deep\":[1,2,null]},\"nothing\":null}"),
            Encoding.UTF8.GetBytes(text[..^1] + "," + text[1..]),
        ]);
    }

    private async Task HoldAsync(List<byte[]> records)
    {
        await using var session = await spark.ConnectOrSkipAsync();
        await session.CreateDataFrame(Kafka(records)).CreateOrReplaceTempViewAsync("kafka_records", Cancel);
        await session.Sql(EventSql.Judged("kafka_records")).CreateOrReplaceTempViewAsync("judged_records", Cancel);
        var (good, bad) = (new List<StoredEvent>(), new List<BadEvent>());
        await session.Sql(EventSql.Both("judged_records")).CreateOrReplaceTempViewAsync("both_kinds", Cancel);
        await foreach (var rows in session.Sql("SELECT * FROM both_kinds WHERE reason IS NULL").CollectAsync(Cancel))
            using (rows) good.AddRange(EventColumns.Read(rows));
        await foreach (var rows in session.Sql("SELECT * FROM both_kinds WHERE reason IS NOT NULL").CollectAsync(Cancel))
            using (rows) bad.AddRange(BadEventColumns.Read(rows));

        var (reader, expected, faults) = (new EventReader(), new List<string>(), new List<string>());
        for (var i = 0; i < records.Count; i++)
        {
            if (reader.TryRead(records[i], Received, 0, i, out var e, out var fault)) expected.Add(Line(i, e));
            else faults.Add($"{i} {fault.Reason} {fault.Field} {Encoding.UTF8.GetString(records[i])}");
        }
        Assert.Equal(faults, bad.OrderBy(b => b.Offset).Select(b => $"{b.Offset} {b.Reason} {b.Field} {Encoding.UTF8.GetString(b.Raw.Span)}"));
        Assert.Equal(expected, good.OrderBy(g => g.Consumed.Offset).Select(g => Line(g.Consumed.Offset, g.Consumed.Event)));
        Assert.Equal(records.Count, good.Count + bad.Count);
    }

    /// <summary>The whole event; what is kept of unknown fields may be written in another order.</summary>
    private static string Line(long offset, MediaEvent e)
    {
        var extra = e.ExtraJson is { } json ? string.Join(' ', JsonNode.Parse(json)!.AsObject().OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key}={p.Value?.ToJsonString() ?? "null"}")) : null;
        return $"{offset} {e with { ExtraJson = null }} {extra}";
    }

    private static byte[] Json(MediaEvent e)
    {
        var json = new System.Buffers.ArrayBufferWriter<byte>();
        EventWriter.Write(e, json);
        return json.WrittenSpan.ToArray();
    }

    /// <summary>Records as Kafka's source gives them.</summary>
    private static RecordBatch Kafka(List<byte[]> records)
    {
        var (values, times, partitions, offsets) = (new BinaryArray.Builder(), new TimestampArray.Builder(new TimestampType(TimeUnit.Microsecond, "UTC")), new Int32Array.Builder(), new Int64Array.Builder());
        for (var i = 0; i < records.Count; i++)
        {
            values.Append(records[i].AsSpan());
            times.Append(Received);
            partitions.Append(0);
            offsets.Append(i);
        }
        var schema = new Schema([new Field("value", BinaryType.Default, true), new Field("timestamp", new TimestampType(TimeUnit.Microsecond, "UTC"), false), new Field("partition", Int32Type.Default, false), new Field("offset", Int64Type.Default, false)], metadata: null);
        return new RecordBatch(schema, [values.Build(), times.Build(), partitions.Build(), offsets.Build()], records.Count);
    }
}
