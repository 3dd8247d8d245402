using static Media.Events.AdSlot;
using static Media.Events.ReactionKind;
using static Media.Sessions.MetricType;

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
/// <param name="Value">Its value from the events folded; NaN = absent.</param>
public sealed record SessionMetric(int Index, string Name, string Unit, MetricType Type, string Definition, Func<SessionFold, double> Value)
{
    public override string ToString() => Name;
}

/// <summary>All metrics of a session, each declared once, on one line: name, unit, type, definition, fold.</summary>
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
    private static readonly List<SessionMetric> Declared = [];

    // Time and size
    public static SessionMetric DurationS { get; } = Metric("duration_s", "s", Real, "last event − first event", f => f.DurationS);
    public static SessionMetric EngagedS { get; } = Metric("engaged_s", "s", Real, "time on page of article views + watched time of video plays, at most duration_s", f => f.EngagedS);
    public static SessionMetric TotalEvents { get; } = Metric("total_events", "events", Whole, "all events", f => f.Events);
    public static SessionMetric EventsPerMinute { get; } = Metric("events_per_minute", "events/min", Real, "total_events ÷ duration; NaN when it lasted 0 s", f => f.PerMinute(f.Events));
    public static SessionMetric PageViews { get; } = Metric("page_views", "pages", Whole, "article views + navigations, but no fewer than the distinct page URLs (the landing page has no event of its own)", f => f.PageViews);
    public static SessionMetric UniquePages { get; } = Metric("unique_pages", "pages", Whole, "distinct page URLs of all events; NaN when no event has one", f => f.UniquePages);
    public static SessionMetric UniqueArticles { get; } = Metric("unique_articles", "articles", Whole, "distinct articles of content events", f => f.UniqueArticles);
    public static SessionMetric UniqueCategories { get; } = Metric("unique_categories", "categories", Whole, "distinct categories of content events", f => f.UniqueCategories);
    public static SessionMetric UniqueBrands { get; } = Metric("unique_brands", "brands", Whole, "distinct brands of all events; NaN when no event has one", f => f.UniqueBrands);
    public static SessionMetric CategoryEntropy { get; } = Metric("category_entropy", "nats", Real, "−Σ p ln p over the categories of content events", f => f.CategoryEntropy);
    public static SessionMetric TopCategoryShare { get; } = Metric("top_category_share", "share", Real, "content events of the most frequent category ÷ content events with a category", f => f.TopCategoryShare);

    // Articles
    public static SessionMetric ArticleImpressions { get; } = Metric("article_impressions", "events", Whole, "article_impression events", f => f.ArticleImpressions);
    public static SessionMetric ArticleClicks { get; } = Metric("article_clicks", "events", Whole, "article_click events", f => f.ArticleClicks);
    public static SessionMetric ArticleViews { get; } = Metric("article_views", "events", Whole, "article_view events", f => f.ArticleViews);
    public static SessionMetric ArticleCompletes { get; } = Metric("article_completes", "events", Whole, "article views with is_complete", f => f.ArticleCompleted.Total);
    public static SessionMetric ClickThroughRate { get; } = Metric("click_through_rate", "ratio", Real, "article_clicks ÷ article_impressions; above 1 when articles are clicked that were not shown", f => SessionFold.Ratio(f.ArticleClicks, f.ArticleImpressions));
    public static SessionMetric CompletionRate { get; } = Metric("completion_rate", "share", Real, "share of article views with is_complete", f => f.ArticleCompleted.Mean);
    public static SessionMetric AvgTimeOnPageS { get; } = Metric("avg_time_on_page_s", "s", Real, "mean time on page of article views", f => f.TimeOnPageS.Mean);
    public static SessionMetric MaxTimeOnPageS { get; } = Metric("max_time_on_page_s", "s", Real, "longest time on page of article views", f => f.TimeOnPageS.Max);
    public static SessionMetric TotalTimeOnPageS { get; } = Metric("total_time_on_page_s", "s", Real, "time on page of article views, summed", f => f.TimeOnPageS.Total);
    public static SessionMetric AvgScrollDepth { get; } = Metric("avg_scroll_depth", "%", Real, "mean scroll depth of article views", f => f.ScrollDepth.Mean);
    public static SessionMetric MaxScrollDepth { get; } = Metric("max_scroll_depth", "%", Real, "greatest scroll depth of article views", f => f.ScrollDepth.Max);
    public static SessionMetric AvgReadProgress { get; } = Metric("avg_read_progress", "%", Real, "mean read progress of article views", f => f.ReadProgress.Mean);
    public static SessionMetric DeepReads { get; } = Metric("deep_reads", "events", Whole, "article views with a read progress of 75 % or more", f => f.DeepRead.Total);
    public static SessionMetric QuickExits { get; } = Metric("quick_exits", "events", Whole, "article views with less than 10 s on the page", f => f.QuickExit.Total);

    // Video
    public static SessionMetric VideoPlays { get; } = Metric("video_plays", "events", Whole, "video_play events", f => f.VideoPlays);
    public static SessionMetric VideoCompletes { get; } = Metric("video_completes", "events", Whole, "video plays with is_complete", f => f.VideoCompleted.Total);
    public static SessionMetric VideoWatchedS { get; } = Metric("video_watched_s", "s", Real, "watched time of video plays, summed", f => f.WatchedS.Total);
    public static SessionMetric VideoCompletionRate { get; } = Metric("video_completion_rate", "share", Real, "share of video plays with is_complete", f => f.VideoCompleted.Mean);

    // Ads
    public static SessionMetric AdImpressions { get; } = Metric("ad_impressions", "events", Whole, "ad_impression events", f => f.AdImpressions);
    public static SessionMetric AdClicks { get; } = Metric("ad_clicks", "events", Whole, "ad_click events", f => f.AdClicks);
    public static SessionMetric AdClickThroughRate { get; } = Metric("ad_click_through_rate", "ratio", Real, "ad_clicks ÷ ad_impressions", f => SessionFold.Ratio(f.AdClicks, f.AdImpressions));
    public static SessionMetric AdRevenueUsd { get; } = Metric("ad_revenue_usd", "USD", Real, "revenue of ad clicks, summed", f => f.RevenueUsd.Total);
    public static SessionMetric AdClicksHeader { get; } = Metric("ad_clicks_header", "events", Whole, "ad clicks in the header", f => f.AdClicksBySlot[(int)Header]);
    public static SessionMetric AdClicksMidPage { get; } = Metric("ad_clicks_mid_page", "events", Whole, "ad clicks in mid page", f => f.AdClicksBySlot[(int)MidPage]);
    public static SessionMetric AdClicksInArticle { get; } = Metric("ad_clicks_in_article", "events", Whole, "ad clicks inside an article", f => f.AdClicksBySlot[(int)InArticle]);
    public static SessionMetric AdClicksSidebar { get; } = Metric("ad_clicks_sidebar", "events", Whole, "ad clicks in the sidebar", f => f.AdClicksBySlot[(int)Sidebar]);
    public static SessionMetric AdClicksFooter { get; } = Metric("ad_clicks_footer", "events", Whole, "ad clicks in the footer", f => f.AdClicksBySlot[(int)Footer]);

    // Searching and moving about
    public static SessionMetric Searches { get; } = Metric("searches", "events", Whole, "search events", f => f.Searches);
    public static SessionMetric SearchClicks { get; } = Metric("search_clicks", "events", Whole, "searches with clicked_result", f => f.SearchClicked.Total);
    public static SessionMetric SearchSuccessRate { get; } = Metric("search_success_rate", "share", Real, "share of searches with clicked_result", f => f.SearchClicked.Mean);
    public static SessionMetric Navigations { get; } = Metric("navigations", "events", Whole, "navigation events", f => f.Navigations);

    // Becoming a customer
    public static SessionMetric SubscriptionPrompts { get; } = Metric("subscription_prompts", "events", Whole, "subscription_prompt events", f => f.SubscriptionPrompts);
    public static SessionMetric NewsletterSignups { get; } = Metric("newsletter_signups", "events", Whole, "newsletter_signup events", f => f.NewsletterSignups);
    public static SessionMetric SubscriptionStarts { get; } = Metric("subscription_starts", "events", Whole, "subscription_start events", f => f.SubscriptionStarts);

    // Reactions
    public static SessionMetric Likes { get; } = Metric("likes", "events", Whole, "reactions of kind like", f => f.ReactionsByKind[(int)Like]);
    public static SessionMetric Bookmarks { get; } = Metric("bookmarks", "events", Whole, "reactions of kind bookmark", f => f.ReactionsByKind[(int)Bookmark]);
    public static SessionMetric Shares { get; } = Metric("shares", "events", Whole, "reactions of kind share", f => f.ReactionsByKind[(int)Share]);
    public static SessionMetric Comments { get; } = Metric("comments", "events", Whole, "reactions of kind comment", f => f.ReactionsByKind[(int)Comment]);
    public static SessionMetric Follows { get; } = Metric("follows", "events", Whole, "reactions of kind follow", f => f.ReactionsByKind[(int)Follow]);

    // The visit as a whole
    public static SessionMetric EngagementScore { get; } = Metric("engagement_score", "points", Real, "2·article_views + 3·article_clicks + 5·video_plays + 20·newsletter_signups + unique_pages + 2·unique_categories; a NaN counts 0", f => f.EngagementScore);
    public static SessionMetric EngagementPerMinute { get; } = Metric("engagement_per_minute", "points/min", Real, "engagement_score ÷ duration; NaN when it lasted 0 s", f => f.PerMinute(f.EngagementScore));
    public static SessionMetric IsBounce { get; } = Metric("is_bounce", "flag", Flag, "page_views is 1", f => f.PageViews == 1 ? 1 : 0);
    public static SessionMetric StartHour { get; } = Metric("start_hour", "hour", Whole, "UTC hour of the first event, 0–23", f => f.Start.Hour);
    public static SessionMetric StartDayOfWeek { get; } = Metric("start_day_of_week", "day", Whole, "UTC weekday of the first event, ISO 8601: 1 = Monday … 7 = Sunday", f => f.StartDayOfWeek);
    public static SessionMetric IsWeekend { get; } = Metric("is_weekend", "flag", Flag, "it started on a Saturday or Sunday, UTC", f => f.StartDayOfWeek >= 6 ? 1 : 0);
    public static SessionMetric SecondsToFirstClick { get; } = Metric("seconds_to_first_click", "s", Real, "first article_click − first event; NaN without a click", f => f.SecondsTo(f.FirstClickMicros));
    public static SessionMetric SecondsToFirstAdClick { get; } = Metric("seconds_to_first_ad_click", "s", Real, "first ad_click − first event; NaN without one", f => f.SecondsTo(f.FirstAdClickMicros));
    public static SessionMetric LongestGapS { get; } = Metric("longest_gap_s", "s", Real, "longest time between two events in a row; NaN for a single event", f => f.LongestGapS);
    public static SessionMetric MeanGapS { get; } = Metric("mean_gap_s", "s", Real, "duration_s ÷ (total_events − 1); NaN for a single event", f => SessionFold.Ratio(f.DurationS, f.Events - 1));
    public static SessionMetric BrandSwitches { get; } = Metric("brand_switches", "switches", Whole, "changes of brand from one event with a brand to the next; NaN when no event has one", f => f.BrandSwitches);
    public static SessionMetric LateEvents { get; } = Metric("late_events", "events", Whole, "events that came after the allowed lateness and were added by a later repair; 0 when built from the stream", f => f.LateEvents);

    // Among the reader's visits
    public static SessionMetric SessionNumber { get; } = Metric("session_number", "sessions", Whole, "1 for the reader's first session, then one more for each", f => f.SessionNumber);
    public static SessionMetric DaysSincePreviousSession { get; } = Metric("days_since_previous_session", "days", Real, "first event − last event of the reader's previous session, in days of 24 h; NaN for the first", f => f.DaysSincePreviousSession);

    /// <summary>Every metric, in the contract's order: the metric's index is its position.</summary>
    public static IReadOnlyList<SessionMetric> All { get; } = Declared;

    private static SessionMetric Metric(string name, string unit, MetricType type, string definition, Func<SessionFold, double> value)
    {
        var metric = new SessionMetric(Declared.Count, name, unit, type, definition, value);
        Declared.Add(metric);
        return metric;
    }
}
