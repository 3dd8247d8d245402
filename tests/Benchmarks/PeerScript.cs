using System.Diagnostics;
using System.Globalization;

namespace Media.Benchmarks;

/// <summary>A peer that runs in a process of its own: a Python script that prints its figures in one line.</summary>
internal static class PeerScript
{
    /// <returns>The figures, in the order printed.</returns>
    /// <exception cref="InvalidOperationException">python3 does not start, or the script fails.</exception>
    public static double[] Run(string script, params IReadOnlyList<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("python3", [script, .. arguments]) { RedirectStandardOutput = true }) ?? throw new InvalidOperationException("python3 does not start.");
        var line = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{script} ended with {process.ExitCode}.");
        return [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(f => double.Parse(f, CultureInfo.InvariantCulture))];
    }
}
