namespace Media.Features;

/// <summary>What a reader does in a visit.</summary>
public static class EngagementFeatures
{
    public static IReadOnlyList<Feature> All { get; } =
    [
        new("avg_article_views", "events", "mean article_views", (p, _) => p.ArticleViews.Mean),
        new("avg_article_clicks", "events", "mean article_clicks", (p, _) => p.ArticleClicks.Mean),
        new("avg_video_plays", "events", "mean video_plays", (p, _) => p.VideoPlays.Mean),
        new("avg_searches", "events", "mean searches", (p, _) => p.Searches.Mean),
        new("total_newsletter_signups", "events", "newsletter_signups of all sessions", (p, _) => p.NewsletterSignups.Sum),
        new("total_ad_clicks", "events", "ad_clicks of all sessions", (p, _) => p.AdClicks.Sum),
        new("avg_engagement_score", "points", "mean engagement_score", (p, _) => p.EngagementScore.Mean),
    ];
}
