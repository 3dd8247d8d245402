using static Media.Events.AdSlot;
using static Media.Events.ReactionKind;
using static Media.Sessions.MetricType;
using static Media.Sessions.SessionSql;

namespace Media.Sessions;

/// <summary>What kind of number a metric is, so that every store gives it the right column.</summary>
public enum MetricType
{
    /// <summary>A whole number.</summary>
    Whole,
    /// <summary>0 or 1.</summary>
    Flag,
    Real,
}

/// <summary>One of the metrics of a session.</summary>
/// <param name="Index">Position in <see cref="SessionMetrics.All"/> and in <see cref="Session.Metrics"/>, from 0.</param>
/// <param name="Name">The contract's name, snake_case.</param>
/// <param name="Definition">What it counts, exactly; the rules common to all stand at <see cref="SessionMetrics"/>.</param>
public sealed record SessionMetric(int Index, string Name, string Unit, MetricType Type, string Definition)
{
    /// <summary>Its value from the session's events; NaN = absent. Null when it is not of the events but of the session before.</summary>
    public Func<SessionFold, double>? OfEvents { get; init; }

    /// <summary>The same in Spark SQL, over the columns of <see cref="SessionSql"/> and the metrics declared above it; null where <see cref="OfEvents"/> is.</summary>
    public string? Sql { get; init; }

    /// <summary>Its value from the session and the reader's one before it, which <see cref="SessionNumbering"/> fills in; null for all others.</summary>
    public Func<Session, PreviousSession?, double>? AfterPrevious { get; init; }

    public override string ToString() => Name;
}

/// <summary>All metrics of a session, each declared once, on one line: name, unit, type, definition, fold in .NET, the same in Spark SQL.</summary>
/// <remarks>
/// Rules common to all, where a line does not say otherwise:
/// <list type="bullet">
/// <item>A count or sum over a kind of event is 0 when none of that kind happened, and NaN when some happened but none carries the field it
/// needs: an archive without dwell has an unknown reading time, not one of 0 s. Events that lack the field beside others that have it add nothing.</item>
/// <item>A mean, maximum, share or rate is over the events that carry the field; NaN when there are none (no ratio over zero).</item>
/// <item>A <em>content event</em> is one about an article that the reader did: any event with an article, impressions of articles and ads aside.</item>
/// <item>Order is event time, then event id. Hours and days are UTC.</item>
/// </list>
/// </remarks>
public static class SessionMetrics
{
    private const double MicrosPerDay = 86_400e6;
    private static readonly List<SessionMetric> Declared = [];

    // Time and size
    public static SessionMetric DurationS { get; } = Metric("duration_s", "s", Real, "last event − first event", f => f.DurationS, "(last_micros - first_micros) / 1e6D");
    public static SessionMetric EngagedS { get; } = Metric("engaged_s", "s", Real, "time on page of article views + watched time of video plays, at most duration_s", f => f.EngagedS, "CASE WHEN engaged_total_s > duration_s THEN duration_s ELSE engaged_total_s END");
    public static SessionMetric TotalEvents { get; } = Metric("total_events", "events", Whole, "all events", f => f.Events, "size(events)");
    public static SessionMetric EventsPerMinute { get; } = Metric("events_per_minute", "events/min", Real, "total_events ÷ duration; NaN when it lasted 0 s", f => f.PerMinute(f.Events), PerMinute("total_events"));
    public static SessionMetric PageViews { get; } = Metric("page_views", "pages", Whole, "article views + navigations, but no fewer than the distinct page URLs (the landing page has no event of its own)", f => f.PageViews, $"greatest(size(article_view_events) + {Count("navigation")}, size(pages))");
    public static SessionMetric UniquePages { get; } = Metric("unique_pages", "pages", Whole, "distinct page URLs of all events; NaN when no event has one", f => f.UniquePages, "nullif(size(pages), 0)");
    public static SessionMetric UniqueArticles { get; } = Metric("unique_articles", "articles", Whole, "distinct articles of content events", f => f.UniqueArticles, "size(array_distinct(transform(content_events, e -> e.article_id)))");
    public static SessionMetric UniqueCategories { get; } = Metric("unique_categories", "categories", Whole, "distinct categories of content events", f => f.UniqueCategories, "CASE WHEN size(categories) > 0 OR size(content_events) = 0 THEN size(category_counts) END");
    public static SessionMetric UniqueBrands { get; } = Metric("unique_brands", "brands", Whole, "distinct brands of all events; NaN when no event has one", f => f.UniqueBrands, "nullif(size(array_distinct(brands)), 0)");
    public static SessionMetric CategoryEntropy { get; } = Metric("category_entropy", "nats", Real, "−Σ p ln p over the categories of content events", f => f.CategoryEntropy, "CASE WHEN size(categories) > 0 THEN aggregate(category_counts, 0D, (sum, c) -> sum - c.n / size(categories) * ln(c.n / size(categories))) END");
    public static SessionMetric TopCategoryShare { get; } = Metric("top_category_share", "share", Real, "content events of the most frequent category ÷ content events with a category", f => f.TopCategoryShare, "array_max(category_counts).n / size(categories)");

