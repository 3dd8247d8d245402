namespace Media.Models.Text;

/// <summary>What sets a headline apart from others of its article, in an editor's words.</summary>
/// <remarks>Pure, thread-safe.</remarks>
public static class HeadlineWords
{
    private static readonly Dictionary<string, (string Theme, string More, string Less)> Known = new(StringComparer.Ordinal)
    {
        ["title_characters"] = ("length", "is longer", "is shorter"),
        ["title_words"] = ("length", "has more words", "has fewer words"),
        ["title_mean_word_length"] = ("word length", "has longer words", "has shorter words"),
        ["title_long_word_share"] = ("word length", "has more long words", "has fewer long words"),
        ["title_distinct_word_share"] = ("repetition", "repeats fewer words", "repeats more words"),
        ["title_capital_words"] = ("capitals", "has more words in capitals", "has fewer words in capitals"),
        ["title_capitalised_share"] = ("capitals", "capitalises more words", "capitalises fewer words"),
        ["title_sentences"] = ("sentences", "has more sentences", "has fewer sentences"),
        ["title_has_question"] = Question,
        ["title_ends_with_question"] = Question,
        ["title_question_words"] = Question,
        ["title_starts_with_question_word"] = Question,
        ["title_has_exclamation"] = ("exclamation", "has an exclamation mark", "has no exclamation mark"),
        ["title_full_stops"] = ("sentences", "has more full stops", "has fewer full stops"),
        ["title_ends_with_full_stop"] = ("sentences", "ends with a full stop", "ends without a full stop"),
        ["title_has_ellipsis"] = ("sentences", "trails off with three dots", "does not trail off with three dots"),
        ["title_commas"] = ("commas", "has more commas", "has fewer commas"),
        ["title_has_quote"] = ("quotation", "quotes someone", "quotes nobody"),
        ["title_has_apostrophe"] = ("apostrophe", "has an apostrophe", "has no apostrophe"),
        ["title_has_colon"] = ("colon", "opens with a keyword and a colon", "has no colon"),
        ["title_has_dash"] = ("dash", "has a dash or hyphen", "has no dash or hyphen"),
        ["title_has_parenthesis"] = ("parenthesis", "has a parenthesis", "has no parenthesis"),
        ["title_has_digit"] = Number,
        ["title_starts_with_digit"] = Number,
        ["title_reasons"] = ("list", "promises a list of reasons, ways or facts", "promises no list of reasons, ways or facts"),
        ["title_starts_with_demonstrative"] = Pointing,
        ["title_demonstratives"] = Pointing,
        ["title_starts_with_article"] = ("first word", "begins with an article", "does not begin with an article"),
        ["title_starts_with_condition"] = ("first word", "begins with if, when, after, before or while", "does not begin with if, when, after, before or while"),
        ["title_second_person"] = ("address", "speaks to the reader", "does not speak to the reader"),
        ["title_first_person"] = ("persons", "speaks of I or me", "does not speak of I or me"),
        ["title_we"] = ("persons", "speaks of us", "does not speak of us"),
        ["title_he"] = ("persons", "speaks of him", "does not speak of him"),
        ["title_she"] = ("persons", "speaks of her", "does not speak of her"),
        ["title_they"] = ("persons", "speaks of them", "does not speak of them"),
        ["title_people"] = ("people", "speaks of people", "speaks less of people"),
        ["title_negations"] = ("negation", "says no or never", "says no or never less often"),
        ["title_superlatives"] = ("superlatives", "has superlatives", "has fewer superlatives"),
        ["title_turns"] = ("turn", "announces a turn", "announces no turn"),
        ["title_hedges"] = ("hedging", "hedges", "does not hedge"),
        ["title_calls"] = ("call", "calls to watch, see or read", "does not call to watch, see or read"),
        ["title_praise"] = ("praise", "praises", "does not praise"),
        ["title_alarm"] = ("alarm", "warns", "does not warn"),
        ["title_announcements"] = ("announcement", "announces something exclusive or new", "announces nothing exclusive or new"),
    };

    private static (string, string, string) Question => ("question", "asks a question", "does not ask a question");
    private static (string, string, string) Number => ("number", "names a number", "names no number");
    private static (string, string, string) Pointing => ("pointing", "points with this, that or here", "does not point with this, that or here");

    /// <summary>What a feature of <see cref="HeadlineFeatures"/> is about: features of one theme are one reason told twice.</summary>
    /// <exception cref="ArgumentException">No such feature.</exception>
    public static string ThemeOf(string feature) => Of(feature).Theme;

    /// <summary>For example <c>asks a question</c>, or <c>has fewer words</c>.</summary>
    /// <param name="over">The feature's value less the mean over the article's headlines; not 0.</param>
    /// <exception cref="ArgumentException">No such feature.</exception>
    public static string Say(string feature, double over) => over > 0 ? Of(feature).More : Of(feature).Less;

    private static (string Theme, string More, string Less) Of(string feature) =>
        Known.TryGetValue(feature, out var known) ? known : throw new ArgumentException($"'{feature}' is no feature of a headline.");
}
