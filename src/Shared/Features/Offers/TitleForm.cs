namespace Media.Features.Offers;

/// <summary>What the form of a title shows at a glance.</summary>
/// <remarks>Read from the text alone; pure, thread-safe.</remarks>
public readonly record struct TitleForm(bool IsQuestion, bool StartsWithNumber, bool IsExclusive, bool IsWarning, int Words)
{
    /// <summary>Words from which a title counts as long.</summary>
    public const int LongFrom = 14;

    public bool IsLong => Words >= LongFrom;

    /// <summary>The forms by number, 0 – 4.</summary>
    internal bool Has(int form) => form switch { 0 => IsQuestion, 1 => StartsWithNumber, 2 => IsExclusive, 3 => IsWarning, _ => IsLong };

    public static TitleForm Of(string title)
    {
        var text = title.AsSpan().Trim();
        var words = 0;
        foreach (var part in text.Split(' '))
            if (!text[part].IsEmpty) words++;
        return new TitleForm(text.EndsWith("?"), !text.IsEmpty && char.IsAsciiDigit(text[0]), text.StartsWith("exclusive", StringComparison.OrdinalIgnoreCase),
            text.StartsWith("warning", StringComparison.OrdinalIgnoreCase), words);
    }
}
