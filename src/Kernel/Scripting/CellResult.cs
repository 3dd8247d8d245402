using Media.Kernel.Display;

namespace Media.Kernel.Scripting;

// One cell, from its text to its result:
//   CellText.cs: package references and old magics taken out of it (step 1) → CellSession.cs: compiled after the cells before it, and run (step 2)
//     on CellThreads.cs, threads that an interrupt (Interruption.cs) can stop; FailedThreads.cs keeps the session when one fails → CellResult.cs (step 3), with CellErrors.cs for what went wrong and on which line.
//   References.cs and NugetPackages.cs find assemblies, LibraryProbing.cs their dependencies and native libraries when they run.
//   Completion.cs and CellSyntax.cs answer a front end's questions about code that does not run yet.

internal enum CellStatus
{
    Ok,
    Failed,
    Interrupted,
}

/// <summary>What went wrong in a cell.</summary>
/// <param name="Name">the exception's type, or "CompilationError"</param>
/// <param name="Message">in a sentence or a few lines</param>
/// <param name="Traceback">lines to show: where, with the cell's own line</param>
/// <param name="Line">the line in the cell, from 1; null when it is not in the cell</param>
internal sealed record CellError(string Name, string Message, IReadOnlyList<string> Traceback, int? Line);

/// <summary>How a cell ended.</summary>
/// <param name="Shown">the value of the expression the cell ends with; null when it ends with none, or with null</param>
/// <param name="Error">not null unless it ended well</param>
internal sealed record CellResult(CellStatus Status, MimeBundle? Shown, CellError? Error)
{
    public static CellResult Ok(MimeBundle? shown) => new(CellStatus.Ok, shown, null);

    public static CellResult Failed(CellError error) => new(CellStatus.Failed, null, error);

    public static CellResult Interrupted(string sentence) => new(CellStatus.Interrupted, null, new CellError("Interrupted", sentence, [sentence], null));
}
