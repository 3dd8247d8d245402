using System.Security.Cryptography;
using System.Text;
using Media.Events;
using Media.Sessions;

namespace Media.Tests.Sessions;

/// <summary>The definitions of sessions and metrics, written down slowly and plainly, sharing no code with what is tested.</summary>
public sealed class BruteForceSessionizer(SessionOptions options)
{
    private static readonly Dictionary<string, int> Position = SessionMetrics.All.ToDictionary(m => m.Name, m => m.Index);

    private readonly List<MediaEvent> _accepted = [];
    private long? _newest;

    public IReadOnlyList<MediaEvent> Accepted => _accepted;
    public int Late { get; private set; }
    public int Duplicates { get; private set; }

    public void Add(MediaEvent e)
    {
        var watermark = _newest is { } newest ? newest - Micros(options.AllowedLateness) : long.MinValue;
        if (_accepted.Any(a => a.EventId == e.EventId) && Cut(e.UserId).Any(s => s.Any(a => a.EventId == e.EventId) && Deadline(s) > watermark)) Duplicates++;
        else if (e.EventTimeMicros < watermark) Late++;
        else
        {
            _accepted.Add(e);
            _newest = Math.Max(_newest ?? long.MinValue, e.EventTimeMicros);
        }
    }

    /// <summary>All sessions, those past the watermark closed by flush.</summary>
    public List<Session> Sessions()
    {
        var watermark = _newest is { } newest ? newest - Micros(options.AllowedLateness) : long.MinValue;
        var sessions = new List<Session>();
        foreach (var user in _accepted.Select(e => e.UserId).Distinct())
        {
            var number = 0;
            long? previousEnd = null;
            foreach (var events in Cut(user))
            {
                var closedBy = Deadline(events) > watermark ? ClosedBy.Flush
                    : events[0].EventTimeMicros + Micros(options.Cap) <= events[^1].EventTimeMicros + Micros(options.Gap) ? ClosedBy.Cap : ClosedBy.Gap;
                sessions.Add(SessionOf(events, ++number, previousEnd, closedBy));
                previousEnd = events[^1].EventTimeMicros;
            }
        }
        return sessions;
    }

    private List<List<MediaEvent>> Cut(UserId user)
    {
        var sessions = new List<List<MediaEvent>>();
        foreach (var e in _accepted.Where(e => e.UserId == user).OrderBy(e => e.EventTimeMicros).ThenBy(e => e.EventId.ToString(), StringComparer.Ordinal))
        {
            var startsNew = sessions.Count == 0
                || e.EventTimeMicros - sessions[^1][^1].EventTimeMicros > Micros(options.Gap)
                || e.EventTimeMicros - sessions[^1][0].EventTimeMicros >= Micros(options.Cap);
            if (startsNew) sessions.Add([]);
            sessions[^1].Add(e);
        }
        return sessions;
    }

    private long Deadline(List<MediaEvent> session) =>
        Math.Min(session[^1].EventTimeMicros + Micros(options.Gap) + 1, session[0].EventTimeMicros + Micros(options.Cap));

    private static long Micros(TimeSpan span) => span.Ticks / 10;

