using System.Data.Common;
using System.Globalization;
using System.Text.RegularExpressions;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using ClickHouse.Driver.ADO.Parameters;
using Media.Warehouse.Embedded;

namespace Media.Warehouse;

// The warehouse, from the engine up:
//   WarehouseClient.cs (this file: SQL in, rows out; WarehouseOptions.cs says whether a server answers or Embedded/ChdbHandler.cs) → Migrations.cs (Schema/: tables, and the views that keep their sums).
//   Rows in: RowBinary.cs (batches of the lake → bytes) → BlockWriter.cs (into one of WarehouseTables.cs) ← LakeToWarehouse.cs (all of the lake anew; compared and repaired), LakeLoad.cs (its new versions);
//     or WarehouseFeed.cs (what the sessionizer makes, ahead of the lake) → FeedBatch.cs (rows of several tables together, kept in a file until all are in).
//   Answers out: NamedQuery.cs (Queries/, a question a file) or ReadOnlySql.cs (what a question of one's own may be), after WarehouseDamage.cs (whether the tables are whole).

/// <summary>One value for a query's {name:Type}.</summary>
/// <param name="Value">As ClickHouse writes it in text, e.g. "2026-03-01" or "5", which the server checks against the type; a time as a DateTime in UTC. null = NULL.</param>
public readonly record struct QueryParameter(string Name, object? Value);

/// <summary>Rows of a result, in memory: all of them or a part.</summary>
/// <param name="Types">ClickHouse's type of each column.</param>
/// <param name="Rows">null = NULL</param>
public sealed record QueryRows(IReadOnlyList<string> Columns, IReadOnlyList<string> Types, IReadOnlyList<object?[]> Rows);

/// <summary>ClickHouse: the engine in this process or a server, by the same client and the same SQL. Thread-safe.</summary>
/// <exception cref="WarehouseException">Whatever the warehouse refuses, in one line, with ClickHouse's number of the error.</exception>
public sealed partial class WarehouseClient : IDisposable
{
    /// <summary>Code of the error when another process has the embedded warehouse's folder: ClickHouse's number for a file that cannot be opened.</summary>
    public const int TakenByAnotherProcess = 76;

    /// <summary>ClickHouse's number for a {name:Type} whose value is none.</summary>
    internal const int WrongParameterValue = 457;

    /// <summary>ClickHouse's number for a query that was killed.</summary>
    private const int Killed = 394;

    /// <summary>Where a page of an answer ends: some rows, or fewer when their texts are long (characters).</summary>
    private const int PageRows = 1_000, PageText = 4 << 20;

    private static readonly TimeSpan BetweenKills = TimeSpan.FromMilliseconds(50);

    private readonly ClickHouseClient _client;
    private readonly EmbeddedParts? _embedded;
    private readonly WarehouseOptions _options;

    private WarehouseClient(ClickHouseClient client, EmbeddedParts? embedded, WarehouseOptions options) => (_client, _embedded, _options) = (client, embedded, options);

    /// <summary>Whether the embedded engine's library is here.</summary>
    public static bool EmbeddedIsHere => Chdb.LibraryPath is not null;

    /// <summary>Whether the engine runs in this process.</summary>
    public bool IsEmbedded => _embedded is not null;

    private string Database => _options.Database;

