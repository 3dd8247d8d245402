using Media.Events;
using Media.Sessions;
using static Media.Tests.Sessions.EventStreams;

namespace Media.Tests.Sessions;

/// <summary>One visit worked out by hand, and what absent fields read as.</summary>
public class SessionFoldTests
{
    private static readonly Article Politics = new("a1", "politics", "t", "news", null, null);
    private static readonly Article Sports = new("a2", "sports", "t", "news", null, null);

    /// <summary>A click and two views of politics, one view of sports; a video; an ad; ten minutes.</summary>
    private static Session Visit()
    {
        var fold = new SessionFold();
        MediaEvent[] events =
        [
            At<Navigation>(Start, id: 1) with { PageUrl = "/", Brand = "bild", Referrer = Referrer.Google },
            At<ArticleClick>(Start + Minute, id: 2) with { PageUrl = "/", Brand = "bild", Article = Politics },
            At<ArticleView>(Start + Minute, id: 3) with { PageUrl = "/a1", Brand = "bild", Article = Politics, TimeOnPageMs = 120_000, ReadProgress = 75, IsComplete = true, ScrollDepth = 80 },
            At<ArticleView>(Start + 4 * Minute, id: 4) with { PageUrl = "/a2", Brand = "welt", Article = Sports, TimeOnPageMs = 9_999, ReadProgress = 5, IsComplete = false, ScrollDepth = 10 },
            At<AdClick>(Start + 5 * Minute, id: 5) with { PageUrl = "/a2", Brand = "bild", AdSlot = AdSlot.Sidebar, RevenueUsd = 0.25 },
            At<ArticleView>(Start + 10 * Minute, id: 6) with { PageUrl = "/a1", Brand = "bild", Article = Politics, TimeOnPageMs = 30_001, ReadProgress = 40, IsComplete = false, ScrollDepth = 30 },
        ];
        foreach (var e in events) fold.Add(e, isLate: false);
        var visit = fold.Close(ClosedBy.Gap);
        var numbering = new SessionNumbering();
        numbering.Begin(new Dictionary<UserId, PreviousSession> { [visit.UserId] = new(4, Start - Day, ClosedBy.Gap) });
        numbering.Number(visit);
        return visit;
    }

    [Fact]
    public void Visit_HasTheMetricsWorkedOutByHand()
    {
        var visit = Visit();
        Dictionary<string, double> byHand = new()
        {
            ["duration_s"] = 600, ["engaged_s"] = 160, ["total_events"] = 6, ["events_per_minute"] = 0.6, ["page_views"] = 4, ["unique_pages"] = 3,
            ["unique_articles"] = 2, ["unique_categories"] = 2, ["unique_brands"] = 2, ["category_entropy"] = -(0.75 * Math.Log(0.75) + 0.25 * Math.Log(0.25)), ["top_category_share"] = 0.75,
            ["article_impressions"] = 0, ["article_clicks"] = 1, ["article_views"] = 3, ["article_completes"] = 1, ["click_through_rate"] = double.NaN, ["completion_rate"] = 1 / 3d,
            ["avg_time_on_page_s"] = 160 / 3d, ["max_time_on_page_s"] = 120, ["total_time_on_page_s"] = 160, ["avg_scroll_depth"] = 40, ["max_scroll_depth"] = 80, ["avg_read_progress"] = 40,
            ["deep_reads"] = 1, ["quick_exits"] = 1, ["video_plays"] = 0, ["video_watched_s"] = 0, ["video_completion_rate"] = double.NaN,
            ["ad_clicks"] = 1, ["ad_revenue_usd"] = 0.25, ["ad_clicks_sidebar"] = 1, ["ad_clicks_header"] = 0, ["ad_click_through_rate"] = double.NaN, ["navigations"] = 1,
            // 2·3 views + 3·1 click + 3 pages + 2·2 categories
            ["engagement_score"] = 16, ["engagement_per_minute"] = 1.6, ["is_bounce"] = 0, ["start_hour"] = 23, ["start_day_of_week"] = 5, ["is_weekend"] = 0,
            ["seconds_to_first_click"] = 60, ["seconds_to_first_ad_click"] = 300, ["longest_gap_s"] = 300, ["mean_gap_s"] = 120, ["brand_switches"] = 2,
            ["late_events"] = 0, ["session_number"] = 5, ["days_since_previous_session"] = 1,
        };
        foreach (var (name, expected) in byHand) Assert.Equal(expected, visit[SessionMetrics.All.Single(m => m.Name == name)], 1e-12);
        Assert.Equal(("bild", Referrer.Google, "a1", "a1", "politics"), (visit.Brand, visit.Referrer, visit.LandingArticleId, visit.ExitArticleId, visit.TopCategory));
    }

    [Fact]
    public void ArchiveVisit_WithoutDwell_HasAnUnknownReadingTime()
    {
        var fold = new SessionFold();
        fold.Add(At<ArticleView>(Start) with { Article = new Article("a", null, null, null, null, null) }, isLate: false);
        fold.Add(At<ArticleView>(Start + Minute) with { Article = new Article("b", null, null, null, null, null) }, isLate: false);
        var visit = fold.Close(ClosedBy.Gap);
        Assert.Equal((2, 2), (visit[SessionMetrics.ArticleViews], visit[SessionMetrics.UniqueArticles]));
        foreach (var unknown in new[] { SessionMetrics.EngagedS, SessionMetrics.TotalTimeOnPageS, SessionMetrics.DeepReads, SessionMetrics.QuickExits, SessionMetrics.ArticleCompletes, SessionMetrics.UniqueCategories, SessionMetrics.UniqueBrands, SessionMetrics.UniquePages, SessionMetrics.BrandSwitches, SessionMetrics.DaysSincePreviousSession })
            Assert.True(double.IsNaN(visit[unknown]), unknown.Name);
        // Two views, and nothing for the pages and categories that are unknown.
        Assert.Equal(4, visit[SessionMetrics.EngagementScore]);
    }

    [Fact]
    public void Fold_IsEmptyAgainAfterClose()
    {
        var fold = new SessionFold();
        // More distinct pages than the short list holds, so that the indexed form is emptied too.
        for (var i = 0; i < 50; i++) fold.Add(At<Navigation>(Start + i, id: i) with { PageUrl = "/" + i, Brand = "bild" }, isLate: true);
        var large = fold.Close(ClosedBy.Gap);
        Assert.Equal((50, 50), (large[SessionMetrics.UniquePages], large[SessionMetrics.LateEvents]));

        fold.Add(At<AdClick>(Start + Hour), isLate: false);
        var small = fold.Close(ClosedBy.Gap);
        Assert.Equal((1, 0, 0), (small[SessionMetrics.TotalEvents], small[SessionMetrics.PageViews], small[SessionMetrics.LateEvents]));
        Assert.Null(small.Brand);
        Assert.Throws<InvalidOperationException>(() => fold.Close(ClosedBy.Gap));
    }
}
