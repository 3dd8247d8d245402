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
        var repair = new Option<bool>("--repair") { Description = "Take the months that differ from the lake." };
        var verb = new Command("reconcile", "Compares lake and warehouse by brand and day: rows and a 64-bit checksum of them. Ends with exit code 1 when they differ.") { JobOptions.Out, repair };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            await RebuildWarehouse.NeedLakeAsync(folder, cancel);
            var options = JobConfiguration.Warehouse(folder);
            if (string.IsNullOrWhiteSpace(options.ConnectionString) && !Directory.Exists(options.Path))
                throw new JobException($"There is no warehouse in '{options.Path}' yet; run 'jobs warehouse rebuild'.");
            using var warehouse = await WarehouseClient.OpenAsync(options, cancel);
            var both = new LakeToWarehouse(warehouse, folder.OpenLake());
            var differences = await CompareAsync(both, console, cancel);
            if (differences.Count == 0) return 0;
            if (!parsed.GetValue(repair)) throw new JobException("Lake and warehouse differ; --repair takes the lake's word.");
            await console.ProgressAsync("lake → warehouse", 0, "rows", async done =>
            {
                await both.RepairAsync(differences, done, cancel);
                return 0;
            });
            return (await CompareAsync(both, console, cancel)).Count == 0 ? 0 : throw new JobException("Lake and warehouse still differ: something else writes to one of them.");
        });
        return verb;
    }

    private static async Task<IReadOnlyList<DayDifference>> CompareAsync(LakeToWarehouse both, JobConsole console, CancellationToken cancel)
    {
        var differences = await console.ProgressAsync("compare", 0, "rows", done => both.ReconcileAsync(done, cancel));
        if (differences.Count == 0)
        {
            console.Line("  Lake and warehouse agree on every brand's every day.");
            return differences;
        }
        console.Table(["table", "brand", "day", "lake rows", "warehouse rows", "lake checksum", "warehouse checksum"], differences.Take(MostShown).Select(d => (IReadOnlyList<string>)
            [d.Table, d.Brand, d.Day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), JobConsole.Count(d.Lake.Rows), JobConsole.Count(d.Warehouse.Rows), Hex(d.Lake.Checksum), Hex(d.Warehouse.Checksum)]));
        if (differences.Count > MostShown) console.Line($"  … and {JobConsole.Count(differences.Count - MostShown)} more");
        return differences;
    }

    private static string Hex(ulong checksum) => checksum.ToString("x16", CultureInfo.InvariantCulture);
}
