using System.Globalization;

namespace Media.Events.Simulator;

/// <summary>A title and what its form does to a reader.</summary>
/// <param name="Effect">Log-odds it adds to a click: mostly the form's (a question, a number, a promise), which the text shows, and a little of its own.</param>
internal readonly record struct Headline(string Text, double Effect)
{
    private enum Form { Plain, Question, Number, Exclusive, Warning, Long }

    private static readonly double[] FormShares = [0.40, 0.16, 0.14, 0.10, 0.08, 0.12];
    private static readonly double[] FormEffects = [0.0, 0.35, 0.25, 0.45, 0.15, -0.35];

    private static readonly string[] Subjects =
    [
        "coalition", "chancellor", "board", "striker", "regulator", "start-up", "minister", "club", "union", "court", "studio", "fund", "coach", "mayor",
        "senator", "chip maker", "airline", "museum", "champion", "central bank", "festival", "carrier", "goalkeeper", "publisher",
    ];

    private static readonly string[] Actions =
    [
        "plans", "rejects", "delays", "doubles", "defends", "questions", "buys", "sells", "opens", "closes", "wins", "loses", "fears", "welcomes",
        "revises", "pauses",
    ];

    private static readonly string[] Objects =
    [
        "new budget", "old rival", "second round", "summer deal", "data rules", "night trains", "key vote", "record price", "home game", "supply chain",
        "tax reform", "final season", "city project", "growth forecast", "pay talks", "open letter", "border plan", "winter stock",
    ];

    /// <summary>Standard deviation of what a title adds of its own.</summary>
    public const double OwnEffectSd = 0.08;

    /// <summary>Composes one from word lists.</summary>
    public static Headline Compose(string category, ref Draws draws)
    {
        var form = (Form)draws.Pick(FormShares);
        var subject = Subjects[draws.Below(Subjects.Length)];
        var action = Actions[draws.Below(Actions.Length)];
        var thing = Objects[draws.Below(Objects.Length)];
        var text = form switch
        {
            Form.Question => $"Why the {subject} {action} the {thing}?",
            Form.Number => string.Create(CultureInfo.InvariantCulture, $"{3 + draws.Below(9)} reasons the {subject} {action} the {thing}"),
            Form.Exclusive => $"Exclusive: {subject} {action} {thing}",
            Form.Warning => $"Warning as {subject} {action} {thing}",
            Form.Long => $"After months of talks in {category}, the {subject} {action} the {thing} and leaves its {Objects[draws.Below(Objects.Length)]} for another day",
            _ => $"{char.ToUpperInvariant(subject[0])}{subject.AsSpan(1)} {action} {thing}",
        };
        return new Headline(text, FormEffects[(int)form] + OwnEffectSd * draws.Normal());
    }

    /// <summary>The part of the effect that the text shows.</summary>
    public static double FormEffect(string text) => FormEffects[(int)(text switch
    {
        [.., '?'] => Form.Question,
        [>= '0' and <= '9', ..] => Form.Number,
        _ when text.StartsWith("Exclusive:", StringComparison.Ordinal) => Form.Exclusive,
        _ when text.StartsWith("Warning as ", StringComparison.Ordinal) => Form.Warning,
        _ when text.StartsWith("After months of talks", StringComparison.Ordinal) => Form.Long,
        _ => Form.Plain,
    })];
}