    /// <summary>Opens the warehouse and makes its database where it is not there.</summary>
    /// <exception cref="ArgumentException">The options are wrong.</exception>
    /// <exception cref="WarehouseException">The engine's library is not here, another process has the folder, or the server does not answer.</exception>
    public static async Task<WarehouseClient> OpenAsync(WarehouseOptions options, CancellationToken cancel)
    {
        if (Options.Faults(options) is { Count: > 0 } faults) throw new ArgumentException(string.Join(' ', faults), nameof(options));
        var opened = string.IsNullOrWhiteSpace(options.ConnectionString) ? OpenEmbedded(options) : OpenServer(options);
        try
        {
            await opened.ExecuteAsync($"CREATE DATABASE IF NOT EXISTS {options.Database}", "default", cancel);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
        return opened;
    }

    /// <summary>Runs a statement that answers nothing.</summary>
    public Task ExecuteAsync(string sql, CancellationToken cancel) => ExecuteAsync(sql, Database, cancel);

    /// <summary>Runs a query and gives its rows, all of them in memory.</summary>
    public async Task<QueryRows> QueryAsync(string sql, IReadOnlyList<QueryParameter> parameters, CancellationToken cancel)
    {
        var rows = new List<object?[]>();
        QueryRows? last = null;
        await ReadAsync(sql, parameters, null, page => rows.AddRange((last = page).Rows), readOnly: false, cancel);
        return new QueryRows(last?.Columns ?? [], last?.Types ?? [], rows);
    }

    /// <summary>Runs a query and hands its rows over in pages, as they come: only one page is in memory.</summary>
    /// <param name="most">Rows wanted, ≥ 1; the engine stops behind them.</param>
    /// <param name="page">Gets one to a thousand rows at a time; without rows it is called once, for the columns.</param>
    /// <returns>Whether there are more rows.</returns>
    /// <exception cref="OperationCanceledException">Cancelled; the engine, too, works on it no longer.</exception>
    public Task<bool> ReadAsync(string sql, IReadOnlyList<QueryParameter> parameters, long most, Action<QueryRows> page, CancellationToken cancel) => ReadAsync(sql, parameters, most, page, readOnly: false, cancel);

    /// <summary>Runs SQL of unknown origin, as <see cref="ReadAsync(string, IReadOnlyList{QueryParameter}, long, Action{QueryRows}, CancellationToken)"/> does: it may ask the warehouse anything, change nothing and reach no file or address.</summary>
    /// <exception cref="WarehouseException">It would; or any other refusal.</exception>
    public async Task<bool> ReadReadOnlyAsync(string sql, long most, Action<QueryRows> page, CancellationToken cancel)
    {
        var names = await QueryAsync("SELECT 'function', name FROM system.table_functions UNION ALL SELECT 'format', name FROM system.formats", [], cancel);
        var byKind = names.Rows.ToLookup(r => (string)r[0]!, r => (string)r[1]!, StringComparer.Ordinal);
        if (ReadOnlySql.Refusal(sql, byKind["function"], byKind["format"]) is { } refusal) throw new WarehouseException(refusal);
        return await ReadAsync(sql, [], most, page, readOnly: true, cancel);
    }

    private async Task<bool> ReadAsync(string sql, IReadOnlyList<QueryParameter> parameters, long? most, Action<QueryRows> page, bool readOnly, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        // By this the query is found when it is to be stopped: the embedded engine gives queries no id of ours.
        var mark = Guid.NewGuid().ToString("N");
        var settings = new List<(string, object)> { ("log_comment", mark) };
        if (most is { } wanted) settings.Add(("limit", wanted + 1));
        if (readOnly) settings.Add(("readonly", 1));
        var options = With(Database, [.. settings]);
        var given = new ClickHouseParameterCollection();
        foreach (var (name, value) in parameters) given.Add(new ClickHouseDbParameter { ParameterName = name, Value = value ?? (object)DBNull.Value });

        var ended = new TaskCompletionSource();
        var stopping = Task.CompletedTask;
        var stop = cancel.Register(() => stopping = KillAsync(mark, ended.Task));
        try
        {
            using var reader = await GuardAsync(() => _client.ExecuteReaderAsync(sql, given, options, cancel));
            var columns = Enumerable.Range(0, reader.FieldCount).ToList();
            var (names, types) = Guard(() => (columns.Select(reader.GetName).ToList(), columns.Select(reader.GetDataTypeName).ToList()));
            var left = most ?? long.MaxValue;
            var more = true;
            for (var pages = 0; more && left > 0; pages++)
            {
                (var rows, more) = Guard(() => Page(reader, columns.Count, (int)Math.Min(PageRows, left), cancel));
                left -= rows.Count;
                if (rows.Count > 0 || pages == 0) page(new QueryRows(names, types, rows));
            }
            return more && Guard(reader.Read);
        }
        catch (WarehouseException e) when (e.Code == Killed && cancel.IsCancellationRequested)
        {
            throw new OperationCanceledException(e.Message, e, cancel);
        }
        finally
        {
            ended.SetResult();
            await stop.DisposeAsync();
            await stopping;
        }
    }

    /// <returns>The next rows, and whether the answer may go on.</returns>
    private static (List<object?[]> Rows, bool More) Page(DbDataReader reader, int columns, int most, CancellationToken cancel)
    {
        var rows = new List<object?[]>();
        var (text, more) = (0L, true);
        while (rows.Count < most && text < PageText && (more = reader.Read()))
        {
            cancel.ThrowIfCancellationRequested();
            var row = new object?[columns];
            for (var c = 0; c < columns; c++)
            {
                row[c] = reader.GetValue(c) is var value && value is DBNull ? null : value;
                if (value is string s) text += s.Length;
            }
            rows.Add(row);
        }
        return (rows, more);
    }

    /// <summary>Stops a query, which may not have begun yet, until it has ended.</summary>
    private async Task KillAsync(string mark, Task ended)
    {
        do
        {
            await ExecuteAsync($"KILL QUERY WHERE Settings['log_comment'] = '{mark}' ASYNC", CancellationToken.None);
            await Task.WhenAny(ended, Task.Delay(BetweenKills));
        }
        while (!ended.IsCompleted);
    }

    /// <summary>The single value that a query answers.</summary>
    public async Task<T> ScalarAsync<T>(string sql, CancellationToken cancel) where T : IConvertible =>
        (await QueryAsync(sql, [], cancel)).Rows is [[IConvertible value]]
            ? (T)value.ToType(typeof(T), CultureInfo.InvariantCulture)
            : throw new WarehouseException($"Not one value: {sql}");

    /// <summary>Inserts rows encoded as RowBinary.</summary>
    /// <param name="token">Of two inserts with the same token and the same rows the table and all its views show one; null for none.</param>
    public Task InsertAsync(string table, IReadOnlyList<string> columns, ArraySegment<byte> rows, string? token, CancellationToken cancel) =>
        GuardAsync(async () =>
        {
            // The engine refuses more than a hundred partitions a block; events of any age may come together, and each month is one.
            (string, object)[] months = [("max_partitions_per_insert_block", 0)];
            var options = token is null ? Now(Database, months) : Now(Database, [.. months, ("insert_deduplication_token", token), ("deduplicate_blocks_in_dependent_materialized_views", 1)]);
            await using var body = new MemoryStream(rows.Array ?? [], rows.Offset, rows.Count, writable: false);
            using var response = await _client.InsertRawStreamAsync(table, body, "RowBinary", columns, false, options, cancel);
            return true;
        });

    public void Dispose()
    {
        _client.Dispose();
        _embedded?.Dispose();
    }

    private static WarehouseClient OpenEmbedded(WarehouseOptions options)
    {
        if (string.IsNullOrWhiteSpace(options.Path)) throw new ArgumentException("The warehouse has neither a folder (Warehouse__Path) nor a server (Warehouse__ConnectionString).", nameof(options));
        var folder = EngineFolder.Take(System.IO.Path.GetFullPath(options.Path));
        try
        {
            var handler = new ChdbHandler([$"--path={folder.Path}", string.Create(CultureInfo.InvariantCulture, $"--max_server_memory_usage={(long)options.MaxMemoryMiB << 20}")]);
            // Nothing to wait for but the engine itself, which minds max_execution_time.
            var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
            return new WarehouseClient(new ClickHouseClient(new ClickHouseClientSettings("Host=embedded;Compression=false") { HttpClient = http }), new EmbeddedParts(http, folder), options);
        }
        catch (Exception e)
        {
            folder.Dispose();
            if (e is ChdbException refusal) throw new WarehouseException($"The warehouse in '{folder.Path}' cannot be opened: {OneLine(e.Message)} If its files are damaged, delete the folder and run 'jobs warehouse rebuild'.", refusal.Code, e);
            throw;
        }
    }

    private static WarehouseClient OpenServer(WarehouseOptions options)
    {
        try { return new WarehouseClient(new ClickHouseClient(options.ConnectionString!), null, options); }
        catch (Exception e) when (e is ArgumentException or FormatException or InvalidOperationException)
        {
            throw new WarehouseException($"Warehouse__ConnectionString cannot be read: {OneLine(e.Message)}", 0, e);
        }
    }

    private Task<int> ExecuteAsync(string sql, string database, CancellationToken cancel) =>
        GuardAsync(() => _client.ExecuteNonQueryAsync(sql, null, Now(database), cancel));

    /// <summary>For statements that write: done when they answer, also where a server by default gathers inserts and answers first, or knows no token then.</summary>
    private QueryOptions Now(string database, params ReadOnlySpan<(string Name, object Value)> settings) => With(database, [("async_insert", 0), .. settings]);

    private QueryOptions With(string database, params ReadOnlySpan<(string Name, object Value)> settings)
    {
        var all = new Dictionary<string, object>(StringComparer.Ordinal) { ["max_execution_time"] = _options.QueryTimeout.TotalSeconds };
        foreach (var (name, value) in settings) all[name] = value;
        return new QueryOptions { Database = database, CustomSettings = all };
    }

    private static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try { return await work(); }
        catch (Exception e) when (Told(e) is { } told) { throw told; }
    }

