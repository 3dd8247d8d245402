using System.Diagnostics;
using System.Globalization;
using System.IO.Pipes;
using System.Text;
using System.Text.Json.Nodes;
using Media.Kernel.Display;
using Media.Kernel.Scripting;

namespace Media.Kernel.Notebooks;

/// <param name="Cell">the execution count of the cell that did not end well, as in [3]; null when all did</param>
/// <param name="Why">what happened, in a sentence; null when all ended well</param>
/// <param name="Details">lines to show below it</param>
/// <param name="Ran">code cells that ended well</param>
/// <param name="ResidentBytes">memory of the notebook's process after its last cell</param>
internal sealed record NotebookRun(int? Cell, string? Why, IReadOnlyList<string> Details, int Ran, TimeSpan Took, long ResidentBytes)
{
    public bool Succeeded => Why is null;
}

/// <summary>Runs a notebook's cells in a process of its own, and puts their outputs into it.</summary>
/// <remarks>Whatever a cell does to its process, the runner goes on, and the outputs until then are kept.</remarks>
internal sealed class RunNotebook
{
    /// <summary>How long what a dead process last said may take to arrive.</summary>
    private static readonly TimeSpan Draining = TimeSpan.FromSeconds(2);

    private readonly NotebookFile _notebook;
    private readonly Dictionary<string, List<JsonObject>> _places = new(StringComparer.Ordinal);
    private readonly StringBuilder _lastWords = new();
    private NotebookCell? _current;

    private RunNotebook(NotebookFile notebook) => _notebook = notebook;

    /// <param name="limit">for all cells together</param>
    public static async Task<NotebookRun> RunAsync(NotebookFile notebook, TimeSpan limit, CancellationToken cancel)
    {
        StripNotebook.RemoveOutputs(notebook);
        return await new RunNotebook(notebook).RunAsync(limit, cancel);
    }

    private async Task<NotebookRun> RunAsync(TimeSpan limit, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        using var cells = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.Inheritable);
        using var answers = new AnonymousPipeServerStream(PipeDirection.In, HandleInheritability.Inheritable);
        var start = new ProcessStartInfo(DotnetHost.Path, [DotnetHost.KernelAssembly, "worker", cells.GetClientHandleAsString(), answers.GetClientHandleAsString()])
        {
            WorkingDirectory = _notebook.Folder, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        cells.DisposeLocalCopyOfClientHandle();
        answers.DisposeLocalCopyOfClientHandle();
        // What native code and the runtime itself write goes past Console: it belongs to the cell that runs too.
        var native = Task.WhenAll(TakeNativeAsync(process.StandardOutput, ICellOutputs.StandardOutput), TakeNativeAsync(process.StandardError, ICellOutputs.StandardError));
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        time.CancelAfter(limit);
        var (ran, memory) = (0, 0L);
        try
        {
            using var lines = new StreamReader(answers);
            foreach (var cell in _notebook.CodeCells.Where(c => c.Source.Trim().Length > 0))
            {
                (_current, cell.ExecutionCount) = (cell, ran + 1);
                CellEnded? ended;
                try
                {
                    ended = await RunCellAsync(process, cells, lines, new RunCell(ran + 1, cell.Source), time.Token);
                }
                catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
                {
                    return Stopped($"had not ended when the time limit of {limit.TotalSeconds.ToString(CultureInfo.InvariantCulture)} s was over", "TimeLimit");
                }
                if (ended is null)
                {
                    await Task.WhenAny(native, Task.Delay(Draining, CancellationToken.None));
                    return Stopped($"ended the process (exit code {process.ExitCode})", "ProcessEnded", LastWords());
                }
                memory = ended.ResidentBytes;
                if (ended.Error is { } error)
                {
                    Add(new JsonObject { ["output_type"] = "error", ["ename"] = error.Name, ["evalue"] = error.Message, ["traceback"] = new JsonArray([.. error.Traceback.Select(l => (JsonNode)l)]) });
                    var why = error.Name == CellErrors.Compilation ? $"does not compile: {FirstLine(error.Message)}" : $"failed{(error.Line is { } line ? $" in line {line}" : "")}: {error.Name}: {FirstLine(error.Message)}";
                    return new NotebookRun(ran + 1, why, error.Traceback, ran, Stopwatch.GetElapsedTime(started), memory);
                }
                if (ended.Result is { } value) Add(new JsonObject { ["output_type"] = "execute_result", ["execution_count"] = ran + 1, ["data"] = value, ["metadata"] = new JsonObject() });
                ran++;
            }
            return new NotebookRun(null, null, [], ran, Stopwatch.GetElapsedTime(started), memory);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }

        NotebookRun Stopped(string why, string name, params IReadOnlyList<string> details)
        {
            var sentence = $"The cell {why}.";
            Add(new JsonObject { ["output_type"] = "error", ["ename"] = name, ["evalue"] = sentence, ["traceback"] = new JsonArray([sentence, .. details.Select(l => (JsonNode)l)]) });
            return new NotebookRun(ran + 1, why, details, ran, Stopwatch.GetElapsedTime(started), memory);
        }
    }

