using System.Runtime.InteropServices;

namespace Media.Warehouse.Embedded;

/// <summary>Keeps a signal handler of .NET while the engine connects: it takes the first real-time signal, by which .NET stops its threads for a collection.</summary>
internal static unsafe partial class ClrSignals
{
    /// <summary>SIGRTMIN as glibc hands it out; .NET's activation signal on Linux.</summary>
    private const int FirstRealTime = 34;

    /// <summary>More than any platform's struct sigaction.</summary>
    private const int ActionBytes = 256;

    public static nint* Keeping(Func<nint> connect)
    {
        if (!OperatingSystem.IsLinux()) return (nint*)connect();
        var kept = stackalloc byte[ActionBytes];
        Check(SetAction(FirstRealTime, null, kept));
        try { return (nint*)connect(); }
        finally { Check(SetAction(FirstRealTime, kept, null)); }
    }

    private static void Check(int answer)
    {
        if (answer != 0) throw new InvalidOperationException($"The handler of signal {FirstRealTime} could not be kept: error {Marshal.GetLastPInvokeError()}.");
    }

    [LibraryImport("libc", EntryPoint = "sigaction", SetLastError = true)]
    private static partial int SetAction(int signal, byte* action, byte* former);
}
