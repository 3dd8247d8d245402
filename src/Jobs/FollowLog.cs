using System.Diagnostics;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;
using Media.Warehouse;

namespace Media.Jobs;

/// <param name="UntilCaughtUp">End when everything in the log is read.</param>
/// <param name="Flush">At the end, close the sessions that are open.</param>
/// <param name="Feed">Feed the warehouse, where there is one, as long as every partition is this process's.</param>
internal sealed record FollowOptions(bool UntilCaughtUp, bool Flush, bool Feed);

/// <summary>Follows a Kafka log from where the lake ends, as one of any number of members of a group that share the topic's partitions.</summary>
/// <remarks>
/// The group says which partitions are read here, the lake where each begins. When one goes to another member, what has gathered of it is committed first; when the group has
/// given it away already, that is dropped and the lake's tables refuse it. The warehouse is fed only by a sessionizer that has the topic to itself, since what
/// was fed and not yet committed lies with the process that fed it.
/// </remarks>
internal sealed class FollowLog : IPartitionOwner
{
    /// <summary>Now and then a rebalance overtakes a member; more often than this something else writes to the lake.</summary>
    private const int MostRefusals = 3;
    private static readonly TimeSpan RefusalsWithin = TimeSpan.FromMinutes(10), LagEvery = TimeSpan.FromSeconds(30);

    private readonly SessionPipeline _pipeline;
    private readonly JobConsole _console;
    private readonly int _partitions;
    private bool _wantsFeed, _ending;
    private WarehouseClient? _warehouse;

    private FollowLog(SessionPipeline pipeline, int partitions, bool wantsFeed, JobConsole console) =>
        (_pipeline, _partitions, _wantsFeed, _console) = (pipeline, partitions, wantsFeed, console);

    public static async Task RunAsync(KafkaOptions kafka, IObjectStore lake, JourneyFolder folder, FollowOptions how, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        var options = new PipelineOptions();
        var topic = await EnsureAsync(kafka, console, cancel);
        if (await LakeSessions.TryOpenAsync(lake, Tables.Sessions, cancel) is { } written && await written.TransactionVersionAsync(SessionizeOnSpark.App(kafka.Topic), cancel) is not null)
            throw new JobException($"Spark feeds this lake from topic '{kafka.Topic}'; this engine would read all of it again. Go on with --engine spark, or choose another lake.");
        var pipeline = await SessionPipeline.OpenAsync(lake, kafka.Topic, new SessionOptions(), options, time, cancel);
        using var deadLetters = string.IsNullOrWhiteSpace(kafka.DeadLetterTopic) ? null : new DeadLetters(kafka);
        if (deadLetters is not null) pipeline.SendBadTo(deadLetters);
        var follow = new FollowLog(pipeline, topic.Partitions, how.Feed && WarehouseIsHere(folder, console), console);
        console.Line($"Following {kafka.Topic} at {kafka.BootstrapServers}; Ctrl-C commits and ends.");
        var (lost, lag) = (0L, (IReadOnlyList<PartitionLag>)[]);
        try
        {
            await console.ProgressAsync("sessionize", 0, "events", done => Task.Run(async () =>
            {
                using var consumer = EventConsumer.For(follow, kafka, time, text => console.Line($"  {text}"));
                var (lastCommit, lastLag, idleSince) = (time.GetTimestamp(), time.GetTimestamp(), time.GetTimestamp());
                var refused = new Queue<long>();
                while (true)
                {
                    try
                    {
                        var ended = cancel.IsCancellationRequested;
                        if (!ended)
                        {
                            var batch = consumer.Read(cancel);
                            await follow.OpenFeedAsync(lake, kafka, folder);
                            await pipeline.TakeAsync(batch);
                            BuildSessions.Acknowledge(consumer, pipeline);
                            done(pipeline.Counts.Received);
                            if (time.GetElapsedTime(lastCommit) >= options.CommitWait)
                            {
                                await pipeline.BeginCommitAsync();
                                lastCommit = time.GetTimestamp();
                            }
                            if (time.GetElapsedTime(lastLag) >= LagEvery)
                            {
                                if (consumer.Lag() is { Count: > 0 } behind && behind.Any(p => p.Records > 0)) console.Line($"  {Words(behind)}");
                                lastLag = time.GetTimestamp();
                            }
                            if (pipeline.Partitions.Count > 0 || batch.Received > 0) idleSince = time.GetTimestamp();
                            ended = how.UntilCaughtUp && batch.Received == 0 && (pipeline.Partitions.Count > 0
                                ? consumer.Lag() is { Count: > 0 } left && left.All(p => p.Records == 0)
                                : time.GetElapsedTime(idleSince) > 3 * kafka.SessionTimeout && GroupLag.Read(kafka).All(p => p.Lag == 0)); // more members than partitions
                        }
                        if (!ended) continue;
                        follow._ending = true;
                        if (how.Flush) await pipeline.FlushAsync();
                        else await pipeline.CommitAsync();
                        BuildSessions.Acknowledge(consumer, pipeline);
                        (lost, lag) = (consumer.Lost, consumer.Lag());
                        return 0;
                    }
                    catch (PartitionTakenException taken)
                    {
                        while (refused.TryPeek(out var before) && time.GetElapsedTime(before) > RefusalsWithin) refused.Dequeue();
                        refused.Enqueue(time.GetTimestamp());
                        if (refused.Count > MostRefusals)
                            throw new JobException($"Another sessionizer, of another group or another topic of this name, writes to the same lake; only one group may. {taken.Message}", taken);
                        follow._ending = false;
                        console.Line($"  {taken.Message} What had gathered here is that one's to read; this one asks the group for partitions anew.");
                        await pipeline.GiveUpAsync();
                        await follow.EndFeedAsync();
                        consumer.Rejoin();
                    }
                }
            }, CancellationToken.None));
        }
        finally
        {
            follow._warehouse?.Dispose();
        }
        if (lag.Count > 0) console.Line($"  {Words(lag)}");
        await BuildSessions.ReportAsync(pipeline, pipeline.Counts.Received, lost, lake, folder, started, console, time, CancellationToken.None);
    }

