using Media.Features;

namespace Media.Tests.Features;

public class FeatureWordsTests
{
    [Fact]
    public void EveryFeatureOfTheCatalogue_HasAThemeAndWords() => Assert.All(FeatureCatalog.Names, name =>
    {
        Assert.NotEqual(FeatureTheme.Other, FeatureWords.ThemeOf(name));
        Assert.DoesNotContain('_', FeatureWords.Say(name, 1, 2).Replace("business_insider", "", StringComparison.Ordinal).Replace("sport_bild", "", StringComparison.Ordinal));
    });

    [Theory]
    [InlineData("days_since_last_session", 23.04, 3, "days since the last visit: 23 (usual 3)")]
    [InlineData("avg_session_duration_s", 1234.5, double.NaN, "average visit in seconds: 1,235")]
    [InlineData("brand_welt_share", 0.254, 0.1, "share of visits to welt: 25.4 % (usual 10 %)")]
    [InlineData("device_smart_tv", 1, 0, "device: smart tv")]
    [InlineData("device_smart_tv", 0, 0, "device: not smart tv")]
    [InlineData("has_newsletter", 0, 1, "no newsletter")]
    [InlineData("video_completion_rate", double.NaN, 0.5, "share of videos watched to the end: not known")]
    [InlineData("article_click_rate", 0.25, 0.5, "article click rate: 0.25 (usual 0.5)")]
    public void Values_AreSaidAsAPersonWould(string feature, double value, double usual, string words) => Assert.Equal(words, FeatureWords.Say(feature, value, usual));
}
