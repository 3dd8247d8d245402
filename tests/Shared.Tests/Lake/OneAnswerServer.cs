using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Media.Tests.Lake;

/// <summary>Answers every request with the same bytes; with none it never answers.</summary>
internal sealed class OneAnswerServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _answer;
    private readonly Task _accepting;

    public OneAnswerServer(string answer)
    {
        _answer = Encoding.ASCII.GetBytes(answer);
        _listener.Start();
        Endpoint = $"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";
        _accepting = AcceptAsync();
    }

    public string Endpoint { get; }

    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync();
        _listener.Dispose();
        await _accepting;
        // The token source stays: a second call asks it.
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
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var buffer = new byte[1 << 16];
                // Requests here are without a body, or it comes with the head.
                while (await stream.ReadAsync(buffer, _stop.Token) > 0) await stream.WriteAsync(_answer, _stop.Token);
            }
            catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException)
            {
                // The client has gone, or the test is over.
            }
        }
    }
}
