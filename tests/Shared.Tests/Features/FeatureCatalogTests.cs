using Media.Features;

namespace Media.Tests.Features;

public class FeatureCatalogTests
{
    private const string Contract = """
        total_sessions avg_session_duration_s min_session_duration_s max_session_duration_s std_session_duration_s avg_events_per_session avg_pages_per_session avg_categories_per_session
        avg_article_views avg_article_clicks avg_video_plays avg_searches total_newsletter_signups total_ad_clicks avg_engagement_score
        has_newsletter newsletter_signup_rate
        brand_bild_share brand_welt_share brand_business_insider_share brand_politico_share brand_sport_bild_share
        session_frequency_per_day recent_engagement_score engagement_per_minute content_diversity brand_loyalty click_through_rate video_completion_rate recency_score activity_score
        days_active days_since_last_session sessions_1d sessions_7d sessions_28d
        subscription_free subscription_premium subscription_pro subscription_enterprise
        segment_casual segment_engaged segment_new_visitor segment_power_user segment_returning segment_subscriber
        device_app device_desktop device_mobile device_smart_tv device_tablet
        country_AT country_AU country_CH country_DE country_EU country_FR country_UK country_US
        """;

    [Fact]
    public void Names_AreTheContractsInItsOrder()
    {
        Assert.Equal(59, FeatureCatalog.Names.Count);
        Assert.Equal(Contract.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), FeatureCatalog.Names);
    }
}
