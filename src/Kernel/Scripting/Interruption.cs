using System.Diagnostics.CodeAnalysis;
using Media.Kernel.Display;

namespace Media.Kernel.Scripting;

/// <summary>The way one running cell is stopped: first it is asked, where it has taken <see cref="Notebook.Cancel"/>; a moment later its threads are stopped.</summary>
/// <remarks>Thread-safe. Never disposed: what a cell left running may look at its tokens later.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Threads that outlive the cell still look at the tokens.")]
internal sealed class Interruption
{
    private static readonly TimeSpan Courtesy = TimeSpan.FromMilliseconds(75);

    private readonly CancellationTokenSource _asked = new();
    private readonly CancellationTokenSource _stopped = new();

    /// <summary>Canceled first.</summary>
    public CancellationToken Asked => _asked.Token;

    /// <summary>Canceled last: threads are stopped wherever they are.</summary>
    public CancellationToken Stopped => _stopped.Token;

    public void Interrupt()
    {
        _asked.Cancel();
        if (Notebook.CancelIsUsed) _stopped.CancelAfter(Courtesy);
        else _stopped.Cancel();
    }
}
