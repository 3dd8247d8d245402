using Media.Models;

namespace Media.Tuning;

/// <summary>How the label of a table is read: an amount, or one of two words of which one is the yes.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed class TableLabel
{
    private static readonly string[] YesWords = ["true", "yes", "y", "t", "1"];
    private static readonly string[] NoWords = ["false", "no", "n", "f", "0"];

    private TableLabel(LabelKind kind, string positive, string negative) => (Kind, Positive, Negative) = (kind, positive, negative);

    public LabelKind Kind { get; }

    /// <summary>The word that is label 1; empty for amounts.</summary>
    public string Positive { get; }

    /// <summary>The word that is label 0; empty for amounts.</summary>
    public string Negative { get; }

    /// <summary>A label that is a number, to be predicted as an amount.</summary>
    public static TableLabel Amount { get; } = new(LabelKind.Amount, "", "");

    /// <summary>A label of two values: of two numbers the larger is the yes; of true/false, yes/no and the like the one that says so; of other words the later in ordinal order.</summary>
    /// <param name="words">The distinct values of the training rows, no missing one.</param>
    /// <exception cref="InvalidDataException">Not two of them.</exception>
    public static TableLabel YesNo(IReadOnlyCollection<string> words)
    {
        if (words.Count > 2)
            throw new InvalidDataException($"The label has {words.Count}{(words.Count >= MostWords ? " or more" : "")} different values ({string.Join(", ", words.Order(StringComparer.Ordinal).Take(4))} …); a yes-or-no label has two. For numbers use --regression; several classes are not supported.");
        if (words.Count < 2) throw new InvalidDataException($"The label is '{words.FirstOrDefault("missing")}' in every training row; both classes are needed.");
        string[] two = [.. words.Order(StringComparer.Ordinal)];
        var swap = TableCell.TryNumber(two[0], out var first) && TableCell.TryNumber(two[1], out var second) ? first > second
            : YesWords.Contains(two[0], StringComparer.OrdinalIgnoreCase) && NoWords.Contains(two[1], StringComparer.OrdinalIgnoreCase);
        return swap ? new(LabelKind.YesNo, two[0], two[1]) : new(LabelKind.YesNo, two[1], two[0]);
    }

    /// <summary>Distinct values beyond which no more need be collected.</summary>
    public const int MostWords = 50;

    /// <summary>The label as a number, or null when it is none of this kind.</summary>
    public float? Of(string text)
    {
        if (Kind == LabelKind.Amount) return TableCell.TryNumber(text, out var amount) && float.IsFinite((float)amount) ? (float)amount : null;
        if (Same(text, Positive)) return 1;
        return Same(text, Negative) ? 0 : null;
    }

    /// <summary>Whether two label texts mean the same: 1 and 1.0 do.</summary>
    private static bool Same(string a, string b) =>
        string.Equals(a, b, StringComparison.Ordinal) || (TableCell.TryNumber(a, out var x) && TableCell.TryNumber(b, out var y) && x == y);

    /// <summary>The text that stands for all with its meaning: 1.0 and 1 are one label.</summary>
    public static string Canonical(string text) =>
        TableCell.TryNumber(text, out var number) ? number.ToString("R", System.Globalization.CultureInfo.InvariantCulture) : text;
}
