using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Media.Events.Simulator;
using Media.Jobs;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;
using Media.Tests.Jobs;
using Media.Tests.Lake;
using Media.Warehouse;

namespace Media.Tests.Warehouse;

/// <summary>The sessionizer's feed: what it shows, how soon, and what it shows after the process was killed.</summary>
public sealed class WarehouseFeedTests(TestWarehouse tests) : IDisposable
{
    private const string Topic = "test's", FolderVariable = "MEDIA_TEST_FEED_FOLDER", DatabaseVariable = "MEDIA_TEST_FEED_DATABASE";
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WholeLog_IsInTheWarehouseAsInTheLake()
    {
        var lake = new LocalObjectStore(Path.Combine(_folder.Path, "lake"));
        using var warehouse = await tests.OpenAsync();
        await RunAsync(warehouse, lake, _ => { });
        Assert.Empty(await new LakeToWarehouse(warehouse, lake).ReconcileAsync(_ => { }, Cancel));
        Assert.True(await warehouse.ScalarAsync<long>("SELECT toInt64(countIf(is_late)) FROM events", Cancel) > 0, "late events come too");
        Assert.True(await warehouse.ScalarAsync<long>("SELECT toInt64(count()) FROM bad_events", Cancel) > 0, "bad events come too");
        await AssertViewsAddUpAsync(warehouse);
    }

    [Fact]
    public async Task EmptyWarehouseBesideALake_IsLoadedWhenTheFeedOpens()
    {
        var lake = new LocalObjectStore(Path.Combine(_folder.Path, "lake"));
        using (var former = await tests.OpenAsync()) await RunAsync(former, lake, _ => { });
        using var warehouse = await tests.OpenAsync();
        await RunAsync(warehouse, lake, _ => { });
        Assert.Empty(await new LakeToWarehouse(warehouse, lake).ReconcileAsync(_ => { }, Cancel));
        await AssertViewsAddUpAsync(warehouse);
    }

