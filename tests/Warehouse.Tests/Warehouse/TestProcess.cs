using System.Diagnostics;
using System.Text;

namespace Media.Tests.Warehouse;

/// <summary>A process of its own that may be killed: a test of this assembly, whose engine then has another folder, or a verb of the jobs' executable.</summary>
internal sealed class TestProcess : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private readonly Process _process;
    private readonly StringBuilder _output = new(), _errors = new();

    private TestProcess(ProcessStartInfo start, IEnumerable<(string Name, string Value)> environment)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Take(line.Data, _output);
        _process.ErrorDataReceived += (_, line) => Take(line.Data, _errors);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public bool HasExited => _process.HasExited;

    public string Output => Text(_output);

    public string Errors => Text(_errors);

    /// <param name="method">An explicit test of the type, which no run but this one asks for.</param>
    public static TestProcess OfTest(Type type, string method, params (string Name, string Value)[] environment) =>
        new(new ProcessStartInfo(Environment.ProcessPath!, ["--explicit", "only", "--filter-method", $"{type.FullName}.{method}"]), environment);

    /// <summary>A verb, on the warehouse of these tests: the folder's own, or a database of the server.</summary>
    public static TestProcess OfJob(string database, params string[] arguments) =>
        new(new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Media.Jobs"), arguments),
            [("Warehouse__ConnectionString", Environment.GetEnvironmentVariable(TestWarehouse.ServerVariable) ?? ""), ("Warehouse__Database", database)]);

    /// <summary>SIGKILL: no flush, no goodbye.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for its end; fails, and ends it, when it takes longer than the limit.</summary>
    public async Task<int> ExitAsync(TimeSpan? limit = null)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        over.CancelAfter(limit ?? Longest);
        try { await _process.WaitForExitAsync(over.Token); }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested)
        {
            await KillAsync();
            Assert.Fail($"It hung: not ended after {(limit ?? Longest).TotalSeconds} s.\n{Output}{Errors}");
        }
        return _process.ExitCode;
    }

    /// <summary>Waits until it has said this, or has ended.</summary>
    public async Task SaysAsync(string text)
    {
        var started = Stopwatch.GetTimestamp();
        while (!HasExited && !Output.Contains(text, StringComparison.Ordinal))
        {
            Assert.True(Stopwatch.GetElapsedTime(started) < Longest, $"It has not said '{text}':\n{Output}{Errors}");
            await Task.Delay(2, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Lets it run for a while, or to its end.</summary>
    public async Task RunsForAsync(TimeSpan time)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        over.CancelAfter(time);
        try { await _process.WaitForExitAsync(over.Token); }
        catch (OperationCanceledException) when (!TestContext.Current.CancellationToken.IsCancellationRequested) { }
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private static void Take(string? line, StringBuilder to)
    {
        if (line is null) return;
        lock (to) to.AppendLine(line);
    }

    private static string Text(StringBuilder of)
    {
        lock (of) return of.ToString();
    }
}
