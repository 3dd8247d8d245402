using System.Globalization;
using Apache.Arrow;
using Media.Events;
using Media.Lake;
using Media.Sessions;
using Media.Spark;
using Media.Streaming;
using Column = Media.Lake.Column;

namespace Media.Jobs;

/// <summary>The verb <c>sessionize --engine spark</c>: the log's way into the lake on a Spark cluster.</summary>
/// <remarks>
/// <para>Two streams, each with its checkpoint. The first reads the log, judges every record once and stages it, good or bad; the second reads what the first has staged and stages the
/// sessions that the watermark has closed. From there this process lets Spark merge events by event_id, so that a second delivery is dropped however late it comes, and bad records by their
/// offset, and appends sessions itself, since a session's number needs the reader's session before, at which no stream of Spark can look. Each of these steps may be repeated after a
/// crash and adds nothing then: the merges by their conditions, the sessions by the staging table's version, kept as Delta transaction.</para>
/// <para>Each batch of a stream is a partition of its staging table, so it is merged without reading the others, and goes with its files as soon as nobody needs it any more.</para>
/// <para>Other than the engine in this process, Spark has one watermark for all partitions, drops what comes later from the sessions without marking it (the count is told, and
/// resessionize puts it in), and cannot close what is open.</para>
/// </remarks>
internal sealed class SessionizeOnSpark
{
    /// <summary>Records of one batch of a stream: the watermark moves between batches.</summary>
    private const int BatchRecords = 500_000;

    /// <summary>Batches whose files are gathered before they are let go, which takes a commit.</summary>
    private const int BatchesKept = 20;
    private const string StagedAt = "staged_at";
    private static readonly TimeSpan Trigger = TimeSpan.FromSeconds(10), Look = TimeSpan.FromSeconds(1), OrphansKept = TimeSpan.FromDays(1);

    /// <summary>Every record once: the columns of events and of bad events, those of the other kind null, and the batch's time in ms since the epoch.</summary>
    private static readonly TableSchema StagedRecords = Staged("records", Tables.Events.Columns.UnionBy(Tables.BadEvents.Columns, c => c.Name));
    private static readonly TableSchema StagedSessions = Staged("sessions", Tables.Sessions.Columns);

    private readonly SparkSession _spark;
    private readonly IObjectStore _lake;
    private readonly JourneyFolder _folder;
    private readonly DeltaTable _sessions;
    private readonly Staging _stagedRecords, _stagedSessions;
    private readonly string _topic, _checkpoints;
    private readonly SessionNumbering _numbering = new();
    private readonly Dictionary<long, long> _read = [], _dropped = [];
    private long _nextVersion;

    private SessionizeOnSpark(SparkSession spark, IObjectStore lake, JourneyFolder folder, string topic, DeltaTable sessions, DeltaTable stagedRecords, DeltaTable stagedSessions)
    {
        (_spark, _lake, _folder, _topic, _sessions) = (spark, lake, folder, topic, sessions);
        (_stagedRecords, _stagedSessions) = (new Staging(stagedRecords, SparkLake.Path(folder, stagedRecords.Path)), new Staging(stagedSessions, SparkLake.Path(folder, stagedSessions.Path)));
        _checkpoints = SparkLake.Path(folder, $"{StagingOf(topic)}/checkpoints");
    }

    private static string StagingOf(string topic) => $"_spark/{topic}";

    private static TableSchema Staged(string name, IEnumerable<Column> columns) =>
        new(name, [.. columns.Select(c => c with { Nullable = true }), new Column(StagedAt, ColumnTypes.Long, Unit: "ms")], StagedAt);

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

