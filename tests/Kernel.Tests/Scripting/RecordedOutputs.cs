using System.Collections.Concurrent;
using Media.Kernel.Display;

namespace Media.Tests.Scripting;

/// <summary>Keeps what cells show.</summary>
internal sealed class RecordedOutputs : ICellOutputs
{
    private readonly ConcurrentQueue<(string Kind, string Text)> _all = new();

    public string Text(string kind) => string.Concat(_all.Where(o => o.Kind == kind).Select(o => o.Text));

    public void Write(string name, string text) => _all.Enqueue((name, text));

    public void Display(MimeBundle bundle, string displayId) => _all.Enqueue(("display", bundle.Forms[MimeBundle.Plain]));

    public void Update(MimeBundle bundle, string displayId) => _all.Enqueue(("update", bundle.Forms[MimeBundle.Plain]));
}
