using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;

namespace Media.Warehouse.Embedded;

// The embedded engine: the same client speaks to it as to a server.
//   ClickHouseClient → HttpClient → ChdbHandler (this file: requests to connections) → ChdbConnection (one conversation) → Chdb (the library's functions).
//   ChdbRequest takes a request apart · ChdbAnswer hands out a result as it comes · ClrSignals keeps .NET's signal from the engine.

/// <summary>ClickHouse's HTTP interface over the engine in this process: what a client sends to a server is answered here.</summary>
/// <remarks>Thread-safe; up to <see cref="MostConnections"/> requests work at once, further ones wait. Disposing closes the engine's connections.</remarks>
internal sealed class ChdbHandler : HttpMessageHandler
{
    private const int MostConnections = 8;

    /// <summary>What the client sends with every request and the engine does anyway, or need not know.</summary>
    private static readonly Dictionary<string, string> Understood = new(StringComparer.Ordinal)
    {
        ["output_format_binary_write_json_as_string"] = "0", ["input_format_binary_read_json_as_string"] = "1",
    };

    private readonly IReadOnlyList<string> _arguments;
    private readonly ConcurrentBag<ChdbConnection> _idle = [];
    private readonly ConcurrentDictionary<string, Session> _sessions = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _room = new(MostConnections, MostConnections);
    private readonly CancellationTokenSource _disposed = new();

    /// <param name="arguments">The engine's own, e.g. --path=….</param>
    /// <exception cref="ChdbException">The engine does not open.</exception>
    public ChdbHandler(IReadOnlyList<string> arguments)
    {
        _arguments = arguments;
        _idle.Add(ChdbConnection.Open(arguments));
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri?.AbsolutePath == "/ping") return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("Ok.\n"), RequestMessage = request };
        var started = Stopwatch.GetTimestamp();
        var queryId = "";
        Lease? lease = null;
        try
        {
            var asked = await ChdbRequest.ReadAsync(request, cancellationToken);
            queryId = asked.QueryId;
            lease = await RentAsync(asked.Session, cancellationToken);
            // The engine's calls block: they must not hold the caller's thread.
            var held = lease;
            var (content, written) = await Task.Run(() => Answer(asked, held, cancellationToken), cancellationToken);
            if (content is not ChdbAnswer) held.Return(sound: true);
            return Response(request, HttpStatusCode.OK, content, queryId,
                ("X-ClickHouse-Format", asked.Format),
                ("X-ClickHouse-Summary", string.Create(CultureInfo.InvariantCulture, $$"""{"written_rows":"{{written}}","result_rows":"{{written}}","elapsed_ns":"{{Stopwatch.GetElapsedTime(started).Ticks * 100}}"}""")));
        }
        catch (ChdbException e)
        {
            lease?.Return(sound: false);
            return Response(request, StatusOf(e.Code), new MemoryStream(Encoding.UTF8.GetBytes(e.Message)), queryId, ("X-ClickHouse-Exception-Code", e.Code.ToString(CultureInfo.InvariantCulture)));
        }
        catch
        {
            lease?.Return(sound: false);
            throw;
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed.IsCancellationRequested)
        {
            _disposed.Cancel();
            while (_idle.TryTake(out var connection)) connection.Dispose();
            foreach (var session in _sessions.Values) session.Connection.Dispose();
        }
        base.Dispose(disposing);
    }

    private static (Stream Content, ulong Written) Answer(ChdbRequest asked, Lease lease, CancellationToken cancel)
    {
        var connection = lease.Connection;
        if (asked.Database is { Length: > 0 } database) connection.Use(database);
        connection.Apply([.. asked.Settings.Where(s => !(Understood.TryGetValue(s.Key, out var known) && known == s.Value))]);
        if (asked.Insert is { } insert) return (Stream.Null, connection.Insert(asked.Sql, insert.Format, insert.Data, cancel));
        return (asked.CanStream ? new ChdbAnswer(lease, asked) : new MemoryStream(connection.Query(asked.Sql, asked.Format, asked.Parameters)), 0);
    }

    private async Task<Lease> RentAsync(string? session, CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(_disposed.IsCancellationRequested, this);
        if (session is not null)
        {
            var kept = _sessions.GetOrAdd(session, _ => new Session(ChdbConnection.Open(_arguments), new SemaphoreSlim(1, 1)));
            await kept.Turn.WaitAsync(cancel);
            // A session keeps its settings and temporary tables: it is never put back among the others.
            return new Lease(kept.Connection, _ => kept.Turn.Release());
        }
        await _room.WaitAsync(cancel);
        try
        {
            return new Lease(_idle.TryTake(out var idle) ? idle : await Task.Run(() => ChdbConnection.Open(_arguments), cancel), GiveBack);
        }
        catch
        {
            _room.Release();
            throw;
        }
    }

    private void GiveBack(Lease lease)
    {
        if (lease.IsReusable && !_disposed.IsCancellationRequested) _idle.Add(lease.Connection);
        else lease.Connection.Dispose();
        _room.Release();
    }

    private static HttpResponseMessage Response(HttpRequestMessage request, HttpStatusCode status, Stream body, string queryId, params ReadOnlySpan<(string Name, string Value)> headers)
    {
        var response = new HttpResponseMessage(status) { Content = new StreamContent(body), RequestMessage = request };
        response.Headers.Add("X-ClickHouse-Query-Id", queryId);
        response.Headers.Add("X-ClickHouse-Timezone", "UTC");
        foreach (var (name, value) in headers) response.Headers.Add(name, value);
        return response;
    }

    /// <summary>As a server answers: unknown names are 404, mistakes of the query 400.</summary>
    private static HttpStatusCode StatusOf(int code) => code switch
    {
        60 or 81 => HttpStatusCode.NotFound,
        36 or 47 or 62 or 115 or 457 => HttpStatusCode.BadRequest,
        _ => HttpStatusCode.InternalServerError,
    };

    private sealed record Session(ChdbConnection Connection, SemaphoreSlim Turn);
}

/// <summary>A connection while one request has it.</summary>
internal sealed class Lease(ChdbConnection connection, Action<Lease> giveBack)
{
    private bool _returned, _sound = true;

    public ChdbConnection Connection => connection;

    /// <summary>False once a request has failed on the connection, or has made it one that can only read.</summary>
    public bool IsReusable => _sound && !connection.IsReadOnly;

    public void Return(bool sound)
    {
        if (_returned) return;
        _returned = true;
        _sound = sound;
        giveBack(this);
    }
}