        await using var spark = await SparkLake.ConnectAsync(connection, cancel);
        console.Line($"Spark {spark.SparkVersion} at {connection} reads {kafka.Topic} at {kafka.BootstrapServers}{(untilCaughtUp ? "" : "; Ctrl-C ends it after the batches at hand")}.");
        var job = new SessionizeOnSpark(spark, lake, folder, kafka.Topic, sessions,
            await DeltaTable.CreateOrOpenAsync(lake, $"{StagingOf(kafka.Topic)}/{StagedRecords.Name}", StagedRecords, time, cancel),
            await DeltaTable.CreateOrOpenAsync(lake, $"{StagingOf(kafka.Topic)}/{StagedSessions.Name}", StagedSessions, time, cancel));
        await job.BeginAsync(cancel);
        await job.FollowAsync(kafka, untilCaughtUp, console, time, cancel);
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
        await _stagedRecords.BeginAsync(cancel);
        await _stagedSessions.BeginAsync(cancel);
    }

    /// <summary>The stream that judges the log's records and stages them.</summary>
    private async Task<SparkStreamingQuery> StartJudgingAsync(KafkaOptions kafka, bool untilCaughtUp, CancellationToken cancel)
    {
        var source = new Dictionary<string, string>
        {
            ["kafka.bootstrap.servers"] = kafka.BootstrapServers, ["subscribe"] = kafka.Topic, ["startingOffsets"] = "earliest",
            ["maxOffsetsPerTrigger"] = BatchRecords.ToString(CultureInfo.InvariantCulture), ["failOnDataLoss"] = "true",
        };
        await _spark.ReadStream("kafka", null, source).CreateOrReplaceTempViewAsync("kafka_records", cancel);
        await _spark.Sql(EventSql.Judged("kafka_records")).CreateOrReplaceTempViewAsync("judged_records", cancel);
        return await StageAsync(EventSql.Both("judged_records"), _stagedRecords, StagedRecords.Name, untilCaughtUp ? null : Trigger, cancel);
    }

    /// <summary>The stream that cuts the staged events into sessions.</summary>
    private async Task<SparkStreamingQuery> StartCuttingAsync(bool untilCaughtUp, CancellationToken cancel)
    {
        var options = new SessionOptions();
        // A batch of the first stream must not be split, or a partition's files would make the others' late.
        var source = new Dictionary<string, string> { ["ignoreDeletes"] = "true", ["maxFilesPerTrigger"] = int.MaxValue.ToString(CultureInfo.InvariantCulture) };
        await _spark.ReadStream("delta", _stagedRecords.Address, source).CreateOrReplaceTempViewAsync("staged_records", cancel);
        await _spark.Sql("SELECT * FROM staged_records WHERE reason IS NULL").WithWatermark("event_time", options.AllowedLateness).CreateOrReplaceTempViewAsync("timely_events", cancel);
        return await StageAsync(SessionSql.Of("timely_events", options), _stagedSessions, StagedSessions.Name, untilCaughtUp ? Look : Trigger, cancel);
    }

    private async Task<SparkStreamingQuery> StageAsync(string query, Staging staging, string name, TimeSpan? every, CancellationToken cancel)
    {
        await _spark.Sql(query).CreateOrReplaceTempViewAsync($"{name}_to_stage", cancel);
        return await _spark.Sql($"SELECT *, unix_millis(current_timestamp()) AS {StagedAt} FROM {name}_to_stage").WriteStreamAsync(new SparkStreamWrite
        {
            Path = staging.Address, CheckpointLocation = $"{_checkpoints}/{name}", QueryName = name, PartitionBy = [StagedAt], ProcessingTime = every,
        }, cancel);
    }

    private async Task FollowAsync(KafkaOptions kafka, bool untilCaughtUp, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        await console.ProgressAsync("sessionize on Spark", 0, "events", async done =>
        {
            var judging = await StartJudgingAsync(kafka, untilCaughtUp, cancel);
            var cutting = await StartCuttingAsync(untilCaughtUp, cancel);
            try
            {
                var rest = Task.CompletedTask;
                while (!cancel.IsCancellationRequested)
                {
                    var (judges, cuts) = (await IsActiveAsync(judging), await IsActiveAsync(cutting));
                    if (!judges && cuts && rest == Task.CompletedTask) rest = cutting.ProcessAllAvailableAsync(cancel);
                    var last = !judges && rest.IsCompleted;
                    await TakeAsync(done, judging, cutting);
                    if (last || !cuts) break;
                    // The streams commit every few seconds; to look more often brings nothing.
                    await Task.WhenAny(Task.Delay(Look, time, cancel), rest.IsCompleted ? Task.Delay(Look, time, cancel) : rest);
                }
                if (!cancel.IsCancellationRequested) await rest;
            }
            finally
            {
                foreach (var stream in (SparkStreamingQuery[])[judging, cutting])
                    if ((await stream.StatusAsync(CancellationToken.None)).IsActive) await stream.StopAsync(CancellationToken.None);
            }
            await TakeAsync(done, judging, cutting);
            await LetGoAsync();
            return 0;
        });
    }

    /// <exception cref="SparkException">It has failed.</exception>
    private static async Task<bool> IsActiveAsync(SparkStreamingQuery stream)
    {
        if (await stream.ExceptionAsync(CancellationToken.None) is { } fault) throw fault;
        return (await stream.StatusAsync(CancellationToken.None)).IsActive;
    }

    private async Task TakeAsync(Action<long> done, SparkStreamingQuery judging, SparkStreamingQuery cutting)
    {
        foreach (var batch in await judging.RecentProgressAsync(CancellationToken.None)) _read[batch.BatchId] = batch.InputRows;
        foreach (var batch in await cutting.RecentProgressAsync(CancellationToken.None))
        {
            _dropped[batch.BatchId] = batch.RowsDroppedByWatermark;
            _stagedRecords.PassedUpTo = Math.Max(_stagedRecords.PassedUpTo, batch.DeltaVersion ?? 0);
        }
        done(_read.Values.Sum());
        await MergeRecordsAsync();
        await NumberSessionsAsync();
        if (_stagedRecords.Batches.Count + _stagedSessions.Batches.Count > BatchesKept) await LetGoAsync();
    }

    /// <summary>Merges the staged records that the lake has not.</summary>
    private async Task MergeRecordsAsync()
    {
        var batches = _stagedRecords.Leftover;
        await foreach (var change in _stagedRecords.Table.ChangesAsync(_stagedRecords.Next, CancellationToken.None)) batches = [.. batches, .. _stagedRecords.Take(change)];
        if (batches.Count == 0) return;
        var staged = $"delta.`{_stagedRecords.Address}` WHERE {StagedAt} IN ({string.Join(", ", batches)})";
        // Days by their number, so that Spark reads no more of the lake than these; bad records have none.
        var (days, anyBad) = (new List<int>(), false);
        await foreach (var found in _spark.Sql($"SELECT DISTINCT reason IS NOT NULL AS bad, unix_date(if(reason IS NULL, event_date, received_date)) AS day FROM {staged}").CollectAsync(CancellationToken.None))
            using (found)
                for (var row = 0; row < found.Length; row++)
                    if (((BooleanArray)found.Column("bad")).GetValue(row) == true) anyBad = true;
                    else days.Add(((Int32Array)found.Column("day")).GetValue(row)!.Value);
        if (days.Count > 0)
            await MergeAsync(Tables.Events, $"{staged} AND reason IS NULL", "event_id", $"lake.event_date IN ({string.Join(", ", days.Order().Select(Day))}) AND lake.event_date = staged.event_date AND lake.event_id = staged.event_id");
        if (anyBad)
            await MergeAsync(Tables.BadEvents, $"{staged} AND reason IS NOT NULL", "kafka_partition, kafka_offset",
                "lake.received_date = staged.received_date AND lake.kafka_partition = staged.kafka_partition AND lake.kafka_offset = staged.kafka_offset");
        _stagedRecords.Leftover = [];

        static string Day(int number) => $"DATE '{DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays(number):yyyy-MM-dd}'";
    }

    private Task MergeAsync(TableSchema table, string rows, string key, string same)
    {
        var columns = string.Join(", ", table.Columns.Select(c => c.Name));
        return _spark.ExecuteAsync($"""
            MERGE INTO delta.`{SparkLake.Path(_folder, table.Name)}` AS lake
            USING (SELECT {columns} FROM (SELECT *, row_number() OVER (PARTITION BY {key} ORDER BY kafka_partition, kafka_offset) AS delivery FROM {rows}) WHERE delivery = 1) AS staged
            ON {same}
            WHEN NOT MATCHED THEN INSERT *
            """, CancellationToken.None);
    }

    /// <summary>Numbers the staged sessions of each new version and appends them.</summary>
    private async Task NumberSessionsAsync()
    {
        await foreach (var change in _stagedSessions.Table.ChangesAsync(_nextVersion, CancellationToken.None))
        {
            var sessions = new List<Session>();
            await foreach (var batch in _stagedSessions.Table.ReadAddedAsync(change, CancellationToken.None))
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
            _stagedSessions.Take(change);
            _stagedSessions.PassedUpTo = _nextVersion;
        }
    }

    /// <summary>Takes the batches that all have read out of the staging tables, and their files off the store.</summary>
    private async Task LetGoAsync()
    {
        foreach (var staging in (Staging[])[_stagedRecords, _stagedSessions])
        {
            var gone = staging.Batches.Where(b => b.Value < staging.PassedUpTo).Select(b => b.Key).ToHashSet();
            if (gone.Count == 0) continue;
            // By Spark, which writes these tables: on S3 it lets nobody else commit beside it. Whole partitions, so its streams may pass over it.
            await _spark.ExecuteAsync($"DELETE FROM delta.`{staging.Address}` WHERE {StagedAt} IN ({string.Join(", ", gone)})", CancellationToken.None);
            // And what a crash has left of batches long done: streams work batch by batch, so nobody will name those files any more.
            var orphan = gone.Max() - (long)OrphansKept.TotalMilliseconds;
            await foreach (var file in _lake.ListAsync($"{staging.Table.Path}/{StagedAt}=", CancellationToken.None))
                if (BatchOf(file.Key, staging.Table.Path) is { } batch && (gone.Contains(batch) || (batch < orphan && !staging.Batches.ContainsKey(batch))))
                    await _lake.DeleteAsync(file.Key, CancellationToken.None);
            foreach (var batch in gone) staging.Batches.Remove(batch);
        }
    }

    private static long? BatchOf(string key, string table) =>
        long.TryParse(key.AsSpan(table.Length + StagedAt.Length + 2).ToString().Split('/')[0], CultureInfo.InvariantCulture, out var batch) ? batch : null;

    /// <summary>A staging table and what of it is still to be read.</summary>
    /// <param name="Address">As Spark knows it.</param>
    private sealed record Staging(DeltaTable Table, string Address)
    {
        /// <summary>Batches that are in the table, each with the version that brought it, or a later one.</summary>
        public Dictionary<long, long> Batches { get; } = [];

        /// <summary>Batches that a run before this one has left.</summary>
        public IReadOnlyList<long> Leftover { get; set; } = [];

        /// <summary>The first version not yet seen.</summary>
        public long Next { get; private set; }

        /// <summary>Versions before this one have been read by all that read them.</summary>
        public long PassedUpTo { get; set; }

        public async Task BeginAsync(CancellationToken cancel)
        {
            var (version, values) = await Table.PartitionValuesAsync(StagedAt, cancel);
            Leftover = [.. values.Select(Parse)];
            foreach (var batch in Leftover) Batches[batch] = version;
            Next = version + 1;
        }

        /// <returns>The batches that it brought.</returns>
        public IReadOnlyList<long> Take(DeltaChange change)
        {
            IReadOnlyList<long> brought = [.. change.AddedPartitions(StagedAt).Select(Parse)];
            foreach (var batch in brought) Batches[batch] = change.Version;
            Next = change.Version + 1;
            return brought;
        }

        private static long Parse(string batch) => long.Parse(batch, CultureInfo.InvariantCulture);
    }
}
