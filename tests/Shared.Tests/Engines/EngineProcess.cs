using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Media.Tests.Engines;

// Engines: the real servers of ../shared/engines, each a process on 127.0.0.1 with ports that the system chose and a data folder of its own.
//   EngineProcess (this file: unpack, start, wait until it accepts, stop) ← RealKafka · RealMinio · RealSpark say what each one is started with and how it is reached.
// A test project that wants them compiles this folder and SharedData.cs. Where the engines are missing, the test is skipped and says so.

/// <summary>One server of ../shared/engines; its data folder outlives a kill and goes with the object.</summary>
/// <remarks>
/// The process is stopped by its id: at the object's end, and at the latest when the tests' own process ends, however that ends. A shell beside the server waits on a pipe that the
/// tests' process holds open: a line says that the server has ended in good order, the pipe's end without one that the tests are gone.
/// </remarks>
internal sealed partial class EngineProcess : IAsyncDisposable
{
    private const int Terminate = 15, LinesKept = 40;

    /// <summary>Starts the watcher, then becomes the server, so that the process's id is the server's. Nothing of the watcher's must hold the server's pipes open.</summary>
    private const string Watched = """
        exec 3<&0 </dev/null
        ( read -r -u 3 || kill -KILL $$ ) >/dev/null 2>&1 &
        exec 3<&-
        exec bash "$@"
        """;
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(90), LongestStop = TimeSpan.FromSeconds(15);
    private static readonly ConcurrentDictionary<EngineProcess, bool> Running = [];

    private readonly string _script;
    private readonly string _engines;
    private readonly IReadOnlyList<string> _arguments;
    private readonly IReadOnlyDictionary<string, string> _environment;
    private readonly string _data = Directory.CreateTempSubdirectory("media-engine-").FullName;
    private readonly ConcurrentQueue<string> _errors = [];
    private Process? _process;

    /// <summary>The server's process id.</summary>
    public int Id => _process!.Id;

    static EngineProcess() => AppDomain.CurrentDomain.ProcessExit += static (_, _) =>
    {
        foreach (var engine in Running.Keys) engine._process?.Kill();
    };

    private EngineProcess(string script, string engines, int ports, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment) =>
        (_script, _engines, _arguments, _environment, Ports) = (script, engines, arguments, environment, FreePorts(ports));

    /// <summary>The ports it was given, in the order in which its script takes them; the first is the one that clients use.</summary>
    public IReadOnlyList<int> Ports { get; private set; }

    /// <summary>The end of what it wrote to its error stream.</summary>
    public string Errors => string.Join('\n', _errors);

    /// <summary>Unpacks the engines into the machine's temporary folder the first time, and starts one.</summary>
    /// <param name="script">Its start script, called with: engines, data folder, ports, arguments.</param>
    /// <param name="environment">Variables that it gets beside those of the tests.</param>
    public static async Task<EngineProcess> StartOrSkipAsync(string script, int ports, IReadOnlyList<string> arguments, IReadOnlyDictionary<string, string> environment, CancellationToken cancel)
    {
        var path = SharedData.PathOrSkip("engines", script);
        var engines = Path.Combine(Path.GetTempPath(), "media-engines");
        using var unpack = Process.Start("bash", [Path.Combine(Path.GetDirectoryName(path)!, "unpack.sh"), engines]);
        await unpack.WaitForExitAsync(cancel);
        Assert.Equal(0, unpack.ExitCode);
        var engine = new EngineProcess(path, engines, ports, arguments, environment);
        try
        {
            // Between the choice of a port and its use another process may take it.
            for (var tries = 1; !await TryStartAsync(engine, cancel); tries++)
            {
                Assert.True(tries < 3, $"{script} ends before it accepts connections:\n{engine.Errors}");
                engine.Ports = FreePorts(ports);
            }
            return engine;
        }
        catch
        {
            await engine.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it again after its end, on the same data and ports; returns when it accepts connections.</summary>
    public async Task StartAsync(CancellationToken cancel) =>
        Assert.True(await TryStartAsync(this, cancel), $"{Path.GetFileName(_script)} ends before it accepts connections:\n{Errors}");

    /// <summary>SIGTERM: it ends in its own time, within 15 s.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        if (_process is not { HasExited: false } running) return;
        _ = SendSignal(running.Id, Terminate);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(LongestStop);
        try
        {
            await running.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            Assert.Fail($"{Path.GetFileName(_script)} is still there {LongestStop.TotalSeconds} s after SIGTERM:\n{Errors}");
        }
        Running.TryRemove(this, out _);
    }

    /// <summary>SIGKILL: no flush, no goodbye.</summary>
    public async Task KillAsync(CancellationToken cancel)
    {
        if (_process is { HasExited: false } running)
        {
            running.Kill();
            await running.WaitForExitAsync(cancel);
        }
        Running.TryRemove(this, out _);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await StopAsync(CancellationToken.None);
        }
        finally
        {
            await KillAsync(CancellationToken.None);
            Forget();
            Directory.Delete(_data, recursive: true);
        }
    }

    /// <summary>Tells the watcher of a server that has ended to leave: the id may be another process's by and by.</summary>
    private void Forget()
    {
        if (_process is not { } ended) return;
        try { ended.StandardInput.WriteLine(); }
        catch (IOException) { /* it was killed too */ }
        ended.Dispose();
        _process = null;
    }

    /// <summary>Ports that were free a moment ago, all different.</summary>
    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var listener in listeners) listener.Start();
        var ports = listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port).ToArray();
        foreach (var listener in listeners) listener.Dispose();
        return ports;
    }

    /// <returns>False when it ended by itself.</returns>
    private static async Task<bool> TryStartAsync(EngineProcess engine, CancellationToken cancel)
    {
        var start = new ProcessStartInfo("bash", ["-c", Watched, "engine", engine._script, engine._engines, engine._data, .. engine.Ports.Select(p => $"{p}"), .. engine._arguments])
        {
            RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true,
        };
        foreach (var (name, value) in engine._environment) start.Environment[name] = value;
        engine._errors.Clear();
        engine.Forget();
        var process = engine._process = Process.Start(start)!;
        Running[engine] = true;
        // Both streams are read to the end, or the server would stand still when a pipe is full.
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null) return;
            engine._errors.Enqueue(line.Data);
            if (engine._errors.Count > LinesKept) engine._errors.TryDequeue(out string? _);
        };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        for (var waited = Stopwatch.StartNew(); !process.HasExited;)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, engine.Ports[0], cancel);
                return !process.HasExited;
            }
            catch (SocketException) when (waited.Elapsed < LongestStart)
            {
                await Task.Delay(50, cancel);
            }
        }
        return false;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int SendSignal(int processId, int signal);
}