    private static Session SessionOf(List<MediaEvent> events, int number, long? previousEnd, ClosedBy closedBy)
    {
        var first = events[0];
        var content = events.Where(e => e.Article is not null && e is not ArticleImpression and not AdImpression).ToList();
        var categories = content.Where(e => e.Article!.Category is not null).GroupBy(e => e.Article!.Category!)
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).ToList();
        return new Session
        {
            SessionId = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(first.UserId.Value + ":" + first.EventTimeMicros)))[..32].ToLowerInvariant(),
            UserId = first.UserId,
            SessionStartMicros = first.EventTimeMicros,
            SessionEndMicros = events[^1].EventTimeMicros,
            Brand = events.Select(e => e.Brand).FirstOrDefault(v => v is not null),
            Country = events.Select(e => e.Country).FirstOrDefault(v => v is not null),
            City = events.Select(e => e.City).FirstOrDefault(v => v is not null),
            DeviceType = events.Select(e => e.DeviceType).FirstOrDefault(v => v is not null),
            DeviceOs = events.Select(e => e.DeviceOs).FirstOrDefault(v => v is not null),
            Browser = events.Select(e => e.Browser).FirstOrDefault(v => v is not null),
            Timezone = events.Select(e => e.Timezone).FirstOrDefault(v => v is not null),
            SubscriptionTier = events.Select(e => e.SubscriptionTier).FirstOrDefault(v => v is not null),
            UserSegment = events.Select(e => e.UserSegment).FirstOrDefault(v => v is not null),
            Referrer = events.Select(e => e.Referrer).FirstOrDefault(v => v is not null),
            LandingArticleId = content.FirstOrDefault()?.Article!.ArticleId,
            ExitArticleId = content.LastOrDefault()?.Article!.ArticleId,
            TopCategory = categories.FirstOrDefault()?.Key,
            ClosedBy = closedBy,
            Metrics = Metrics(events, content, [.. categories.Select(g => g.Count())], number, previousEnd),
        };
    }

    private static double[] Metrics(List<MediaEvent> events, List<MediaEvent> content, int[] categoryCounts, int number, long? previousEnd)
    {
        var values = Enumerable.Repeat(-1e300, 64).ToArray();
        void Set(string name, double value) => values[Position[name]] = value;

        var start = events[0].EventTimeMicros;
        var duration = (events[^1].EventTimeMicros - start) / 1e6;
        var views = events.OfType<ArticleView>().ToList();
        var plays = events.OfType<VideoPlay>().ToList();
        var adClicks = events.OfType<AdClick>().ToList();
        var searches = events.OfType<Search>().ToList();
        var reactions = events.OfType<Reaction>().ToList();
        var clicks = events.Count(e => e is ArticleClick);
        var navigations = events.Count(e => e is Navigation);
        var signups = events.Count(e => e is NewsletterSignup);
        var pages = events.Where(e => e.PageUrl is not null).Select(e => e.PageUrl).Distinct().Count();
        var brands = events.Where(e => e.Brand is not null).Select(e => e.Brand!).ToList();
        var gaps = events.Zip(events.Skip(1), (a, b) => (b.EventTimeMicros - a.EventTimeMicros) / 1e6).ToList();
        var categorised = categoryCounts.Sum();
        double unknownCategories = content.Count > 0 && categorised == 0 ? double.NaN : categoryCounts.Length;
        var pageViews = Math.Max(views.Count + navigations, pages);
        var score = 2 * views.Count + 3 * clicks + 5 * plays.Count + 20 * signups + pages + 2 * categoryCounts.Length;
        var time = DateTimeOffset.FromUnixTimeMilliseconds(start / 1000);
        var weekday = ((int)time.DayOfWeek + 6) % 7 + 1;

        Set("duration_s", duration);
        Set("engaged_s", Math.Min(duration, Total([.. views.Select(v => v.TimeOnPageMs / 1000d), .. plays.Select(p => p.WatchedS)])));
        Set("total_events", events.Count);
        Set("events_per_minute", Divide(events.Count, duration / 60));
        Set("page_views", pageViews);
        Set("unique_pages", pages == 0 ? double.NaN : pages);
        Set("unique_articles", content.Select(e => e.Article!.ArticleId).Distinct().Count());
        Set("unique_categories", unknownCategories);
        Set("unique_brands", brands.Count == 0 ? double.NaN : brands.Distinct().Count());
        Set("category_entropy", categorised == 0 ? double.NaN : -categoryCounts.Sum(c => (double)c / categorised * Math.Log((double)c / categorised)));
        Set("top_category_share", categorised == 0 ? double.NaN : (double)categoryCounts.Max() / categorised);
        Set("article_impressions", events.Count(e => e is ArticleImpression));
        Set("article_clicks", clicks);
        Set("article_views", views.Count);
        Set("article_completes", Total(views.Select(v => One(v.IsComplete))));
        Set("click_through_rate", Divide(clicks, events.Count(e => e is ArticleImpression)));
        Set("completion_rate", Mean(views.Select(v => One(v.IsComplete))));
        Set("avg_time_on_page_s", Mean(views.Select(v => v.TimeOnPageMs / 1000d)));
        Set("max_time_on_page_s", views.Max(v => v.TimeOnPageMs / 1000d) ?? double.NaN);
        Set("total_time_on_page_s", Total(views.Select(v => v.TimeOnPageMs / 1000d)));
        Set("avg_scroll_depth", Mean(views.Select(v => v.ScrollDepth)));
        Set("max_scroll_depth", views.Max(v => v.ScrollDepth) ?? double.NaN);
        Set("avg_read_progress", Mean(views.Select(v => v.ReadProgress)));
        Set("deep_reads", Total(views.Select(v => v.ReadProgress is null ? null : One(v.ReadProgress >= 75))));
        Set("quick_exits", Total(views.Select(v => v.TimeOnPageMs is null ? null : One(v.TimeOnPageMs < 10_000))));
        Set("video_plays", plays.Count);
        Set("video_completes", Total(plays.Select(p => One(p.IsComplete))));
        Set("video_watched_s", Total(plays.Select(p => p.WatchedS)));
        Set("video_completion_rate", Mean(plays.Select(p => One(p.IsComplete))));
        Set("ad_impressions", events.Count(e => e is AdImpression));
        Set("ad_clicks", adClicks.Count);
        Set("ad_click_through_rate", Divide(adClicks.Count, events.Count(e => e is AdImpression)));
        Set("ad_revenue_usd", Total(adClicks.Select(c => c.RevenueUsd)));
        foreach (var (slot, name) in new[] { (AdSlot.Header, "header"), (AdSlot.MidPage, "mid_page"), (AdSlot.InArticle, "in_article"), (AdSlot.Sidebar, "sidebar"), (AdSlot.Footer, "footer") })
            Set("ad_clicks_" + name, Total(adClicks.Select(c => c.AdSlot is null ? null : One(c.AdSlot == slot))));
        Set("searches", searches.Count);
        Set("search_clicks", Total(searches.Select(s => One(s.ClickedResult))));
        Set("search_success_rate", Mean(searches.Select(s => One(s.ClickedResult))));
        Set("navigations", navigations);
        Set("subscription_prompts", events.Count(e => e is SubscriptionPrompt));
        Set("newsletter_signups", signups);
        Set("subscription_starts", events.Count(e => e is SubscriptionStart));
        foreach (var (kind, name) in new[] { (ReactionKind.Like, "likes"), (ReactionKind.Bookmark, "bookmarks"), (ReactionKind.Share, "shares"), (ReactionKind.Comment, "comments"), (ReactionKind.Follow, "follows") })
            Set(name, Total(reactions.Select(r => r.Kind is null ? null : One(r.Kind == kind))));
        Set("engagement_score", score);
        Set("engagement_per_minute", Divide(score, duration / 60));
        Set("is_bounce", pageViews == 1 ? 1 : 0);
        Set("start_hour", time.Hour);
        Set("start_day_of_week", weekday);
        Set("is_weekend", weekday > 5 ? 1 : 0);
        Set("seconds_to_first_click", (events.FirstOrDefault(e => e is ArticleClick)?.EventTimeMicros - start) / 1e6 ?? double.NaN);
        Set("seconds_to_first_ad_click", (adClicks.FirstOrDefault()?.EventTimeMicros - start) / 1e6 ?? double.NaN);
        Set("longest_gap_s", gaps.Count == 0 ? double.NaN : gaps.Max());
        Set("mean_gap_s", gaps.Count == 0 ? double.NaN : gaps.Average());
        Set("brand_switches", brands.Count == 0 ? double.NaN : brands.Zip(brands.Skip(1)).Count(p => p.First != p.Second));
        Set("late_events", 0);
        Set("session_number", number);
        Set("days_since_previous_session", (start - previousEnd) / 86_400e6 ?? double.NaN);
        return values;
    }

    private static double? One(bool? flag) => flag is null ? null : flag.Value ? 1 : 0;

    private static double Total(IEnumerable<double?> values) => !values.Any() ? 0 : values.All(v => v is null) ? double.NaN : values.Sum() ?? 0;

    private static double Mean(IEnumerable<double?> values) => values.Average() ?? double.NaN;

    private static double Divide(double a, double b) => b == 0 ? double.NaN : a / b;
}