    private static T Guard<T>(Func<T> work)
    {
        try { return work(); }
        catch (Exception e) when (Told(e) is { } told) { throw told; }
    }

    /// <summary>What engine, client and network say, in one line; null for what is none of their faults.</summary>
    private static WarehouseException? Told(Exception e) => e switch
    {
        ClickHouseServerException refused => new WarehouseException(OneLine(e.Message), refused.ErrorCode, e),
        IOException { InnerException: ChdbException inner } => new WarehouseException(OneLine(inner.Message), inner.Code, e),
        EndOfStreamException => new WarehouseException("The answer ends in the middle of a row.", 0, e),
        // The client reads a parameter's text before it sends it.
        FormatException or OverflowException or InvalidCastException => new WarehouseException($"A parameter is not of its type: {OneLine(e.Message)}", WrongParameterValue, e),
        // Its words for types that are newer than it, and (an exception that it keeps to itself) for states of aggregate functions.
        _ when e is NotSupportedException || e.GetType().Name == "AggregateFunctionException" => new WarehouseException($"A column cannot be shown: {OneLine(e.Message)}", 0, e),
        HttpRequestException => new WarehouseException($"The ClickHouse server does not answer: {OneLine(e.Message)}", 0, e),
        _ => null,
    };

    /// <summary>The engine's words without stack, version and line breaks.</summary>
    private static string OneLine(string message)
    {
        var words = string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return Version().Replace(words, "").Trim();
    }

    /// <summary>What goes with the embedded engine, in the order in which it is closed.</summary>
    private sealed record EmbeddedParts(HttpClient Http, EngineFolder Folder) : IDisposable
    {
        public void Dispose()
        {
            Http.Dispose();
            Folder.Dispose();
        }
    }

    [GeneratedRegex(@"\s*\(version [^)]*\)\)?$")]
    private static partial Regex Version();
}