    // Articles
    public static SessionMetric ArticleImpressions { get; } = Metric("article_impressions", "events", Whole, "article_impression events", f => f.ArticleImpressions, Count("article_impression"));
    public static SessionMetric ArticleClicks { get; } = Metric("article_clicks", "events", Whole, "article_click events", f => f.ArticleClicks, "size(article_click_events)");
    public static SessionMetric ArticleViews { get; } = Metric("article_views", "events", Whole, "article_view events", f => f.ArticleViews, "size(article_view_events)");
    public static SessionMetric ArticleCompletes { get; } = Metric("article_completes", "events", Whole, "article views with is_complete", f => f.ArticleCompleted.Total, Total("article_view_events", "CAST(e.is_complete AS DOUBLE)"));
    public static SessionMetric ClickThroughRate { get; } = Metric("click_through_rate", "ratio", Real, "article_clicks ÷ article_impressions; above 1 when articles are clicked that were not shown", f => SessionFold.Ratio(f.ArticleClicks, f.ArticleImpressions), Ratio("article_clicks", "article_impressions"));
    public static SessionMetric CompletionRate { get; } = Metric("completion_rate", "share", Real, "share of article views with is_complete", f => f.ArticleCompleted.Mean, Mean("article_view_events", "CAST(e.is_complete AS DOUBLE)"));
    public static SessionMetric AvgTimeOnPageS { get; } = Metric("avg_time_on_page_s", "s", Real, "mean time on page of article views", f => f.TimeOnPageS.Mean, Mean("article_view_events", "e.time_on_page_ms / 1000D"));
    public static SessionMetric MaxTimeOnPageS { get; } = Metric("max_time_on_page_s", "s", Real, "longest time on page of article views", f => f.TimeOnPageS.Max, Max("article_view_events", "e.time_on_page_ms / 1000D"));
    public static SessionMetric TotalTimeOnPageS { get; } = Metric("total_time_on_page_s", "s", Real, "time on page of article views, summed", f => f.TimeOnPageS.Total, Total("article_view_events", "e.time_on_page_ms / 1000D"));
    public static SessionMetric AvgScrollDepth { get; } = Metric("avg_scroll_depth", "%", Real, "mean scroll depth of article views", f => f.ScrollDepth.Mean, Mean("article_view_events", "e.scroll_depth"));
    public static SessionMetric MaxScrollDepth { get; } = Metric("max_scroll_depth", "%", Real, "greatest scroll depth of article views", f => f.ScrollDepth.Max, Max("article_view_events", "e.scroll_depth"));
    public static SessionMetric AvgReadProgress { get; } = Metric("avg_read_progress", "%", Real, "mean read progress of article views", f => f.ReadProgress.Mean, Mean("article_view_events", "e.read_progress"));
    public static SessionMetric DeepReads { get; } = Metric("deep_reads", "events", Whole, "article views with a read progress of 75 % or more", f => f.DeepRead.Total, Total("article_view_events", "CAST(e.read_progress >= 75 AS DOUBLE)"));
    public static SessionMetric QuickExits { get; } = Metric("quick_exits", "events", Whole, "article views with less than 10 s on the page", f => f.QuickExit.Total, Total("article_view_events", "CAST(e.time_on_page_ms < 10000 AS DOUBLE)"));

    // Video
    public static SessionMetric VideoPlays { get; } = Metric("video_plays", "events", Whole, "video_play events", f => f.VideoPlays, "size(video_play_events)");
    public static SessionMetric VideoCompletes { get; } = Metric("video_completes", "events", Whole, "video plays with is_complete", f => f.VideoCompleted.Total, Total("video_play_events", "CAST(e.is_complete AS DOUBLE)"));
    public static SessionMetric VideoWatchedS { get; } = Metric("video_watched_s", "s", Real, "watched time of video plays, summed", f => f.WatchedS.Total, Total("video_play_events", "e.watched_s"));
    public static SessionMetric VideoCompletionRate { get; } = Metric("video_completion_rate", "share", Real, "share of video plays with is_complete", f => f.VideoCompleted.Mean, Mean("video_play_events", "CAST(e.is_complete AS DOUBLE)"));

