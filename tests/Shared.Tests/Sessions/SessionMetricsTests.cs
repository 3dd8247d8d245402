using Media.Sessions;

namespace Media.Tests.Sessions;

public class SessionMetricsTests
{
    private const string Contract = """
        duration_s engaged_s total_events events_per_minute page_views unique_pages unique_articles unique_categories unique_brands
        category_entropy top_category_share article_impressions article_clicks article_views article_completes click_through_rate completion_rate
        avg_time_on_page_s max_time_on_page_s total_time_on_page_s avg_scroll_depth max_scroll_depth avg_read_progress deep_reads quick_exits video_plays
        video_completes video_watched_s video_completion_rate ad_impressions ad_clicks ad_click_through_rate ad_revenue_usd
        ad_clicks_header ad_clicks_mid_page ad_clicks_in_article ad_clicks_sidebar ad_clicks_footer
        searches search_clicks search_success_rate navigations subscription_prompts newsletter_signups subscription_starts likes bookmarks shares comments follows
        engagement_score engagement_per_minute is_bounce start_hour start_day_of_week is_weekend seconds_to_first_click seconds_to_first_ad_click
        longest_gap_s mean_gap_s brand_switches late_events session_number days_since_previous_session
        """;

    [Fact]
    public void Names_AreTheContractsInItsOrder() =>
        Assert.Equal(Contract.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), SessionMetrics.All.Select(m => m.Name));

    [Fact]
    public void Index_IsThePosition() => Assert.Equal(Enumerable.Range(0, 64), SessionMetrics.All.Select(m => m.Index));

    [Fact]
    public void Members_AreNamedLikeTheirMetric()
    {
        var members = typeof(SessionMetrics).GetProperties().Where(p => p.PropertyType == typeof(SessionMetric)).ToList();
        Assert.Equal(64, members.Count);
        foreach (var member in members)
            Assert.Equal(member.Name, string.Concat(((SessionMetric)member.GetValue(null)!).Name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..])));
    }
}