    /// <summary>Cut short, a rebuild leaves tables that look like a warehouse's: the feed must not go on with them.</summary>
    [Fact]
    public async Task RebuildThatWasCutShort_IsNotTakenForWhole()
    {
        var lake = new LocalObjectStore(Path.Combine(_folder.Path, "lake"));
        var block = Path.Combine(_folder.Path, "feed");
        using var warehouse = await tests.OpenAsync();
        await RunAsync(warehouse, lake, _ => { }, block);
        var positions = await warehouse.QueryAsync("SELECT topic, toString(stream), kafka_partition, next_offset FROM load_positions", [], Cancel);
        var events = await warehouse.ScalarAsync<long>("SELECT toInt64(count()) FROM events", Cancel);
        await Assert.ThrowsAsync<OperationCanceledException>(() => new LakeToWarehouse(warehouse, lake).RebuildAsync(rows => { if (rows >= events) throw new OperationCanceledException(); }, Cancel));
        // Even when it knows how far a feed has come.
        foreach (var row in positions.Rows) await warehouse.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO load_positions VALUES ('test\\'s', '{row[1]}', {row[2]}, {row[3]})"), Cancel);
        await RunAsync(warehouse, lake, _ => { }, block);

        Assert.Empty(await UnfinishedWork.ReadAsync(warehouse, Cancel));
        Assert.Empty(await new LakeToWarehouse(warehouse, lake).ReconcileAsync(_ => { }, Cancel));
        await AssertViewsAddUpAsync(warehouse);
    }

    /// <summary>The lake has committed late events and a crash kept them from the feed: a repair brings them, so the feed must not bring them again.</summary>
    [Fact]
    public async Task EventsThatARepairBrought_AreNotFedAgain()
    {
        var lake = new LocalObjectStore(Path.Combine(_folder.Path, "lake"));
        var block = Path.Combine(_folder.Path, "feed");
        using var warehouse = await tests.OpenAsync();
        await RunAsync(warehouse, lake, _ => { }, block);
        Assert.True(await warehouse.ScalarAsync<long>("SELECT toInt64(countIf(is_late)) FROM events", Cancel) > 0, "there are late events");
        await warehouse.ExecuteAsync("ALTER TABLE events DELETE WHERE is_late SETTINGS mutations_sync = 1", Cancel);
        await warehouse.ExecuteAsync("ALTER TABLE load_positions DELETE WHERE stream = 'committed' SETTINGS mutations_sync = 1", Cancel);
        var both = new LakeToWarehouse(warehouse, lake);
        await both.RepairAsync(await both.ReconcileAsync(_ => { }, Cancel), _ => { }, Cancel);
        await RunAsync(warehouse, lake, _ => { }, block);

        Assert.Empty(await both.ReconcileAsync(_ => { }, Cancel));
        await AssertViewsAddUpAsync(warehouse);
    }

    [Fact]
    public async Task Commit_WaitsForTheWarehouse()
    {
        using var warehouse = await tests.OpenWithTablesAsync();
        var lake = new WatchedStore(new LocalObjectStore(Path.Combine(_folder.Path, "lake")), warehouse);
        await RunAsync(warehouse, lake, _ => { });
        Assert.True(lake.Commits.Count > 5, $"{lake.Commits.Count} commits");
        var table = await DeltaTable.OpenAsync(lake, Tables.Events.Name, Cancel);
        foreach (var (version, inWarehouse) in lake.Commits)
        {
            var inTime = 0L;
            await foreach (var batch in table.ReadAsync(new ReadOptions { Version = version }, Cancel))
                using (batch) inTime += EventColumns.Read(batch).Count(e => !e.IsLate);
            Assert.True(inWarehouse >= inTime, $"version {version} was written with {inTime} events in time when the warehouse had {inWarehouse}");
        }
    }

    [Fact]
    public async Task DamagedBlock_IsNamed()
    {
        using var warehouse = await tests.OpenAsync();
        await File.WriteAllBytesAsync(Path.Combine(_folder.Path, "block"), [1, 2, 3, 4, 5, 6, 7, 8, 9], Cancel);
        var refused = await Assert.ThrowsAsync<InvalidDataException>(() => WarehouseFeed.OpenAsync(warehouse, new LocalObjectStore(_folder.Path), Topic, new Dictionary<int, long>(), _folder.Path, Cancel));
        Assert.Contains("is damaged", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task EventsTaken_AreInTheCountersWhileOthersCome()
    {
        // 10,000 events a second for four seconds, as a consumer hands them on every tenth of a second.
        const int perBatch = 1_000, batches = 40;
        var lake = new LocalObjectStore(Path.Combine(_folder.Path, "lake"));
        using var warehouse = await tests.OpenWithTablesAsync();
        var feed = await WarehouseFeed.OpenAsync(warehouse, lake, Topic, new Dictionary<int, long>(), Path.Combine(_folder.Path, "feed"), Cancel);
        var events = new EventSimulator(new SimulatorOptions { Users = 200, Days = 61 }).Events().Take(perBatch * batches).ToList();
        var (added, seen) = (new long[batches], new long[batches]);
        using var done = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var watching = Task.Run(async () =>
        {
            for (var visible = 0; visible < batches;)
            {
                var count = await warehouse.ScalarAsync<long>("SELECT toInt64(sum(events)) FROM counter_minute", done.Token);
                for (var now = Stopwatch.GetTimestamp(); visible < count / perBatch; visible++) seen[visible] = now;
            }
        }, Cancel);
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        for (var b = 0; b < batches; b++)
        {
            await clock.WaitForNextTickAsync(Cancel);
            added[b] = Stopwatch.GetTimestamp();
            for (var i = 0; i < perBatch; i++) feed.Add(new ConsumedEvent(events[b * perBatch + i], 0, b * perBatch + i), late: false);
            feed.Reach(new Dictionary<int, long> { [0] = (b + 1) * perBatch });
            await feed.OfferAsync(Cancel);
        }
        var flushing = Stopwatch.GetTimestamp();
        await feed.FlushAsync(Cancel);
        await watching;
        var waits = added.Zip(seen, (a, s) => Stopwatch.GetElapsedTime(a, s).TotalMilliseconds).Order().ToList();
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"visible after: median {waits[batches / 2]:0} ms, p95 {waits[batches * 95 / 100]:0} ms, longest {waits[^1]:0} ms"));
        // How soon is a figure, not a test; that nothing waits for the flush is one.
        Assert.True(seen[0] < flushing, "the first events were seen only after the flush");
    }

    [Fact]
    public Task KilledThreeTimes_LosesAndDoublesNothing() => KillAsync(kills: 3, seed: 5);

    [Fact(Explicit = true), Trait("Category", "Long")]
    public Task KilledTwentyTimes_LosesAndDoublesNothing() => KillAsync(kills: 20, seed: 6);

    /// <summary>Not a test of its own: what the processes of the tests above run. It goes on after what the lake holds, as a consumer does.</summary>
    [Fact(Explicit = true)]
    public async Task FeedingProcess()
    {
        Assert.SkipUnless(Environment.GetEnvironmentVariable(FolderVariable) is not null, $"{FolderVariable} is not set: this runs only inside the processes that the tests above start.");
        var folder = Environment.GetEnvironmentVariable(FolderVariable)!;
        var lake = new LocalObjectStore(Path.Combine(folder, "lake"));
        using var warehouse = await WarehouseClient.OpenAsync(new()
        {
            Path = Path.Combine(folder, "warehouse"), ConnectionString = Environment.GetEnvironmentVariable(TestWarehouse.ServerVariable), Database = Environment.GetEnvironmentVariable(DatabaseVariable)!,
        }, Cancel);
        await RunAsync(warehouse, lake, taken => File.WriteAllText(Path.Combine(folder, "taken"), taken.ToString(CultureInfo.InvariantCulture)), folder);
        Assert.Empty(await new LakeToWarehouse(warehouse, lake).ReconcileAsync(_ => { }, Cancel));
        await AssertViewsAddUpAsync(warehouse);
        await File.WriteAllTextAsync(Path.Combine(folder, "done"), "", Cancel);
    }

    private async Task KillAsync(int kills, int seed)
    {
        Assert.SkipUnless(TestWarehouse.IsServer || WarehouseClient.EmbeddedIsHere, "The embedded ClickHouse was not restored (npm) and no server is named.");
        var random = new Random(seed);
        var database = TestWarehouse.NewDatabase();
        string done = Path.Combine(_folder.Path, "done"), taken = Path.Combine(_folder.Path, "taken");
        for (var kill = 0; kill < kills; kill++)
        {
            File.Delete(taken);
            using var process = Feeding(database);
            var (batches, spins) = (random.Next(1, 6), random.Next(0, 60));
            while (!process.HasExited && !(File.Exists(taken) && new FileInfo(taken).Length > 0 && int.TryParse(await ReadAsync(taken), CultureInfo.InvariantCulture, out var n) && n >= batches)) await Task.Yield();
            // Somewhere in the batch: the block's file, a table's part, a view's, the lake's commit.
            var until = Stopwatch.GetTimestamp() + spins * Stopwatch.Frequency / 1000;
            while (Stopwatch.GetTimestamp() < until) await Task.Yield();
            Assert.False(File.Exists(done), "it came to the end before it was killed");
            await process.KillAsync();
        }
        using var last = Feeding(database);
        Assert.True(await last.ExitAsync() == 0, last.Output);
        Assert.True(File.Exists(done), "the last run came to the end and found both stores equal");
    }

    private TestProcess Feeding(string database) => TestProcess.OfTest(typeof(WarehouseFeedTests), nameof(FeedingProcess), (FolderVariable, _folder.Path), (DatabaseVariable, database));

    private static async Task<string> ReadAsync(string file)
    {
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return await reader.ReadToEndAsync(Cancel);
    }

    private Task RunAsync(WarehouseClient warehouse, IObjectStore lake, Action<int> progress) => RunAsync(warehouse, lake, progress, Path.Combine(_folder.Path, Path.GetRandomFileName()));

    /// <summary>The whole log through the sessionizer, from where the lake is.</summary>
    private static async Task RunAsync(WarehouseClient warehouse, IObjectStore lake, Action<int> progress, string folder)
    {
        var pipeline = await SessionPipeline.OpenAsync(lake, Topic, DisorderedLog.Partitions, new SessionOptions(), new PipelineOptions { CommitEvents = 1_000 }, TimeProvider.System, Cancel);
        pipeline.FeedTo(await WarehouseFeed.OpenAsync(warehouse, lake, Topic, pipeline.StartAt, folder, Cancel));
        var taken = 0;
        foreach (var batch in DisorderedLog.Make())
        {
            if (DisorderedLog.From(batch, pipeline.StartAt) is not { NextOffsets.Count: > 0 } rest) continue;
            await pipeline.TakeAsync(rest);
            progress(++taken);
        }
        await pipeline.FlushAsync();
    }

    internal static async Task AssertViewsAddUpAsync(WarehouseClient warehouse, long leastEvents = 5_000)
    {
        var row = Assert.Single((await warehouse.QueryAsync("""
            SELECT toInt64((SELECT count() FROM events)), toInt64((SELECT uniqExact(event_id) FROM events)), toInt64((SELECT sum(events) FROM counter_minute)),
                toInt64((SELECT countIf(event_type = 'article_view' AND article_id != '') FROM events)), toInt64((SELECT sum(views) FROM article_5m)),
                toInt64((SELECT countIf(event_type = 'article_click') FROM events)), toInt64((SELECT sum(clicks) FROM segment_hour)),
                toInt64((SELECT countIf(event_type = 'ad_impression') FROM events)), toInt64((SELECT sum(impressions) FROM ad_slot_day)),
                toInt64((SELECT count() FROM sessions)), toInt64((SELECT uniqExact(session_id) FROM sessions)), toInt64((SELECT sum(sessions) FROM country_day)), toInt64((SELECT sum(sessions) FROM brand_day))
            """, [], Cancel)).Rows).Cast<long>().ToList();
        Assert.True(row[0] > leastEvents && row[9] > leastEvents / 10, $"{row[0]} events and {row[9]} sessions");
        Assert.Equal([row[0], row[0]], row[1..3]);
        Assert.Equal((row[3], row[5], row[7]), (row[4], row[6], row[8]));
        Assert.Equal([row[9], row[9], row[9]], row[10..]);
    }

    /// <summary>A lake that notes, before each commit to events, how many events in time the warehouse has.</summary>
    private sealed class WatchedStore(IObjectStore inner, WarehouseClient warehouse) : PassingStore(inner)
    {
        private const string Log = "events/_delta_log/";

        public ConcurrentDictionary<long, long> Commits { get; } = new();

        public override async Task<bool> TryPutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
        {
            var inWarehouse = key.StartsWith(Log, StringComparison.Ordinal) ? await warehouse.ScalarAsync<long>("SELECT toInt64(countIf(NOT is_late)) FROM events", cancel) : 0;
            if (!await base.TryPutAsync(key, bytes, cancel)) return false;
            if (key.StartsWith(Log, StringComparison.Ordinal)) Commits[long.Parse(key.AsSpan(Log.Length, 20), CultureInfo.InvariantCulture)] = inWarehouse;
            return true;
        }
    }
}