    // Ads
    public static SessionMetric AdImpressions { get; } = Metric("ad_impressions", "events", Whole, "ad_impression events", f => f.AdImpressions, Count("ad_impression"));
    public static SessionMetric AdClicks { get; } = Metric("ad_clicks", "events", Whole, "ad_click events", f => f.AdClicks, "size(ad_click_events)");
    public static SessionMetric AdClickThroughRate { get; } = Metric("ad_click_through_rate", "ratio", Real, "ad_clicks ÷ ad_impressions", f => SessionFold.Ratio(f.AdClicks, f.AdImpressions), Ratio("ad_clicks", "ad_impressions"));
    public static SessionMetric AdRevenueUsd { get; } = Metric("ad_revenue_usd", "USD", Real, "revenue of ad clicks, summed", f => f.RevenueUsd.Total, Total("ad_click_events", "e.revenue_usd"));
    public static SessionMetric AdClicksHeader { get; } = Metric("ad_clicks_header", "events", Whole, "ad clicks in the header", f => f.AdClicksBySlot[(int)Header], InSlot(Header));
    public static SessionMetric AdClicksMidPage { get; } = Metric("ad_clicks_mid_page", "events", Whole, "ad clicks in mid page", f => f.AdClicksBySlot[(int)MidPage], InSlot(MidPage));
    public static SessionMetric AdClicksInArticle { get; } = Metric("ad_clicks_in_article", "events", Whole, "ad clicks inside an article", f => f.AdClicksBySlot[(int)InArticle], InSlot(InArticle));
    public static SessionMetric AdClicksSidebar { get; } = Metric("ad_clicks_sidebar", "events", Whole, "ad clicks in the sidebar", f => f.AdClicksBySlot[(int)Sidebar], InSlot(Sidebar));
    public static SessionMetric AdClicksFooter { get; } = Metric("ad_clicks_footer", "events", Whole, "ad clicks in the footer", f => f.AdClicksBySlot[(int)Footer], InSlot(Footer));

    // Searching and moving about
    public static SessionMetric Searches { get; } = Metric("searches", "events", Whole, "search events", f => f.Searches, "size(search_events)");
    public static SessionMetric SearchClicks { get; } = Metric("search_clicks", "events", Whole, "searches with clicked_result", f => f.SearchClicked.Total, Total("search_events", "CAST(e.clicked_result AS DOUBLE)"));
    public static SessionMetric SearchSuccessRate { get; } = Metric("search_success_rate", "share", Real, "share of searches with clicked_result", f => f.SearchClicked.Mean, Mean("search_events", "CAST(e.clicked_result AS DOUBLE)"));
    public static SessionMetric Navigations { get; } = Metric("navigations", "events", Whole, "navigation events", f => f.Navigations, Count("navigation"));

    // Becoming a customer
    public static SessionMetric SubscriptionPrompts { get; } = Metric("subscription_prompts", "events", Whole, "subscription_prompt events", f => f.SubscriptionPrompts, Count("subscription_prompt"));
    public static SessionMetric NewsletterSignups { get; } = Metric("newsletter_signups", "events", Whole, "newsletter_signup events", f => f.NewsletterSignups, Count("newsletter_signup"));
    public static SessionMetric SubscriptionStarts { get; } = Metric("subscription_starts", "events", Whole, "subscription_start events", f => f.SubscriptionStarts, Count("subscription_start"));

    // Reactions
    public static SessionMetric Likes { get; } = Metric("likes", "events", Whole, "reactions of kind like", f => f.ReactionsByKind[(int)Like], OfKind(Like));
    public static SessionMetric Bookmarks { get; } = Metric("bookmarks", "events", Whole, "reactions of kind bookmark", f => f.ReactionsByKind[(int)Bookmark], OfKind(Bookmark));
    public static SessionMetric Shares { get; } = Metric("shares", "events", Whole, "reactions of kind share", f => f.ReactionsByKind[(int)Share], OfKind(Share));
    public static SessionMetric Comments { get; } = Metric("comments", "events", Whole, "reactions of kind comment", f => f.ReactionsByKind[(int)Comment], OfKind(Comment));
    public static SessionMetric Follows { get; } = Metric("follows", "events", Whole, "reactions of kind follow", f => f.ReactionsByKind[(int)Follow], OfKind(Follow));

