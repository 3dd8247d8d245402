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
    public void Deviation_ByHand()
    {
        // Click Beta(4, 8): 1/3, variance 32 / (144·13). Revenue Gamma(5, 5): 5/4, variance (5/4)² / 3.
        var arm = new ArmPosterior(new BetaPosterior(4, 8), new GammaPosterior(5, 5, 1));
        Assert.Equal(25.0 / 48, arm.Revenue.Variance, 1e-12);
        Assert.Equal(Math.Sqrt((32.0 / (144 * 13) + 1.0 / 9) * (25.0 / 48 + 25.0 / 16) - 25.0 / 144), arm.ValueDeviation, 1e-12);
        Assert.Equal(double.PositiveInfinity, ArmPosterior.Prior.ValueDeviation);
    }

    [Fact]
    public void Deviation_IsThatOfDraws()
    {
        var arm = new ArmPosterior(new BetaPosterior(20, 180), new GammaPosterior(22, 30, 1));
        var random = new Random(14);
        double[] draws = [.. Enumerable.Range(0, 200_000).Select(_ => arm.SampleValue(random))];
        var mean = draws.Average();
        Assert.Equal(1, Math.Sqrt(draws.Average(d => (d - mean) * (d - mean))) / arm.ValueDeviation, 0.01);
    }

    [Fact]
    public void KnownRevenue_StaysWhatItIs()
    {
        var revenue = GammaPosterior.Known(0.25);
        for (var i = 0; i < 10_000; i++) revenue = revenue.Update(0.25);
        Assert.Equal(0.25, revenue.Mean, 1e-12);
        Assert.InRange(Math.Sqrt(revenue.Variance), 0, 1e-5);
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
