using System.Diagnostics;

namespace Media.Tests;

/// <summary>A program that ran to its end: exit code, what it said, and its errors.</summary>
internal sealed record ProcessRun(int Exit, string Output, string Errors)
{
    /// <param name="environment">Variables that it gets beside those of the tests.</param>
    /// <param name="folder">Where it works; the tests' own when null.</param>
    public static async Task<ProcessRun> OfAsync(string program, IEnumerable<string> args, IReadOnlyDictionary<string, string> environment, string? folder = null)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
        return new ProcessRun(process.ExitCode, await output, await errors);
    }
}
