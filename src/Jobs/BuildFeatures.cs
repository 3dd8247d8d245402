using System.CommandLine;
using Media.Events;
using Media.Features;
using Media.Lake;
using Media.Warehouse;

namespace Media.Jobs;

/// <summary>The verb <c>features</c>: the 59 features of every reader as of an instant, kept in the lake.</summary>
internal static class BuildFeatures
{
    public static Command Command(JobConsole console, TimeProvider time)
    {
        var asOf = JobOptions.Date("--as-of", "Instant the features are as of. Default: midnight after the newest event.");
        var verb = new Command("features", "Computes the 59 features of every reader as of an instant and keeps them in the lake.") { JobOptions.Out, asOf };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            var lake = folder.OpenLake();
            var sessions = await console.StepAsync("read sessions", () => LakeSessions.ReadAsync(lake, cancel));
            await RunAsync(lake, sessions, parsed.GetValue(asOf) ?? sessions.Now, console, time, cancel);
            await RefreshWarehouse.RunAsync(folder, [WarehouseTables.Features], console, cancel);
            return 0;
        });
        return verb;
    }

    public static async Task<FeatureBatch> RunAsync(IObjectStore lake, LakeSessions sessions, DateTimeOffset asOf, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var batch = await console.StepAsync("features", async () =>
        {
            var features = FeatureCatalog.Build(sessions.Timelines, EpochMicros.Of(asOf));
            if (features.Rows == 0) throw new JobException($"No session ended before {asOf:yyyy-MM-dd}, so no reader has features as of then; the first began at {sessions.FirstStart:yyyy-MM-dd HH:mm}.");
            var table = await DeltaTable.CreateOrOpenAsync(lake, Tables.Features.Name, Tables.Features, time, cancel);
            // A day's features are computed as a whole: running again replaces them instead of doubling them.
            await table.ReplacePartitionsAsync([FeatureColumns.From(features)], [], cancel);
            return features;
        });
        console.Line($"  {JobConsole.Count(batch.Rows)} readers × {batch.Names.Count} features as of {asOf:yyyy-MM-dd}");
        return batch;
    }
}
