using Media.Warehouse;

namespace Media.Jobs;

/// <summary>After a job has changed small tables of the lake: the same tables of the warehouse, where there is one.</summary>
internal static class RefreshWarehouse
{
    public static async Task RunAsync(JourneyFolder folder, IReadOnlyList<WarehouseTable> tables, JobConsole console, CancellationToken cancel)
    {
        var options = JobConfiguration.Warehouse(folder);
        // Whoever has no warehouse yet gets it whole from 'warehouse rebuild', not by one table.
        if (string.IsNullOrWhiteSpace(options.ConnectionString) && !(WarehouseClient.EmbeddedIsHere && Directory.Exists(options.Path))) return;
        WarehouseClient warehouse;
        try { warehouse = await WarehouseClient.OpenAsync(options, cancel); }
        catch (WarehouseException e) when (e.Code == WarehouseClient.TakenByAnotherProcess)
        {
            // The job's own work is done and in the lake: a sessionizer that holds the warehouse must not make it fail.
            console.Line($"– not taken into the warehouse: {e.Message} It is in the lake; 'jobs warehouse rebuild' brings it.");
            return;
        }
        using var opened = warehouse;
        await console.StepAsync($"warehouse: {string.Join(", ", tables.Select(t => t.Name))}", async () =>
        {
            await new LakeToWarehouse(warehouse, folder.OpenLake()).RefreshAsync(tables, cancel);
            return 0;
        });
    }
}
