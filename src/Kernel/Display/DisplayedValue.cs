namespace Media.Kernel.Display;

/// <summary>A place in a cell's output that can show another value later. Thread-safe.</summary>
public sealed class DisplayedValue
{
    internal DisplayedValue(string displayId) => DisplayId = displayId;

    public string DisplayId { get; }

    /// <summary>Shows this value in the place of the one before.</summary>
    public void Update(object? value)
    {
        if (Notebook.Outputs is { } outputs) outputs.Update(Notebook.Forms(outputs, value, null), DisplayId);
    }
}
