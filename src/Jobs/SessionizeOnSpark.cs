using System.Globalization;
using Media.Events;
using Media.Lake;
using Media.Sessions;
using Media.Spark;
using Media.Streaming;

namespace Media.Jobs;

/// <summary>The verb <c>sessionize --engine spark</c>: the log's way into the lake on a Spark cluster.</summary>
/// <remarks>
/// <para>Three streams, each with its checkpoint: bad records go straight to bad_events; good events and the sessions that the watermark has closed go to staging tables beside the
/// lake's own. From there this process lets Spark merge events by event_id, so that a second delivery is dropped however late it comes, and appends sessions itself, since a session's
/// number needs the reader's session before, at which no stream of Spark can look. Each of these steps may be repeated after a crash and adds nothing then: the merge by its
/// condition, the sessions by the staging table's version, kept as Delta transaction.</para>
/// <para>Other than the engine in this process, Spark has one watermark for all partitions, drops what comes later from the sessions without marking it (the count is told, and
/// resessionize puts it in), and cannot close what is open. The staging tables are emptied at the end.</para>
/// </remarks>
internal sealed class SessionizeOnSpark
{
    /// <summary>Records of one batch of a stream: the watermark moves between batches.</summary>
    private const int BatchRecords = 500_000;
    private static readonly TimeSpan Trigger = TimeSpan.FromSeconds(10), Look = TimeSpan.FromSeconds(1);

    private readonly SparkSession _spark;
    private readonly IObjectStore _lake;
    private readonly DeltaTable _events, _sessions;
    private readonly string _topic, _eventsPath, _staging, _stagingPath;
    private readonly SessionNumbering _numbering = new();
    private readonly Dictionary<long, long> _read = [], _dropped = [];
    private long _nextVersion, _mergedVersion = -1;

    private SessionizeOnSpark(SparkSession spark, IObjectStore lake, JourneyFolder folder, string topic, DeltaTable events, DeltaTable sessions)
    {
        (_spark, _lake, _topic, _events, _sessions) = (spark, lake, topic, events, sessions);
        _staging = $"_spark/{topic}";
        (_eventsPath, _stagingPath) = (SparkLake.Path(folder, Tables.Events.Name), SparkLake.Path(folder, _staging));
    }

    /// <summary>Follows the log, or reads what is there and ends.</summary>
    /// <exception cref="SparkException">Spark is not there, refuses, or a stream failed.</exception>
    /// <exception cref="JobException">The engine in this process feeds this lake from this topic.</exception>
    public static async Task RunAsync(SparkConnection connection, KafkaOptions kafka, IObjectStore lake, JourneyFolder folder, bool untilCaughtUp, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var partitions = (await FollowLog.EnsureAsync(kafka, console, cancel)).Partitions;
        var events = await DeltaTable.CreateOrOpenAsync(lake, Tables.Events.Name, Tables.Events, time, cancel);
        await DeltaTable.CreateOrOpenAsync(lake, Tables.BadEvents.Name, Tables.BadEvents, time, cancel);
        var sessions = await DeltaTable.CreateOrOpenAsync(lake, Tables.Sessions.Name, Tables.Sessions, time, cancel);
        for (var partition = 0; partition < partitions; partition++)
            if (await SessionPipeline.NextOffsetAsync(events, kafka.Topic, partition, cancel) is not null)
                throw new JobException($"The engine in this process feeds this lake from topic '{kafka.Topic}'; Spark would read all of it again. Keep to one engine, or choose another lake.");

        await using var spark = await SparkSession.ConnectAsync(connection, progress: null, cancel);
        console.Line($"Spark {spark.SparkVersion} at {connection} reads {kafka.Topic} at {kafka.BootstrapServers}{(untilCaughtUp ? "" : "; Ctrl-C ends it after the batches at hand")}.");
        var job = new SessionizeOnSpark(spark, lake, folder, kafka.Topic, events, sessions);
        await job.BeginAsync(cancel);
        await job.FollowAsync(await job.StartAsync(kafka, folder, untilCaughtUp, cancel), console, time, cancel);
        console.Line($"  {JobConsole.Count(job._read.Values.Sum())} records read; {JobConsole.Count(job._dropped.Values.Sum())} events too late for their session");
        console.Line($"  lake: {await RowsAsync(events)} events, {await RowsAsync(await LakeSessions.OpenAsync(lake, Tables.BadEvents, cancel))} bad events, {await RowsAsync(sessions)} sessions");

        async Task<string> RowsAsync(DeltaTable table) => JobConsole.Count((await table.StateAsync(CancellationToken.None)).Rows ?? 0);
    }

