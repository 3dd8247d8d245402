using Media.Features;

namespace Media.Tests.Features;

public class AdHistoryTests
{
    private static readonly AdTotals Segment = new(Sessions: 100, Impressions: 400, Clicks: 20, RevenueUsd: 10);

    [Fact]
    public void Columns_ByHand()
    {
        // 20 ads and 4 clicks in 8 sessions; the segment has 4 ads a session, clicks one in 20, and earns $0.50 a click.
        var values = Written(new AdTotals(8, 20, 4, 3.0));
        var ads = (20 + 2 * 4.0) / (8 + 2);
        var tolerance = (4 + 3.5) / (20 * 0.05 + 3.5);
        var usd = (3.0 + 100 * 0.5) / (4 + 100);
        Assert.Equal([ads, 0.05, tolerance, usd, Math.Log(ads * 0.05 * tolerance), ads * 0.05 * tolerance * usd, 3.0 / 8], values.Select(v => (double)v), (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void ReaderNeverShownAnAd_IsLikeTheSegment()
    {
        var values = Written(new AdTotals());
        Assert.Equal((4f, 0.05f, 1f, 0.5f), (values[0], values[1], values[2], values[3]));
        Assert.True(float.IsNaN(values[6]));
    }

    [Fact]
    public void SegmentWithoutAds_HasNoRate()
    {
        Span<float> values = new float[AdHistory.Names.Count];
        AdHistory.Write(new AdTotals(3, 0, 0, 0), new AdTotals(3, 0, 0, 0), values);
        Assert.True(float.IsNaN(values[1]) && float.IsNaN(values[5]));
    }

    private static float[] Written(AdTotals own)
    {
        var values = new float[AdHistory.Names.Count];
        AdHistory.Write(own, Segment, values);
        return values;
    }
}
