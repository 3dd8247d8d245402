using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Ipc;
using Google.Protobuf;
using Media.Spark.Protocol;

namespace Media.Spark;

/// <summary>A session on a Spark 4 server: its temporary views, settings and streams, which end with it.</summary>
/// <remarks>Times are UTC: the session's time zone is set so. Thread-safe; operations may run side by side.</remarks>
/// <exception cref="SparkException">Whatever Spark refuses, in one line, with Spark's class of the error.</exception>
/// <exception cref="OperationCanceledException">The caller cancelled; the operation was interrupted on the server.</exception>
public sealed class SparkSession : IAsyncDisposable
{
    /// <summary>Rows sent with a plan may take this much, as Arrow, bytes: the rest of the message needs little.</summary>
    private const int LongestRows = SparkChannel.LongestMessage - (1 << 20);

    private const int LeastMajorVersion = 4;

    private readonly SparkChannel _channel;
    private readonly IProgress<SparkProgress>? _progress;
    private bool _closed;

    private SparkSession(SparkChannel channel, string version, IProgress<SparkProgress>? progress) => (_channel, SparkVersion, _progress) = (channel, version, progress);

    /// <summary>The server's version, e.g. 4.2.0.</summary>
    public string SparkVersion { get; }

    /// <summary>A UUID, by which the server's log names the session.</summary>
    public string SessionId => _channel.SessionId;

