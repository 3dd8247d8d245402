namespace Media.Kernel.Display;

/// <summary>A value that already is in the form to be shown: HTML, SVG, a picture, JSON of some type.</summary>
/// <param name="MimeType">e.g. "text/html"</param>
/// <param name="Content">text; base64 for pictures that are bytes</param>
public sealed record MimeValue(string MimeType, string Content)
{
    /// <summary>Short, since the content may be megabytes.</summary>
    public override string ToString() => $"{MimeType}, {Content.Length} characters";
}
