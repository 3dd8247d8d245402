using System.CommandLine;
using Media.Lake;
using Media.Warehouse;

namespace Media.Jobs;

/// <summary>The verb <c>warehouse rebuild</c>, and the same step of the journey: the warehouse anew, from the lake.</summary>
internal static class RebuildWarehouse
{
    public static Command Command(JobConsole console, TimeProvider time)
    {
        var rebuild = new Command("rebuild", "Makes the warehouse's tables anew and loads all that the lake holds.") { JobOptions.Out };
        rebuild.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            await NeedLakeAsync(folder, cancel);
            await RunAsync(JobConfiguration.Warehouse(folder), folder.OpenLake(), console, cancel);
            return 0;
        });
        return new Command("warehouse", "Looks after the warehouse.") { rebuild, LoadWarehouse.Command(console, time) };
    }

    /// <summary>An address without a lake must not empty the warehouse, and to open a folder would make it.</summary>
    /// <exception cref="JobException">There is none.</exception>
    public static async Task NeedLakeAsync(JourneyFolder folder, CancellationToken cancel)
    {
        if (folder.LakeAt is null && !Directory.Exists(folder.Lake)) throw NoLake(folder.Lake);
        if (await LakeSessions.TryOpenAsync(folder.OpenLake(), Tables.Events, cancel) is null) throw NoLake(folder.LakePlace);
    }

    private static JobException NoLake(string place) => new($"There is no lake in '{place}'; run 'jobs journey' or 'jobs sessionize' first.");

    /// <returns>Rows loaded of each table.</returns>
    public static async Task<IReadOnlyDictionary<string, long>> RunAsync(WarehouseOptions options, IObjectStore lake, JobConsole console, CancellationToken cancel)
    {
        var expected = 0L;
        foreach (var table in WarehouseTables.All)
            if (await LakeSessions.TryOpenAsync(lake, table.Lake, cancel) is { } there) expected += (await there.StateAsync(cancel)).Rows ?? 0;
        using var warehouse = await WarehouseClient.OpenAsync(options, cancel);
        var loaded = await console.ProgressAsync("lake → warehouse", expected, "rows", done => new LakeToWarehouse(warehouse, lake).RebuildAsync(done, cancel));
        console.Line($"  warehouse: {string.Join(", ", loaded.Where(t => t.Value > 0).Select(t => $"{JobConsole.Count(t.Value)} {t.Key}"))}");
        return loaded;
    }
}
