using System.Runtime.InteropServices;

namespace Media.Kernel;

/// <summary>The <c>dotnet</c> that runs this process: absolute, so that it is found whatever the PATH of whoever starts it.</summary>
internal static class DotnetHost
{
    public static string Path { get; } = System.IO.Path.GetFullPath(System.IO.Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../", OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet"));

    /// <summary>This kernel's own assembly, to be run by <see cref="Path"/>.</summary>
    public static string KernelAssembly { get; } = typeof(DotnetHost).Assembly.Location;
}
