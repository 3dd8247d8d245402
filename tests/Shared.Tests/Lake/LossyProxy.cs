using System.Net;
using System.Net.Sockets;
using System.Text;
using Media.Tests.Engines;

namespace Media.Tests.Lake;

/// <summary>Passes bytes between a client and an S3 store, and loses what it is told to lose by cutting the client's connection.</summary>
internal sealed class LossyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Uri _store;
    private readonly Func<string, bool> _loses;
    private readonly bool _afterwards;
    private readonly int _most;
    private readonly Task _accepting;
    private int _losses;

    private LossyProxy(TestBucket bucket, Func<string, bool> loses, int most, bool afterwards)
    {
        (_store, _loses, _most, _afterwards) = (new Uri(bucket.Options.Endpoint!), loses, most, afterwards);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public string Endpoint => $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    /// <summary>Answers or requests lost so far.</summary>
    public int Losses => Volatile.Read(ref _losses);

    /// <summary>The store has done what a chosen request asks, but its answer is lost.</summary>
    public static LossyProxy After(TestBucket bucket, Func<string, bool> loses, int losses) => new(bucket, loses, losses, afterwards: true);

    /// <summary>A chosen request never reaches the store.</summary>
    public static LossyProxy Before(TestBucket bucket, Func<string, bool> loses, int losses) => new(bucket, loses, losses, afterwards: false);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        var open = new List<Task>();
        try
        {
            while (true) open.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
            await Task.WhenAll(open);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using var server = new TcpClient();
        using (client)
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token))
        {
            try
            {
                await server.ConnectAsync(_store.Host, _store.Port, ended.Token);
                var lose = new Flag();
                await Task.WhenAny(RequestsAsync(client.GetStream(), server.GetStream(), lose, ended.Token), AnswersAsync(server.GetStream(), client.GetStream(), lose, ended.Token));
            }
            catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException)
            {
                // Either side has gone: that is what a proxy lives with.
            }
            await ended.CancelAsync();
        }
    }

    private async Task RequestsAsync(NetworkStream from, NetworkStream to, Flag lose, CancellationToken cancel)
    {
        var buffer = new byte[1 << 16];
        while (await from.ReadAsync(buffer, cancel) is var read and > 0)
        {
            // A request's head comes in one piece: clients write it at once, and it is shorter than the buffer.
            if (HeadOf(buffer.AsSpan(0, read)) is { } head && _loses(head) && TryLose())
            {
                if (!_afterwards) return;
                lose.Value = true;
            }
            await to.WriteAsync(buffer.AsMemory(0, read), cancel);
        }
    }

    private static async Task AnswersAsync(NetworkStream from, NetworkStream to, Flag lose, CancellationToken cancel)
    {
        var buffer = new byte[1 << 16];
        while (await from.ReadAsync(buffer, cancel) is var read and > 0)
        {
            // "100 Continue" only asks for the body.
            if (lose.Value && !buffer.AsSpan(0, read).StartsWith("HTTP/1.1 100"u8)) return;
            await to.WriteAsync(buffer.AsMemory(0, read), cancel);
        }
    }

    private bool TryLose()
    {
        if (Interlocked.Increment(ref _losses) <= _most) return true;
        Interlocked.Decrement(ref _losses);
        return false;
    }

    private static string? HeadOf(ReadOnlySpan<byte> bytes)
    {
        var line = bytes[..Math.Max(0, bytes.IndexOf((byte)'\r'))];
        return line.EndsWith(" HTTP/1.1"u8) ? Encoding.ASCII.GetString(line) : null;
    }

    private sealed class Flag
    {
        public volatile bool Value;
    }
}
