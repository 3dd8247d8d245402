using Media.Events;

namespace Media.Features.Offers;

/// <summary>A number about a reader and an article that are about to meet.</summary>
/// <param name="Name">The column's name, snake_case.</param>
/// <param name="Definition">What it is, exactly.</param>
/// <param name="Value">NaN = absent.</param>
internal sealed record ReadingFeature(string Name, string Definition, Func<Meeting, double> Value)
{
    public override string ToString() => Name;
}

/// <summary>A reader and an article about to meet: what the offer itself shows, and what is believed of the two.</summary>
internal sealed record Meeting
{
    public required long AsOfMicros { get; init; }
    public required Look Look { get; init; }
    public required ReadingBelief Belief { get; init; }
    public required Acquaintance Known { get; init; }

    /// <summary>The article as the log knew it; null for one never seen before.</summary>
    public required LoggedArticle? Article { get; init; }
}

/// <summary>What is seen of an article where it is offered, without any history.</summary>
/// <remarks>Position −1, NaN and null = unknown.</remarks>
internal readonly record struct Look(int Position, Surface? Surface, bool HasTitle, TitleForm Form, double Words, bool IsVideo, double AgeHours);

/// <summary>The columns of offers and views.</summary>
/// <remarks>Effects are on log-odds of a click, or on ln seconds; 0 = like all, of an unknown one as well. An effect's _sd is how uncertain it is.</remarks>
internal static class ReadingFeatures
{
    /// <summary>Where the offer stands: fixed when articles are ranked to be offered.</summary>
    public static IReadOnlyList<ReadingFeature> Placement { get; } =
    [
        new("position", "place on the page, 0 = first", m => m.Look.Position < 0 ? double.NaN : m.Look.Position),
        .. Enum.GetValues<Surface>().Select(s => new ReadingFeature($"surface_{Vocabulary<Surface>.Name(s)}", "1 on this surface, else 0", m => m.Look.Surface == s ? 1 : 0)),
    ];

    public static IReadOnlyList<ReadingFeature> Title { get; } =
    [
        new("title_is_question", "1 when it ends with a question mark", m => OfTitle(m, m.Look.Form.IsQuestion)),
        new("title_starts_with_number", "1 when it begins with a digit", m => OfTitle(m, m.Look.Form.StartsWithNumber)),
        new("title_is_exclusive", "1 when it begins with Exclusive", m => OfTitle(m, m.Look.Form.IsExclusive)),
        new("title_is_warning", "1 when it begins with Warning", m => OfTitle(m, m.Look.Form.IsWarning)),
        new("title_words", "words", m => m.Look.HasTitle ? m.Look.Form.Words : double.NaN),
    ];

    public static IReadOnlyList<ReadingFeature> Article { get; } =
    [
        new("article_words", "words", m => m.Look.Words),
        new("article_is_video", "1 for a video, else 0", m => m.Look.IsVideo ? 1 : 0),
        new("article_age_h", "hours since it was published", m => m.Look.AgeHours),
    ];

    public static IReadOnlyList<ReadingFeature> Clicks { get; } =
    [
        new("click_log_odds", "log-odds of a click before position and surface: title form, category, article, reader and taste", m => m.Belief.ClickLogOdds(m.Known, m.Look.Form)),
        new("article_click_effect", "what the article adds to the log-odds of a click", m => m.Known.ArticleEffects.Click),
        new("article_click_effect_sd", "standard deviation", m => Math.Sqrt(m.Known.ArticleEffects.ClickVariance)),
        new("article_click_lift", "its clicks ÷ clicks expected of its placements and titles, drawn to 1", m => m.Known.Article.ClickLift),
        new("article_offers", "times it was offered", m => m.Known.Article.Offers),
        new("reader_click_effect", "what the reader adds", m => m.Known.ReaderEffects.Click),
        new("reader_click_lift", "the reader's clicks ÷ clicks expected, drawn to 1", m => m.Known.Reader.ClickLift),
        new("reader_offers", "articles the reader was offered", m => m.Known.Reader.Offers),
        new("reader_category_click_effect", "what the reader adds for this category", m => m.Known.TasteEffects.Click),
        new("reader_category_click_effect_sd", "standard deviation", m => Math.Sqrt(m.Known.TasteEffects.ClickVariance)),
        new("reader_category_click_lift", "the reader's clicks on the category ÷ clicks expected, drawn to 1", m => m.Known.Taste.ClickLift),
        new("reader_category_offers", "articles of the category the reader was offered", m => m.Known.Taste.Offers),
        new("category_click_effect", "what the category adds", m => m.Known.CategoryClick),
    ];

    public static IReadOnlyList<ReadingFeature> Times { get; } =
    [
        new("log_seconds", "expected ln seconds: length, video, category, article, reader and taste", m => m.Belief.LogSeconds(m.Known, m.Look.Words, m.Look.IsVideo)),
        new("article_time_effect", "what the article adds to ln seconds", m => m.Known.ArticleEffects.Time),
        new("article_time_effect_sd", "standard deviation", m => Math.Sqrt(m.Known.ArticleEffects.TimeVariance)),
        new("reader_time_effect", "what the reader adds", m => m.Known.ReaderEffects.Time),
        new("reader_category_time_effect", "what the reader adds for this category", m => m.Known.TasteEffects.Time),
        new("reader_category_time_effect_sd", "standard deviation", m => Math.Sqrt(m.Known.TasteEffects.TimeVariance)),
        new("category_time_effect", "what the category adds", m => m.Known.CategoryTime),
    ];

    public static IReadOnlyList<ReadingFeature> Views { get; } =
    [
        new("article_views", "times it was read or played", m => m.Known.Article.Views),
        new("article_views_per_h", "the same per hour since it was first seen", m => m.Article is { } a ? m.Known.Article.Views / Math.Max(1, Hours(a.FirstSeenMicros, m.AsOfMicros)) : 0),
        new("reader_views", "articles the reader read or played", m => m.Known.Reader.Views),
        new("reader_category_views", "those of the category", m => m.Known.Taste.Views),
    ];

    public static double Hours(long fromMicros, long toMicros) => (toMicros - fromMicros) / 3.6e9;

    private static double OfTitle(Meeting meeting, bool form) => !meeting.Look.HasTitle ? double.NaN : form ? 1 : 0;
}
