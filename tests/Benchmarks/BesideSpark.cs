using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Media.Events;
using Media.Events.Simulator;
using Media.Lake;
using Media.Sessions;
using Media.Spark;
using Media.Streaming;

namespace Media.Benchmarks;

/// <summary>This engine and Spark side by side, end to end: the lake's events to sessions, and the same Kafka log into lake (and here into the warehouse too).</summary>
/// <remarks>
/// Not a BenchmarkDotNet class, since servers and whole jobs are measured: <c>dotnet run -c Release --project tests/Benchmarks -- beside-spark [events] [turns]</c>. Kafka and Spark
/// (local[2]) are those of ../shared/engines, started here on free ports and ended with it. Each turn the two sides change places on the same events; one turn warms both up, Spark's server stays
/// up. Clocks run from the start of a job to its end: for <c>sessionize</c> that is a process of its own with its start, its joining the group and its flush; for Spark its session. Both
/// write all 64 metrics. Goals: lake → sessions ≥ 10 × Spark; Kafka → sessions → lake and warehouse ≥ 200 k events/s and ≥ 5 × Spark.
/// </remarks>
internal static class BesideSpark
{
    private const int BatchRows = 250_000;

    public static async Task RunAsync(int events, int turns)
    {
        var cancel = CancellationToken.None;
        var folder = Directory.CreateTempSubdirectory("media-beside-spark-");
        try
        {
            using var kafka = await LocalEngine.StartAsync("kafka.sh", ports: 2, [], new Dictionary<string, string>(), cancel);
            using var spark = await LocalEngine.StartAsync("spark-connect.sh", ports: 1, [], new Dictionary<string, string> { ["SPARK_HEAP"] = "4g" }, cancel);
            Say($"{string.Join(", ", LocalEngine.Versions)}; .NET {RuntimeInformation.FrameworkDescription}; {Environment.ProcessorCount} cores, {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30} GiB; Spark local[2], 4 GiB heap; load {Load()}");
            var arrivals = new EventSimulator(new SimulatorOptions()).Events().Take(events).ToList();
            var options = new KafkaOptions { BootstrapServers = $"127.0.0.1:{kafka.Port}", Topic = "beside-spark", DeadLetterTopic = "", UnreachableAfter = TimeSpan.FromMinutes(1) };
            await KafkaTopic.EnsureAsync(options, cancel);
            using (var producer = new EventProducer(options, null))
            {
                foreach (var e in arrivals) producer.Produce(e, cancel);
                producer.Flush(cancel);
            }
            var store = new LocalObjectStore(folder.FullName);
            var lake = await DeltaTable.CreateOrOpenAsync(store, Tables.Events.Name, Tables.Events, cancel);
            foreach (var (number, part) in arrivals.Chunk(BatchRows).Index())
            {
                using var batch = EventColumns.From([.. part.Select((e, i) => new ConsumedEvent(e, 0, (long)number * BatchRows + i))], []);
                await lake.AppendAsync([batch], (DeltaTransaction?)null, cancel);
            }
            Say($"{arrivals.Count:N0} events of {arrivals.Select(e => e.UserId).Distinct().Count():N0} readers over {(arrivals[^1].EventTime - arrivals[0].EventTime).TotalDays:0} days");
            arrivals = null;

            var url = $"sc://127.0.0.1:{spark.Port}";
            var (cut, log) = (new Sides("lake → sessions", events), new Sides("Kafka → sessions → lake", events));
            for (var turn = 0; turn <= turns; turn++)
            {
                await cut.TurnAsync(turn, async () => await CutHereAsync(store, $"cut-here-{turn}", cancel), async () => await CutOnSparkAsync(url, folder.FullName, $"cut-spark-{turn}", cancel), spark);
                await log.TurnAsync(turn, async () => await JobAsync(options, url, Path.Combine(folder.FullName, $"log-here-{turn}")), async () => await JobAsync(options, url, Path.Combine(folder.FullName, $"log-spark-{turn}"), "--engine", "spark"), spark);
            }
            cut.Tell();
            log.Tell();
            Say($"load {Load()}");
        }
        finally { folder.Delete(recursive: true); }
    }

