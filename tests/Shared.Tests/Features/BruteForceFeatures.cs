using Media.Sessions;

namespace Media.Tests.Features;

/// <summary>The definitions of the features over a reader's sessions, written down plainly, sharing no code with what is tested.</summary>
public static class BruteForceFeatures
{
    private const double Day = 86_400e6;

    /// <summary>Null when no session ended before as-of.</summary>
    public static Dictionary<string, double>? Of(IEnumerable<Session> all, long asOf)
    {
        var sessions = all.Where(s => s.SessionEndMicros < asOf).OrderBy(s => s.SessionStartMicros).ToList();
        if (sessions.Count == 0) return null;
        IEnumerable<double> Each(string metric) => sessions.Select(s => s.Metrics[SessionMetrics.All.Single(m => m.Name == metric).Index]);
        double Sum(string metric) => Each(metric).Sum();
        double Mean(string metric) => Each(metric).Where(v => !double.IsNaN(v)).DefaultIfEmpty(double.NaN).Average();

        var n = sessions.Count;
        var latest = sessions[^1];
        var durations = Each("duration_s").ToList();
        var branded = sessions.Where(s => s.Brand is not null).ToList();
        var categories = sessions.Where(s => s.TopCategory is not null).GroupBy(s => s.TopCategory).Select(g => (double)g.Count()).ToList();
        var withOutcome = Each("video_completes").Zip(Each("video_plays")).Where(p => !double.IsNaN(p.First)).ToList();
        var daysSince = (asOf - latest.SessionEndMicros) / Day;
        var frequency = n / Math.Max(1, (asOf - sessions[0].SessionStartMicros) / Day);
        var recency = Math.Exp(-daysSince / 7);

        var f = new Dictionary<string, double>
        {
            ["total_sessions"] = n,
            ["avg_session_duration_s"] = durations.Average(),
            ["min_session_duration_s"] = durations.Min(),
            ["max_session_duration_s"] = durations.Max(),
            ["std_session_duration_s"] = Math.Sqrt(durations.Sum(d => (d - durations.Average()) * (d - durations.Average())) / n),
            ["avg_events_per_session"] = Mean("total_events"),
            ["avg_pages_per_session"] = Mean("page_views"),
            ["avg_categories_per_session"] = Mean("unique_categories"),
            ["avg_article_views"] = Mean("article_views"),
            ["avg_article_clicks"] = Mean("article_clicks"),
            ["avg_video_plays"] = Mean("video_plays"),
            ["avg_searches"] = Mean("searches"),
            ["total_newsletter_signups"] = Sum("newsletter_signups"),
            ["total_ad_clicks"] = Sum("ad_clicks"),
            ["avg_engagement_score"] = Mean("engagement_score"),
            ["has_newsletter"] = Sum("newsletter_signups") > 0 ? 1 : 0,
            ["newsletter_signup_rate"] = Sum("newsletter_signups") / n,
            ["session_frequency_per_day"] = frequency,
            ["recent_engagement_score"] = Each("engagement_score").TakeLast(5).Average(),
            ["engagement_per_minute"] = Divide(Sum("engagement_score"), durations.Sum() / 60),
            ["content_diversity"] = categories.Count == 0 ? double.NaN : -categories.Sum(c => c / categories.Sum() * Math.Log(c / categories.Sum())),
            ["brand_loyalty"] = branded.Count == 0 ? double.NaN : branded.GroupBy(s => s.Brand).Max(g => g.Count()) / (double)branded.Count,
            ["click_through_rate"] = Divide(Sum("article_clicks"), Sum("article_impressions")),
            ["video_completion_rate"] = Divide(withOutcome.Sum(p => p.First), withOutcome.Sum(p => p.Second)),
            ["recency_score"] = recency,
            ["activity_score"] = recency * frequency,
            ["days_active"] = sessions.Select(s => DateTimeOffset.FromUnixTimeMilliseconds(s.SessionStartMicros / 1000).Date).Distinct().Count(),
            ["days_since_last_session"] = daysSince,
        };
        foreach (var days in new[] { 1, 7, 28 }) f[$"sessions_{days}d"] = sessions.Count(s => asOf - s.SessionEndMicros <= days * Day);
        foreach (var brand in new[] { "bild", "welt", "business_insider", "politico", "sport_bild" })
            f[$"brand_{brand}_share"] = Divide(branded.Count(s => s.Brand == brand), branded.Count);
        OneHot(f, "subscription", latest.SubscriptionTier?.ToString(), ["free", "premium", "pro", "enterprise"]);
        OneHot(f, "segment", latest.UserSegment?.ToString(), ["casual", "engaged", "new_visitor", "power_user", "returning", "subscriber"]);
        OneHot(f, "device", latest.DeviceType?.ToString(), ["app", "desktop", "mobile", "smart_tv", "tablet"]);
        // The contract says UK where ISO 3166 says GB.
        OneHot(f, "country", latest.Country == "GB" ? "UK" : latest.Country, ["AT", "AU", "CH", "DE", "EU", "FR", "UK", "US"]);
        return f;
    }

    private static void OneHot(Dictionary<string, double> f, string field, string? value, string[] columns)
    {
        foreach (var column in columns)
            f[$"{field}_{column}"] = value is null ? double.NaN : column.Replace("_", "", StringComparison.Ordinal).Equals(value, StringComparison.OrdinalIgnoreCase) ? 1 : 0;
    }

    private static double Divide(double a, double b) => b == 0 ? double.NaN : a / b;
}
