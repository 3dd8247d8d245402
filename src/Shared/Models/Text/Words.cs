namespace Media.Models.Text;

/// <summary>The words of a text: runs of letters and digits, an apostrophe within one included.</summary>
/// <remarks>Pure, thread-safe.</remarks>
internal static class Words
{
    /// <summary>In order, as written; the text must be <see cref="Plain"/>.</summary>
    internal static List<string> Of(string text)
    {
        var words = new List<string>();
        for (var i = 0; i < text.Length; i++)
        {
            if (!char.IsLetterOrDigit(text[i])) continue;
            var start = i;
            while (i + 1 < text.Length && (char.IsLetterOrDigit(text[i + 1]) || (text[i + 1] == '\'' && i + 2 < text.Length && char.IsLetterOrDigit(text[i + 2])))) i++;
            words.Add(text[start..(i + 1)]);
        }
        return words;
    }

    /// <summary>Typographic quotes, dashes and the ellipsis as their plain forms: archives write the same title in both ways.</summary>
    internal static string Plain(string text)
    {
        if (!text.AsSpan().ContainsAnyExceptInRange('\0', '\u007f')) return text;
        return text.Replace('‘', '\'').Replace('’', '\'').Replace('“', '"').Replace('”', '"').Replace('–', '-').Replace('—', '-').Replace("…", "...", StringComparison.Ordinal);
    }
}
