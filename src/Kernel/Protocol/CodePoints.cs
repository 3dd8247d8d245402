namespace Media.Kernel.Protocol;

/// <summary>Jupyter counts a cursor's position in code points, .NET in UTF-16 units: they differ behind an emoji.</summary>
internal static class CodePoints
{
    /// <summary>UTF-16 units before the code point; the text's length when it has fewer.</summary>
    public static int ToUtf16(string text, int codePoints)
    {
        var at = 0;
        for (; codePoints > 0 && at < text.Length; codePoints--) at += IsPair(text, at) ? 2 : 1;
        return at;
    }

    /// <summary>Code points before the UTF-16 unit.</summary>
    public static int FromUtf16(string text, int units)
    {
        var count = 0;
        for (var at = 0; at < units; at += IsPair(text, at) ? 2 : 1) count++;
        return count;
    }

    private static bool IsPair(string text, int at) => at + 1 < text.Length && char.IsSurrogatePair(text[at], text[at + 1]);
}