    /// <summary>How far sessions of a topic have come through Spark: the next version of the staging table.</summary>
    public static string App(string topic) => $"sessionize-spark/{topic}";

    private async Task BeginAsync(CancellationToken cancel)
    {
        _nextVersion = await _sessions.TransactionVersionAsync(App(_topic), cancel) ?? 0;
        _numbering.Begin(await LastSessions.ReadAsync(_sessions, new ReadOptions(), cancel));
    }

    private async Task<IReadOnlyList<SparkStreamingQuery>> StartAsync(KafkaOptions kafka, JourneyFolder folder, bool untilCaughtUp, CancellationToken cancel)
    {
        var options = new SessionOptions();
        var source = new Dictionary<string, string>
        {
            ["kafka.bootstrap.servers"] = kafka.BootstrapServers, ["subscribe"] = kafka.Topic, ["startingOffsets"] = "earliest",
            ["maxOffsetsPerTrigger"] = BatchRecords.ToString(CultureInfo.InvariantCulture), ["failOnDataLoss"] = "true",
        };
        await _spark.ReadStream("kafka", null, source).CreateOrReplaceTempViewAsync("kafka_records", cancel);
        await _spark.Sql(EventSql.Judged("kafka_records")).CreateOrReplaceTempViewAsync("judged_records", cancel);
        await _spark.Sql(EventSql.Good("judged_records")).CreateOrReplaceTempViewAsync("good_events", cancel);
        await _spark.Table("good_events").WithWatermark("event_time", options.AllowedLateness).CreateOrReplaceTempViewAsync("timely_events", cancel);
        return
        [
            await WriteAsync(_spark.Sql(SessionSql.Of("timely_events", options)), "sessions", $"{_stagingPath}/sessions"),
            await WriteAsync(_spark.Table("good_events"), "events", $"{_stagingPath}/events"),
            await WriteAsync(_spark.Sql(EventSql.Bad("judged_records")), "bad_events", SparkLake.Path(folder, Tables.BadEvents.Name), [.. Tables.BadEvents.PartitionColumns]),
        ];

        Task<SparkStreamingQuery> WriteAsync(SparkDataFrame rows, string name, string path, params string[] partitions) => rows.WriteStreamAsync(new SparkStreamWrite
        {
            Path = path, CheckpointLocation = $"{_stagingPath}/checkpoints/{name}", QueryName = name, PartitionBy = partitions, ProcessingTime = untilCaughtUp ? null : Trigger,
        }, cancel);
    }

