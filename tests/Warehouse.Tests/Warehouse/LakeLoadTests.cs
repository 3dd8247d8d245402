using Media.Events;
using Media.Jobs;
using Media.Lake;
using Media.Sessions;
using Media.Tests.Jobs;
using Media.Tests.Lake;
using Media.Warehouse;

namespace Media.Tests.Warehouse;

/// <summary>The lake's versions into the warehouse, each once, whatever was in it before.</summary>
public sealed class LakeLoadTests(TestWarehouse tests) : IDisposable
{
    private const string Topic = "load";
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task VersionsThatCome_AreLoadedEachOnce_EvenWhenTheLoadForgetsHowFarItCame()
    {
        var lake = new LocalObjectStore(_folder.Path);
        using var warehouse = await tests.OpenAsync();
        var load = new LakeLoad(warehouse, lake);
        var log = DisorderedLog.Make();
        var pipeline = await OpenAsync(lake);
        foreach (var batch in log[..8]) await pipeline.TakeAsync(batch);
        await pipeline.CommitAsync();
        Assert.NotNull((await load.RunAsync(_ => { }, Cancel)).Anew);
        await AssertLevelAsync(warehouse, lake);

        foreach (var batch in log[8..]) await pipeline.TakeAsync(batch);
        await pipeline.FlushAsync();
        var second = await load.RunAsync(_ => { }, Cancel);
        Assert.Null(second.Anew);
        Assert.True(second.Rows["events"] > 0 && second.Rows["sessions"] > 0);
        await AssertLevelAsync(warehouse, lake);

        // As after a kill between a version's rows and the note that it is in: the last version of each table comes again.
        var positions = await warehouse.QueryAsync("SELECT topic, toString(stream), max(next_offset) FROM load_positions GROUP BY topic, stream", [], Cancel);
        await warehouse.ExecuteAsync("TRUNCATE TABLE load_positions", Cancel);
        foreach (var row in positions.Rows) await warehouse.ExecuteAsync($"INSERT INTO load_positions VALUES ('{row[0]}', '{row[1]}', 0, {(long)row[2]! - 1})", Cancel);
        var again = await load.RunAsync(_ => { }, Cancel);
        Assert.Null(again.Anew);
        Assert.True(again.Rows.Values.Sum() > 0, "rows were sent again");
        await AssertLevelAsync(warehouse, lake);
        Assert.Empty((await load.RunAsync(_ => { }, Cancel)).Rows);
    }

    [Fact]
    public async Task FedThenLoadedThenFed_IsEachTimeAsTheLake()
    {
        var lake = new LocalObjectStore(Path.Combine(_folder.Path, "lake"));
        var block = Path.Combine(_folder.Path, "feed");
        using var warehouse = await tests.OpenAsync();
        var log = DisorderedLog.Make();
        var fed = await OpenAsync(lake);
        fed.FeedTo(await WarehouseFeed.OpenAsync(warehouse, lake, Topic, fed.StartAt, block, Cancel));
        foreach (var batch in log[..6]) await fed.TakeAsync(batch);
        await fed.CommitAsync();
        // Another sessionizer joins: what was fed and is not in the lake yet is read by whoever has the partitions then.
        await fed.TakeAsync(log[6]);
        await fed.LoseAsync([0]);
        await fed.EndFeedAsync();
        await fed.GiveUpAsync();

        var next = await OpenAsync(lake);
        foreach (var batch in log[6..12]) await next.TakeAsync(batch);
        await next.CommitAsync();
        Assert.Contains("fed by a sessionizer", (await new LakeLoad(warehouse, lake).RunAsync(_ => { }, Cancel)).Anew, StringComparison.Ordinal);
        await AssertLevelAsync(warehouse, lake);

        next.FeedTo(await WarehouseFeed.OpenAsync(warehouse, lake, Topic, next.StartAt, block, Cancel));
        foreach (var batch in log[12..]) await next.TakeAsync(batch);
        await next.FlushAsync();
        await AssertLevelAsync(warehouse, lake);
    }

