using Media.Bandit;

namespace Media.Tests.Bandit;

public class EpsilonGreedyTests
{
    [Fact]
    public void BestArm_GetsAllButEpsilon()
    {
        var policy = new EpsilonGreedy(4, 0.2);
        policy.Update(2, true, 1);
        Assert.Equal([0.05, 0.05, 0.85, 0.05], policy.Propensities.Select(p => Math.Round(p, 12)));
    }

    [Fact]
    public void TiedArms_ShareTheGreedyPart()
    {
        var policy = new EpsilonGreedy(4, 0.2);
        policy.Update(0, true, 2);
        policy.Update(3, true, 2);
        Assert.Equal([0.45, 0.05, 0.05, 0.45], policy.Propensities.Select(p => Math.Round(p, 12)));
    }

    [Fact]
    public void EpsilonOutOfRange_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new EpsilonGreedy(4, 1.1));
}
