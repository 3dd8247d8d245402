using System.CommandLine;
using System.Diagnostics;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;
using Media.Warehouse;

namespace Media.Jobs;

/// <summary>The verb <c>sessionize</c>: the log into the lake's events, bad_events and sessions.</summary>
internal static class BuildSessions
{
    public static Command Command(JobConsole console, TimeProvider time)
    {
        var caughtUp = new Option<bool>("--until-caught-up") { Description = "With Kafka: end when everything in the log is read, instead of waiting for more." };
        var flush = new Option<bool>("--flush") { Description = "At the end, close the sessions that are still open as they are. Events that come later begin new ones." };
        var verb = new Command("sessionize", "Reads the event log into the lake: events, bad events and sessions. With Kafka__BootstrapServers set it follows that log and feeds the warehouse as it goes; otherwise it plays the source through the embedded broker.")
        {
            JobOptions.Out, JobOptions.Source, JobOptions.Path, JobOptions.Users, JobOptions.Days, JobOptions.Seed, JobOptions.Signal, caughtUp, flush,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            folder.Create();
            var lake = folder.OpenLake();
            if (JobConfiguration.Kafka() is { } kafka) await FollowAsync(kafka, lake, folder, parsed.GetValue(caughtUp), parsed.GetValue(flush), console, time, cancel);
            else await PlayAsync(EventSource.From(parsed), lake, folder, console, time, cancel);
            return 0;
        });
        return verb;
    }

    /// <summary>Plays a whole source through the embedded broker: producer and sessionizer side by side in this process.</summary>
    /// <exception cref="JobException">The lake holds events already, or what went in is not what came out.</exception>
    public static async Task<IngestResult> PlayAsync(EventSource source, IObjectStore lake, JourneyFolder folder, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        using var broker = EmbeddedBroker.Start();
        var kafka = new KafkaOptions { BootstrapServers = broker.BootstrapServers };
        var pacing = broker.CreateTopic(kafka.Topic, kafka.Partitions);
        var pipeline = await SessionPipeline.OpenAsync(lake, kafka.Topic, kafka.Partitions, new SessionOptions(), new PipelineOptions(), time, cancel);
        if (pipeline.StartAt.Count > 0)
            throw new JobException($"The lake in '{folder.LakePlace}' holds events already, and the embedded broker's log ends with its process, so it cannot be continued. Choose another --out{(folder.LakeAt is null ? "" : " and Lake__Url")}, or use Kafka (Kafka__BootstrapServers).");

        await RunResults.SaveAsync(folder, "source", source.Describe(), cancel);
        var sent = await console.ProgressAsync($"{source.Name} → Kafka → sessions → lake", source.ExpectedEvents, "events", done => Task.Run(async () =>
        {
            using var consumer = new EventConsumer(kafka, time, pipeline.StartAt, pacing);
            // A fault on the reading side must end the producer too, which may be waiting for room.
            using var stopProducing = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            var producing = Task.Factory.StartNew(() =>
            {
                using var producer = new EventProducer(kafka, pacing);
                return ProduceEvents.Send(source, producer, _ => { }, stopProducing.Token);
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            try
            {
                // Even when asked to stop: what was sent is read and committed, then the job ends.
                while (!(producing.IsCompleted && pipeline.Counts.Received == await producing))
                {
                    await TakeAsync(consumer, pipeline, CancellationToken.None);
                    done(pipeline.Counts.Received);
                }
                if (cancel.IsCancellationRequested) await pipeline.CommitAsync();
                else await pipeline.FlushAsync();
                Acknowledge(consumer, pipeline);
                cancel.ThrowIfCancellationRequested();
                return await producing;
            }
            catch
            {
                await stopProducing.CancelAsync();
                await producing.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                throw;
            }
        }, CancellationToken.None));
        return await ReportAsync(pipeline, sent, lake, folder, started, console, time, cancel);
    }

    /// <summary>Follows a Kafka log from where the lake ends.</summary>
    private static async Task FollowAsync(KafkaOptions kafka, IObjectStore lake, JourneyFolder folder, bool untilCaughtUp, bool flush, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        var options = new PipelineOptions();
        var partitions = await KafkaTopic.EnsureAsync(kafka, cancel);
        var pipeline = await SessionPipeline.OpenAsync(lake, kafka.Topic, partitions, new SessionOptions(), options, time, cancel);
        if (pipeline.Counts.Recovered > 0) console.Line($"  {JobConsole.Count(pipeline.Counts.Recovered)} sessions that an earlier run had closed but not written are written now.");
        using var warehouse = await OpenWarehouseAsync(folder, console, cancel);
        if (warehouse is not null)
            pipeline.FeedTo(await console.StepAsync("open the warehouse", () => WarehouseFeed.OpenAsync(warehouse, lake, kafka.Topic, pipeline.StartAt, folder.FeedBlock, cancel)));
        console.Line($"Following {kafka.Topic} at {kafka.BootstrapServers}; Ctrl-C commits and ends.");
        await console.ProgressAsync("sessionize", 0, "events", done => Task.Run(async () =>
        {
            using var consumer = new EventConsumer(kafka, time, pipeline.StartAt, pacing: null);
            var lastCommit = time.GetTimestamp();
            while (!cancel.IsCancellationRequested)
            {
                var read = await TakeAsync(consumer, pipeline, cancel);
                done(pipeline.Counts.Received);
                if (time.GetElapsedTime(lastCommit) >= options.CommitWait)
                {
                    await pipeline.CommitAsync();
                    lastCommit = time.GetTimestamp();
                }
                if (untilCaughtUp && read == 0 && consumer.Lag() is { Count: > 0 } lag && lag.All(p => p.Records == 0)) break;
            }
            if (flush) await pipeline.FlushAsync();
            else await pipeline.CommitAsync();
            Acknowledge(consumer, pipeline);
            return 0;
        }, CancellationToken.None));
        await ReportAsync(pipeline, pipeline.Counts.Received, lake, folder, started, console, time, CancellationToken.None);
    }

    /// <summary>The warehouse that is configured, or the embedded one where its engine is.</summary>
    private static async Task<WarehouseClient?> OpenWarehouseAsync(JourneyFolder folder, JobConsole console, CancellationToken cancel)
    {
        var options = JobConfiguration.Warehouse(folder);
        if (!string.IsNullOrWhiteSpace(options.ConnectionString) || WarehouseClient.EmbeddedIsHere) return await WarehouseClient.OpenAsync(options, cancel);
        console.Line("– no warehouse: the embedded ClickHouse is not here (it comes through npm, for Linux on x64), and no server is named.");
        return null;
    }

    /// <returns>Records read.</returns>
    private static async Task<int> TakeAsync(EventConsumer consumer, SessionPipeline pipeline, CancellationToken cancel)
    {
        var batch = consumer.Read(cancel);
        if (batch.Received > 0) await pipeline.TakeAsync(batch);
        Acknowledge(consumer, pipeline);
        return batch.Received;
    }

    private static void Acknowledge(EventConsumer consumer, SessionPipeline pipeline)
    {
        var safe = pipeline.TakeSafeOffsets();
        if (safe.Count > 0) consumer.Commit(new EventBatch([], [], safe));
    }

    /// <summary>Holds the counts against each other and against the lake, says them, keeps them.</summary>
    private static async Task<IngestResult> ReportAsync(SessionPipeline pipeline, long sent, IObjectStore lake, JourneyFolder folder, long started, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var counts = pipeline.Counts;
        var events = await StateAsync(Tables.Events);
        var bad = await StateAsync(Tables.BadEvents);
        var sessions = await StateAsync(Tables.Sessions);
        var result = new IngestResult(counts, Stopwatch.GetElapsedTime(started).TotalSeconds, events.Rows ?? 0, bad.Rows ?? 0, sessions.Rows ?? 0, events.Bytes);
        console.Line($"  {JobConsole.Count(counts.Received)} records in = {JobConsole.Count(counts.Good)} good + {JobConsole.Count(counts.Bad)} bad{(counts.Replayed > 0 ? $" + {JobConsole.Count(counts.Replayed)} bad ones kept before" : "")}");
        console.Line($"  {JobConsole.Count(counts.Good)} good = {JobConsole.Count(counts.Accepted)} in sessions + {JobConsole.Count(counts.Late)} late (kept, in no session) + {JobConsole.Count(counts.Duplicates)} duplicates (dropped)");
        console.Line($"  lake: {JobConsole.Count(result.EventRows)} events, {JobConsole.Count(result.BadEventRows)} bad events, {JobConsole.Count(result.SessionRows)} sessions in {JobConsole.Count(counts.Commits)} commits");
        await RunResults.SaveAsync(folder, "ingest", result, cancel);
        await QualityLog.AppendAsync(lake, time, "sessionize",
        [
            ("received", counts.Received), ("good", counts.Good), ("bad", counts.Bad), ("accepted", counts.Accepted),
            ("late_events", counts.Late), ("duplicates", counts.Duplicates), ("sessions", counts.Sessions + counts.Recovered),
        ], cancel);
        if (sent != counts.Received || counts.Received != counts.Good + counts.Bad + counts.Replayed || counts.Good != counts.Accepted + counts.Late + counts.Duplicates)
            throw new JobException($"The counts do not add up: {sent} records were sent and {counts.Received} received.");
        return result;

        async Task<DeltaState> StateAsync(TableSchema table) => await (await LakeSessions.OpenAsync(lake, table, cancel)).StateAsync(cancel);
    }
}