    [Fact]
    public async Task FirstLoadThatWasCutShort_GoesOn_ButARebuildThatWasMakesItAnew()
    {
        var lake = new LocalObjectStore(_folder.Path);
        using var warehouse = await tests.OpenAsync();
        await FillAsync(lake);
        var load = new LakeLoad(warehouse, lake);
        var events = (await (await DeltaTable.OpenAsync(lake, Tables.Events.Name, Cancel)).StateAsync(Cancel)).Rows;
        void Cut(long rows)
        {
            if (rows >= events) throw new OperationCanceledException();
        }

        await Assert.ThrowsAsync<OperationCanceledException>(() => load.RunAsync(Cut, Cancel));
        Assert.Equal(WarehouseWork.Load, Assert.Single(await UnfinishedWork.ReadAsync(warehouse, Cancel)).Work);
        var rest = await load.RunAsync(_ => { }, Cancel);
        Assert.Null(rest.Anew);
        Assert.DoesNotContain("events", rest.Rows.Keys);
        Assert.Empty(await UnfinishedWork.ReadAsync(warehouse, Cancel));
        await AssertLevelAsync(warehouse, lake);

        await Assert.ThrowsAsync<OperationCanceledException>(() => load.ReloadAsync(rows => throw new OperationCanceledException(), Cancel));
        await UnfinishedWork.BeginAsync(warehouse, WarehouseWork.Rebuild, "", null, Cancel);
        Assert.Contains("cut short", (await load.RunAsync(_ => { }, Cancel)).Anew, StringComparison.Ordinal);
        Assert.Empty(await UnfinishedWork.ReadAsync(warehouse, Cancel));
        await AssertLevelAsync(warehouse, lake);
    }

    [Fact]
    public async Task RewrittenRows_MakeItAnew()
    {
        var lake = new LocalObjectStore(_folder.Path);
        using var warehouse = await tests.OpenAsync();
        await FillAsync(lake);
        var load = new LakeLoad(warehouse, lake);
        await load.RunAsync(_ => { }, Cancel);

        var sessions = await DeltaTable.OpenAsync(lake, Tables.Sessions.Name, Cancel);
        var all = new List<Session>();
        await foreach (var batch in sessions.ReadAsync(Cancel)) all.AddRange(SessionColumns.Read(batch));
        var day = all.GroupBy(s => EpochMicros.Instant(s.SessionStartMicros).UtcDateTime.Date).MaxBy(g => g.Count())!;
        await sessions.ReplacePartitionsAsync([SessionColumns.From([.. day.Skip(1)])], [], Cancel);

        Assert.Contains("rewrote rows", (await load.RunAsync(_ => { }, Cancel)).Anew, StringComparison.Ordinal);
        await AssertLevelAsync(warehouse, lake);
        Assert.Empty((await load.RunAsync(_ => { }, Cancel)).Rows);
    }

    /// <summary>The whole log, into the lake.</summary>
    private static async Task FillAsync(IObjectStore lake)
    {
        var pipeline = await OpenAsync(lake);
        foreach (var batch in DisorderedLog.Make()) await pipeline.TakeAsync(batch);
        await pipeline.FlushAsync();
    }

    private static Task<SessionPipeline> OpenAsync(IObjectStore lake) =>
        SessionPipeline.OpenAsync(lake, Topic, DisorderedLog.Partitions, new SessionOptions(), new PipelineOptions { CommitEvents = 1_000 }, TimeProvider.System, Cancel);

    private static async Task AssertLevelAsync(WarehouseClient warehouse, IObjectStore lake)
    {
        Assert.Empty(await new LakeToWarehouse(warehouse, lake).ReconcileAsync(_ => { }, Cancel));
        await WarehouseFeedTests.AssertViewsAddUpAsync(warehouse, leastEvents: 100);
    }
}
