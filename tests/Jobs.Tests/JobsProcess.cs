namespace Media.Tests.Jobs;

/// <summary>The jobs as a process of their own, with settings in its environment.</summary>
internal static class JobsProcess
{
    internal static Task<ProcessRun> RunAsync(IReadOnlyDictionary<string, string> settings, params string[] args) =>
        ProcessRun.OfAsync("dotnet", [Path.Combine(AppContext.BaseDirectory, "Media.Jobs.dll"), .. args], settings);
}
