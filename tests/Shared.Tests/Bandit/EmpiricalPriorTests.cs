using Media.Bandit;

namespace Media.Tests.Bandit;

public class EmpiricalPriorTests
{
    [Fact]
    public void MeanAndVariance_AreThoseOfTheArms()
    {
        // Rates 0.1 and 0.3 measured as good as exactly: mean 0.2, variance 0.01, so α + β = 0.16 / 0.01 − 1 = 15.
        var prior = EmpiricalPrior.Of([(100_000_000, 1_000_000_000), (300_000_000, 1_000_000_000)]);
        Assert.Equal(3, prior.Alpha, 3);
        Assert.Equal(12, prior.Beta, 3);
    }

    [Fact]
    public void ArmsDrawnFromABeta_GiveItBack()
    {
        var random = new Random(1);
        var arms = new List<(long, long)>();
        for (var i = 0; i < 3_000; i++)
        {
            var rate = new BetaPosterior(6, 294).Sample(random);
            var clicks = 0L;
            for (var n = 0; n < 500; n++) if (random.NextDouble() < rate) clicks++;
            arms.Add((clicks, 500));
        }
        var prior = EmpiricalPrior.Of(arms);
        Assert.InRange(prior.Mean, 0.0195, 0.0205);
        Assert.InRange(prior.Alpha + prior.Beta, 240, 360);
    }

    [Fact]
    public void ArmsThatDifferByChanceOnly_MakeItSure() => Assert.True(EmpiricalPrior.Of([(10, 100), (10, 100), (11, 100)]) is { Alpha: > 1_000 });

    [Fact]
    public void NoClickAtAll_IsFlat() => Assert.Equal(BetaPosterior.Prior, EmpiricalPrior.Of([(0, 100), (0, 0)]));

    [Fact]
    public void NothingShown_IsRefused() => Assert.Throws<ArgumentException>(() => EmpiricalPrior.Of([(0, 0)]));

    [Fact]
    public void ClicksBeyondImpressions_AreRefused() => Assert.Throws<ArgumentException>(() => EmpiricalPrior.Of([(2, 1)]));
}