    private static async Task<long> CutHereAsync(LocalObjectStore store, string into, CancellationToken cancel)
    {
        var events = new List<MediaEvent>();
        var lake = await DeltaTable.OpenAsync(store, Tables.Events.Name, cancel);
        await foreach (var batch in lake.ReadAsync(cancel))
            using (batch)
                foreach (var stored in EventColumns.Read(batch)) events.Add(stored.Consumed.Event);
        events.Sort((a, b) => a.EventTimeMicros.CompareTo(b.EventTimeMicros));
        var sessions = Sessionizer.Cut(events, new SessionOptions());
        using var rows = SessionColumns.From(sessions);
        await (await DeltaTable.CreateOrOpenAsync(store, into, Tables.Sessions, cancel)).AppendAsync([rows], (DeltaTransaction?)null, cancel);
        return sessions.Count;
    }

    private static async Task<long> CutOnSparkAsync(string url, string folder, string into, CancellationToken cancel)
    {
        await using var spark = await SparkSession.ConnectAsync(SparkConnection.Parse(url), progress: null, cancel);
        await spark.SetAsync("spark.databricks.delta.snapshotPartitions", "2", cancel);
        await spark.Read("delta", Path.Combine(folder, Tables.Events.Name)).CreateOrReplaceTempViewAsync("lake_events", cancel);
        await spark.Sql(SessionSql.Of("lake_events", new SessionOptions())).WriteAsync(new SparkWrite { Path = Path.Combine(folder, into), PartitionBy = Tables.Sessions.PartitionColumns }, cancel);
        return (await (await DeltaTable.OpenAsync(new LocalObjectStore(folder), into, cancel)).StateAsync(cancel)).Rows ?? 0;
    }

    /// <summary>The verb itself in a process of its own.</summary>
    /// <returns>Events that are in the lake.</returns>
    private static async Task<long> JobAsync(KafkaOptions kafka, string url, string into, params string[] how)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Media.Jobs"), ["sessionize", "--until-caught-up", "--out", into, .. how]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in new[] { ("Kafka__BootstrapServers", kafka.BootstrapServers), ("Kafka__Topic", kafka.Topic), ("Kafka__GroupId", Path.GetFileName(into)), ("Spark__Url", url) }) start.Environment[name] = value;
        using var job = Process.Start(start)!;
        var (said, errors) = (job.StandardOutput.ReadToEndAsync(), job.StandardError.ReadToEndAsync());
        await job.WaitForExitAsync();
        if (job.ExitCode != 0) throw new InvalidOperationException($"sessionize {string.Join(' ', how)} failed:\n{await said}{await errors}");
        var lake = await DeltaTable.OpenAsync(new LocalObjectStore(Path.Combine(into, "lake")), Tables.Events.Name, CancellationToken.None);
        return (await lake.StateAsync(CancellationToken.None)).Rows ?? 0;
    }

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    /// <summary>Both sides of one comparison.</summary>
    private sealed class Sides(string what, int events)
    {
        private readonly List<double> _ours = [], _theirs = [];

        public async Task TurnAsync(int turn, Func<Task<long>> ours, Func<Task<long>> theirs, LocalEngine spark)
        {
            var first = turn % 2 == 0;
            var (here, there) = (0.0, 0.0);
            var (rows, theirRows) = (0L, 0L);
            var cpu = TimeSpan.Zero;
            for (var side = 0; side < 2; side++)
            {
                var (before, clock) = (spark.CpuTime, Stopwatch.StartNew());
                if (first == (side == 0)) (rows, here) = (await ours(), clock.Elapsed.TotalSeconds);
                else (theirRows, there, cpu) = (await theirs(), clock.Elapsed.TotalSeconds, spark.CpuTime - before);
            }
            Say($"{what}, turn {turn}{(turn == 0 ? " (warm-up)" : "")}: here {here:0.00} s, {rows:N0} rows; Spark {there:0.00} s, {cpu.TotalSeconds:0} CPU s, {theirRows:N0} rows; {there / here:0.0} ×; load {Load()}");
            if (turn == 0) return;
            _ours.Add(here);
            _theirs.Add(there);
        }

        public void Tell()
        {
            if (_ours.Count == 0) return;
            var (here, there) = (Median(_ours), Median(_theirs));
            Say($"{what}: here {events / here / 1000:0} k events/s, Spark {events / there / 1000:0.0} k events/s, {there / here:0.0} ×; median of {_ours.Count}");
        }

        private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
    }
}
