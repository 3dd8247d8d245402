using Media.Bandit;

namespace Media.Tests.Bandit;

public class OffPolicyTests
{
    [Fact]
    public void ThreeRows_ByHand()
    {
        // Weights 2, 0.5, 1: IPS (2·1 + 0.5·0 + 1·2) / 3, SNIPS 4 / 3.5, effective size 3.5² / 5.25.
        double[] rewards = [1, 0, 2], logged = [0.25, 0.5, 0.5], target = [0.5, 0.25, 0.5];
        var ips = OffPolicy.Ips(rewards, logged, target);
        var snips = OffPolicy.Snips(rewards, logged, target);
        Assert.Equal(4.0 / 3, ips.Value, 1e-12);
        Assert.Equal(4.0 / 3.5, snips.Value, 1e-12);
        Assert.Equal(3.5 * 3.5 / 5.25, ips.EffectiveSampleSize, 1e-12);
        // s² of 2, 0, 2 is 4/3; the standard error √(4/9).
        Assert.Equal(2.0 / 3, ips.StandardError, 1e-12);
    }

    [Fact]
    public void TargetEqualsLogging_IsThePlainMean()
    {
        double[] rewards = [1, 0, 0, 3], logged = [0.1, 0.2, 0.3, 0.4];
        Assert.Equal(1, OffPolicy.Ips(rewards, logged, logged).Value, 1e-12);
        Assert.Equal(1, OffPolicy.Snips(rewards, logged, logged).Value, 1e-12);
    }

