using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;
using Media.Kernel.Display;
using Media.Kernel.Scripting;

namespace Media.Kernel.Protocol;

/// <summary>Answers a front end: runs its cells one after another, and meanwhile takes interrupts and input.</summary>
/// <remarks>Requests on shell are served in their order by one thread, those on control at once by the thread of the sockets.</remarks>
/// <seealso href="https://jupyter-client.readthedocs.io/en/stable/messaging.html">Messaging in Jupyter</seealso>
internal sealed class JupyterKernel : IDisposable
{
    /// <summary>How long completion and inspection may think; a person has typed on by then.</summary>
    private static readonly TimeSpan MostThinking = TimeSpan.FromSeconds(10);

    private sealed record Queued(long Order, JupyterMessage Message);

    private readonly string _id = Guid.NewGuid().ToString("N");
    private readonly TimeProvider _time;
    private readonly JupyterSockets _sockets;
    private readonly CellSession _session;
    private readonly PublishedOutputs _outputs;
    private readonly History _history = new();
    private readonly BlockingCollection<Queued> _requests = [];
    private readonly BlockingCollection<string> _input = [];
    private long _received;
    private long _abortedUpTo;
    private volatile JupyterMessage? _current;
    private volatile CancellationTokenSource? _asking;
    private int _count;

    /// <param name="folder">the notebook's</param>
    /// <exception cref="KernelException">The sockets cannot be had.</exception>
    public JupyterKernel(ConnectionFile connection, string folder, TimeProvider time)
    {
        _time = time;
        _sockets = new JupyterSockets(connection);
        _sockets.Received += Take;
        _outputs = new PublishedOutputs((type, content) => Publish(type, content, _current));
        _session = new CellSession(folder);
    }

