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
