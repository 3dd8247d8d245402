using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;
using Media.Kernel.Protocol;
using NetMQ;
using NetMQ.Sockets;

namespace Media.Tests.Protocol;

/// <summary>A front end's side of the protocol, with a kernel process of its own.</summary>
internal sealed class JupyterClient : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(120);

    private readonly string _session = Guid.NewGuid().ToString("N");
    private readonly MessageCodec _codec;
    private readonly Process _process;
    private readonly DealerSocket _shell = new();
    private readonly DealerSocket _control = new();
    private readonly DealerSocket _stdin = new();
    private readonly SubscriberSocket _iopub = new();
    private readonly List<JupyterMessage> _published = [];
    private readonly string _connectionFile = Path.GetTempFileName();

    /// <param name="frontEnd">the process that Jupyter would say it is</param>
    public JupyterClient(string key = "a key", int? frontEnd = null)
    {
        var ports = FreePorts(5);
        var connection = new ConnectionFile { Key = key, ShellPort = ports[0], ControlPort = ports[1], StdinPort = ports[2], IopubPort = ports[3], HeartbeatPort = ports[4] };
        File.WriteAllText(_connectionFile, JsonSerializer.Serialize(connection));
        _codec = new MessageCodec(key);
        // A script may run these tests in the background, where Ctrl-C is ignored by all that is started there.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", KernelProcess.Assembly, "kernel", _connectionFile]) { RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() };
        if (frontEnd is { } id) start.Environment["JPY_PARENT_PID"] = $"{id}";
        _process = Process.Start(start)!;
        _process.ErrorDataReceived += (_, said) => { lock (Errors) Errors.Add(said.Data ?? ""); };
        _process.BeginErrorReadLine();
        // Input is asked of the front end that sent the request, known by its identity.
        _shell.Options.Identity = _stdin.Options.Identity = System.Text.Encoding.ASCII.GetBytes(_session);
        _shell.Connect(connection.Address(ports[0]));
        _control.Connect(connection.Address(ports[1]));
        _stdin.Connect(connection.Address(ports[2]));
        _iopub.Connect(connection.Address(ports[3]));
        _iopub.SubscribeToAnyTopic();
        // Publications before the subscription arrives are lost: ask until one is heard.
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var asked = Send(_shell, "kernel_info_request", []);
            Info = Reply(_shell, asked);
            if (TryReceive(_iopub, TimeSpan.FromMilliseconds(200)) is not null) break;
            Assert.True(Stopwatch.GetElapsedTime(started) < Limit, "Nothing was published.");
        }
        while (TryReceive(_iopub, TimeSpan.FromMilliseconds(100)) is not null)
        {
            // What belongs to the questions above.
        }
    }

    public JupyterMessage Info { get; }

    public List<string> Errors { get; } = [];

    public int ProcessId => _process.Id;

    /// <summary>Resident memory, bytes.</summary>
    public long Memory
    {
        get
        {
            _process.Refresh();
            return _process.WorkingSet64;
        }
    }

    /// <summary>Runs a cell; its reply, and all that was published for it.</summary>
    public (JupyterMessage Reply, IReadOnlyList<JupyterMessage> Published) Execute(string code, JsonObject? more = null)
    {
        var asked = Begin(code, more);
        return (Reply(_shell, asked), Published(asked));
    }

    /// <summary>Sends a cell and waits for nothing.</summary>
    public string Begin(string code, JsonObject? more = null)
    {
        var content = new JsonObject { ["code"] = code, ["silent"] = false, ["store_history"] = true, ["user_expressions"] = new JsonObject(), ["allow_stdin"] = true, ["stop_on_error"] = true };
        foreach (var (name, value) in more ?? []) content[name] = value?.DeepClone();
        return Send(_shell, "execute_request", content);
    }

    public JupyterMessage ReplyTo(string asked) => Reply(_shell, asked);

    public JupyterMessage Ask(string type, JsonObject content) => Reply(_shell, Send(_shell, type, content));

    public JupyterMessage AskControl(string type, JsonObject content) => Reply(_control, Send(_control, type, content));

    /// <summary>Waits until the kernel asks for input, and gives it.</summary>
    public void GiveInput(string line)
    {
        Assert.Equal("input_request", (TryReceive(_stdin, Limit) ?? throw new TimeoutException("No input was asked for.")).Type);
        Send(_stdin, "input_reply", new JsonObject { ["value"] = line });
    }

    /// <summary>What was published for a request, from busy to idle.</summary>
    public IReadOnlyList<JupyterMessage> Published(string asked)
    {
        while (!_published.Any(m => IsFor(m, asked) && m.Type == "status" && m.Text("execution_state") == "idle"))
            _published.Add(TryReceive(_iopub, Limit) ?? throw new TimeoutException($"No idle for {asked}."));
        var mine = _published.Where(m => IsFor(m, asked)).ToList();
        _published.RemoveAll(m => IsFor(m, asked));
        return mine;
    }

    /// <summary>Waits until something of this type is published for a request.</summary>
    public JupyterMessage WaitFor(string asked, string type)
    {
        while (true)
        {
            if (_published.FirstOrDefault(m => IsFor(m, asked) && m.Type == type) is { } found) return found;
            _published.Add(TryReceive(_iopub, Limit) ?? throw new TimeoutException($"No {type} for {asked}."));
        }
    }

    public void SendForged(string type) => _shell.SendMultipartMessage(new MessageCodec("another key").Encode(JupyterMessage.Of(type, _session, [], [], null, TimeProvider.System.GetUtcNow())));

    public void Shutdown()
    {
        Assert.Equal("ok", AskControl("shutdown_request", new JsonObject { ["restart"] = false }).Text("status"));
        WaitForEnd();
    }

    /// <summary>Waits until the kernel's process has ended well.</summary>
    public void WaitForEnd()
    {
        Assert.True(_process.WaitForExit(Limit), "The kernel goes on.");
        Assert.Equal(0, _process.ExitCode);
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        _process.Dispose();
        foreach (var socket in (NetMQSocket[])[_shell, _control, _stdin, _iopub]) socket.Dispose();
        File.Delete(_connectionFile);
    }

    private static bool IsFor(JupyterMessage message, string asked) => (string?)message.Parent["msg_id"] == asked;

    private string Send(NetMQSocket socket, string type, JsonObject content)
    {
        var message = JupyterMessage.Of(type, _session, content, [], null, TimeProvider.System.GetUtcNow());
        socket.SendMultipartMessage(_codec.Encode(message));
        return (string)message.Header["msg_id"]!;
    }

    private JupyterMessage Reply(NetMQSocket socket, string asked)
    {
        while (true)
        {
            var message = TryReceive(socket, Limit) ?? throw new TimeoutException($"No reply. The kernel says: {string.Join('\n', Errors)}");
            if (IsFor(message, asked)) return message;
        }
    }

    private JupyterMessage? TryReceive(NetMQSocket socket, TimeSpan limit)
    {
        NetMQMessage? frames = null;
        if (!socket.TryReceiveMultipartMessage(limit, ref frames)) return null;
        Assert.True(_codec.TryDecode(frames!, out var message, out var reason), reason);
        return message;
    }

    private static int[] FreePorts(int count)
    {
        var listeners = Enumerable.Range(0, count).Select(_ => new TcpListener(IPAddress.Loopback, 0)).ToList();
        foreach (var listener in listeners) listener.Start();
        int[] ports = [.. listeners.Select(l => ((IPEndPoint)l.LocalEndpoint).Port)];
        foreach (var listener in listeners) listener.Dispose();
        return ports;
    }
}