    /// <summary>Makes the topics that are not there, and says in what those that are differ from the settings.</summary>
    public static async Task<TopicState> EnsureAsync(KafkaOptions kafka, JobConsole console, CancellationToken cancel)
    {
        var topic = await KafkaTopic.EnsureAsync(kafka, cancel);
        foreach (var difference in topic.Differences) console.Line($"– {difference}");
        if (string.IsNullOrWhiteSpace(kafka.DeadLetterTopic)) return topic;
        foreach (var difference in (await KafkaTopic.EnsureDeadLettersAsync(kafka, cancel)).Differences) console.Line($"– {difference}");
        return topic;
    }

    public IReadOnlyDictionary<int, long> Take(IReadOnlyCollection<int> partitions)
    {
        var started = Stopwatch.GetTimestamp();
        var recovered = Wait(_pipeline.TakeUpAsync(partitions, CancellationToken.None));
        if (recovered > 0) _console.Line($"  {JobConsole.Count(recovered)} sessions that an earlier run had closed but not written are written now.");
        var seconds = Stopwatch.GetElapsedTime(started).TotalSeconds.ToString("0.0", System.Globalization.CultureInfo.InvariantCulture);
        _console.Line($"  partitions {List(partitions)} are read here, taken up from the lake in {seconds} s; {_pipeline.Partitions.Count} of {_partitions} in all");
        return _pipeline.StartAt;
    }

    public IReadOnlyDictionary<int, long> Release(IReadOnlyCollection<int> partitions)
    {
        if (!partitions.Any(_pipeline.Partitions.Contains)) return new Dictionary<int, long>();
        Wait(_pipeline.ReleaseAsync(partitions));
        if (_ending) return _pipeline.TakeSafeOffsets();
        _console.Line($"  partitions {List(partitions)} go to another sessionizer of the group; what had gathered is committed");
        Wait(EndFeedAsync());
        return _pipeline.TakeSafeOffsets();
    }

    public void Lose(IReadOnlyCollection<int> partitions)
    {
        if (!partitions.Any(_pipeline.Partitions.Contains)) return;
        _console.Line($"  partitions {List(partitions)} were given to another sessionizer of the group while this one was silent; what was not committed is that one's to read");
        Wait(_pipeline.LoseAsync(partitions));
        Wait(EndFeedAsync());
    }

    /// <summary>Opens the feed once all partitions are here.</summary>
    private async Task OpenFeedAsync(IObjectStore lake, KafkaOptions kafka, JourneyFolder folder)
    {
        if (!_wantsFeed || _warehouse is not null || _pipeline.Partitions.Count == 0) return;
        if (_pipeline.Partitions.Count < _partitions)
        {
            await EndFeedAsync();
            return;
        }
        try { _warehouse = await WarehouseClient.OpenAsync(JobConfiguration.Warehouse(folder), CancellationToken.None); }
        catch (WarehouseException e) when (e.Code == WarehouseClient.TakenByAnotherProcess)
        {
            throw new JobException($"{e.Message} One process at a time has the embedded warehouse: run this sessionizer with --no-warehouse, and 'jobs warehouse load' when the other has ended; or name a server (Warehouse__ConnectionString).", e);
        }
        _pipeline.FeedTo(await _console.StepAsync("open the warehouse", () => WarehouseFeed.OpenAsync(_warehouse, lake, kafka.Topic, _pipeline.StartAt, folder.WarehouseFeed, CancellationToken.None)));
    }

    private async Task EndFeedAsync()
    {
        if (!_wantsFeed) return;
        _wantsFeed = false;
        await _pipeline.EndFeedAsync();
        _warehouse?.Dispose();
        _warehouse = null;
        _console.Line("– the warehouse is not fed here any more: sessionizers share the topic. 'jobs warehouse load' brings it level from the lake, with --follow again and again.");
    }

    /// <summary>Whether there is a warehouse: a server that is configured, or the embedded one where its engine is.</summary>
    private static bool WarehouseIsHere(JourneyFolder folder, JobConsole console)
    {
        if (!string.IsNullOrWhiteSpace(JobConfiguration.Warehouse(folder).ConnectionString) || WarehouseClient.EmbeddedIsHere) return true;
        console.Line("– no warehouse: the embedded ClickHouse is not here (it comes through npm, for Linux on x64), and no server is named.");
        return false;
    }

    private static string Words(IReadOnlyList<PartitionLag> lag) =>
        $"lag: {JobConsole.Count(lag.Sum(p => p.Records))} records ({string.Join(", ", lag.Select(p => $"partition {p.Partition}: {JobConsole.Count(p.Records)}"))})";

    private static string List(IEnumerable<int> partitions) => string.Join(", ", partitions.Order());

    // The client asks and waits for the answer on its own thread.
    private static void Wait(Task task) => task.GetAwaiter().GetResult();

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
