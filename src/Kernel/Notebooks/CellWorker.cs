using System.IO.Pipes;
using Media.Kernel.Display;
using Media.Kernel.Scripting;

namespace Media.Kernel.Notebooks;

/// <summary>The inside of a notebook's process: runs the cells that the runner sends, and sends back what they show.</summary>
internal static class CellWorker
{
    /// <param name="cells">handle of the pipe that cells come from</param>
    /// <param name="answers">handle of the pipe that outputs go to</param>
    public static int Run(string cells, string answers)
    {
        using var input = new StreamReader(new AnonymousPipeClientStream(PipeDirection.In, cells));
        using var output = new StreamWriter(new AnonymousPipeClientStream(PipeDirection.Out, answers)) { AutoFlush = true };
        var outputs = new SentOutputs(output);
        LiveConsole.Attach(outputs);
        Console.SetIn(new NoInput());
        var session = new CellSession(Environment.CurrentDirectory);
        while (input.ReadLine() is { } line)
        {
            if (WorkerMessage.FromLine(line) is not RunCell cell) continue;
            var result = session.Run(cell.Code, cell.Number, outputs);
            outputs.Send(new CellEnded(result.Status, result.Shown?.ToJson(), result.Error, Environment.WorkingSet));
        }
        return 0;
    }

    private sealed class SentOutputs(TextWriter to) : ICellOutputs
    {
        private readonly Lock _lock = new();

        public void Send(WorkerMessage message)
        {
            lock (_lock) to.WriteLine(message.ToLine());
        }

        public void Write(string name, string text) => Send(new Written(name, text));

        public void Display(MimeBundle bundle, string displayId) => Show(bundle, displayId, update: false);

        public void Update(MimeBundle bundle, string displayId) => Show(bundle, displayId, update: true);

        private void Show(MimeBundle bundle, string displayId, bool update)
        {
            LiveConsole.FlushBoth(); // what was written before comes before it
            Send(new Shown(bundle.ToJson(), displayId, update));
        }
    }

    private sealed class NoInput : TextReader
    {
        public override int Read() => throw new InvalidOperationException("A headless run gives no input to cells.");

        public override string ReadLine() => throw new InvalidOperationException("A headless run gives no input to cells.");
    }
}
