namespace Media.Models.Text;

/// <summary>What can be counted in a headline without knowing its subject: length, form, and the kinds of words that draw or repel.</summary>
/// <remarks>Pure, thread-safe. An empty headline gives zeros.</remarks>
public static class HeadlineFeatures
{
    /// <summary>Words whose presence is counted, by what they do.</summary>
    private static readonly (string Name, HashSet<string> Words)[] Lexicon =
    [
        ("title_second_person", Set("you your yours you're you'll you've yourself")),
        ("title_first_person", Set("i me my mine i'm i'll i've myself")),
        ("title_we", Set("we us our ours we're we've ourselves")),
        ("title_he", Set("he him his he's")),
        ("title_she", Set("she her hers she's")),
        ("title_they", Set("they them their they're")),
        ("title_negations", Set("no not never nothing nobody none don't doesn't didn't can't won't isn't aren't wasn't without")),
        ("title_superlatives", Set("best worst most least first last only biggest greatest ever every all")),
        ("title_demonstratives", Set("this that these those here")),
        ("title_question_words", Set("what why how who when where which")),
        ("title_turns", Set("but until then yet instead except turns actually")),
        ("title_hedges", Set("might may could would should maybe probably almost seems")),
        ("title_calls", Set("watch see look hear listen meet read check find")),
        ("title_praise", Set("amazing awesome beautiful brilliant perfect incredible wonderful hilarious adorable inspiring")),
        ("title_alarm", Set("warning shocking terrible horrible scary crazy insane awful disturbing danger")),
        ("title_announcements", Set("exclusive breaking live update alert revealed confirmed")),
        ("title_people", Set("man woman men women guy girl boy kid kids mom dad people baby family")),
        ("title_reasons", Set("reasons reason ways things facts tips questions lessons")),
    ];

    private static readonly HashSet<string> Articles = Set("a an the");
    private static readonly HashSet<string> Conditions = Set("if when after before while");

    /// <summary>The columns about length and form; the others count kinds of words.</summary>
    public static IReadOnlyList<string> Form { get; } =
    [
        "title_characters", "title_words", "title_mean_word_length", "title_long_word_share", "title_distinct_word_share", "title_capital_words", "title_capitalised_share", "title_sentences",
        "title_has_question", "title_ends_with_question", "title_has_exclamation", "title_full_stops", "title_commas", "title_has_quote", "title_has_apostrophe", "title_has_colon",
        "title_has_ellipsis", "title_has_dash", "title_has_parenthesis", "title_has_digit", "title_starts_with_digit", "title_ends_with_full_stop",
        "title_starts_with_question_word", "title_starts_with_demonstrative", "title_starts_with_article", "title_starts_with_condition",
    ];

    /// <summary>The columns, in order.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. Form, .. Lexicon.Select(l => l.Name)];

    /// <summary>The features of one headline; all finite.</summary>
    public static float[] Of(string headline)
    {
        var features = new float[Names.Count];
        var text = Words.Plain(headline).Trim();
        if (text.Length == 0) return features;
        var words = Words.Of(text);
        string[] lower = [.. words.Select(w => w.ToLowerInvariant())];
        var count = Math.Max(words.Count, 1);
        var first = lower.Length > 0 ? lower[0] : "";
        ReadOnlySpan<float> form =
        [
            text.Length, words.Count, (float)words.Sum(w => w.Length) / count, (float)words.Count(w => w.Length >= 7) / count, (float)lower.Distinct().Count() / count,
            words.Count(w => w.Length > 1 && w.All(c => !char.IsLower(c)) && w.Any(char.IsUpper)), (float)words.Count(w => char.IsUpper(w[0])) / count, Sentences(text),
            One(text.Contains('?')), One(text[^1] == '?'), One(text.Contains('!')), text.Count(c => c == '.'), text.Count(c => c == ','), One(text.Contains('"')), One(text.Contains('\'')), One(text.Contains(':')),
            One(text.Contains("...", StringComparison.Ordinal)), One(text.Contains('-')), One(text.Contains('(')), One(text.Any(char.IsDigit)), One(char.IsDigit(text[0])), One(text[^1] == '.'),
            One(Has("title_question_words", first)), One(Has("title_demonstratives", first)), One(Articles.Contains(first)), One(Conditions.Contains(first)),
        ];
        form.CopyTo(features);
        for (var i = 0; i < Lexicon.Length; i++) features[form.Length + i] = lower.Count(Lexicon[i].Words.Contains);
        return features;
    }

    private static bool Has(string kind, string word) => Array.Find(Lexicon, l => l.Name == kind).Words.Contains(word);

    private static float One(bool yes) => yes ? 1 : 0;

    /// <summary>Runs of text that end in a full stop, a question or an exclamation mark before a space, or at the end.</summary>
    private static int Sentences(string text)
    {
        var sentences = 1;
        for (var i = 0; i + 2 < text.Length; i++)
            if (text[i] is '.' or '?' or '!' && text[i + 1] == ' ') sentences++;
        return sentences;
    }

    private static HashSet<string> Set(string words) => new(words.Split(' '), StringComparer.Ordinal);
}
