using System.Runtime.ExceptionServices;
using Media.Kernel.Display;

namespace Media.Kernel.Scripting;

/// <summary>A thread of a cell that fails must not take the session with it: it is told in the notebook, which goes on.</summary>
internal static class FailedThreads
{
    /// <summary>For the whole process; once.</summary>
    public static void Survive() => ExceptionHandling.SetUnhandledExceptionHandler(fault =>
    {
        if (fault is ThreadAbortException) return true; // what an interrupt stopped behind an await ends so
        if (Notebook.Outputs is not { } outputs) return false;
        outputs.Write(ICellOutputs.StandardError, $"A thread that a cell started has failed: {fault}\n");
        return true;
    });
}
