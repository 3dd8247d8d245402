using System.Globalization;
using System.Text.RegularExpressions;
using ClickHouse.Driver;
using ClickHouse.Driver.ADO;
using ClickHouse.Driver.ADO.Parameters;
using Media.Warehouse.Embedded;

namespace Media.Warehouse;

/// <summary>One value for a query's {name:Type}.</summary>
/// <param name="Value">As ClickHouse writes it in text, e.g. "2026-03-01" or "5", which the server checks against the type; a time as a DateTime in UTC. null = NULL.</param>
public readonly record struct QueryParameter(string Name, object? Value);

/// <summary>A result, whole in memory.</summary>
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

    /// <summary>Runs a query and gives its rows.</summary>
    public Task<QueryRows> QueryAsync(string sql, IReadOnlyList<QueryParameter> parameters, CancellationToken cancel) => QueryAsync(sql, parameters, readOnly: false, cancel);

    /// <summary>Runs SQL of unknown origin: it may ask the warehouse anything, change nothing and reach no file or address.</summary>
    /// <exception cref="WarehouseException">It would; or any other refusal.</exception>
    public async Task<QueryRows> QueryReadOnlyAsync(string sql, CancellationToken cancel)
    {
        var functions = await QueryAsync("SELECT name FROM system.table_functions", [], cancel);
        if (ReadOnlySql.Refusal(sql, functions.Rows.Select(r => (string)r[0]!)) is { } refusal) throw new WarehouseException(refusal);
        return await QueryAsync(sql, [], readOnly: true, cancel);
    }

    private async Task<QueryRows> QueryAsync(string sql, IReadOnlyList<QueryParameter> parameters, bool readOnly, CancellationToken cancel)
    {
        var options = readOnly ? With(Database, ("readonly", 1)) : With(Database);
        var given = new ClickHouseParameterCollection();
        foreach (var (name, value) in parameters) given.Add(new ClickHouseDbParameter { ParameterName = name, Value = value ?? (object)DBNull.Value });
        return await GuardAsync(async () =>
        {
            using var reader = await _client.ExecuteReaderAsync(sql, given, options, cancel);
            var columns = Enumerable.Range(0, reader.FieldCount).ToList();
            var rows = new List<object?[]>();
            while (reader.Read())
            {
                cancel.ThrowIfCancellationRequested();
                rows.Add([.. columns.Select(c => reader.GetValue(c) is var value && value is DBNull ? null : value)]);
            }
            return new QueryRows([.. columns.Select(reader.GetName)], [.. columns.Select(reader.GetDataTypeName)], rows);
        });
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
            var options = token is null ? With(Database, months) : With(Database, [.. months, ("insert_deduplication_token", token), ("deduplicate_blocks_in_dependent_materialized_views", 1)]);
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
            if (e is ChdbException refusal) throw new WarehouseException($"The warehouse in '{folder.Path}' cannot be opened: {OneLine(e.Message)}", refusal.Code, e);
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
        GuardAsync(() => _client.ExecuteNonQueryAsync(sql, null, With(database), cancel));

    private QueryOptions With(string database, params ReadOnlySpan<(string Name, object Value)> settings)
    {
        var all = new Dictionary<string, object>(StringComparer.Ordinal) { ["max_execution_time"] = _options.QueryTimeout.TotalSeconds };
        foreach (var (name, value) in settings) all[name] = value;
        return new QueryOptions { Database = database, CustomSettings = all };
    }

    private static async Task<T> GuardAsync<T>(Func<Task<T>> work)
    {
        try { return await work(); }
        catch (ClickHouseServerException e) { throw new WarehouseException(OneLine(e.Message), e.ErrorCode, e); }
        catch (IOException e) when (e.InnerException is ChdbException inner) { throw new WarehouseException(OneLine(inner.Message), inner.Code, e); }
        // The client reads a parameter's text before it sends it.
        catch (Exception e) when (e is FormatException or OverflowException or InvalidCastException) { throw new WarehouseException($"A parameter is not of its type: {OneLine(e.Message)}", WrongParameterValue, e); }
        catch (HttpRequestException e) { throw new WarehouseException($"The ClickHouse server does not answer: {OneLine(e.Message)}", 0, e); }
    }

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
