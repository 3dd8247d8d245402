using System.Globalization;
using System.Runtime.CompilerServices;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Media.Spark.Protocol;

namespace Media.Spark;

/// <summary>Rows that a session can ask for: a query, a table, files, a stream, or rows of this process. Nothing runs before they are collected, written or started. Immutable, thread-safe.</summary>
public sealed class SparkDataFrame
{
    private readonly SparkSession _session;

    internal SparkDataFrame(SparkSession session, Relation relation) => (_session, Relation) = (session, relation);

    internal Relation Relation { get; }

    /// <summary>The rows, batch by batch as the server makes them.</summary>
    /// <remarks>
    /// At least one batch: without rows an empty one, which has the columns. Timestamps are µs since the epoch, UTC. A batch's arrays share the memory of the message that
    /// brought it. Stopping half-way ends the query on the server.
    /// </remarks>
    public async IAsyncEnumerable<RecordBatch> CollectAsync([EnumeratorCancellation] CancellationToken cancel)
    {
        MemoryStream? chunks = null;
        await foreach (var response in _session.RunAsync(new Plan { Root = Relation }, cancel))
        {
            if (response.ArrowBatch is not { } part) continue;
            var data = part.Data.Memory;
            if (part.NumChunksInBatch > 1)
            {
                chunks ??= new MemoryStream();
                chunks.Write(data.Span);
                if (part.ChunkIndex < part.NumChunksInBatch - 1) continue;
                data = chunks.GetBuffer().AsMemory(0, (int)chunks.Length);
                chunks = null;
            }
            using var reader = new ArrowStreamReader(data);
            while (await reader.ReadNextRecordBatchAsync(cancel) is { } batch) yield return batch;
        }
    }

    /// <summary>Gives the rows a name that SQL of this session can use; an earlier view of that name is replaced. A stream of rows makes a streaming view.</summary>
    public Task CreateOrReplaceTempViewAsync(string name, CancellationToken cancel) =>
        _session.RunAsync(new Command { CreateDataframeView = new CreateDataFrameViewCommand { Input = Relation, Name = name, Replace = true } }, cancel);

    /// <summary>The same rows with a watermark: a stream's state of times so long before its newest event is closed, and rows that come later are dropped and counted.</summary>
    /// <param name="eventTime">a timestamp column</param>
    /// <param name="delay">≥ 0</param>
    public SparkDataFrame WithWatermark(string eventTime, TimeSpan delay) =>
        _session.Frame(new Relation { WithWatermark = new WithWatermark { Input = Relation, EventTime = eventTime, DelayThreshold = SparkText.Interval(delay) } });

    /// <summary>Writes the rows, all or none where the format can, as Delta does.</summary>
    public Task WriteAsync(SparkWrite write, CancellationToken cancel)
    {
        Options.Check(write);
        var operation = new WriteOperation
        {
            Input = Relation, Source = write.Format, Path = write.Path, PartitioningColumns = { write.PartitionBy }, Options = { SparkText.Of(write.Options) },
            Mode = write.Mode switch
            {
                SparkSaveMode.Append => WriteOperation.Types.SaveMode.Append,
                SparkSaveMode.Overwrite => WriteOperation.Types.SaveMode.Overwrite,
                SparkSaveMode.Ignore => WriteOperation.Types.SaveMode.Ignore,
                _ => WriteOperation.Types.SaveMode.ErrorIfExists,
            },
        };
        return _session.RunAsync(new Command { WriteOperation = operation }, cancel);
    }

    /// <summary>Starts a stream that writes these rows as they come; it runs on the server until it is done or stopped, or the session ends.</summary>
    public async Task<SparkStreamingQuery> WriteStreamAsync(SparkStreamWrite write, CancellationToken cancel)
    {
        Options.Check(write);
        var start = new WriteStreamOperationStart
        {
            Input = Relation, Format = write.Format, OutputMode = write.OutputMode, QueryName = write.QueryName, PartitioningColumnNames = { write.PartitionBy },
            Options = { SparkText.Of(write.Options), { "checkpointLocation", write.CheckpointLocation } },
        };
        if (write.Path is not null) start.Path = write.Path;
        if (write.ProcessingTime is { } every) start.ProcessingTimeInterval = SparkText.Interval(every);
        else start.AvailableNow = true;
        var result = await _session.RunAsync(new Command { WriteStreamOperationStart = start }, cancel);
        return result?.WriteStreamOperationStartResult is { } started
            ? new SparkStreamingQuery(_session, started.QueryId, started.Name)
            : throw new SparkException("Spark did not say which stream it started.");
    }
}

/// <summary>What a write does where something is already.</summary>
public enum SparkSaveMode
{
    /// <summary>Refuses.</summary>
    ErrorIfExists,
    Append,
    Overwrite,

    /// <summary>Leaves it as it is and writes nothing.</summary>
    Ignore,
}

/// <summary>Where and how rows are written once. Immutable, thread-safe.</summary>
public sealed record SparkWrite
{
    /// <summary>delta, parquet or another that the server has. Default delta.</summary>
    [System.ComponentModel.DataAnnotations.Required]
    public string Format { get; init; } = "delta";

    /// <summary>As the server sees it: a folder there, or s3a://bucket/key.</summary>
    [System.ComponentModel.DataAnnotations.Required]
    public required string Path { get; init; }

    /// <summary>Default ErrorIfExists.</summary>
    public SparkSaveMode Mode { get; init; }

    /// <summary>Columns that part the rows into folders. Default none.</summary>
    public IReadOnlyList<string> PartitionBy { get; init; } = [];

    /// <summary>The format's own, e.g. replaceWhere, mergeSchema, txnAppId and txnVersion of Delta. Default none.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}

/// <summary>Where and how a stream writes. Immutable, thread-safe.</summary>
public sealed record SparkStreamWrite
{
    /// <summary>delta, or another that the server has. Default delta.</summary>
    [System.ComponentModel.DataAnnotations.Required]
    public string Format { get; init; } = "delta";

    /// <summary>As the server sees it; null for a format without, such as kafka. Default null.</summary>
    public string? Path { get; init; }

    /// <summary>Folder in which the stream keeps its offsets and state, as the server sees it: started again with it, it goes on where it was and writes nothing twice.</summary>
    [System.ComponentModel.DataAnnotations.Required]
    public required string CheckpointLocation { get; init; }

    /// <summary>append, update or complete. Default append.</summary>
    [System.ComponentModel.DataAnnotations.RegularExpression("^(append|update|complete)$")]
    public string OutputMode { get; init; } = "append";

    /// <summary>Time between the starts of two batches; null = all that is available now, and then the stream ends. Default null.</summary>
    public TimeSpan? ProcessingTime { get; init; }

    /// <summary>Name in Spark's own pages and progress. Default none.</summary>
    public string QueryName { get; init; } = "";

    /// <summary>Columns that part the rows into folders. Default none.</summary>
    public IReadOnlyList<string> PartitionBy { get; init; } = [];

    /// <summary>The format's own. Default none.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = new Dictionary<string, string>();
}

/// <summary>Values as Spark reads them in text. Pure, thread-safe.</summary>
internal static class SparkText
{
    /// <exception cref="ArgumentOutOfRangeException">It is negative.</exception>
    public static string Interval(TimeSpan time)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(time, TimeSpan.Zero);
        return string.Create(CultureInfo.InvariantCulture, $"{time.Ticks / TimeSpan.TicksPerMicrosecond} microseconds");
    }

    public static Dictionary<string, string> Of(IReadOnlyDictionary<string, string> options) => new(options);
}
