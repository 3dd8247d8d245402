using System.Diagnostics;
using System.Globalization;
using Apache.Arrow;
using Media.Events;
using Media.Lake;

namespace Media.Benchmarks;

/// <summary>What a commit of one row costs in a young table and in one of ten thousand versions, on a disk or in a bucket.</summary>
/// <remarks>
/// Not a BenchmarkDotNet class, since each commit makes the next one's table: <c>dotnet run -c Release --project tests/Benchmarks -- committing [folder or s3://bucket/prefix] [versions]</c>;
/// a bucket is reached by S3__Endpoint, S3__AccessKey and S3__SecretKey. Once the old table has its versions, both take turns commit by commit, so that both meet the same load; a
/// young table is one of versions 1 to 20, then another begins. Data file and log entry are flushed; checkpoints are part of what is measured. Goals: p50 ≤ 10 ms on a local disk; old ≤ 1.5 × young.
/// </remarks>
internal static class Committing
{
    private const int Turns = 400, YoungVersions = 20;

    private static readonly RecordBatch Row = PredictionColumns.From([new Prediction("churn", "1", new UserId("u"), 0, 0, 0.5, 0)]);

    public static async Task RunAsync(string? place, int versions)
    {
        var own = place is null ? Directory.CreateTempSubdirectory("media-committing-") : null;
        try
        {
            var address = StoreAddress.Parse(place ?? own!.FullName);
            var s3 = new S3Options { Endpoint = Setting("Endpoint"), AccessKey = Setting("AccessKey"), SecretKey = Setting("SecretKey") };
            var store = address.Open(s3);
            var run = Guid.NewGuid().ToString("N");
            var old = await TableAsync(store, $"{run}/old");
            var started = Stopwatch.StartNew();
            for (var i = 1; i < versions; i++) await CommitAsync(old);
            Say($"{versions:N0} commits on {address}: {started.Elapsed.TotalSeconds:0.0} s, {started.Elapsed.TotalMilliseconds / versions:0.00} ms each with checkpoints");

            var (olds, youngs, young) = (new List<double>(), new List<double>(), old);
            for (var turn = 0; turn < Turns; turn++)
            {
                if (turn % YoungVersions == 0) young = await TableAsync(store, $"{run}/young-{turn}");
                youngs.Add(await CommitAsync(young));
                olds.Add(await CommitAsync(old));
            }
            Tell("young", youngs);
            Tell("old", olds);
            Say($"old : young p50 {Quantile(olds, 0.5) / Quantile(youngs, 0.5):0.00}");

            started.Restart();
            var opened = await DeltaTable.OpenAsync(store, $"{run}/old", CancellationToken.None);
            var state = await opened.StateAsync(CancellationToken.None);
            Say($"opened at version {state.Version:N0}: {started.Elapsed.TotalMilliseconds:0} ms, {state.Rows:N0} rows");
        }
        finally
        {
            own?.Delete(recursive: true);
        }
    }

    private static string? Setting(string name) => Environment.GetEnvironmentVariable($"S3__{name}");

    private static Task<DeltaTable> TableAsync(IObjectStore store, string path) => DeltaTable.CreateOrOpenAsync(store, path, Tables.Predictions, CancellationToken.None);

    /// <returns>ms</returns>
    private static async Task<double> CommitAsync(DeltaTable table)
    {
        var started = Stopwatch.GetTimestamp();
        var commit = await table.AppendAsync([Row], (DeltaTransaction?)null, CancellationToken.None);
        if (commit.CheckpointFault is { } fault) throw new IOException(fault);
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }

    private static void Tell(string name, List<double> times) =>
        Say($"{name}: p50 {Quantile(times, 0.5):0.00} ms, p95 {Quantile(times, 0.95):0.00} ms, mean {times.Average():0.00} ms of {times.Count} commits");

    private static double Quantile(List<double> times, double share) => times.Order().ElementAt((int)(share * (times.Count - 1)));

    private static void Say(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