    // The visit as a whole
    public static SessionMetric EngagementScore { get; } = Metric("engagement_score", "points", Real, "2·article_views + 3·article_clicks + 5·video_plays + 20·newsletter_signups + unique_pages + 2·unique_categories; a NaN counts 0", f => f.EngagementScore, "2D * article_views + 3D * article_clicks + 5D * video_plays + 20D * newsletter_signups + coalesce(unique_pages, 0) + 2 * coalesce(unique_categories, 0)");
    public static SessionMetric EngagementPerMinute { get; } = Metric("engagement_per_minute", "points/min", Real, "engagement_score ÷ duration; NaN when it lasted 0 s", f => f.PerMinute(f.EngagementScore), PerMinute("engagement_score"));
    public static SessionMetric IsBounce { get; } = Metric("is_bounce", "flag", Flag, "page_views is 1", f => f.PageViews == 1 ? 1 : 0, "page_views = 1");
    public static SessionMetric StartHour { get; } = Metric("start_hour", "hour", Whole, "UTC hour of the first event, 0–23", f => f.Start.Hour, "first_micros div 3600000000 % 24");
    public static SessionMetric StartDayOfWeek { get; } = Metric("start_day_of_week", "day", Whole, "UTC weekday of the first event, ISO 8601: 1 = Monday … 7 = Sunday", f => f.StartDayOfWeek, "(first_micros div 86400000000 + 3) % 7 + 1");
    public static SessionMetric IsWeekend { get; } = Metric("is_weekend", "flag", Flag, "it started on a Saturday or Sunday, UTC", f => f.StartDayOfWeek >= 6 ? 1 : 0, "start_day_of_week >= 6");
    public static SessionMetric SecondsToFirstClick { get; } = Metric("seconds_to_first_click", "s", Real, "first article_click − first event; NaN without a click", f => f.SecondsTo(f.FirstClickMicros), SecondsTo("article_click_events"));
    public static SessionMetric SecondsToFirstAdClick { get; } = Metric("seconds_to_first_ad_click", "s", Real, "first ad_click − first event; NaN without one", f => f.SecondsTo(f.FirstAdClickMicros), SecondsTo("ad_click_events"));
    public static SessionMetric LongestGapS { get; } = Metric("longest_gap_s", "s", Real, "longest time between two events in a row; NaN for a single event", f => f.LongestGapS, "array_max(transform(slice(events, 2, size(events)), (e, i) -> e.micros - events[i].micros)) / 1e6D");
    public static SessionMetric MeanGapS { get; } = Metric("mean_gap_s", "s", Real, "duration_s ÷ (total_events − 1); NaN for a single event", f => SessionFold.Ratio(f.DurationS, f.Events - 1), Ratio("duration_s", "total_events - 1"));
    public static SessionMetric BrandSwitches { get; } = Metric("brand_switches", "switches", Whole, "changes of brand from one event with a brand to the next; NaN when no event has one", f => f.BrandSwitches, "CASE WHEN size(brands) > 0 THEN size(filter(brands, (b, i) -> i > 0 AND b <> get(brands, i - 1))) END");
    public static SessionMetric LateEvents { get; } = Metric("late_events", "events", Whole, "events that came after the allowed lateness and were added by a later repair; 0 when built from the stream", f => f.LateEvents, "size(filter(events, e -> e.is_late))");

    // Among the reader's visits
    public static SessionMetric SessionNumber { get; } = Numbering("session_number", "sessions", Whole, "1 for the reader's first session, then one more for each", (_, before) => before is { } last ? last.Number + 1 : 1);
    public static SessionMetric DaysSincePreviousSession { get; } = Numbering("days_since_previous_session", "days", Real, "first event − last event of the reader's previous session, in days of 24 h; NaN for the first", (session, before) => before is { } last ? (session.SessionStartMicros - last.EndMicros) / MicrosPerDay : double.NaN);

    /// <summary>Every metric, in the contract's order: the metric's index is its position.</summary>
    public static IReadOnlyList<SessionMetric> All { get; } = Declared;

    private static SessionMetric Metric(string name, string unit, MetricType type, string definition, Func<SessionFold, double> ofEvents, string sql) =>
        Declare(new SessionMetric(Declared.Count, name, unit, type, definition) { OfEvents = ofEvents, Sql = sql });

    private static SessionMetric Numbering(string name, string unit, MetricType type, string definition, Func<Session, PreviousSession?, double> afterPrevious) =>
        Declare(new SessionMetric(Declared.Count, name, unit, type, definition) { AfterPrevious = afterPrevious });

    private static SessionMetric Declare(SessionMetric metric)
    {
        Declared.Add(metric);
        return metric;
    }
}