    /// <summary>Opens a session.</summary>
    /// <param name="progress">Told about the stages of all its operations; null = nobody.</param>
    /// <exception cref="ArgumentException">The connection's values are out of range.</exception>
    /// <exception cref="SparkException">Nobody answers there, or somebody else, or a Spark before version 4.</exception>
    public static async Task<SparkSession> ConnectAsync(SparkConnection connection, IProgress<SparkProgress>? progress, CancellationToken cancel)
    {
        Options.Check(connection);
        var channel = new SparkChannel(connection);
        try
        {
            var version = await channel.VersionAsync(cancel);
            if (!int.TryParse(version.Split('.')[0], CultureInfo.InvariantCulture, out var major) || major < LeastMajorVersion)
                throw new SparkException($"Spark at {connection} is of version {version}; {LeastMajorVersion}.0 or later is needed.");
            var session = new SparkSession(channel, version, progress);
            await session.SetAsync("spark.sql.session.timeZone", "UTC", cancel);
            return session;
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <summary>The rows of a query; it runs when they are asked for.</summary>
    public SparkDataFrame Sql(string query) => Frame(new Relation { Sql = new SQL { Query = query } });

    /// <summary>The rows of a table or view.</summary>
    public SparkDataFrame Table(string name) => Frame(new Relation { Read = new Read { NamedTable = new() { UnparsedIdentifier = name } } });

    /// <summary>The rows of files, e.g. of format delta or parquet.</summary>
    /// <param name="path">As the server sees it: a folder there, or s3a://bucket/key.</param>
    /// <param name="options">The data source's own, e.g. versionAsOf; null = none.</param>
    public SparkDataFrame Read(string format, string path, IReadOnlyDictionary<string, string>? options = null) => Frame(Source(format, path, options, streaming: false));

    /// <summary>Rows that keep coming, e.g. of format kafka; start a stream on them, or name them as a view first.</summary>
    /// <param name="path">null for a source that needs none</param>
    /// <param name="options">The data source's own, e.g. kafka.bootstrap.servers, subscribe, startingOffsets.</param>
    public SparkDataFrame ReadStream(string format, string? path, IReadOnlyDictionary<string, string> options) => Frame(Source(format, path, options, streaming: true));

    /// <summary>Rows of this process, sent along with each plan that uses them.</summary>
    /// <param name="batches">At least one, all of one schema; together at most 127 MiB. Write more in parts.</param>
    /// <exception cref="ArgumentException">No batch, different schemas, or too much.</exception>
    public SparkDataFrame CreateDataFrame(params IReadOnlyList<RecordBatch> batches)
    {
        if (batches.Count == 0) throw new ArgumentException("There is no batch, so no schema; an empty batch has one.", nameof(batches));
        var schema = batches[0].Schema;
        using var bytes = new MemoryStream();
        using (var writer = new ArrowStreamWriter(bytes, schema, leaveOpen: true))
        {
            foreach (var batch in batches)
            {
                if (!SameColumns(batch.Schema, schema)) throw new ArgumentException($"The batches have different columns: {Columns(schema)} and {Columns(batch.Schema)}.", nameof(batches));
                writer.WriteRecordBatch(batch);
                if (bytes.Length > LongestRows) throw new ArgumentException($"The rows take more than {LongestRows >> 20} MiB; write them in parts.", nameof(batches));
            }
            writer.WriteEnd();
        }
        return Frame(new Relation { LocalRelation = new LocalRelation { Data = ByteString.CopyFrom(bytes.GetBuffer().AsSpan(0, (int)bytes.Length)) } });
    }

    /// <summary>Runs a statement for its effect, e.g. CREATE VIEW, MERGE, DELETE; of a query's rows nothing is seen.</summary>
    public Task ExecuteAsync(string sql, CancellationToken cancel) =>
        RunAsync(new Command { SqlCommand = new SqlCommand { Input = Sql(sql).Relation } }, cancel);

    /// <summary>Sets a setting for this session.</summary>
    public async Task SetAsync(string key, string value, CancellationToken cancel)
    {
        var request = _channel.Configure(new() { Set = new() { Pairs = { new KeyValue { Key = key, Value = value } } } });
        await _channel.CallAsync(o => _channel.Client.ConfigAsync(request, o), a => a.ServerSideSessionId, cancel);
    }

    /// <summary>The value of a setting.</summary>
    /// <exception cref="SparkException">There is no such setting.</exception>
    public async Task<string> GetAsync(string key, CancellationToken cancel)
    {
        var request = _channel.Configure(new() { Get = new() { Keys = { key } } });
        var answer = await _channel.CallAsync(o => _channel.Client.ConfigAsync(request, o), a => a.ServerSideSessionId, cancel);
        return answer.Pairs[0].Value;
    }

    /// <summary>Ends the session on the server, with its views and streams; operations that were just cancelled have up to 10 s to end before.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closed) return;
        _closed = true;
        await _channel.EndAsync();
        _channel.Dispose();
    }

    internal IAsyncEnumerable<ExecutePlanResponse> RunAsync(Plan plan, CancellationToken cancel) => new SparkOperation(_channel, plan, _progress).RunAsync(cancel);

    /// <returns>The last response that holds a result; null when the command has none.</returns>
    internal async Task<ExecutePlanResponse?> RunAsync(Command command, CancellationToken cancel)
    {
        ExecutePlanResponse? result = null;
        await foreach (var response in RunAsync(new Plan { Command = command }, cancel))
            if (response.ResponseTypeCase is not (ExecutePlanResponse.ResponseTypeOneofCase.None or ExecutePlanResponse.ResponseTypeOneofCase.ResultComplete)) result = response;
        return result;
    }

    internal SparkDataFrame Frame(Relation relation) => new(this, relation);

    private static Relation Source(string format, string? path, IReadOnlyDictionary<string, string>? options, bool streaming)
    {
        var source = new Read.Types.DataSource { Format = format };
        if (path is not null) source.Paths.Add(path);
        if (options is not null) source.Options.Add(new Dictionary<string, string>(options));
        return new Relation { Read = new Read { DataSource = source, IsStreaming = streaming } };
    }

    private static bool SameColumns(Schema a, Schema b) => Columns(a) == Columns(b);

    private static string Columns(Schema schema) => string.Join(", ", schema.FieldsList.Select(f => $"{f.Name} {f.DataType.Name}"));
}
