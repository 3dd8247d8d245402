using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Media.Tests.Engines;

namespace Media.Tests.Jobs.Kafka;

/// <summary>A verb of the jobs' own executable in a process of its own, which may be killed.</summary>
internal sealed class JobProcess : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(10);
    private readonly Process _process;
    private readonly ConcurrentQueue<(long At, string Text)> _lines = [];
    private readonly TaskCompletionSource _out = new(), _err = new();

    private JobProcess(Process process) => _process = process;

    /// <summary>What it has said, both streams, in order.</summary>
    public string Output => string.Join('\n', _lines.Select(l => l.Text));

    public bool HasExited => _process.HasExited;

    public static JobProcess Start(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "Media.Jobs"), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var job = new JobProcess(Process.Start(start)!);
        job._process.OutputDataReceived += (_, line) => job.Take(line.Data, job._out);
        job._process.ErrorDataReceived += (_, line) => job.Take(line.Data, job._err);
        job._process.BeginOutputReadLine();
        job._process.BeginErrorReadLine();
        return job;
    }

    /// <summary>Runs a verb to its end.</summary>
    public static async Task<(int Exit, string Output)> RunAsync(IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        using var job = Start(environment, arguments);
        return (await job.ExitAsync(), job.Output);
    }

    /// <summary>SIGKILL: no flush, no goodbye.</summary>
    public async Task KillAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> ExitAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Longest);
        try { await _process.WaitForExitAsync(limit.Token); }
        catch (OperationCanceledException) { Assert.Fail($"It has not ended after {Longest.TotalMinutes} min:\n{Output}"); }
        await Task.WhenAll(_out.Task, _err.Task);
        return _process.ExitCode;
    }

    /// <summary>Waits until it says a line like this.</summary>
    /// <returns>When it did, as <see cref="Stopwatch.GetTimestamp"/> tells time, and what the pattern's first group caught.</returns>
    public async Task<(long At, string Group)> SaysAsync(string pattern, long after = 0)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(20, TestContext.Current.CancellationToken))
        {
            foreach (var (at, text) in _lines)
                if (at > after && Regex.Match(text, pattern) is { Success: true } match) return (at, match.Groups[1].Value);
            Assert.False(_process.HasExited, $"It ended without saying '{pattern}':\n{Output}");
            Assert.True(waited.Elapsed < Longest, $"It has not said '{pattern}' after {Longest.TotalMinutes} min:\n{Output}");
        }
    }

    public void Dispose()
    {
        if (!_process.HasExited) _process.Kill();
        _process.Dispose();
    }

    private void Take(string? line, TaskCompletionSource end)
    {
        if (line is null) end.TrySetResult();
        else _lines.Enqueue((Stopwatch.GetTimestamp(), line));
    }

    /// <summary>The environment of a job on this broker.</summary>
    public static Dictionary<string, string> On(RealKafka kafka, string topic) => new(StringComparer.Ordinal)
    {
        ["Kafka__BootstrapServers"] = kafka.BootstrapServers, ["Kafka__Topic"] = topic, ["Kafka__GroupId"] = $"{topic}-group", ["Kafka__DeadLetterTopic"] = $"{topic}.bad",
    };

    public static string Whole(long value) => value.ToString(CultureInfo.InvariantCulture);
}
