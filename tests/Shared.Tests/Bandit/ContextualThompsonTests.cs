using Media.Bandit;

namespace Media.Tests.Bandit;

public class ContextualThompsonTests
{
    private static readonly string[] Segments = ["casual", "engaged", "power_user"];

    [Fact]
    public void SegmentsThatDiffer_AreAnsweredDifferently()
    {
        var policy = Learned(2_000);
        Assert.True(policy.Propensities("casual")[0] > 0.9);
        Assert.True(policy.Propensities("power_user")[1] > 0.9);
    }

    [Fact]
    public void LoggedPropensities_MatchDraws_InEveryContext_ByChiSquare()
    {
        var policy = Learned(60);
        foreach (var context in Segments.Append("never_seen"))
        {
            var random = new Random(21);
            var counts = new int[3];
            for (var i = 0; i < 100_000; i++)
            {
                var decision = policy.Choose(context, random);
                counts[decision.Arm]++;
                Assert.Equal(policy.Propensities(context)[decision.Arm], decision.Propensity);
            }
            var expected = policy.Propensities(context).Select(p => 100_000 * p).ToArray();
            Assert.Equal(1, policy.Propensities(context).Sum(), 1e-12);
            Assert.All(policy.Propensities(context), p => Assert.True(p >= 0.01));
            // 99.9 % quantile of χ² with 2 degrees of freedom (NIST/SEMATECH e-Handbook, table 1.3.6.7.4).
            Assert.InRange(counts.Zip(expected, (c, e) => (c - e) * (c - e) / e).Sum(), 0, 13.816);
        }
    }

    [Fact]
    public void UnknownContext_BeginsWhereTheOthersAre()
    {
        var policy = new ContextualThompson(2, new ThompsonOptions());
        for (var i = 0; i < 3_000; i++)
            foreach (var segment in Segments)
            {
                var clicked = i % 10 == 0;
                policy.Update(segment, i % 2, clicked && i % 20 == 0, clicked && i % 20 == 0 ? 0.5 : 0);
            }
        policy.Refresh();
        Assert.True(policy.Propensities("never_seen")[0] > 0.95, "all others agree that arm 0 is better");
    }

    [Fact]
    public void RareContext_BorrowsWhereOthersAgree_AndFrequentOneGoesItsOwnWay()
    {
        // Arm 1 clicks 10 % everywhere, arm 0 2 %, but for "contrary", where they change places.
        var policy = new ContextualThompson(2, new ThompsonOptions());
        var random = new Random(5);
        for (var i = 0; i < 4_000; i++)
            foreach (var segment in Segments.Append("contrary"))
                Try(policy, segment, i % 2, (i % 2 == 1) != (segment == "contrary") ? 0.10 : 0.02, random);
        for (var i = 0; i < 20; i++) Try(policy, "rare", i % 2, 0, random);
        policy.Refresh();

        var alone = new ThompsonSampling(2, new ThompsonOptions());
        for (var i = 0; i < 20; i++) alone.Update(i % 2, false, 0);
        alone.Refresh();
        Assert.Equal(0.5, alone.Propensities[1], 1e-9);
        Assert.True(policy.Propensities("rare")[1] > 0.6, $"borrowing raises arm 1 to {policy.Propensities("rare")[1]}");
        Assert.True(policy.Propensities("contrary")[0] > 0.95);
    }

    [Fact]
    public void OrderOfRewards_DoesNotMatter_OnceRefreshed()
    {
        // Quarters of a dollar add up exactly in any order.
        var rewards = Enumerable.Range(0, 900).Select(i => (Segment: Segments[i % 3], Arm: i / 3 % 3, Clicked: i % 11 == 0, Revenue: i % 11 == 0 ? 0.25 * (i % 5) : 0)).ToArray();
        var (forward, backward) = (new ContextualThompson(3, new ThompsonOptions()), new ContextualThompson(3, new ThompsonOptions()));
        foreach (var r in rewards) forward.Update(r.Segment, r.Arm, r.Clicked, r.Revenue);
        foreach (var r in rewards.Reverse()) backward.Update(r.Segment, r.Arm, r.Clicked, r.Revenue);
        forward.Refresh();
        backward.Refresh();
        foreach (var segment in Segments.Append("never_seen"))
            Assert.Equal(forward.Propensities(segment), backward.Propensities(segment));
    }

