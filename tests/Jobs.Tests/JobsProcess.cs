using System.Diagnostics;

namespace Media.Tests.Jobs;

/// <summary>The jobs as a process of their own, with settings in its environment: its exit code, what it says, and its errors.</summary>
internal sealed record JobsProcess(int Exit, string Output, string Errors)
{
    internal static async Task<JobsProcess> RunAsync(IReadOnlyDictionary<string, string> settings, params string[] args)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Media.Jobs.dll"), .. args]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in settings) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken), process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        finally
        {
            if (!process.HasExited) process.Kill();
        }
        return new JobsProcess(process.ExitCode, await output, await errors);
    }
}