    [Fact]
    public void UniformLog_ValuesThompsonWithinTwoStandardErrors_InAtLeast93Of100()
    {
        ArmOdds[] odds = [new(0.10, 0.50), new(0.15, 0.50), new(0.25, 0.60), new(0.08, 0.90), new(0.05, 0.40)];
        double[] target = [0.10, 0.15, 0.60, 0.10, 0.05];
        var truth = odds.Select((o, a) => o.Value * target[a]).Sum();
        var (ipsHits, snipsHits) = (0, 0);
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(seed);
            var logging = new UniformPolicy(5);
            var (rewards, logged, wanted) = (new double[4_000], new double[4_000], new double[4_000]);
            for (var i = 0; i < rewards.Length; i++)
            {
                var decision = logging.Choose(random);
                rewards[i] = random.NextDouble() < odds[decision.Arm].ClickProbability ? odds[decision.Arm].MeanRevenueUsd * Draw.Gamma(random, 2) / 2 : 0;
                (logged[i], wanted[i]) = (decision.Propensity, target[decision.Arm]);
            }
            var ips = OffPolicy.Ips(rewards, logged, wanted);
            var snips = OffPolicy.Snips(rewards, logged, wanted);
            if (Math.Abs(ips.Value - truth) <= 2 * ips.StandardError) ipsHits++;
            if (Math.Abs(snips.Value - truth) <= 2 * snips.StandardError) snipsHits++;
        }
        TestContext.Current.TestOutputHelper?.WriteLine($"within 2 SE of the truth: IPS {ipsHits}, SNIPS {snipsHits} of 100");
        Assert.True(ipsHits >= 93 && snipsHits >= 93, $"IPS {ipsHits}, SNIPS {snipsHits} of 100");
    }

    [Fact]
    public void ModelEstimators_ByHand()
    {
        // Weights 2, 0.5, 6; the model misses 1 − 0.5, 0 − 0.2, 2 − 1.
        double[] rewards = [1, 0, 2], logged = [0.25, 0.5, 0.1], target = [0.5, 0.25, 0.6], predicted = [0.5, 0.2, 1], expected = [0.4, 0.3, 0.8];
        Assert.Equal(0.5, OffPolicy.DirectMethod(expected).Value, 1e-12);
        Assert.Equal((0.4 + 1 + 0.3 - 0.1 + 0.8 + 6) / 3, OffPolicy.DoublyRobust(rewards, logged, target, predicted, expected).Value, 1e-12);
        // τ = 5 leaves the third row to the model.
        Assert.Equal((0.4 + 1 + 0.3 - 0.1 + 0.8) / 3, OffPolicy.SwitchDoublyRobust(rewards, logged, target, predicted, expected, 5).Value, 1e-12);
        Assert.Equal(0.5, OffPolicy.SwitchDoublyRobust(rewards, logged, target, predicted, expected, 0).Value, 1e-12);
        Assert.Equal([0.4, 1.5], OffPolicy.Expected([0.8, 0.2, 0.5, 0.5], [0.5, 0, 1, 2], 2));
    }

    [Fact]
    public void DoublyRobust_IsRightWithAnyModel_AndNarrowerThanIpsWithAGoodOne_WhileTheDirectMethodIsAsWrongAsItsModel()
    {
        // Click probability by context and arm; the log prefers other arms in each context than the target does.
        double[][] odds = [[0.10, 0.30, 0.50, 0.20], [0.60, 0.20, 0.10, 0.40], [0.30, 0.30, 0.70, 0.05]];
        double[][] logging = [[0.40, 0.30, 0.10, 0.20], [0.10, 0.40, 0.30, 0.20], [0.25, 0.25, 0.25, 0.25]];
        double[][] wanted = [[0.10, 0.10, 0.70, 0.10], [0.70, 0.10, 0.10, 0.10], [0.05, 0.10, 0.80, 0.05]];
        var truth = Enumerable.Range(0, 3).Average(c => Enumerable.Range(0, 4).Sum(a => wanted[c][a] * odds[c][a]));
        double[][] blind = [.. odds.Select(_ => Enumerable.Range(0, 4).Select(a => odds.Average(o => o[a])).ToArray())];
        var (good, wrong, ipsHits, direct) = (0, 0, 0, 0);
        double[] ipsErrors = new double[100], goodErrors = new double[100];
        for (var seed = 0; seed < 100; seed++)
        {
            var random = new Random(1_000 + seed);
            var (context, arm, rewards, logged, target) = (new int[3_000], new int[3_000], new double[3_000], new double[3_000], new double[3_000]);
            for (var i = 0; i < rewards.Length; i++)
            {
                context[i] = random.Next(3);
                arm[i] = new PolicyState(0, logging[context[i]]).Draw(random).Arm;
                rewards[i] = random.NextDouble() < odds[context[i]][arm[i]] ? 1 : 0;
                (logged[i], target[i]) = (logging[context[i]][arm[i]], wanted[context[i]][arm[i]]);
            }
            var ips = OffPolicy.Ips(rewards, logged, target);
            var withGood = DoublyRobust(odds);
            var withBlind = DoublyRobust(blind);
            var directBlind = OffPolicy.DirectMethod(Expected(blind));
            (ipsErrors[seed], goodErrors[seed]) = (ips.Value - truth, withGood.Value - truth);
            if (Within(ips)) ipsHits++;
            if (Within(withGood)) good++;
            if (Within(withBlind)) wrong++;
            if (Within(directBlind)) direct++;

            OffPolicyEstimate DoublyRobust(double[][] model) => OffPolicy.DoublyRobust(rewards, logged, target, [.. context.Zip(arm, (c, a) => model[c][a])], Expected(model));
            double[] Expected(double[][] model) => OffPolicy.Expected([.. context.SelectMany(c => wanted[c])], [.. context.SelectMany(c => model[c])], 4);
        }
        var ratio = goodErrors.Sum(e => e * e) / ipsErrors.Sum(e => e * e);
        TestContext.Current.TestOutputHelper?.WriteLine($"within 2 SE of {truth:0.0000}: IPS {ipsHits}, DR with the true model {good}, DR with a model blind to the context {wrong}, DM with that model {direct} of 100; DR's squared error {ratio:0.00} × IPS's");
        Assert.True(ipsHits >= 93 && good >= 93 && wrong >= 93, $"IPS {ipsHits}, DR {good} and {wrong} of 100");
        Assert.True(direct <= 5, $"DM with a wrong model hit {direct} of 100");
        Assert.True(ratio < 0.8, $"DR's squared error is {ratio:0.00} of IPS's");

        bool Within(OffPolicyEstimate estimate) => Math.Abs(estimate.Value - truth) <= 2 * estimate.StandardError;
    }

    [Fact]
    public void Percentiles_AreThoseOfTheNormalInterval_ForManyRows_AndTheSameWhateverTheThreads()
    {
        var random = new Random(31);
        double[] rewards = [.. Enumerable.Range(0, 4_000).Select(_ => random.NextDouble() < 0.2 ? 1.0 : 0)], logged = [.. rewards.Select(_ => 0.25)], target = [.. rewards.Select(_ => random.NextDouble() / 2)];
        OffPolicyEstimate[] estimates = [OffPolicy.Ips(rewards, logged, target), OffPolicy.Snips(rewards, logged, target)];
        var intervals = OffPolicyEstimate.Percentiles(estimates, 1_000, 7, TestContext.Current.CancellationToken);
        for (var e = 0; e < 2; e++)
        {
            Assert.Equal(estimates[e].Value, intervals[e].Mean);
            Assert.Equal(1, (intervals[e].High - intervals[e].Low) / (estimates[e].High - estimates[e].Low), 0.1);
            Assert.InRange(intervals[e].Low - estimates[e].Low, -0.5 * estimates[e].StandardError, 0.5 * estimates[e].StandardError);
        }
        Assert.Equal(intervals, OffPolicyEstimate.Percentiles(estimates, 1_000, 7, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(new[] { 0.2, 0.2, 0.2, 0.2, 0.2 })]
    [InlineData(new[] { 0.4, 0.1, 0.2, 0.2, 0.1 })]
    public void Replay_OfAFixedPolicy_IsItsMean(double[] logging)
    {
        double[] rates = [0.1, 0.2, 0.3, 0.4, 0.5];
        var random = new Random(32);
        var log = new PolicyState(0, logging);
        var (arms, logged, clicked, revenue) = (new int[50_000], new double[50_000], new bool[50_000], new double[50_000]);
        for (var i = 0; i < arms.Length; i++)
        {
            var decision = log.Draw(random);
            (arms[i], logged[i], clicked[i]) = (decision.Arm, decision.Propensity, random.NextDouble() < rates[decision.Arm]);
            revenue[i] = clicked[i] ? 1 : 0;
        }
        var uniform = Replay(new UniformPolicy(5), 33);
        Assert.InRange(Math.Abs(uniform.Value - 0.3), 0, 3 * uniform.StandardError);
        // Once it has found the best arm: 0.9 × 0.5 + 0.1 × 0.3.
        Assert.InRange(Replay(new EpsilonGreedy(5, 0.1), 34).Value, 0.44, 0.50);

        OffPolicyEstimate Replay(IBanditPolicy policy, int seed) =>
            OffPolicy.Replay([.. arms.Select(_ => "anyone")], arms, logged, clicked, revenue, new ContextBlind(policy), new Random(seed));
    }

    [Fact]
    public void Replay_ToAPolicyThatKnowsContexts_FindsEachContextsBestArm()
    {
        var random = new Random(35);
        var (contexts, arms, clicked, revenue) = (new string[40_000], new int[40_000], new bool[40_000], new double[40_000]);
        for (var i = 0; i < arms.Length; i++)
        {
            (contexts[i], arms[i]) = (i % 2 == 0 ? "left" : "right", random.Next(2));
            clicked[i] = random.NextDouble() < ((arms[i] == 0) == (contexts[i] == "left") ? 0.5 : 0.1);
            revenue[i] = clicked[i] ? 1 : 0;
        }
        double[] logged = [.. arms.Select(_ => 0.5)];
        Assert.InRange(Replay(new ContextualThompson(2, new ThompsonOptions())).Value, 0.48, 0.51);
        Assert.InRange(Replay(new ContextBlind(new ThompsonSampling(2, new ThompsonOptions()))).Value, 0.28, 0.32);

        OffPolicyEstimate Replay(IContextualPolicy policy) => OffPolicy.Replay(contexts, arms, logged, clicked, revenue, policy, new Random(36));
    }

    [Fact]
    public void Replay_InWhichNothingCounts_IsNotANumber()
    {
        var policy = new ThompsonSampling([new ArmPosterior(new BetaPosterior(1_000, 1), GammaPosterior.Prior), new ArmPosterior(new BetaPosterior(1, 1_000), GammaPosterior.Prior)], 0, new ThompsonOptions { MinPropensity = 0 });
        var nothing = OffPolicy.Replay(["anyone"], [1], [0.5], [true], [1], new ContextBlind(policy), new Random(1));
        Assert.True(double.IsNaN(nothing.Value));
        Assert.Equal(0, nothing.EffectiveSampleSize);
    }

    [Fact]
    public void Difference_IsPairedRowByRow_ByHand()
    {
        // Terms 2, 0, 2 less 0.5, 0, 1: differences 1.5, 0, 1, whose mean is 2.5 / 3 and whose s² is 0.58333.
        double[] rewards = [1, 0, 2];
        var gain = OffPolicy.Ips(rewards, [0.25, 0.5, 0.5], [0.5, 0.25, 0.5]).Minus(OffPolicy.Ips(rewards, [0.5, 0.5, 0.5], [0.25, 0.5, 0.25]));
        Assert.Equal(2.5 / 3, gain.Value, 1e-12);
        Assert.Equal(Math.Sqrt((2.25 + 1 - 3 * Math.Pow(2.5 / 3, 2)) / 2 / 3), gain.StandardError, 1e-12);
    }

    [Fact]
    public void BadInput_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => OffPolicy.Ips([], [], []));
        Assert.Throws<ArgumentException>(() => OffPolicy.Ips([1], [0.5, 0.5], [1]));
        Assert.Throws<ArgumentException>(() => OffPolicy.Ips([1], [0], [1]));
        Assert.Throws<ArgumentException>(() => OffPolicy.Ips([1], [0.5], [double.NaN]));
        Assert.Throws<ArgumentException>(() => OffPolicy.DirectMethod([]));
        Assert.Throws<ArgumentException>(() => OffPolicy.DoublyRobust([1], [0.5], [1], [double.NaN], [0]));
        Assert.Throws<ArgumentException>(() => OffPolicy.DoublyRobust([1], [0.5], [1], [0.5, 0.5], [0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => OffPolicy.SwitchDoublyRobust([1], [0.5], [1], [0], [0], -1));
        Assert.Throws<ArgumentException>(() => OffPolicy.Expected([1, 0, 1], [1, 0, 1], 2));
        Assert.Throws<ArgumentException>(() => OffPolicy.Replay(["a", "b"], [0], [0.5], [true], [1], new ContextBlind(new UniformPolicy(2)), new Random(1)));
        Assert.Throws<ArgumentException>(() => OffPolicy.DirectMethod([1]).Minus(OffPolicy.DirectMethod([1, 2])));
        Assert.Throws<ArgumentException>(() => OffPolicy.DirectMethod([1]).Minus(OffPolicy.Snips([1], [0.5], [0.5])));
        Assert.Throws<ArgumentException>(() => OffPolicyEstimate.Percentiles([OffPolicy.DirectMethod([1]), OffPolicy.DirectMethod([1, 2])], 100, 1, TestContext.Current.CancellationToken));
    }
}
