namespace Media.Tests;

/// <summary>The kernel's command as a process of its own.</summary>
internal static class KernelProcess
{
    internal static string Assembly { get; } = Path.Combine(AppContext.BaseDirectory, "Media.Kernel.dll");

    internal static Task<ProcessRun> RunAsync(params string[] args) => ProcessRun.OfAsync("dotnet", [Assembly, .. args], new Dictionary<string, string>(), AppContext.BaseDirectory);
}
