namespace Media.Features;

/// <summary>Rates, concentration and momentum.</summary>
public static class DerivedFeatures
{
    /// <summary>Days after which recency_score has fallen to 1/e.</summary>
    public const double RecencyDays = 7;

    public static IReadOnlyList<Feature> All { get; } =
    [
        new("session_frequency_per_day", "sessions/day", "total_sessions ÷ days from the first session's start to as-of, taken as at least 1", Frequency),
        new("recent_engagement_score", "points", "mean engagement_score of the latest 5 sessions, or of all when fewer", (p, _) => p.RecentEngagementScore),
        new("engagement_per_minute", "points/min", "Σ engagement_score ÷ Σ duration in minutes; NaN when all lasted 0 s", (p, _) => Ratio(p.EngagementScore.Sum, p.DurationS.Sum / 60)),
        new("content_diversity", "nats", "entropy of the sessions' top_category; NaN when none has one", (p, _) => p.TopCategories.Entropy),
        new("brand_loyalty", "share", "share of the most visited brand among sessions with a brand; NaN when none has one", (p, _) => Ratio(p.Brands.Highest, p.Brands.Total)),
        new("click_through_rate", "ratio", "Σ article_clicks ÷ Σ article_impressions; NaN without impressions", (p, _) => Ratio(p.ArticleClicks.Sum, p.ArticleImpressions.Sum)),
        new("video_completion_rate", "share", "Σ video_completes ÷ Σ video_plays over sessions where video_completes is known; NaN without such plays", (p, _) => Ratio(p.VideoCompletes.Sum, p.VideoPlaysWithOutcome.Sum)),
        new("recency_score", "score", "exp(−days_since_last_session ÷ 7), in (0, 1]", Recency),
        new("activity_score", "sessions/day", "recency_score × session_frequency_per_day", (p, asOf) => Recency(p, asOf) * Frequency(p, asOf)),
    ];

    private static double Frequency(UserProfile profile, long asOfMicros) => profile.Sessions / Math.Max(1, profile.DaysSinceFirst(asOfMicros));

    private static double Recency(UserProfile profile, long asOfMicros) => Math.Exp(-profile.DaysSinceLatest(asOfMicros) / RecencyDays);

    private static double Ratio(double numerator, double denominator) => denominator > 0 ? numerator / denominator : double.NaN;
}