    [Fact]
    public void VersionsOfAContext_CountItsOwn_AndANewContextGoesOnFromTheShared()
    {
        var policy = new ContextualThompson(2, new ThompsonOptions { UpdatesPerVersion = 10 });
        Assert.Equal(0, policy.Choose("casual", new Random(1)).PolicyVersion);
        for (var i = 0; i < 10; i++) policy.Update("casual", i % 2, i % 5 == 0, 0.1 * (i % 5 == 0 ? 1 : 0));
        Assert.Equal(1, policy.Choose("casual", new Random(1)).PolicyVersion);
        Assert.Equal(1, policy.Choose("engaged", new Random(1)).PolicyVersion);
        var before = policy.Propensities("engaged");
        policy.Update("engaged", 0, true, 1);
        Assert.Equal(1, policy.Choose("engaged", new Random(1)).PolicyVersion);
        Assert.Equal(before, policy.Propensities("engaged"));
        policy.Refresh();
        Assert.Equal(2, policy.Choose("engaged", new Random(1)).PolicyVersion);
        policy.Refresh();
        Assert.Equal(2, policy.Choose("engaged", new Random(1)).PolicyVersion);
    }

    [Fact]
    public void RewardsThatComeLateTwiceOrNever_AreLearnedOnce_InTheirContext()
    {
        var ledger = new RewardLedger(new RewardOptions { Window = TimeSpan.FromSeconds(10) });
        var settled = new List<SettledReward>();
        ledger.Decide("a", 0, 0, "casual");
        ledger.Decide("b", 1, 1_000_000, "engaged");
        ledger.Decide("c", 1, 2_000_000, "engaged");
        ledger.Reward("b", true, 0.5, 4_000_000, settled);
        Assert.Equal(RewardOutcome.Duplicate, ledger.Reward("b", true, 0.5, 5_000_000, settled));
        Assert.Equal(RewardOutcome.Expired, ledger.Reward("a", true, 0.5, 11_000_000, settled));
        ledger.Expire(20_000_000, settled);

        var policy = new ContextualThompson(2, new ThompsonOptions());
        foreach (var reward in settled) policy.Update(reward.Context!, reward.Arm, reward.Clicked, reward.RevenueUsd);
        Assert.Equal(["casual", "engaged"], policy.Contexts.Select(c => c.Name));
        Assert.Equal([new ArmEvidence(1, 0, 0), default], policy.Contexts[0].Arms);
        Assert.Equal([default, new ArmEvidence(2, 1, 0.5)], policy.Contexts[1].Arms);
    }

    [Fact]
    public void Discount_IsRefused() => Assert.Contains("does not forget", Assert.Throws<ArgumentException>(() => new ContextualThompson(2, new ThompsonOptions { Discount = 0.9 })).Message, StringComparison.Ordinal);

    private static ContextualThompson Learned(int rounds)
    {
        var policy = new ContextualThompson(3, new ThompsonOptions());
        var random = new Random(4);
        for (var i = 0; i < rounds; i++)
            foreach (var segment in Segments)
                Try(policy, segment, i % 3, i % 3 == (segment == "power_user" ? 1 : 0) ? 0.10 : 0.03, random);
        policy.Refresh();
        return policy;
    }

    private static void Try(ContextualThompson policy, string segment, int arm, double clickProbability, Random random)
    {
        var clicked = random.NextDouble() < clickProbability;
        policy.Update(segment, arm, clicked, clicked ? 0.5 : 0);
    }
}
