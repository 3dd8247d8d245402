using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Media.Warehouse.Embedded;

/// <summary>Catches what the engine writes to standard error while it opens: its reason for not opening stands there alone.</summary>
internal static partial class EngineErrors
{
    private const int StandardError = 2;

    /// <param name="said">What was written meanwhile, by whichever thread.</param>
    public static nint Catching(Func<nint> open, out string said)
    {
        if (!OperatingSystem.IsLinux())
        {
            said = "";
            return open();
        }
        // In memory: the disk may be full.
        using var file = new FileStream(new SafeFileHandle(Check(InMemory("errors", 0)), ownsHandle: true), FileAccess.ReadWrite, bufferSize: 1);
        var kept = Check(Duplicate(StandardError));
        nint opened;
        try
        {
            Check(Replace((int)file.SafeFileHandle.DangerousGetHandle(), StandardError));
            opened = open();
        }
        finally
        {
            Check(Replace(kept, StandardError));
            Check(Close(kept));
        }
        file.Position = 0;
        using var reader = new StreamReader(file);
        said = reader.ReadToEnd();
        return opened;
    }

    private static int Check(int answer) =>
        answer >= 0 ? answer : throw new InvalidOperationException($"Standard error could not be caught: error {Marshal.GetLastPInvokeError()}.");

    [LibraryImport("libc", EntryPoint = "memfd_create", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int InMemory(string name, uint flags);

    [LibraryImport("libc", EntryPoint = "dup", SetLastError = true)]
    private static partial int Duplicate(int file);

    [LibraryImport("libc", EntryPoint = "dup2", SetLastError = true)]
    private static partial int Replace(int file, int with);

    [LibraryImport("libc", EntryPoint = "close", SetLastError = true)]
    private static partial int Close(int file);
}
