using System.ComponentModel.DataAnnotations;
using Media.Events;
using Media.Features;
using Media.Models;

namespace Media.Actions;

/// <summary>From which score on a reader is worth an action, and how many get one.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record ActionOptions
{
    /// <summary>Probability of leaving from which a reader is won back. Default 0.5, range 0 – 1.</summary>
    [Range(0.0, 1.0)]
    public double AtRisk { get; init; } = 0.5;

    /// <summary>How many times the base rate a reader's probability of subscribing must be for an offer. Default 2, range 1 – 100.</summary>
    [Range(1.0, 100.0)]
    public double OfferLift { get; init; } = 2;

    /// <summary>How many times the base rate it must be for a trial rather than the newsletter first. Default 4, range 1 – 100.</summary>
    [Range(1.0, 100.0)]
    public double TrialLift { get; init; } = 4;

    /// <summary>Probability of subscribing from which no discount is needed. Default 0.5, range 0 – 1.</summary>
    [Range(0.0, 1.0)]
    public double FullPrice { get; init; } = 0.5;

    /// <summary>Expected factor of the click rate from which a headline is worth a suggestion. Default 1.02, range 1 – 10.</summary>
    [Range(1.0, 10.0)]
    public double LeastHeadlineGain { get; init; } = 1.02;

    /// <summary>Most actions about readers or headlines of each kind, those with the highest scores. Default 10,000, range 1 – 10,000,000.</summary>
    [Range(1, 10_000_000)]
    public int MostOfAKind { get; init; } = 10_000;
}

/// <summary>A model as it is used for actions.</summary>
/// <param name="Name">With its version, for example <c>churn v3</c>.</param>
/// <param name="BaseRate">Share of positives it was trained on, 0 – 1.</param>
/// <param name="Asks">Which readers it may be asked about.</param>
public sealed record ScoringModel(string Name, IModel Model, double BaseRate, IAsksReaders Asks);

/// <summary>An article to show to a reader.</summary>
/// <param name="BecauseOf">Title of the article of the reader's own that speaks most for it; null where none does, or none has a title.</param>
public sealed record ArticleForReader(string ArticleId, string? BecauseOf);

/// <summary>Whom to win back and whom to make an offer.</summary>
/// <remarks>
/// What is suggested follows from the score and from what the reader already has:
/// <list type="bullet">
/// <item>Win back: a subscriber gets a month at half price, before the next bill; a reader with a newsletter gets the article at its top; others are invited to it with the article.</item>
/// <item>Offer: who is likely anyway pays the full price; from <see cref="ActionOptions.TrialLift"/> on a trial; below it the newsletter comes first.</item>
/// </list>
/// Pure, thread-safe.
/// </remarks>
public static class ReaderActions
{
    /// <summary>Readers likely to leave, the likeliest first; equal ones by id.</summary>
    /// <param name="features">The catalogue's features, one row per reader, of one as-of.</param>
    /// <param name="articleFor">The article to show, by user id; asked for those who get an action, and null for readers without one.</param>
    public static IReadOnlyList<SuggestedAction> WinBack(ScoringModel churn, FeatureBatch features, Func<string, ArticleForReader?> articleFor, string articleModel, ActionOptions options)
    {
        Options.Check(options);
        float[] hasNewsletter = features.Column("has_newsletter"), isFree = features.Column("subscription_free");
        var chosen = Chosen(churn, features, options.AtRisk, options.MostOfAKind);
        return Actions(churn, features, chosen, (row, score, reasons) =>
        {
            var reader = features.Entities[row];
            var article = articleFor(reader);
            var suggestion = (isFree[row] == 0, hasNewsletter[row] == 1, article) switch
            {
                (true, _, _) => "Offer a month at half price before the next bill.",
                (_, true, null) => "Write a personal newsletter.",
                (_, true, _) => "Put this article at the top of the next newsletter.",
                (_, _, null) => "Invite to the daily newsletter.",
                _ => "Invite to the daily newsletter with this article.",
            };
            if (article?.BecauseOf is { } read) suggestion += $" Because they read '{read}'.";
            return new SuggestedAction(ActionKind.WinBack, new UserId(reader), article?.ArticleId, suggestion, score, reasons, article is null ? churn.Name : $"{churn.Name}, {articleModel}", features.AsOfMicros[row]);
        });
    }

    /// <summary>Readers without a subscription who may start one, the likeliest first; equal ones by id.</summary>
    /// <inheritdoc cref="WinBack" path="/param[@name='features']"/>
    public static IReadOnlyList<SuggestedAction> Offer(ScoringModel conversion, FeatureBatch features, ActionOptions options)
    {
        Options.Check(options);
        var hasNewsletter = features.Column("has_newsletter");
        var chosen = Chosen(conversion, features, Math.Min(1, options.OfferLift * conversion.BaseRate), options.MostOfAKind);
        return Actions(conversion, features, chosen, (row, score, reasons) => new SuggestedAction(ActionKind.Offer, new UserId(features.Entities[row]), null,
            score >= options.FullPrice ? "Show the premium offer at full price."
            : score >= options.TrialLift * conversion.BaseRate ? "Offer four weeks of premium on trial."
            : hasNewsletter[row] == 1 ? "Offer a week of premium on trial in the newsletter." : "Invite to the newsletter first, then offer a trial.",
            score, reasons, conversion.Name, features.AsOfMicros[row]));
    }

    private static List<(int Row, double Score)> Chosen(ScoringModel model, FeatureBatch features, double from, int most)
    {
        var asked = model.Asks.Population(features);
        var scores = new double[asked.Length];
        model.Model.Predict(features.Take(asked), scores);
        return [.. asked.Zip(scores).Where(s => s.Second >= from).OrderByDescending(s => s.Second).ThenBy(s => features.Entities[s.First], StringComparer.Ordinal).Take(most)];
    }

    private static IReadOnlyList<SuggestedAction> Actions(ScoringModel model, FeatureBatch features, List<(int Row, double Score)> chosen, Func<int, double, IReadOnlyList<string>, SuggestedAction> action)
    {
        var why = Reasons.Of(model.Model, features, [.. chosen.Select(c => c.Row)], 3);
        return [.. chosen.Select((c, i) => action(c.Row, c.Score, [.. why[i].Select(r => r.Words)]))];
    }
}
