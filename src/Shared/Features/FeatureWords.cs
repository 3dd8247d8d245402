using System.Globalization;

namespace Media.Features;

/// <summary>What a feature is about: features of one theme say much the same, so one of them is reason enough.</summary>
public enum FeatureTheme { Recency, Frequency, SessionLength, Reading, Newsletter, Brands, Topics, Ads, Subscription, Segment, Device, Country, Other }

/// <summary>The features in a marketer's words.</summary>
/// <remarks>Pure, thread-safe. A feature not of the catalogue is told by its name.</remarks>
public static class FeatureWords
{
    private static readonly Dictionary<string, (FeatureTheme Theme, string Words)> Known = new(StringComparer.Ordinal)
    {
        ["total_sessions"] = (FeatureTheme.Frequency, "visits so far"),
        ["avg_session_duration_s"] = (FeatureTheme.SessionLength, "average visit in seconds"),
        ["min_session_duration_s"] = (FeatureTheme.SessionLength, "shortest visit in seconds"),
        ["max_session_duration_s"] = (FeatureTheme.SessionLength, "longest visit in seconds"),
        ["std_session_duration_s"] = (FeatureTheme.SessionLength, "spread of visit lengths in seconds"),
        ["avg_events_per_session"] = (FeatureTheme.SessionLength, "actions a visit"),
        ["avg_pages_per_session"] = (FeatureTheme.Reading, "pages a visit"),
        ["avg_categories_per_session"] = (FeatureTheme.Topics, "categories a visit"),
        ["avg_article_views"] = (FeatureTheme.Reading, "articles read a visit"),
        ["avg_article_clicks"] = (FeatureTheme.Reading, "articles clicked a visit"),
        ["avg_video_plays"] = (FeatureTheme.Reading, "videos played a visit"),
        ["avg_searches"] = (FeatureTheme.Reading, "searches a visit"),
        ["total_newsletter_signups"] = (FeatureTheme.Newsletter, "newsletter sign-ups"),
        ["total_ad_clicks"] = (FeatureTheme.Ads, "ads clicked so far"),
        ["avg_engagement_score"] = (FeatureTheme.Reading, "engagement points a visit"),
        ["has_newsletter"] = (FeatureTheme.Newsletter, "newsletter"),
        ["newsletter_signup_rate"] = (FeatureTheme.Newsletter, "newsletter sign-ups a visit"),
        ["brand_bild_share"] = (FeatureTheme.Brands, "share of visits to bild"),
        ["brand_welt_share"] = (FeatureTheme.Brands, "share of visits to welt"),
        ["brand_business_insider_share"] = (FeatureTheme.Brands, "share of visits to business_insider"),
        ["brand_politico_share"] = (FeatureTheme.Brands, "share of visits to politico"),
        ["brand_sport_bild_share"] = (FeatureTheme.Brands, "share of visits to sport_bild"),
        ["session_frequency_per_day"] = (FeatureTheme.Frequency, "visits a day since the first"),
        ["recent_engagement_score"] = (FeatureTheme.Reading, "engagement points in the last five visits"),
        ["engagement_per_minute"] = (FeatureTheme.Reading, "engagement points a minute"),
        ["content_diversity"] = (FeatureTheme.Topics, "variety of topics (entropy)"),
        ["brand_loyalty"] = (FeatureTheme.Brands, "share of the favourite brand"),
        ["click_through_rate"] = (FeatureTheme.Reading, "share of offered articles clicked"),
        ["video_completion_rate"] = (FeatureTheme.Reading, "share of videos watched to the end"),
        ["recency_score"] = (FeatureTheme.Recency, "recency score (1 = just here)"),
        ["activity_score"] = (FeatureTheme.Recency, "recent visits a day"),
        ["days_active"] = (FeatureTheme.Frequency, "days with a visit"),
        ["days_since_last_session"] = (FeatureTheme.Recency, "days since the last visit"),
        ["sessions_1d"] = (FeatureTheme.Recency, "visits in the last day"),
        ["sessions_7d"] = (FeatureTheme.Recency, "visits in the last 7 days"),
        ["sessions_28d"] = (FeatureTheme.Frequency, "visits in the last 28 days"),
    };

    private static readonly (string Prefix, FeatureTheme Theme, string Words)[] OneHot =
    [
        ("subscription_", FeatureTheme.Subscription, "subscription"), ("segment_", FeatureTheme.Segment, "segment"), ("device_", FeatureTheme.Device, "device"), ("country_", FeatureTheme.Country, "country"),
    ];

    public static FeatureTheme ThemeOf(string feature)
    {
        if (Known.TryGetValue(feature, out var known)) return known.Theme;
        foreach (var (prefix, theme, _) in OneHot)
            if (feature.StartsWith(prefix, StringComparison.Ordinal)) return theme;
        return FeatureTheme.Other;
    }

    /// <summary>A feature's value as a person would say it: <c>days since the last visit: 23 (usual 3)</c>, <c>no newsletter</c>, <c>device: mobile</c>.</summary>
    /// <param name="usual">The median of the readers compared with; NaN when there is none.</param>
    public static string Say(string feature, double value, double usual)
    {
        foreach (var (prefix, _, words) in OneHot)
            if (feature.StartsWith(prefix, StringComparison.Ordinal) && value is 0 or 1)
                return $"{words}: {(value == 1 ? "" : "not ")}{feature[prefix.Length..].Replace('_', ' ')}";
        if (feature == "has_newsletter") return value == 1 ? "has a newsletter" : "no newsletter";
        var subject = Known.TryGetValue(feature, out var known) ? known.Words : feature.Replace('_', ' ');
        if (double.IsNaN(value)) return $"{subject}: not known";
        return $"{subject}: {Figure(feature, value)}{(double.IsNaN(usual) ? "" : $" (usual {Figure(feature, usual)})")}";
    }

    private static string Figure(string feature, double value)
    {
        var share = feature.EndsWith("_share", StringComparison.Ordinal) || feature is "brand_loyalty" or "click_through_rate" or "video_completion_rate";
        return share ? value.ToString("0.# %", CultureInfo.InvariantCulture) : value.ToString(Math.Abs(value) >= 100 ? "#,0" : Math.Abs(value) >= 10 || value == Math.Round(value) ? "0.#" : "0.0#", CultureInfo.InvariantCulture);
    }
}
