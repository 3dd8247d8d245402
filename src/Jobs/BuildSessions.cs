using System.CommandLine;
using System.Diagnostics;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;

namespace Media.Jobs;

/// <summary>The verb <c>sessionize</c>: the log into the lake's events, bad_events and sessions.</summary>
internal static class BuildSessions
{
    public static Command Command(JobConsole console, TimeProvider time)
    {
        var caughtUp = new Option<bool>("--until-caught-up") { Description = "With Kafka: end when everything in the log is read, instead of waiting for more." };
        var noWarehouse = new Option<bool>("--no-warehouse") { Description = "With Kafka: do not feed the warehouse. For sessionizers that share a topic; 'jobs warehouse load' brings the warehouse level from the lake." };
        var passOver = new Option<bool>("--pass-over-lost") { Description = "With Kafka: when retention has let go of records that the lake had not read yet, tell their number and go on behind them." };
        var flush = new Option<bool>("--flush") { Description = "At the end, close the sessions that are still open as they are. Events that come later begin new ones." };
        var engine = JobOptions.Engine("Who cuts the events into sessions: this process, or, with Kafka, Spark at Spark__Url.");
        var verb = new Command("sessionize", "Reads the event log into the lake: events, bad events and sessions. With Kafka__BootstrapServers set it follows that log and feeds the warehouse as it goes; otherwise it plays the source through the embedded broker.")
        {
            JobOptions.Out, JobOptions.Source, JobOptions.Path, JobOptions.Users, JobOptions.Days, JobOptions.Seed, JobOptions.Signal, engine, caughtUp, flush, noWarehouse, passOver,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            folder.Create();
            var lake = folder.OpenLake();
            var onSpark = parsed.GetRequiredValue(engine) == JobOptions.Spark;
            if (JobConfiguration.Kafka() is { } kafka)
            {
                if (onSpark)
                {
                    if (parsed.GetValue(flush) || parsed.GetValue(passOver)) throw new JobException("--flush and --pass-over-lost are not for --engine spark: its streams close sessions by their watermark alone, and a lost record ends them.");
                    await SessionizeOnSpark.RunAsync(JobConfiguration.Spark(), kafka, lake, folder, parsed.GetValue(caughtUp), console, time, cancel);
                    return 0;
                }
                var how = new FollowOptions(parsed.GetValue(caughtUp), parsed.GetValue(flush), !parsed.GetValue(noWarehouse));
                await FollowLog.RunAsync(kafka with { PassOverLostRecords = parsed.GetValue(passOver) || kafka.PassOverLostRecords }, lake, folder, how, console, time, cancel);
            }
            else if (onSpark) throw new JobException("--engine spark reads from Kafka: set Kafka__BootstrapServers=host:9092.");
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
                return ProduceEvents.Send(source, producer, _ => { }, console.Line, stopProducing.Token);
            }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
            try
            {
                // Even when asked to stop: what was sent is read and committed, then the job ends.
                while (!(producing.IsCompleted && pipeline.Counts.Received == (await producing).Sent))
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
        var result = await ReportAsync(pipeline, sent.Sent, 0, lake, folder, started, console, time, cancel);
        sent.Check();
        return result;
    }

    /// <returns>Records read.</returns>
    private static async Task<int> TakeAsync(EventConsumer consumer, SessionPipeline pipeline, CancellationToken cancel)
    {
        var batch = consumer.Read(cancel);
        if (batch.Received > 0) await pipeline.TakeAsync(batch);
        Acknowledge(consumer, pipeline);
        return batch.Received;
    }

    public static void Acknowledge(EventConsumer consumer, SessionPipeline pipeline) => consumer.Commit(pipeline.TakeSafeOffsets());

    /// <summary>Holds the counts against each other and against the lake, says them, keeps them.</summary>
    /// <param name="lost">Records that the log had let go of before they were read.</param>
    public static async Task<IngestResult> ReportAsync(SessionPipeline pipeline, long sent, long lost, IObjectStore lake, JourneyFolder folder, long started, JobConsole console, TimeProvider time, CancellationToken cancel)
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
            ("late_events", counts.Late), ("duplicates", counts.Duplicates), ("sessions", counts.Sessions + counts.Recovered), ("lost_records", lost),
        ], cancel);
        if (sent != counts.Received || counts.Received != counts.Good + counts.Bad + counts.Replayed || counts.Good != counts.Accepted + counts.Late + counts.Duplicates)
            throw new JobException($"The counts do not add up: {sent} records were sent and {counts.Received} received.");
        return result;

        async Task<DeltaState> StateAsync(TableSchema table) => await (await LakeSessions.OpenAsync(lake, table, cancel)).StateAsync(cancel);
    }
}
