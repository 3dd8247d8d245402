using System.Diagnostics;
using Media.Spark;
using Media.Streaming;
using Media.Tests.Engines;
using Media.Tests.Lake;
using Media.Tests.Streaming;

namespace Media.Tests.Spark;

/// <summary>Streams from the real broker through Spark into Delta.</summary>
[Collection(TestSpark.OneAtATime)]
public sealed class SparkStreamingTests(TestSpark tests) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task KafkaToDelta_EveryEventOnce_AcrossAStop()
    {
        await using var kafka = await RealKafka.StartOrSkipAsync(Cancel);
        await using var spark = await tests.ConnectOrSkipAsync();
        var options = new KafkaOptions { BootstrapServers = kafka.BootstrapServers, UnreachableAfter = TimeSpan.FromMinutes(1) };
        await KafkaTopic.EnsureAsync(options, Cancel);
        Produce(options, 0, 20_000);
        await spark.ReadStream("kafka", null, new Dictionary<string, string> { ["kafka.bootstrap.servers"] = kafka.BootstrapServers, ["subscribe"] = options.Topic, ["startingOffsets"] = "earliest" })
            .CreateOrReplaceTempViewAsync("log", Cancel);
        var write = new SparkStreamWrite { Path = $"{_folder.Path}/events", CheckpointLocation = $"{_folder.Path}/checkpoint", QueryName = "events", PartitionBy = ["partition"] };
        var events = spark.Sql("SELECT get_json_object(cast(value AS string), '$.event_id') AS event_id, cast(key AS string) AS user_id, partition FROM log");

        var query = await events.WriteStreamAsync(write, Cancel); // all that is there, and ends
        await query.AwaitTerminationAsync(Cancel);
        Assert.Equal("events", query.Name);
        Assert.False((await query.StatusAsync(Cancel)).IsActive);
        Assert.Null(await query.ExceptionAsync(Cancel));
        Assert.Equal(20_000, (await query.RecentProgressAsync(Cancel)).Sum(p => p.InputRows));

        Produce(options, 20_000, 30_000);
        var follow = await events.WriteStreamAsync(write with { ProcessingTime = TimeSpan.FromMilliseconds(200) }, Cancel);
        Assert.Equal(query.Id, follow.Id); // of the checkpoint
        Assert.NotEqual(query.RunId, follow.RunId);
        await follow.ProcessAllAvailableAsync(Cancel);
        Assert.True((await follow.StatusAsync(Cancel)).IsActive);
        var progress = await follow.RecentProgressAsync(Cancel);
        Assert.Equal(10_000, progress.Sum(p => p.InputRows));
        Assert.All(progress, p => Assert.True(p.BatchId > 0 && p.Duration > TimeSpan.Zero));
        Assert.Equal((await follow.LastProgressAsync(Cancel))!.BatchId, (await follow.RecentProgressAsync(Cancel))[^1].BatchId);
        Assert.False(await follow.AwaitTerminationAsync(TimeSpan.FromMilliseconds(100), Cancel));
        await follow.StopAsync(Cancel);
        Assert.True(await follow.AwaitTerminationAsync(TimeSpan.FromSeconds(30), Cancel));

        var counts = await RowText.SortedAsync(spark.Sql($"SELECT count(*) AS n, count(DISTINCT event_id) AS ids, count(DISTINCT partition) AS partitions FROM delta.`{_folder.Path}/events`").CollectAsync(Cancel));
        Assert.Equal(["n=30000 | ids=30000 | partitions=4"], counts);
    }

    [Fact]
    public async Task WatermarkAndSessionWindow_CloseSessionsAndCountWhatCameTooLate()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        var source = $"{_folder.Path}/source";
        Task AddAsync(params string[] rows) => spark.Sql("SELECT user, timestamp(at) AS at FROM VALUES " + string.Join(", ", rows) + " AS t(user, at)")
            .WriteAsync(new SparkWrite { Path = source, Mode = SparkSaveMode.Append }, Cancel);
        // 30 minutes apart is one session, a microsecond more are two.
        await AddAsync("('a', '2026-03-02 10:00:00')", "('a', '2026-03-02 10:30:00')", "('a', '2026-03-02 11:00:00.000001')");
        await spark.ReadStream("delta", source, new Dictionary<string, string>()).WithWatermark("at", TimeSpan.FromMinutes(10)).CreateOrReplaceTempViewAsync("visits", Cancel);
        var query = await spark.Sql("SELECT user, session_window.start AS start, count(*) AS events FROM visits GROUP BY user, session_window(at, '30 minutes')").WriteStreamAsync(
            new SparkStreamWrite { Path = $"{_folder.Path}/sessions", CheckpointLocation = $"{_folder.Path}/checkpoint", ProcessingTime = TimeSpan.FromMilliseconds(100) }, Cancel);
        await query.ProcessAllAvailableAsync(Cancel);
        await AddAsync("('b', '2026-03-03 10:00:00')");
        await query.ProcessAllAvailableAsync(Cancel);
        await AddAsync("('a', '2026-03-02 10:10:00')"); // a day behind
        await query.ProcessAllAvailableAsync(Cancel);
        var progress = await query.RecentProgressAsync(Cancel);
        await query.StopAsync(Cancel);
        Assert.Equal(1, progress.Sum(p => p.RowsDroppedByWatermark));
        Assert.Equal(new DateTimeOffset(2026, 3, 3, 9, 50, 0, TimeSpan.Zero), progress.Max(p => p.Watermark));
        Assert.Equal(1, progress[^1].StateRows); // b's is open
        Assert.Equal(
            ["user=\"a\" | start=1772445600000000 | events=2", "user=\"a\" | start=1772449200000001 | events=1"],
            await RowText.SortedAsync(spark.Read("delta", $"{_folder.Path}/sessions").CollectAsync(Cancel)));
    }

    [Fact]
    public async Task FailedStream_TellsWhy()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        var source = $"{_folder.Path}/source";
        await spark.Sql("SELECT id FROM range(3)").WriteAsync(new SparkWrite { Path = source }, Cancel);
        await spark.ReadStream("delta", source, new Dictionary<string, string>()).CreateOrReplaceTempViewAsync("numbers", Cancel);
        var query = await spark.Sql("SELECT 1 DIV (id - 1) AS n FROM numbers").WriteStreamAsync(
            new SparkStreamWrite { Path = $"{_folder.Path}/sink", CheckpointLocation = $"{_folder.Path}/checkpoint" }, Cancel);
        var fault = await Assert.ThrowsAsync<SparkException>(() => query.AwaitTerminationAsync(Cancel));
        Assert.Equal("STREAM_FAILED", fault.ErrorClass);
        Assert.Contains("DIVIDE_BY_ZERO", fault.RootCause, StringComparison.Ordinal);
        var told = await query.ExceptionAsync(Cancel);
        Assert.NotNull(told);
        Assert.Contains("DIVIDE_BY_ZERO", told.Details, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', told.Message);
        Assert.False((await query.StatusAsync(Cancel)).IsActive);
    }

    [Fact]
    public async Task WaitingForAStream_IsCancelledAndTheStreamGoesOn()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        var query = await spark.ReadStream("rate", null, new Dictionary<string, string> { ["rowsPerSecond"] = "10" }).WriteStreamAsync(
            new SparkStreamWrite { Path = $"{_folder.Path}/sink", CheckpointLocation = $"{_folder.Path}/checkpoint", ProcessingTime = TimeSpan.FromMilliseconds(200) }, Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        stop.CancelAfter(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => query.AwaitTerminationAsync(stop.Token));
        Assert.True((await query.StatusAsync(Cancel)).IsActive);
        await query.StopAsync(Cancel);
    }

    [Fact]
    public async Task SessionEnded_EndsItsStreams()
    {
        await using var watching = await tests.ConnectOrSkipAsync();
        var spark = await tests.ConnectOrSkipAsync();
        var query = await spark.ReadStream("rate", null, new Dictionary<string, string>()).WriteStreamAsync(
            new SparkStreamWrite { Path = $"{_folder.Path}/sink", CheckpointLocation = $"{_folder.Path}/checkpoint", ProcessingTime = TimeSpan.FromMilliseconds(200) }, Cancel);
        await BatchAsync(query);
        await spark.DisposeAsync();
        // The same checkpoint is free for another run.
        var next = await watching.ReadStream("rate", null, new Dictionary<string, string>()).WriteStreamAsync(
            new SparkStreamWrite { Path = $"{_folder.Path}/sink", CheckpointLocation = $"{_folder.Path}/checkpoint", ProcessingTime = TimeSpan.FromMilliseconds(200) }, Cancel);
        Assert.Equal(query.Id, next.Id);
        await BatchAsync(next);
        await next.StopAsync(Cancel);
    }

    /// <summary>Waits until the stream has finished a batch. A source that never rests has nothing like all that is available: where batches take longer than its rows come, waiting for that would not end.</summary>
    private static async Task BatchAsync(SparkStreamingQuery query)
    {
        for (var waited = Stopwatch.StartNew(); await query.LastProgressAsync(Cancel) is null; await Task.Delay(100, Cancel))
            Assert.True(waited.Elapsed < TimeSpan.FromMinutes(2), "The stream has finished no batch.");
    }

    private static void Produce(KafkaOptions options, int from, int to)
    {
        using var producer = new EventProducer(options, null);
        foreach (var e in LiveEvents.Numbered(to, users: 500).Skip(from)) producer.Produce(e, Cancel);
        producer.Flush(Cancel);
    }
}
