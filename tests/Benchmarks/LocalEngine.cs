using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Media.Benchmarks;

/// <summary>A server of ../shared/engines beside the repository, as a process of its own on 127.0.0.1; it goes with the object.</summary>
internal sealed class LocalEngine : IDisposable
{
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90);
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("media-engine-");
    private readonly Process _process;

    private LocalEngine(string folder, string script, int ports, IReadOnlyList<string> settings, IReadOnlyDictionary<string, string> environment)
    {
        var free = Enumerable.Range(0, ports).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var listener in free) listener.Start();
        var chosen = free.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToList();
        foreach (var listener in free) listener.Dispose();
        Port = chosen[0];
        var start = new ProcessStartInfo("bash", [Path.Combine(folder, script), Unpacked, _data.FullName, .. chosen.Select(p => $"{p}"), .. settings]) { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        _process = Process.Start(start)!;
        // Read to the end, or it would stand still when a pipe is full.
        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public int Port { get; }

    /// <summary>CPU time of the server so far.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    private static string Unpacked => Path.Combine(Path.GetTempPath(), "media-engines");

    /// <summary>What the engines are, by their folders' names.</summary>
    public static IEnumerable<string> Versions => Directory.EnumerateDirectories(Unpacked).Select(d => Path.GetFileName(d)!).Order(StringComparer.Ordinal);

    /// <summary>Unpacks the engines the first time, starts one and returns when it accepts connections.</summary>
    /// <exception cref="DirectoryNotFoundException">The engines are not there.</exception>
    public static async Task<LocalEngine> StartAsync(string script, int ports, IReadOnlyList<string> settings, IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        var folder = Folder() ?? throw new DirectoryNotFoundException("../shared/engines is not beside the repository; this benchmark needs its Kafka and Spark.");
        using (var unpack = Process.Start("bash", [Path.Combine(folder, "unpack.sh"), Unpacked])) await unpack.WaitForExitAsync(cancel);
        var engine = new LocalEngine(folder, script, ports, settings, environment);
        try
        {
            for (var waited = Stopwatch.StartNew(); ; await Task.Delay(100, cancel))
            {
                if (engine._process.HasExited || waited.Elapsed > LongestStart) throw new InvalidOperationException($"{script} does not accept connections.");
                try
                {
                    using var client = new TcpClient();
                    await client.ConnectAsync(IPAddress.Loopback, engine.Port, cancel);
                    return engine;
                }
                catch (SocketException) { /* not yet */ }
            }
        }
        catch
        {
            engine.Dispose();
            throw;
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _data.Delete(recursive: true);
    }

    private static string? Folder()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Media.sln"))) root = root.Parent;
        for (var folder = root?.Parent; folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, "shared", "engines") is var path && File.Exists(Path.Combine(path, "kafka.sh"))) return path;
        return null;
    }
}
