using System.Text;

namespace Media.Kernel.Display;

/// <summary>What is written to Console while cells run, handed on live: at once after a pause, and gathered while much is written.</summary>
/// <remarks>Thread-safe. Nothing waits longer than <see cref="Pause"/>; <see cref="TextWriter.Flush"/> hands on at once.</remarks>
internal sealed class LiveConsole : TextWriter
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(40);
    private const int MostGathered = 16_384;

    private readonly Lock _lock = new();
    private readonly StringBuilder _gathered = new();
    private readonly Action<string> _handOn;
    private readonly Timer _timer;
    private bool _waiting;

    public LiveConsole(Action<string> handOn)
    {
        _handOn = handOn;
        _timer = new Timer(_ => Flush());
    }

    public override Encoding Encoding => Encoding.UTF8;

    /// <summary>Takes over Console.Out and Console.Error.</summary>
    public static void Attach(ICellOutputs outputs)
    {
        Console.SetOut(new LiveConsole(text => outputs.Write(ICellOutputs.StandardOutput, text)));
        Console.SetError(new LiveConsole(text => outputs.Write(ICellOutputs.StandardError, text)));
        AppDomain.CurrentDomain.ProcessExit += (_, _) => FlushBoth(); // a cell may end the process
    }

    /// <summary>Hands on what is gathered, so that what follows comes behind it.</summary>
    public static void FlushBoth()
    {
        Console.Out.Flush();
        Console.Error.Flush();
    }

    public override void Write(char value) => Write([value]);

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void WriteLine(string? value) => Write(string.Concat(value, "\n").AsSpan());

    public override void WriteLine() => Write(['\n']);

    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (_lock)
        {
            _gathered.Append(buffer);
            if (_gathered.Length >= MostGathered)
            {
                HandOn();
            }
            else if (!_waiting)
            {
                _waiting = true;
                _timer.Change(Pause, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public override void Flush()
    {
        lock (_lock) HandOn();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _timer.Dispose();
        base.Dispose(disposing);
    }

    private void HandOn()
    {
        _waiting = false;
        if (_gathered.Length == 0) return;
        var text = _gathered.ToString();
        _gathered.Clear();
        _handOn(text);
    }
}
