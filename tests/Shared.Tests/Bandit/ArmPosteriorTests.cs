using Media.Bandit;

namespace Media.Tests.Bandit;

public class ArmPosteriorTests
{
    [Fact]
    public void ThreeClicksInTenDecisions_ByHand()
    {
        // Beta(1 + 3, 1 + 7): mean 4/12, variance 4·8 / (12²·13). Gamma(2 + 3, 1 + 4): mean revenue 5 / (5 − 1).
        var arm = ArmPosterior.Prior;
        foreach (var revenue in new[] { 0.5, 1.5, 2.0 }) arm = arm.Update(clicked: true, revenue);
        for (var i = 0; i < 7; i++) arm = arm.Update(clicked: false, 0);

        Assert.Equal(new BetaPosterior(4, 8), arm.Click);
        Assert.Equal(1.0 / 3, arm.Click.Mean, 1e-12);
        Assert.Equal(32.0 / (144 * 13), arm.Click.Variance, 1e-12);
        Assert.Equal(new GammaPosterior(5, 5, 1), arm.Revenue);
        Assert.Equal(1.25, arm.Revenue.Mean, 1e-12);
        Assert.Equal(1.25 / 3, arm.MeanValue, 1e-12);
    }

    [Fact]
    public void KnownShapeThree_EachClickCountsThree()
    {
        var revenue = new GammaPosterior(4, 2, 3).Update(6).Update(1);
        Assert.Equal(new GammaPosterior(10, 9, 3), revenue);
        Assert.Equal(3.0, revenue.Mean, 1e-12);
    }

    [Fact]
    public void SampleValue_AveragesToMeanValue()
    {
        var arm = new ArmPosterior(new BetaPosterior(20, 180), new GammaPosterior(22, 30, 1));
        var random = new Random(4);
        var sum = 0.0;
        for (var i = 0; i < 200_000; i++) sum += arm.SampleValue(random);
        Assert.Equal(1, sum / 200_000 / arm.MeanValue, 0.005);
    }

    [Fact]
    public void RevenuePosterior_TendsToTrueMean_AlsoWhenRevenueIsNotGamma()
    {
        var random = new Random(5);
        var revenue = GammaPosterior.Prior;
        for (var i = 0; i < 50_000; i++) revenue = revenue.Update(random.NextDouble() < 0.9 ? 0.10 : 5.00);
        Assert.Equal(0.59, revenue.Mean, 0.03);
    }
}
