using Media.Bandit;

namespace Media.Tests.Bandit;

public class ThompsonSamplingTests
{
    [Fact]
    public void HopelessArm_KeepsTheFloor()
    {
        var policy = new ThompsonSampling(2, new ThompsonOptions { MinPropensity = 0.05 });
        for (var i = 0; i < 5_000; i++)
        {
            policy.Update(0, clicked: i % 2 == 0, i % 2 == 0 ? 1 : 0);
            policy.Update(1, clicked: false, 0);
        }
        Assert.Equal([0.95, 0.05], policy.Propensities.Select(p => Math.Round(p, 9)));
    }

    [Fact]
    public void Version_BeginsAfterTheBatch()
    {
        var policy = new ThompsonSampling(3, new ThompsonOptions { UpdatesPerVersion = 10 });
        for (var i = 0; i < 9; i++) policy.Update(0, true, 5);
        Assert.Equal(0, policy.PolicyVersion);
        Assert.Equal(1.0 / 3, policy.Propensities[0], 1e-12);
        policy.Update(0, true, 5);
        Assert.Equal(1, policy.PolicyVersion);
        Assert.True(policy.Propensities[0] > 0.5);
    }

    [Fact]
    public void Refresh_WithNothingLearned_KeepsTheVersion()
    {
        var policy = new ThompsonSampling(3, new ThompsonOptions());
        policy.Refresh();
        Assert.Equal(0, policy.PolicyVersion);
        policy.Update(1, false, 0);
        policy.Refresh();
        Assert.Equal(1, policy.PolicyVersion);
    }

    [Fact]
    public void OrderOfRewards_DoesNotMatter()
    {
        var rewards = Enumerable.Range(0, 400).Select(i => (Arm: i % 5, Clicked: i % 9 == 0, Revenue: i % 9 == 0 ? 0.25 * (i % 4) : 0.0)).ToArray();
        var forward = new ThompsonSampling(5, new ThompsonOptions());
        foreach (var r in rewards) forward.Update(r.Arm, r.Clicked, r.Revenue);
        var backward = new ThompsonSampling(5, new ThompsonOptions());
        foreach (var r in rewards.Reverse()) backward.Update(r.Arm, r.Clicked, r.Revenue);
        Assert.Equal(forward.Posteriors, backward.Posteriors);
        Assert.Equal(forward.Propensities, backward.Propensities);
    }

    [Fact]
    public void BadOptions_AreAllNamed()
    {
        var fault = Assert.Throws<ArgumentException>(() => new ThompsonSampling(2, new ThompsonOptions { MinPropensity = 0.7, UpdatesPerVersion = 0 }));
        Assert.Contains(nameof(ThompsonOptions.MinPropensity), fault.Message, StringComparison.Ordinal);
        Assert.Contains(nameof(ThompsonOptions.UpdatesPerVersion), fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FloorTimesArms_MustLeaveRoom() =>
        Assert.Throws<ArgumentException>(() => new ThompsonSampling(20, new ThompsonOptions { MinPropensity = 0.05 }));

    [Fact]
    public void NoArms_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => new ThompsonSampling(0, new ThompsonOptions()));

    [Fact]
    public void Discount_TakesEveryArmBackTowardThePrior()
    {
        // Prior Beta(1, 9) × Gamma(3, 2) with revenue shape 1, γ = 0.5, by hand.
        var prior = new ArmPosterior(new BetaPosterior(1, 9), new GammaPosterior(3, 2, 1));
        var policy = new ThompsonSampling(2, new ThompsonOptions { Prior = prior, Discount = 0.5 });
        policy.Update(0, true, 4);  // arm 0: Beta(2, 9), Gamma(4, 6)
        policy.Update(0, false, 0); // arm 0: Beta(1.5, 10), Gamma(3.5, 4)
        policy.Update(1, false, 0); // arm 0: Beta(1.25, 9.5), Gamma(3.25, 3); arm 1: Beta(1, 10)
        Assert.Equal([new ArmPosterior(new BetaPosterior(1.25, 9.5), new GammaPosterior(3.25, 3, 1)), prior with { Click = new BetaPosterior(1, 10) }], policy.Posteriors);
    }

    [Fact]
    public void DiscountOf1_ForgetsNothing()
    {
        var plain = new ThompsonSampling(3, new ThompsonOptions());
        for (var i = 0; i < 300; i++) plain.Update(i % 3, i % 7 == 0, i % 7 == 0 ? 0.3 : 0);
        Assert.Equal(300 + 3 * 2, plain.Posteriors.Sum(p => p.Click.Alpha + p.Click.Beta));
    }

    [Theory]
    [InlineData(0.4)]
    [InlineData(1.01)]
    [InlineData(double.NaN)]
    public void DiscountOutsideItsRange_IsNamed(double discount) =>
        Assert.Contains(nameof(ThompsonOptions.Discount), Assert.Throws<ArgumentException>(() => new ThompsonSampling(2, new ThompsonOptions { Discount = discount })).Message, StringComparison.Ordinal);
}
