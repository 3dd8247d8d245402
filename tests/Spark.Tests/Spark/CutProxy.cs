using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Media.Tests.Spark;

/// <summary>Stands between a client and a server on 127.0.0.1, passes bytes both ways, and cuts all connections when it is told to.</summary>
internal sealed class CutProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, bool> _sockets = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private long _fromServer;

    public CutProxy(int serverPort)
    {
        _listener.Start();
        _accepting = AcceptAsync(serverPort);
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>While it is set, new connections are closed at once.</summary>
    public bool Refuses { get; set; }

    /// <summary>Bytes that came from the server so far.</summary>
    public long FromServer => Interlocked.Read(ref _fromServer);

    /// <summary>Connections accepted so far.</summary>
    public int Accepted { get; private set; }

    /// <summary>Resets every connection, in mid-stream.</summary>
    public void Cut()
    {
        foreach (var socket in _sockets.Keys)
        {
            _sockets.TryRemove(socket, out _);
            try { socket.Close(timeout: 0); } // a reset
            catch (ObjectDisposedException) { } // it has ended by itself meanwhile
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        Cut();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync(int serverPort)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_stop.Token);
                Accepted++;
                if (Refuses)
                {
                    client.Dispose();
                    continue;
                }
                var server = new Socket(SocketType.Stream, ProtocolType.Tcp);
                await server.ConnectAsync(IPAddress.Loopback, serverPort, _stop.Token);
                (_sockets[client], _sockets[server]) = (true, true);
                _ = PumpAsync(client, server, counted: false);
                _ = PumpAsync(server, client, counted: true);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException)
        {
            // stopped
        }
    }

    private async Task PumpAsync(Socket from, Socket to, bool counted)
    {
        var buffer = new byte[64 << 10];
        try
        {
            while (await from.ReceiveAsync(buffer, _stop.Token) is > 0 and var read)
            {
                if (counted) Interlocked.Add(ref _fromServer, read);
                for (var sent = 0; sent < read;) sent += await to.SendAsync(buffer.AsMemory(sent, read - sent), _stop.Token);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException or OperationCanceledException)
        {
            // cut
        }
        foreach (var socket in new[] { from, to })
        {
            socket.Dispose();
            _sockets.TryRemove(socket, out _);
        }
    }
}