    /// <summary>Serves until the front end shuts the kernel down, or is gone.</summary>
    public void Run()
    {
        LiveConsole.Attach(_outputs);
        Console.SetIn(new InputReader(AskForInput));
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal =>
        {
            signal.Cancel = true;
            Interrupt();
        });
        WatchFrontEnd();
        new Thread(ServeShell) { IsBackground = true, Name = "shell" }.Start();
        Publish("status", new JsonObject { ["execution_state"] = "starting" }, null);
        _sockets.Run();
    }

    public void Dispose()
    {
        _sockets.Dispose();
        _requests.Dispose();
        _input.Dispose();
    }

    private void Take(Channel channel, JupyterMessage message)
    {
        switch (channel)
        {
            case Channel.Shell: _requests.Add(new Queued(Interlocked.Increment(ref _received), message)); break;
            case Channel.Stdin when message.Type == "input_reply": _input.Add(message.Text("value")); break;
            case Channel.Control: Serve(channel, message, () => Answer(channel, message)); break;
        }
    }

    private void ServeShell()
    {
        foreach (var (order, message) in _requests.GetConsumingEnumerable())
        {
            Serve(Channel.Shell, message, () =>
            {
                if (message.Type == "execute_request") Execute(message, order);
                else Answer(Channel.Shell, message);
            });
        }
    }

    /// <summary>Says busy and idle around what is done for a request. A fault of the kernel's own is told in the notebook and does not end it.</summary>
    private void Serve(Channel channel, JupyterMessage message, Action serve)
    {
        Publish("status", new JsonObject { ["execution_state"] = "busy" }, message);
        try
        {
            serve();
        }
        catch (Exception fault)
        {
            Diagnostics.Tell($"{message.Type} failed: {fault}");
            Reply(channel, message, new JsonObject { ["status"] = "error", ["ename"] = fault.GetType().Name, ["evalue"] = fault.Message, ["traceback"] = new JsonArray() });
        }
        Publish("status", new JsonObject { ["execution_state"] = "idle" }, message);
    }

    private void Answer(Channel channel, JupyterMessage message)
    {
        switch (message.Type)
        {
            case "kernel_info_request": Reply(channel, message, KernelInfo()); break;
            case "is_complete_request": Reply(channel, message, IsComplete(message.Text("code"))); break;
            case "complete_request": Reply(channel, message, Complete(message)); break;
            case "inspect_request": Reply(channel, message, Inspect(message)); break;
            case "history_request": Reply(channel, message, new JsonObject { ["status"] = "ok", ["history"] = _history.Answer(message) }); break;
            case "comm_info_request": Reply(channel, message, new JsonObject { ["status"] = "ok", ["comms"] = new JsonObject() }); break;
            // There are no widgets: a comm is closed as it is opened, which the protocol foresees for unknown targets.
            case "comm_open": Publish("comm_close", new JsonObject { ["comm_id"] = message.Text("comm_id"), ["data"] = new JsonObject() }, message); break;
            case "interrupt_request":
                Interrupt();
                Reply(channel, message, new JsonObject { ["status"] = "ok" });
                break;
            case "shutdown_request":
                Reply(channel, message, new JsonObject { ["status"] = "ok", ["restart"] = message.Flag("restart", false) });
                Publish("status", new JsonObject { ["execution_state"] = "idle" }, message);
                _sockets.Stop();
                break;
            default: Diagnostics.Tell($"{message.Type} is not known here and was passed over"); break;
        }
    }

    private void Execute(JupyterMessage message, long order)
    {
        if (order <= Volatile.Read(ref _abortedUpTo))
        {
            Reply(Channel.Shell, message, new JsonObject { ["status"] = "aborted" });
            return;
        }
        _current = message;
        var (code, silent) = (message.Text("code"), message.Flag("silent", false));
        if (!silent)
        {
            _count++;
            Publish("execute_input", new JsonObject { ["code"] = code, ["execution_count"] = _count }, message);
        }
        var result = _session.Run(code, _count, _outputs);
        if (!silent && message.Flag("store_history", true)) _history.Add(_count, code, result.Shown?.Forms[MimeBundle.Plain]);
        if (result.Error is { } error)
        {
            Publish("error", Told(error), message);
            var reply = Told(error);
            (reply["status"], reply["execution_count"]) = ("error", _count);
            // What was sent before the front end could know of this error is not run; what it sends now is.
            if (message.Flag("stop_on_error", true)) Volatile.Write(ref _abortedUpTo, Interlocked.Read(ref _received));
            Reply(Channel.Shell, message, reply);
            return;
        }
        if (!silent && result.Shown is { } shown)
            Publish("execute_result", new JsonObject { ["execution_count"] = _count, ["data"] = shown.ToJson(), ["metadata"] = new JsonObject() }, message);
        Reply(Channel.Shell, message, new JsonObject { ["status"] = "ok", ["execution_count"] = _count, ["payload"] = new JsonArray(), ["user_expressions"] = UserExpressions(message) });
    }

    /// <summary>Expressions that a front end wants the values of after a cell, by name.</summary>
    private JsonObject UserExpressions(JupyterMessage message)
    {
        var answers = new JsonObject();
        foreach (var (name, expression) in message.Content["user_expressions"] as JsonObject ?? [])
        {
            var result = _session.Run((string?)expression ?? "", _count, _outputs);
            if (result.Error is { } error)
            {
                var told = Told(error);
                told["status"] = "error";
                answers[name] = told;
            }
            else
            {
                answers[name] = new JsonObject { ["status"] = "ok", ["data"] = (result.Shown ?? MimeBundle.Of("")).ToJson(), ["metadata"] = new JsonObject() };
            }
        }
        return answers;
    }

    private static JsonObject Told(CellError error) => new() { ["ename"] = error.Name, ["evalue"] = error.Message, ["traceback"] = new JsonArray([.. error.Traceback.Select(line => (JsonNode)line)]) };

    private static JsonObject KernelInfo() => new()
    {
        ["status"] = "ok",
        ["protocol_version"] = JupyterMessage.Version,
        ["implementation"] = "media-kernel",
        ["implementation_version"] = typeof(JupyterKernel).Assembly.GetName().Version?.ToString(3),
        ["banner"] = $"C# on .NET {Environment.Version}",
        ["help_links"] = new JsonArray(new JsonObject { ["text"] = "C#", ["url"] = "https://learn.microsoft.com/dotnet/csharp/" }, new JsonObject { ["text"] = ".NET API", ["url"] = "https://learn.microsoft.com/dotnet/api/" }),
        ["language_info"] = new JsonObject { ["name"] = KernelSpec.Language, ["version"] = "14.0", ["mimetype"] = "text/x-csharp", ["file_extension"] = ".cs", ["pygments_lexer"] = "csharp", ["codemirror_mode"] = "text/x-csharp" },
    };

    private static JsonObject IsComplete(string code) => CellSyntax.Of(code) switch
    {
        Completeness.Complete => new() { ["status"] = "complete" },
        Completeness.Incomplete => new() { ["status"] = "incomplete", ["indent"] = "    " },
        _ => new() { ["status"] = "invalid" },
    };

    private JsonObject Complete(JupyterMessage message)
    {
        var (code, cursor) = CodeAndCursor(message);
        using var limit = new CancellationTokenSource(MostThinking);
        var found = _session.CompleteAsync(code, cursor, limit.Token).GetAwaiter().GetResult();
        var (start, end) = (CodePoints.FromUtf16(code, found.Start), CodePoints.FromUtf16(code, found.End));
        return new JsonObject
        {
            ["status"] = "ok",
            ["matches"] = new JsonArray([.. found.Items.Select(i => (JsonNode)i.Text)]),
            ["cursor_start"] = start,
            ["cursor_end"] = end,
            // What JupyterLab and VS Code draw their icons from.
            ["metadata"] = new JsonObject { ["_jupyter_types_experimental"] = new JsonArray([.. found.Items.Select(i => (JsonNode)new JsonObject { ["text"] = i.Text, ["type"] = i.Kind, ["start"] = start, ["end"] = end })]) },
        };
    }

    private JsonObject Inspect(JupyterMessage message)
    {
        var (code, cursor) = CodeAndCursor(message);
        using var limit = new CancellationTokenSource(MostThinking);
        var text = _session.InspectAsync(code, cursor, limit.Token).GetAwaiter().GetResult();
        return new JsonObject { ["status"] = "ok", ["found"] = text is not null, ["data"] = text is null ? [] : new JsonObject { [MimeBundle.Plain] = text }, ["metadata"] = new JsonObject() };
    }

    private static (string Code, int Cursor) CodeAndCursor(JupyterMessage message)
    {
        var code = message.Text("code");
        return (code, CodePoints.ToUtf16(code, message.Number("cursor_pos", int.MaxValue)));
    }

    private void Interrupt()
    {
        _asking?.Cancel();
        _session.Interrupt();
    }

    /// <summary>Called by Console.ReadLine on a cell's thread.</summary>
    private string AskForInput()
    {
        if (_current is not { } request || !request.Flag("allow_stdin", false)) throw new InvalidOperationException("This front end gives no input to cells.");
        LiveConsole.FlushBoth();
        using var asking = _asking = new CancellationTokenSource();
        try
        {
            while (_input.TryTake(out _))
            {
                // Answers to what is asked no more.
            }
            _sockets.Send(Channel.Stdin, Message("input_request", new JsonObject { ["prompt"] = "", ["password"] = false }, request.Identities, request));
            return _input.Take(asking.Token);
        }
        finally
        {
            _asking = null;
        }
    }

    /// <summary>Ends with the process that started the kernel, which Jupyter names in the environment: a crashed front end leaves nothing behind.</summary>
    private void WatchFrontEnd()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable("JPY_PARENT_PID"), out var id) || id <= 1) return;
        Process frontEnd;
        try
        {
            frontEnd = Process.GetProcessById(id);
        }
        catch (ArgumentException)
        {
            return; // its number means nothing here, in a container, say
        }
        _ = frontEnd.WaitForExitAsync().ContinueWith(_ => _sockets.Stop(), TaskScheduler.Default);
    }

    private void Publish(string type, JsonObject content, JupyterMessage? parent) =>
        _sockets.Send(Channel.Iopub, Message(type, content, [System.Text.Encoding.UTF8.GetBytes($"kernel.{_id}.{type}")], parent));

    private void Reply(Channel channel, JupyterMessage request, JsonObject content) =>
        _sockets.Send(channel, Message(request.Type.Replace("_request", "_reply", StringComparison.Ordinal), content, request.Identities, request));

    private JupyterMessage Message(string type, JsonObject content, IReadOnlyList<byte[]> identities, JupyterMessage? parent) => JupyterMessage.Of(type, _id, content, identities, parent, _time.GetUtcNow());
}
