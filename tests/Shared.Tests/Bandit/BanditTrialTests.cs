using Media.Bandit;

namespace Media.Tests.Bandit;

public class BanditTrialTests
{
    private static readonly Func<IBanditPolicy>[] Policies = [() => new UniformPolicy(5), () => new EpsilonGreedy(5), () => new ThompsonSampling(5, new ThompsonOptions())];

    // Click odds of a few percent as on a real page; the best slot earns about twice the mean of all.
    private static readonly ArmOdds[] Separable = [new(0.02, 0.50), new(0.03, 0.50), new(0.05, 0.60), new(0.015, 0.90), new(0.01, 0.40)];

    // The same value from other odds: there is nothing to learn, though the clicks differ.
    private static readonly ArmOdds[] Null = [new(0.20, 0.50), new(0.10, 1.00), new(0.25, 0.40), new(0.40, 0.25), new(0.50, 0.20)];

    [Fact]
    public void Separable_ThompsonBeatsUniform_InAtLeast95Of100Seeds()
    {
        var result = BanditTrial.Run((_, arm) => Separable[arm], Policies, new TrialOptions { Rounds = 6_000 }, TestContext.Current.CancellationToken);
        Print(result);
        var thompson = result.Policies[2];
        Assert.True(thompson.BeatsFirst >= 95, $"beat uniform in {thompson.BeatsFirst} of 100 seeds");
        Assert.True(thompson.MinusFirstUsd.Low > 0);
    }

    [Fact]
    public void NothingToLearn_ThompsonIsWithinOnePercentOfUniform()
    {
        var result = BanditTrial.Run((_, arm) => Null[arm], Policies, new TrialOptions { Rounds = 6_000 }, TestContext.Current.CancellationToken);
        Print(result);
        var (uniform, thompson) = (result.Policies[0], result.Policies[2]);
        Assert.InRange(thompson.RevenueUsd.Mean / uniform.RevenueUsd.Mean, 0.99, 1.01);
        Assert.Equal(0, thompson.Regret[^1].Mean, 1e-9);
    }

    [Fact]
    public void DelayedRewards_StillLearned()
    {
        var result = BanditTrial.Run((_, arm) => Separable[arm], Policies, new TrialOptions { Rounds = 6_000, Seeds = 20, RewardDelayRounds = 1_000 }, TestContext.Current.CancellationToken);
        Assert.True(result.Policies[2].MinusFirstUsd.Low > 0);
    }

    [Fact]
    public void Regret_OfUniform_IsByHand()
    {
        // Values 0.01, 0.015, 0.03, 0.0135, 0.004: mean 0.0145, best 0.03, so 0.0155 lost per round in expectation.
        var result = BanditTrial.Run((_, arm) => Separable[arm], Policies[..1], new TrialOptions { Rounds = 4_000, Seeds = 50, CurvePoints = 4 }, TestContext.Current.CancellationToken);
        Assert.Equal([1_000, 2_000, 3_000, 4_000], result.CurveRounds);
        Assert.All(result.Policies[0].Regret.Zip(result.CurveRounds), p => Assert.Equal(0.0155 * p.Second, p.First.Mean, 0.01 * 0.0155 * p.Second));
    }

    [Fact]
    public void SameOptions_SameResult_WhateverTheThreads()
    {
        var options = new TrialOptions { Rounds = 2_000, Seeds = 8, FirstSeed = 77 };
        var first = BanditTrial.Run((_, arm) => Separable[arm], Policies, options, TestContext.Current.CancellationToken);
        var second = BanditTrial.Run((_, arm) => Separable[arm], Policies, options, TestContext.Current.CancellationToken);
        Assert.Equal(first.Policies.SelectMany(p => p.Regret), second.Policies.SelectMany(p => p.Regret));
        Assert.Equal(first.Policies.SelectMany(p => p.RevenueBySeed), second.Policies.SelectMany(p => p.RevenueBySeed));
    }

    [Fact]
    public void PoliciesWithOtherArms_AreRefused() => Assert.Throws<ArgumentException>(() =>
        BanditTrial.Run((_, _) => default, [() => new UniformPolicy(2), () => new UniformPolicy(3)], new TrialOptions(), TestContext.Current.CancellationToken));

    [Fact]
    public void Cancelled_Stops() => Assert.ThrowsAny<OperationCanceledException>(() =>
        BanditTrial.Run((_, _) => default, Policies, new TrialOptions(), new CancellationToken(canceled: true)));

    private static void Print(TrialResult result)
    {
        foreach (var p in result.Policies)
            TestContext.Current.TestOutputHelper?.WriteLine($"{p.Name}: {p.RevenueUsd.Mean:0.00} USD, minus uniform {p.MinusFirstUsd.Mean:0.00} [{p.MinusFirstUsd.Low:0.00}, {p.MinusFirstUsd.High:0.00}], wins {p.BeatsFirst}, regret {p.Regret[^1].Mean:0.00}");
    }
}
