using System.Collections.Concurrent;

namespace Media.Kernel.Display;

/// <summary>Which forms a value has. A notebook may add a form for a type of its own: <c>DisplayFormats.Register&lt;Route&gt;("text/html", r => …)</c>.</summary>
/// <remarks>Thread-safe.</remarks>
public static class DisplayFormats
{
    private static readonly ConcurrentDictionary<Type, (string MimeType, Func<object, string> Format)> Registered = new();

    /// <summary>Shows values of this type, and of types derived from it, in this form from now on; the nearest type's form wins.</summary>
    /// <param name="mimeType">e.g. "text/html"</param>
    public static void Register<T>(string mimeType, Func<T, string> format)
        where T : notnull
    {
        ArgumentException.ThrowIfNullOrEmpty(mimeType);
        ArgumentNullException.ThrowIfNull(format);
        Registered[typeof(T)] = (mimeType, value => format((T)value));
    }

    /// <param name="mimeType">the form a string is in, or the one wanted of a value that has several; null = all it has</param>
    /// <exception cref="ArgumentException">The value has no such form.</exception>
    internal static MimeBundle Of(object? value, string? mimeType)
    {
        switch (value)
        {
            case MimeValue ready: return MimeBundle.Of(ready.MimeType.StartsWith("text/", StringComparison.Ordinal) ? ready.Content : ready.ToString(), (ready.MimeType, ready.Content));
            case string text when mimeType is not null: return MimeBundle.Of(text, (mimeType, text));
            case byte[] bytes when mimeType is not null: return MimeBundle.Of($"{mimeType}, {bytes.Length} bytes", (mimeType, Convert.ToBase64String(bytes)));
        }
        var all = All(value);
        if (mimeType is null) return all;
        if (!all.Forms.TryGetValue(mimeType, out var wanted)) throw new ArgumentException($"{value?.GetType().ToString() ?? "null"} has no form {mimeType}; it has {string.Join(", ", all.Forms.Keys.Order(StringComparer.Ordinal))}.");
        return MimeBundle.Of(all.Forms[MimeBundle.Plain], (mimeType, wanted));
    }

    private static MimeBundle All(object? value)
    {
        if (value is null) return MimeBundle.Of("null");
        if (value is ProgressBar bar) return bar.Forms();
        for (var type = value.GetType(); type is not null; type = type.BaseType)
            if (Registered.TryGetValue(type, out var own)) return MimeBundle.Of(PlainText.Of(value), (own.MimeType, own.Format(value)));
        return PlotlyFormat.Of(value) ?? TableFormat.Of(value) ?? MimeBundle.Of(PlainText.Of(value));
    }
}
