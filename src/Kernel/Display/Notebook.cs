namespace Media.Kernel.Display;

/// <summary>What every cell can call without a word before it: <c>display(x)</c>, <c>HTML(…)</c>, <c>SVG(…)</c>, <c>PNG(…)</c>, <c>Markdown(…)</c>.</summary>
/// <remarks>The names are those of .NET Interactive, so that its notebooks go on working. Thread-safe.</remarks>
public static class Notebook
{
    private static CancellationToken _cancel;

    /// <summary>Where outputs go; null outside a notebook, where nothing is shown.</summary>
    internal static ICellOutputs? Outputs { get; set; }

    /// <summary>Whether a cell has ever taken <see cref="Cancel"/>, and so may end by itself when it is interrupted.</summary>
    internal static bool CancelIsUsed { get; private set; }

    /// <summary>Canceled when the running cell is interrupted. Hand it to calls that take a token: they then end in good order instead of being cut off.</summary>
    public static CancellationToken Cancel
    {
        get
        {
            CancelIsUsed = true;
            return _cancel;
        }
        internal set => _cancel = value;
    }

    /// <summary>Shows a value now, not only at the cell's end.</summary>
    /// <param name="mimeType">the form a string is in, or the form wanted of a value that has several; null = all it has</param>
    /// <returns>The place, to show another value there.</returns>
    public static DisplayedValue display(object? value, string? mimeType = null)
    {
        var shown = new DisplayedValue(Guid.NewGuid().ToString("N"));
        if (Outputs is { } outputs) outputs.Display(Forms(outputs, value, mimeType), shown.DisplayId);
        return shown;
    }

    public static MimeValue HTML(string content) => new(MimeBundle.Html, content);

    public static MimeValue SVG(string content) => new("image/svg+xml", content);

    public static MimeValue PNG(ReadOnlySpan<byte> bytes) => new("image/png", Convert.ToBase64String(bytes));

    public static MimeValue Markdown(string content) => new("text/markdown", content);

    /// <summary>The value's forms; a figure's script goes ahead of the first figure.</summary>
    internal static MimeBundle Forms(ICellOutputs outputs, object? value, string? mimeType)
    {
        if (PlotlyFormat.ScriptFor(value) is { } script) outputs.Display(script, Guid.NewGuid().ToString("N"));
        return DisplayFormats.Of(value, mimeType);
    }
}

/// <summary>The same as methods of the value: <c>x.Display()</c>.</summary>
public static class DisplayExtensions
{
    /// <inheritdoc cref="Notebook.display"/>
    public static DisplayedValue Display(this object? value, string? mimeType = null) => Notebook.display(value, mimeType);

    /// <summary>Shows a string as what it is: <c>json.DisplayAs("application/json")</c>.</summary>
    public static DisplayedValue DisplayAs(this string content, string mimeType) => Notebook.display(new MimeValue(mimeType, content));
}
