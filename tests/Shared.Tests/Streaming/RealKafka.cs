using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Media.Tests.Streaming;

/// <summary>One Apache Kafka broker of ../shared/engines on a data folder of its own, which outlives a kill.</summary>
internal sealed class RealKafka : IAsyncDisposable
{
    private readonly string _engines;
    private readonly string _start;
    private readonly string _data = Directory.CreateTempSubdirectory("media-kafka-").FullName;
    private readonly int _port = FreePort();
    private readonly int _controllerPort = FreePort();
    private Process? _process;

    private RealKafka(string start, string engines) => (_start, _engines) = (start, engines);

    public string BootstrapServers => $"127.0.0.1:{_port}";

    /// <summary>Unpacks the engines into the machine's temp folder the first time, and starts the broker.</summary>
    public static async Task<RealKafka> StartOrSkipAsync(CancellationToken cancel)
    {
        var scripts = SharedData.PathOrSkip("engines", "kafka.sh");
        var engines = Path.Combine(Path.GetTempPath(), "media-engines");
        using var unpack = Process.Start("bash", [Path.Combine(Path.GetDirectoryName(scripts)!, "unpack.sh"), engines]);
        await unpack.WaitForExitAsync(cancel);
        Assert.Equal(0, unpack.ExitCode);
        var kafka = new RealKafka(scripts, engines);
        await kafka.StartAsync(cancel);
        return kafka;
    }

    /// <summary>Starts it, again on the same data after a kill; returns when it accepts connections.</summary>
    public async Task StartAsync(CancellationToken cancel)
    {
        _process = Process.Start(new ProcessStartInfo("bash", [_start, _engines, _data, $"{_port}", $"{_controllerPort}"]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        _process.ErrorDataReceived += static (_, _) => { };
        _process.OutputDataReceived += static (_, _) => { };
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, _port, cancel);
                return;
            }
            catch (SocketException) when (tries < 300 && !_process.HasExited)
            {
                await Task.Delay(200, cancel);
            }
        }
    }

    /// <summary>SIGKILL: no flush, no goodbye.</summary>
    public async Task KillAsync(CancellationToken cancel)
    {
        _process!.Kill();
        await _process.WaitForExitAsync(cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false }) await KillAsync(CancellationToken.None);
        _process?.Dispose();
        Directory.Delete(_data, recursive: true);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
