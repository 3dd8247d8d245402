using Media.Features;
using Media.Features.Articles;

namespace Media.Tests.Features.Articles;

public class AttentionTests
{
    [Theory]
    // Shape 1 is the exponential distribution; shape n its sum: Q(n, x) = e^-x Σ x^k / k!.
    [InlineData(1, 2, 0.1353352832366127)]
    [InlineData(3, 2, 0.6766764161830634)]
    [InlineData(3, 10, 0.0027693957155115)]
    [InlineData(0.5, 1, 0.1572992070502851)]
    public void GammaTail_EqualsTheClosedForms(double shape, double x, double expected) => Assert.Equal(expected, GammaTail.Above(shape, x), 1e-10);

    [Fact]
    public void TrafficAsExpected_IsNoBurst()
    {
        var attention = Attention.Of(before: 100, beforeExpected: 100, recent: 20, recentExpected: 20);
        Assert.Equal(1, attention.Level, 1e-12);
        Assert.Equal(1, attention.Recent, 1e-12);
        Assert.True(attention.BurstProbability < Attention.BurstCertainty);
    }

    [Fact]
    public void FiveTimesItsPace_IsABurst() => Assert.True(Attention.Of(before: 30, beforeExpected: 30, recent: 40, recentExpected: 8).BurstProbability >= Attention.BurstCertainty);

    [Fact]
    public void PopularArticleAtItsOwnPace_IsNoBurst() => Assert.True(Attention.Of(before: 90, beforeExpected: 30, recent: 30, recentExpected: 10).BurstProbability < Attention.BurstCertainty);

    [Fact]
    public void NothingSeen_SaysNothing()
    {
        var attention = Attention.Of(0, 0, 0, 0);
        Assert.Equal((1.0, 1.0), (attention.Level, attention.Recent));
        Assert.True(attention.BurstProbability < Attention.BurstCertainty);
    }

    [Fact]
    public void Editors_AreToldBurstsAndLaggardsInOrderOfViews()
    {
        string[] names = ["log_usual_views_6h", "attention_level", "attention_recent", "attention_burst_probability", "age_h", "article_views"];
        var x = new FeatureBatch(names, ["calm", "slow", "hot"], [9, 9, 9], [8, 8, 8],
            [MathF.Log(11), 1, 1, 0.1f, 5, 20, MathF.Log(11), 0.4f, 1, 0.01f, 5, 6, MathF.Log(11), 1.1f, 4, 0.99f, 5, 60]);
        var told = TrendingNow.Of(x, [Math.Log(11), Math.Log(5), Math.Log(41)]);
        Assert.Equal(["hot", "calm", "slow"], told.Select(t => t.ArticleId));
        Assert.Equal([TrendingState.Bursting, TrendingState.Usual, TrendingState.UnderPerforming], told.Select(t => t.State));
        Assert.Equal(40, told[0].ExpectedViews, 1e-9);
        Assert.StartsWith("in the last three hours 4.0 times its own pace", told[0].Reason, StringComparison.Ordinal);
    }
}
