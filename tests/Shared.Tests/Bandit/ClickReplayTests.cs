using Media.Bandit;

namespace Media.Tests.Bandit;

public class ClickReplayTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Uniform_LosesTheMeanGapEachPull() =>
        Assert.InRange(ClickReplay.Regret(new UniformPolicy(2), [0.1, 0.3], 20_000, new Random(1), Cancel), 1_950, 2_050);

    [Fact]
    public void EqualArms_LoseNothing() => Assert.Equal(0, ClickReplay.Regret(new EpsilonGreedy(3), [0.2, 0.2, 0.2], 1_000, new Random(1), Cancel));

    [Fact]
    public void PriorThatKnowsTheBest_LosesLessThanAFlatOne()
    {
        double[] rates = [0.010, 0.013, 0.016];
        Assert.True(Lost(rates.Select(r => new BetaPosterior(r * 3_000, (1 - r) * 3_000))) < Lost(rates.Select(_ => BetaPosterior.Prior)) / 2);

        double Lost(IEnumerable<BetaPosterior> priors) => Enumerable.Range(0, 20).Average(seed =>
            ClickReplay.Regret(new BayesUcb([.. priors.Select(p => new ArmPosterior(p, GammaPosterior.Known(1)))], new BayesUcbOptions()), rates, 5_000, new Random(seed), Cancel));
    }

    [Fact]
    public void RatesThatDoNotFit_AreRefused()
    {
        Assert.Equal("clickRates has 1 entries but the policy has 2 arms. (Parameter 'clickRates')", Assert.Throws<ArgumentException>(() => ClickReplay.Regret(new UniformPolicy(2), [0.1], 1, new Random(1), Cancel)).Message);
        Assert.Equal("A click rate is 1.1; it must be in [0, 1]. (Parameter 'clickRates')", Assert.Throws<ArgumentException>(() => ClickReplay.Regret(new UniformPolicy(1), [1.1], 1, new Random(1), Cancel)).Message);
    }
}
