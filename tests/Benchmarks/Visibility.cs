using System.Diagnostics;
using System.Globalization;
using Media.Events.Simulator;
using Media.Jobs;
using Media.Streaming;
using Media.Warehouse;
using Spectre.Console;

namespace Media.Benchmarks;

/// <summary>How soon an event is in the live counters: from the producer's call, through a real Kafka and the job <c>sessionize</c> with its lake and its embedded warehouse, to an answer that counts it.</summary>
/// <remarks>
/// <c>dotnet run -c Release --project tests/Benchmarks -- visibility HOST:PORT [seconds]</c>, at 10,000 events a second (default for 60 s). Producer, job and the one who asks,
/// again and again, are in this process, since the embedded engine is one process's; the broker is another. Ten seconds come before to warm up. Goal: ≤ 1 s at p95.
/// </remarks>
internal static class Visibility
{
    private const int PerTick = 100, TicksPerSecond = 100, WarmUpSeconds = 10, Users = 20_000;

    public static async Task RunAsync(string bootstrapServers, int seconds)
    {
        var folder = Directory.CreateTempSubdirectory("media-visibility-");
        using var done = new CancellationTokenSource();
        try
        {
            var journey = new JourneyFolder(folder.FullName);
            journey.Create();
            var run = Guid.NewGuid().ToString("N");
            var kafka = new KafkaOptions { BootstrapServers = bootstrapServers, Topic = $"visibility_{run}", GroupId = $"visibility_{run}" };
            await KafkaTopic.EnsureAsync(kafka, done.Token);
            using var warehouse = await WarehouseClient.OpenAsync(JobConfiguration.Warehouse(journey), done.Token);
            await Migrations.ApplyAsync(warehouse, done.Token);

            var said = new StringWriter();
            var console = new JobConsole(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(said) }), terminal: false);
            var job = FollowLog.RunAsync(kafka, journey.OpenLake(), journey, new FollowOptions(UntilCaughtUp: false, Flush: false, Feed: true), console, TimeProvider.System, done.Token);
            var sent = new long[(WarmUpSeconds + seconds) * TicksPerSecond];
            var watching = Task.Run(() => WatchAsync(warehouse, sent.Length), done.Token);
            var producing = Task.Run(() => ProduceAsync(kafka, sent), done.Token);
            if (await Task.WhenAny(job, producing) == job) await job; // ended before its time: says why
            await producing;
            var seen = await watching;
            await done.CancelAsync();
            await job;

            var waits = sent.Zip(seen, (s, v) => Stopwatch.GetElapsedTime(s, v).TotalMilliseconds).Skip(WarmUpSeconds * TicksPerSecond).Order().ToList();
            Say($"{waits.Count * PerTick:N0} events in {seconds} s ({Stopwatch.GetElapsedTime(sent[WarmUpSeconds * TicksPerSecond], sent[^1]).TotalSeconds:0.0} s): visible after {waits[waits.Count / 2]:0} ms in the median, {waits[waits.Count * 95 / 100]:0} ms at p95, {waits[waits.Count * 99 / 100]:0} ms at p99, {waits[^1]:0} ms at most");
            Console.Write(said);
        }
        finally { folder.Delete(recursive: true); }
    }

    /// <summary>A hundred events every ten milliseconds, each as of now; when each hundred was handed over.</summary>
    private static async Task ProduceAsync(KafkaOptions kafka, long[] sent)
    {
        using var producer = new EventProducer(kafka, null);
        using var events = new EventSimulator(new SimulatorOptions { Users = Users }).Events().GetEnumerator();
        using var clock = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        var started = Stopwatch.GetTimestamp();
        for (var tick = 0; tick < sent.Length; tick++)
        {
            var due = TimeSpan.FromSeconds(tick / (double)TicksPerSecond);
            while (Stopwatch.GetElapsedTime(started) < due) await clock.WaitForNextTickAsync();
            for (var i = 0; i < PerTick && events.MoveNext(); i++)
                producer.Produce(events.Current with { EventTimeMicros = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond }, CancellationToken.None);
            sent[tick] = Stopwatch.GetTimestamp();
        }
        producer.Flush(CancellationToken.None);
    }

    /// <summary>When the counters first had each hundred.</summary>
    private static async Task<long[]> WatchAsync(WarehouseClient warehouse, int ticks)
    {
        var seen = new long[ticks];
        for (var visible = 0; visible < ticks;)
        {
            await Task.Delay(10); // the cores are the job's
            var count = await warehouse.ScalarAsync<long>("SELECT toInt64(sum(events)) FROM counter_minute", CancellationToken.None);
            for (var now = Stopwatch.GetTimestamp(); visible < ticks && visible < count / PerTick; visible++) seen[visible] = now;
        }
        return seen;
    }

    private static void Say(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
