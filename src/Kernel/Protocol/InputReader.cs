namespace Media.Kernel.Protocol;

/// <summary>Console.In of a cell: asks the front end for a line.</summary>
internal sealed class InputReader(Func<string> ask) : TextReader
{
    private string _rest = "";

    public override string ReadLine()
    {
        if (_rest.Length == 0) return ask();
        var line = _rest.TrimEnd('\n');
        _rest = "";
        return line;
    }

    public override int Read()
    {
        if (Peek() < 0) return -1;
        var next = _rest[0];
        _rest = _rest[1..];
        return next;
    }

    public override int Peek()
    {
        if (_rest.Length == 0) _rest = ask() + "\n";
        return _rest[0];
    }
}
