using System.CommandLine;
using Media.Lake;
using Media.Warehouse;

namespace Media.Jobs;

/// <summary>The verb <c>warehouse load</c>: what is new in the lake into the warehouse, version by version.</summary>
internal static class LoadWarehouse
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    public static Command Command(JobConsole console, TimeProvider time)
    {
        var follow = new Option<bool>("--follow") { Description = "Look for news every second, until Ctrl-C." };
        var verb = new Command("load", "Brings the warehouse level with the lake, where no sessionizer feeds it: each new version of a table once, however often the load is cut off.") { JobOptions.Out, follow };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            // To open a folder would make it.
            if (folder.LakeAt is null && !Directory.Exists(folder.Lake) || await LakeSessions.TryOpenAsync(folder.OpenLake(), Tables.Events, cancel) is null) throw new JobException($"There is no lake in '{folder.LakePlace}'; run 'jobs journey' or 'jobs sessionize' first.");
            using var warehouse = await WarehouseClient.OpenAsync(JobConfiguration.Warehouse(folder), cancel);
            var load = new LakeLoad(warehouse, folder.OpenLake());
            Tell(await console.ProgressAsync("lake → warehouse", 0, "rows", done => load.RunAsync(done, cancel)), console, first: true);
            using var clock = new PeriodicTimer(Every, time);
            while (parsed.GetValue(follow) && await clock.WaitForNextTickAsync(cancel)) Tell(await load.RunAsync(_ => { }, cancel), console, first: false);
            return 0;
        });
        return verb;
    }

    private static void Tell(LoadResult result, JobConsole console, bool first)
    {
        if (result.Anew is { } reason) console.Line($"– the warehouse was made anew: {reason}");
        if (first || result.Rows.Count > 0)
            console.Line($"  warehouse: {(result.Rows.Count == 0 ? "nothing new" : string.Join(", ", result.Rows.Select(t => $"{JobConsole.Count(t.Value)} {t.Key}")))}");
    }
}
