using Media.Bandit;

namespace Media.Tests.Bandit;

public class AdSlotLearningTests
{
    // Casual readers click slot 2, power users slot 0; every click earns 0.50 USD.
    private static readonly ShownAd[] Log = Ads(20_000);

    [Fact]
    public void LearnedAtOnce_IsAsUpdatedOneByOne()
    {
        foreach (var options in new[] { new ThompsonOptions(), new ThompsonOptions { Discount = 0.999 } })
        {
            var one = new ThompsonSampling(5, options);
            foreach (var ad in Log.Take(3_000)) one.Update(ad.Slot, ad.Clicked, ad.RevenueUsd);
            var learned = AdSlotLearning.Thompson([.. Log.Take(3_000)], options);
            Assert.Equal(one.Posteriors, learned.Posteriors);
            Assert.Equal((1, options), (learned.PolicyVersion, learned.Options));
        }
        var contextual = new ContextualThompson(5, new ThompsonOptions());
        foreach (var ad in Log) contextual.Update(ad.Segment, ad.Slot, ad.Clicked, ad.RevenueUsd);
        contextual.Refresh();
        var atOnce = AdSlotLearning.Contextual(Log, new ThompsonOptions());
        Assert.Equal(contextual.Propensities("casual"), atOnce.Propensities("casual"));
        Assert.Equal(contextual.Propensities("power_user"), atOnce.Propensities("power_user"));
    }

    [Fact]
    public void Values_FindWhatEachPolicyEarns()
    {
        var values = AdSlotLearning.Values(Log, new ThompsonOptions());
        Assert.Equal(9, values.Count);
        // The log draws evenly; of five slots one clicks 10 %, the others 2 %: 0.036 × 0.50.
        RequireNear(0.018, Value("as_logged", "mean"));
        // Per segment it knows the slot that clicks 10 %, but for the floor of 1 % on four others: 0.96 × 0.05 + 0.04 × 0.01.
        foreach (var estimator in new[] { "ips", "snips", "dr" })
            RequireNear(0.0484, Value("contextual_thompson", estimator));
        Assert.Equal(0.0484, Value("contextual_thompson", "dm").Value, 0.006);
        // Without segments no slot clicks more than half of 12 %.
        Assert.True(Value("thompson_sampling", "dr").Value < 0.04);
        Assert.True(Value("contextual_thompson", "dr").StandardError <= Value("contextual_thompson", "ips").StandardError);

        // Four standard errors: one log, so its luck is the same in all estimates.
        static void RequireNear(double truth, OffPolicyEstimate value) => Assert.InRange(Math.Abs(value.Value - truth) / value.StandardError, 0, 4);

        OffPolicyEstimate Value(string policy, string estimator) => values.Single(v => v.Policy == policy && v.Estimator == estimator).Estimate;
    }

    [Fact]
    public void LogWithoutPropensities_HasNoValue() => Assert.Empty(AdSlotLearning.Values([.. Log.Select(ad => ad with { Propensity = null })], new ThompsonOptions()));

    [Fact]
    public void AdOfNoSlot_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => AdSlotLearning.Thompson([Log[0] with { Slot = 5 }], new ThompsonOptions()));

    private static ShownAd[] Ads(int count)
    {
        var random = new Random(31);
        var ads = new ShownAd[count];
        for (var i = 0; i < count; i++)
        {
            var (segment, best) = random.Next(2) == 0 ? ("casual", 2) : ("power_user", 0);
            var slot = random.Next(5);
            var clicked = random.NextDouble() < (slot == best ? 0.10 : 0.02);
            ads[i] = new ShownAd($"d{i:D6}", segment, slot, 0.2, i, clicked, clicked ? 0.5 : 0);
        }
        return ads;
    }
}