    private async Task FollowAsync(IReadOnlyList<SparkStreamingQuery> streams, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        await console.ProgressAsync("sessionize on Spark", 0, "events", async done =>
        {
            try
            {
                while (!cancel.IsCancellationRequested && await AnyRunsAsync(streams))
                {
                    await TakeAsync(done, streams);
                    // The streams commit every few seconds; to look more often brings nothing.
                    await Task.Delay(Look, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }
            }
            finally
            {
                foreach (var stream in streams)
                    if ((await stream.StatusAsync(CancellationToken.None)).IsActive) await stream.StopAsync(CancellationToken.None);
            }
            await TakeAsync(done, streams);
            await EmptyStagingAsync();
            return 0;
        });
    }

    /// <exception cref="SparkException">One of them failed.</exception>
    private static async Task<bool> AnyRunsAsync(IReadOnlyList<SparkStreamingQuery> streams)
    {
        var runs = false;
        foreach (var stream in streams)
        {
            if (await stream.ExceptionAsync(CancellationToken.None) is { } fault) throw fault;
            runs |= (await stream.StatusAsync(CancellationToken.None)).IsActive;
        }
        return runs;
    }

    private async Task TakeAsync(Action<long> done, IReadOnlyList<SparkStreamingQuery> streams)
    {
        foreach (var batch in await streams[0].RecentProgressAsync(CancellationToken.None)) (_read[batch.BatchId], _dropped[batch.BatchId]) = (batch.InputRows, batch.RowsDroppedByWatermark);
        done(_read.Values.Sum());
        await MergeEventsAsync();
        await NumberSessionsAsync();
    }

    /// <summary>Merges the staged events that the lake has not.</summary>
    private async Task MergeEventsAsync()
    {
        if (await TryOpenAsync("events") is not { } staged || (await staged.StateAsync(CancellationToken.None)).Version is var version && version == _mergedVersion) return;
        var columns = string.Join(", ", Tables.Events.Columns.Select(c => c.Name));
        await _spark.ExecuteAsync($"""
            MERGE INTO delta.`{_eventsPath}` AS lake
            USING (SELECT {columns} FROM (SELECT *, row_number() OVER (PARTITION BY event_id ORDER BY kafka_partition, kafka_offset) AS delivery FROM delta.`{_stagingPath}/events` VERSION AS OF {version}) WHERE delivery = 1) AS staged
            ON lake.event_date = staged.event_date AND lake.event_id = staged.event_id
            WHEN NOT MATCHED THEN INSERT *
            """, CancellationToken.None);
        _mergedVersion = version;
    }

    /// <summary>Numbers the staged sessions of each new version and appends them.</summary>
    private async Task NumberSessionsAsync()
    {
        if (await TryOpenAsync("sessions") is not { } staged) return;
        await foreach (var change in staged.ChangesAsync(_nextVersion, CancellationToken.None))
        {
            var sessions = new List<Session>();
            await foreach (var batch in staged.ReadAddedAsync(change, CancellationToken.None))
                using (batch)
                    sessions.AddRange(SessionColumns.Read(batch));
            sessions.Sort((a, b) => a.SessionStartMicros.CompareTo(b.SessionStartMicros));
            foreach (var session in sessions) _numbering.Number(session);
            var transaction = new DeltaTransaction(App(_topic), change.Version + 1) { Expected = _nextVersion == 0 ? DeltaTransaction.Unrecorded : _nextVersion };
            try
            {
                await _sessions.AppendAsync(sessions.Count == 0 ? [] : [SessionColumns.From(sessions)], transaction, CancellationToken.None);
            }
            catch (StaleTransactionException e) { throw new JobException($"Another 'sessionize --engine spark' writes topic '{_topic}' to this lake; only one may.", e); }
            _nextVersion = change.Version + 1;
        }
    }

    /// <summary>What was staged is in the lake. Its files stay until the staging tables are vacuumed, which takes Spark longer than many a run.</summary>
    private async Task EmptyStagingAsync()
    {
        foreach (var name in (string[])["events", "sessions"])
        {
            if (await TryOpenAsync(name) is null) continue;
            await _spark.ExecuteAsync($"DELETE FROM delta.`{_stagingPath}/{name}`", CancellationToken.None);
        }
    }

    private async Task<DeltaTable?> TryOpenAsync(string name)
    {
        try { return await DeltaTable.OpenAsync(_lake, $"{_staging}/{name}", CancellationToken.None); }
        catch (FileNotFoundException) { return null; }
    }
}
