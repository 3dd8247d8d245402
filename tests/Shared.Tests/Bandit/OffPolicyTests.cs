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
    public void BadInput_IsRefused()
    {
        Assert.Throws<ArgumentException>(() => OffPolicy.Ips([], [], []));
        Assert.Throws<ArgumentException>(() => OffPolicy.Ips([1], [0.5, 0.5], [1]));
        Assert.Throws<ArgumentException>(() => OffPolicy.Ips([1], [0], [1]));
        Assert.Throws<ArgumentException>(() => OffPolicy.Ips([1], [0.5], [double.NaN]));
    }
}
