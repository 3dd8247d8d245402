using System.Diagnostics;

namespace Media.Tests;

/// <summary>The kernel's command as a process of its own: exit code, what it says, and its errors.</summary>
internal sealed record KernelProcess(int Exit, string Output, string Errors)
{
    internal static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "Media.Kernel.dll");

    internal static Task<KernelProcess> RunAsync(params string[] args) => RunAsync("dotnet", [Assembly, .. args], new Dictionary<string, string>());

    internal static async Task<KernelProcess> RunAsync(string program, IEnumerable<string> args, IReadOnlyDictionary<string, string> environment, string? folder = null)
    {
        var start = new ProcessStartInfo(program, args) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder ?? AppContext.BaseDirectory };
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
        return new KernelProcess(process.ExitCode, await output, await errors);
    }
}
