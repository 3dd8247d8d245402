using Media.Bandit;
using Media.Events.Simulator;

namespace Media.Tests.Bandit;

public class ContextualTrialTests
{
    private static readonly ThompsonOptions Options = new();

    private static readonly Func<IContextualPolicy>[] Policies =
        [() => new ContextBlind(new ThompsonSampling(5, Options)), () => new ContextualThompson(5, Options)];

    [Fact]
    public void SimulatedSlots_WhereSegmentsDiffer_ContextualEarnsMore()
    {
        var world = BanditWorld.AdSlots(new SimulatedTruth(new SimulatorOptions { Users = 600, Days = 60 }));
        var result = BanditTrial.Run(world, Policies, new TrialOptions { Rounds = 8_000, Seeds = 30 }, TestContext.Current.CancellationToken);
        Print(result);
        Assert.True(result.Gain("contextual_thompson", "thompson_sampling").Low > 0);
    }

    [Fact]
    public void WhereSegmentsAreAlike_ContextualLosesLessThanThreePercent()
    {
        ArmOdds[] odds = [new(0.02, 0.50), new(0.03, 0.50), new(0.05, 0.60), new(0.015, 0.90), new(0.01, 0.40)];
        var world = new BanditWorld([.. Enumerable.Range(0, 6).Select(i => new WorldContext($"segment {i}", 1 + i))], (_, _, arm) => odds[arm]);
        var result = BanditTrial.Run(world, Policies, new TrialOptions { Rounds = 8_000, Seeds = 40 }, TestContext.Current.CancellationToken);
        Print(result);
        var (plain, contextual) = (result["thompson_sampling"], result["contextual_thompson"]);
        Assert.True(contextual.Regret[^1].Mean - plain.Regret[^1].Mean < 0.03 * plain.RevenueUsd.Mean);
    }

    [Fact]
    public void SlotsChangePlaces_ForgettingEarnsMore()
    {
        var world = BanditWorld.AdSlots(new SimulatedTruth(new SimulatorOptions { Users = 600, Days = 60 })).Drifting(5, everyRounds: 3_000);
        var result = BanditTrial.Run(world,
            [Policies[0], () => new ContextBlind(new ThompsonSampling(5, Options with { Discount = 1 - 1 / 1_200.0 }))], new TrialOptions { Rounds = 12_000, Seeds = 20 }, TestContext.Current.CancellationToken);
        Print(result);
        Assert.True(result.Policies[1].MinusFirstUsd.Low > 0);
    }

    [Fact]
    public void Contexts_ComeUpByTheirShares_AndRegretIsTowardTheBestOfEach()
    {
        // Uniform over two arms loses half of the difference: 0.25 × 0.1 USD in three of four rounds, 0.25 × 0.3 in the fourth.
        var world = new BanditWorld([new WorldContext("often", 3), new WorldContext("seldom", 1)], (_, context, arm) => new ArmOdds(0.5, arm == context ? context == 0 ? 0.1 : 0.3 : 0));
        var result = BanditTrial.Run(world, [() => new ContextBlind(new UniformPolicy(2))], new TrialOptions { Rounds = 4_000, Seeds = 50 }, TestContext.Current.CancellationToken);
        Assert.Equal(4_000 * (0.75 * 0.025 + 0.25 * 0.075), result.Policies[0].Regret[^1].Mean, 1.5);
    }

    [Fact]
    public void Drifting_EachArmTakesOverFromTheOneBefore()
    {
        var world = new BanditWorld([new WorldContext("", 1)], (_, _, arm) => new ArmOdds(0.1 * arm, 1)).Drifting(3, everyRounds: 10);
        Assert.Equal([0.0, 0.1, 0.2], Enumerable.Range(0, 3).Select(arm => world.Odds(9, 0, arm).ClickProbability));
        Assert.Equal([0.2, 0.0, 0.1], Enumerable.Range(0, 3).Select(arm => world.Odds(10, 0, arm).ClickProbability));
        Assert.Equal([0.0, 0.1, 0.2], Enumerable.Range(0, 3).Select(arm => world.Odds(30, 0, arm).ClickProbability));
    }

    [Fact]
    public void AdSlots_MeanOverSegments_IsTheMeanOfAllAds()
    {
        var truth = new SimulatedTruth(new SimulatorOptions { Users = 300, Days = 30 });
        var world = BanditWorld.AdSlots(truth);
        var ads = world.Contexts.Sum(c => c.Share);
        var mean = world.Contexts.Select((c, i) => c.Share / ads * world.Odds(0, i, 2).ClickProbability).Sum();
        Assert.Equal(truth.AdSlotOdds(Media.Events.AdSlot.InArticle).ClickProbability, mean, 1e-12);
    }

    [Fact]
    public void NoContext_IsRefused() => Assert.Throws<ArgumentException>(() =>
        BanditTrial.Run(new BanditWorld([], (_, _, _) => default), Policies, new TrialOptions(), TestContext.Current.CancellationToken));

    [Fact]
    public void UnknownPolicy_IsNamed()
    {
        var result = BanditTrial.Run((_, _) => default, [() => new UniformPolicy(2)], new TrialOptions { Rounds = 10, Seeds = 2 }, TestContext.Current.CancellationToken);
        Assert.Contains("uniform", Assert.Throws<ArgumentException>(() => result["softmax"]).Message, StringComparison.Ordinal);
    }

    private static void Print(TrialResult result)
    {
        foreach (var p in result.Policies)
            TestContext.Current.TestOutputHelper?.WriteLine($"{p.Name}: {p.RevenueUsd.Mean:0.00} USD, minus first {p.MinusFirstUsd.Mean:0.00} [{p.MinusFirstUsd.Low:0.00}, {p.MinusFirstUsd.High:0.00}], wins {p.BeatsFirst}, regret {p.Regret[^1].Mean:0.00}");
    }
}
