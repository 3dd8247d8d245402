using System.CommandLine;
using System.Globalization;
using Media.Warehouse;

namespace Media.Jobs;

/// <summary>The verb <c>reconcile</c>: whether lake and warehouse tell the same, brand by brand and day by day, and the lake's word where they do not.</summary>
internal static class ReconcileWarehouse
{
    private const int MostShown = 20;

    public static Command Command(JobConsole console)
    {
        var repair = new Option<bool>("--repair") { Description = "Make anew from the lake what differs, and what a rebuild or repair that was cut short has left." };
        var verb = new Command("reconcile", "Compares lake and warehouse by brand and day, rows and a 64-bit checksum of them, and the sums of the views. Ends with exit code 1 when they differ, or when a rebuild or repair was cut short.") { JobOptions.Out, repair };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            await RebuildWarehouse.NeedLakeAsync(folder, cancel);
            var options = JobConfiguration.Warehouse(folder);
            if (string.IsNullOrWhiteSpace(options.ConnectionString) && !Directory.Exists(options.Path))
                throw new JobException($"There is no warehouse in '{options.Path}' yet; run 'jobs warehouse rebuild'.");
            using var warehouse = await WarehouseClient.OpenAsync(options, cancel);
            var both = new LakeToWarehouse(warehouse, folder.OpenLake());
            var (differences, unfinished) = await CompareAsync(both, warehouse, console, cancel);
            if (differences.Count + unfinished.Count == 0) return 0;
            if (!parsed.GetValue(repair))
                throw new JobException(differences.Count > 0 ? "Lake and warehouse differ; --repair takes the lake's word." : $"{Capital(unfinished[0])} has not ended; --repair finishes it.");
            await console.ProgressAsync("lake → warehouse", 0, "rows", async done =>
            {
                await both.RepairAsync(differences, done, cancel);
                return 0;
            });
            (differences, unfinished) = await CompareAsync(both, warehouse, console, cancel);
            return differences.Count + unfinished.Count == 0 ? 0 : throw new JobException("Lake and warehouse still differ: something else writes to one of them.");
        });
        return verb;
    }

    private static async Task<(IReadOnlyList<DayDifference> Differences, IReadOnlyList<UnfinishedWork> Unfinished)> CompareAsync(LakeToWarehouse both, WarehouseClient warehouse, JobConsole console, CancellationToken cancel)
    {
        var differences = await console.ProgressAsync("compare", 0, "rows", done => both.ReconcileAsync(done, cancel));
        var unfinished = await UnfinishedWork.ReadAsync(warehouse, cancel);
        foreach (var work in unfinished) console.Line($"– {work} has not ended: it runs, or was cut short.");
        if (differences.Count == 0)
        {
            console.Line("  Lake and warehouse agree on every brand's every day.");
            return (differences, unfinished);
        }
        console.Table(["table", "brand", "day", "lake rows", "warehouse rows", "lake checksum", "warehouse checksum"], differences.Take(MostShown).Select(d => (IReadOnlyList<string>)
            [d.Table, d.Brand, d.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), JobConsole.Count(d.Lake.Rows), JobConsole.Count(d.Warehouse.Rows), Hex(d.Lake.Checksum), Hex(d.Warehouse.Checksum)]));
        if (differences.Count > MostShown) console.Line($"  … and {JobConsole.Count(differences.Count - MostShown)} more");
        return (differences, unfinished);
    }

    private static string Capital(UnfinishedWork work)
    {
        var words = work.ToString();
        return char.ToUpperInvariant(words[0]) + words[1..];
    }

    private static string Hex(ulong checksum) => checksum.ToString("x16", CultureInfo.InvariantCulture);
}
