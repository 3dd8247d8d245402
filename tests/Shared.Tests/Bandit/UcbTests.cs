using Media.Bandit;

namespace Media.Tests.Bandit;

/// <summary>The two optimistic policies: by the paper's bound and by the posterior.</summary>
public class UcbTests
{
    [Fact]
    public void Ucb1_TriesEveryArmFirst_ThenTheHighestBound_ByHand()
    {
        var policy = new Ucb1(3, new Ucb1Options());
        policy.Update(1, true, 0.9);
        Assert.Equal([0.5, 0, 0.5], policy.Propensities);
        policy.Update(0, true, 0.5);
        Assert.Equal([0, 0, 1], policy.Propensities);
        policy.Update(2, true, 0.1);
        // All three have one decision: the widths are alike and the mean decides.
        Assert.Equal([0, 1, 0], policy.Propensities);
        for (var i = 0; i < 3; i++) policy.Update(1, false, 0);
        // t = 6: arm 1 has 0.9/4 + √(2 ln 6 / 4) = 1.172, arm 0 has 0.5 + √(2 ln 6) = 2.393, arm 2 has 0.1 + the same.
        Assert.Equal([1, 0, 0], policy.Propensities);
    }

    [Fact]
    public void Ucb1_ScaleOfRevenue_ChangesNoChoice()
    {
        var (small, large) = (new Ucb1(4, new Ucb1Options { MostRevenueUsd = 1 }), new Ucb1(4, new Ucb1Options { MostRevenueUsd = 64 }));
        var random = new Random(21);
        for (var i = 0; i < 5_000; i++)
        {
            var arm = Math.Max(0, small.Propensities.ToList().IndexOf(1));
            Assert.Equal(small.Propensities, large.Propensities);
            var revenue = random.NextDouble() < 0.1 * (arm + 1) ? random.NextDouble() : 0;
            small.Update(arm, revenue > 0, revenue);
            large.Update(arm, revenue > 0, 64 * revenue);
        }
    }

    [Fact]
    public void BayesUcb_PrefersTheUncertainArm_ByHand()
    {
        var clicksOnly = new ArmPosterior(BetaPosterior.Prior, GammaPosterior.Known(1));
        var policy = new BayesUcb(2, new BayesUcbOptions { Deviations = 2, Prior = clicksOnly });
        // Arm 0 after 3 clicks in 8: Beta(4, 6), 0.4 + 2·√(24 / (100·11)) = 0.695. Arm 1 after 1 in 2: Beta(2, 2), 0.5 + 2·√(4 / (16·5)) = 0.947.
        for (var i = 0; i < 8; i++) policy.Update(0, i < 3, i < 3 ? 1 : 0);
        for (var i = 0; i < 2; i++) policy.Update(1, i < 1, i < 1 ? 1 : 0);
        Assert.Equal([0, 1], policy.Propensities);
        // Eight more misses: Beta(2, 10), 1/6 + 2·√(20 / (144·13)) = 0.373.
        for (var i = 0; i < 8; i++) policy.Update(1, false, 0);
        Assert.Equal([1, 0], policy.Propensities);
    }

    [Fact]
    public void WithoutFloor_TheChoiceIsCertain_AndLoggedSo()
    {
        IBanditPolicy[] policies = [new Ucb1(2, new Ucb1Options()), new BayesUcb(2, new BayesUcbOptions())];
        foreach (var policy in policies)
        {
            for (var i = 0; i < 40; i++) policy.Update(i % 2, i % 4 == 1, i % 4 == 1 ? 0.9 : 0);
            Assert.All(Enumerable.Range(0, 100), seed => Assert.Equal((1, 1.0), (policy.Choose(new Random(seed)).Arm, policy.Choose(new Random(seed)).Propensity)));
        }
    }

    [Fact]
    public void WithFloor_EveryArmKeepsIt()
    {
        var policy = new BayesUcb(4, new BayesUcbOptions { MinPropensity = 0.05 });
        for (var i = 0; i < 400; i++) policy.Update(i % 4, i % 4 == 2, i % 4 == 2 ? 1 : 0);
        Assert.Equal([0.05, 0.05, 0.85, 0.05], policy.Propensities.Select(p => Math.Round(p, 12)));
    }

    [Fact]
    public void AtHeadlineClickRates_ThePosteriorsBoundLosesLessThanThePapers()
    {
        // Click rates around 1.3 % as of headlines, every click worth the same.
        double[] rates = [0.010, 0.013, 0.016, 0.012];
        var clicksOnly = new ArmPosterior(BetaPosterior.Prior, GammaPosterior.Known(1));
        var result = BanditTrial.Run((_, arm) => new ArmOdds(rates[arm], 1),
            [() => new UniformPolicy(4), () => new Ucb1(4, new Ucb1Options()), () => new BayesUcb(4, new BayesUcbOptions { Prior = clicksOnly })],
            new TrialOptions { Rounds = 10_000, RevenueShape = 1_000 }, TestContext.Current.CancellationToken);
        foreach (var p in result.Policies) TestContext.Current.TestOutputHelper?.WriteLine($"{p.Name}: regret {p.Regret[^1].Mean:0.0} [{p.Regret[^1].Low:0.0}, {p.Regret[^1].High:0.0}] clicks in 10,000");
        Assert.True(result.Policies[1].Regret[^1].High < result.Policies[0].Regret[^1].Low);
        Assert.True(result.Policies[2].Regret[^1].High < result.Policies[1].Regret[^1].Low);
    }

    [Fact]
    public void BadOptions_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new Ucb1(0, new Ucb1Options()));
        Assert.Throws<ArgumentException>(() => new Ucb1(2, new Ucb1Options { MostRevenueUsd = 0 }));
        Assert.Throws<ArgumentException>(() => new Ucb1(10, new Ucb1Options { MinPropensity = 0.1 }));
        Assert.Throws<ArgumentException>(() => new BayesUcb(2, new BayesUcbOptions { Deviations = -1 }));
        var fault = Assert.Throws<ArgumentException>(() => new BayesUcb(2, new BayesUcbOptions { Prior = ArmPosterior.Prior }));
        Assert.Contains("shape > 2", fault.Message, StringComparison.Ordinal);
    }
}