    /// <summary>Null when the process ended before the cell did.</summary>
    private async Task<CellEnded?> RunCellAsync(Process process, AnonymousPipeServerStream cells, StreamReader answers, RunCell cell, CancellationToken time)
    {
        try
        {
            await cells.WriteAsync(Encoding.UTF8.GetBytes(cell.ToLine() + "\n"), time);
            await cells.FlushAsync(time);
        }
        catch (IOException)
        {
            await process.WaitForExitAsync(time);
            return null; // nobody reads any more: it ended between two cells
        }
        var exited = process.WaitForExitAsync(CancellationToken.None);
        while (true)
        {
            // Not the end of the pipe but the end of the process counts: another that the cell started may hold the pipe open.
            var line = answers.ReadLineAsync(time).AsTask();
            await Task.WhenAny(line, exited);
            if (!line.IsCompleted) await Task.WhenAny(line, Task.Delay(Draining, time));
            if (!line.IsCompleted) return null;
            if (await line is not { } text)
            {
                await exited;
                return null;
            }
            switch (WorkerMessage.FromLine(text))
            {
                case Written written: Write(written.Name, written.Text); break;
                case Shown shown: Show(shown); break;
                case CellEnded ended: return ended;
            }
        }
    }

    private async Task TakeNativeAsync(StreamReader from, string name)
    {
        var buffer = new char[4096];
        int read;
        while ((read = await from.ReadAsync(buffer)) > 0)
        {
            var text = new string(buffer, 0, read);
            lock (_lastWords) _lastWords.Append(text);
            Write(name, text);
        }
    }

    private List<string> LastWords()
    {
        const int most = 12;
        lock (_lastWords)
        {
            var lines = _lastWords.ToString().Split('\n').Where(l => l.Trim().Length > 0).ToList();
            return lines.Count <= most ? lines : [.. lines.Take(most), $"… and {lines.Count - most} more lines"];
        }
    }

    private void Write(string name, string text)
    {
        lock (_places)
        {
            if (_current is null) return; // before the first cell there is none to show it under
            // One stream output goes on as long as nothing else comes in between.
            if (_current.Outputs.LastOrDefault() is JsonObject last && (string?)last["output_type"] == "stream" && (string?)last["name"] == name)
                last["text"] = (string?)last["text"] + text;
            else
                Add(new JsonObject { ["output_type"] = "stream", ["name"] = name, ["text"] = text });
        }
    }

    private void Show(Shown shown)
    {
        lock (_places)
        {
            if (shown.Update)
            {
                foreach (var place in _places.GetValueOrDefault(shown.Id) ?? []) place["data"] = shown.Data.DeepClone();
                return;
            }
            var output = new JsonObject { ["output_type"] = "display_data", ["data"] = shown.Data, ["metadata"] = new JsonObject() };
            if (!_places.TryGetValue(shown.Id, out var places)) _places[shown.Id] = places = [];
            places.Add(output);
            Add(output);
        }
    }

    private void Add(JsonObject output)
    {
        lock (_places)
        {
            if (_current!.Json["outputs"] is not JsonArray outputs) _current.Outputs = outputs = [];
            outputs.Add(output);
        }
    }

    private static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}
