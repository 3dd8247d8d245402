using Media.Bandit;

namespace Media.Tests.Bandit;

public class AdSlotComparisonTests
{
    private static readonly ThompsonOptions Options = new();

    [Fact]
    public void WhereSegmentsDiffer_TheContextualServes_AndEveryEstimatorFindsWhatItEarns()
    {
        // Casual readers click slot 2, power users slot 0.
        var comparison = Compare(Ads(20_000, 31, (segment, _) => segment == "casual" ? 2 : 0));
        Assert.Equal("contextual_thompson", comparison.Chosen.Name);
        Assert.Equal(1 + 3 * 5, comparison.Values.Count);
        // The log draws evenly; of five slots one clicks 10 %, the others 2 %: 0.036 × 0.50.
        RequireNear(0.018, Value("as_logged", "mean"));
        // Per segment it knows the slot that clicks 10 %, but for the floor of 1 % on four others: 0.96 × 0.05 + 0.04 × 0.01.
        foreach (var estimator in new[] { "ips", "snips", "dr", "replay" })
            RequireNear(0.0484, Value("contextual_thompson", estimator));
        Assert.Equal(0.0484, Value("contextual_thompson", "dm").Value, 0.006);
        // Without segments slots 0 and 2 click half of 12 %: 0.06 × 0.50 and the floors.
        RequireNear(0.96 * 0.03 + 0.01 * (0.03 + 3 * 0.01), Value("thompson_sampling", "dr"));
        Assert.True(Value("contextual_thompson", "dr").StandardError <= Value("contextual_thompson", "ips").StandardError);

        // The gain is the difference of both, its interval narrower than the two apart.
        var gain = comparison.Gains.Single(g => g.Policy == "contextual_thompson");
        Assert.Equal(Value("contextual_thompson", "dr").Value - Value("thompson_sampling", "dr").Value, gain.GainUsd, 1e-12);
        Assert.True(gain.Low > 0 && gain.High < 0.03);
        Assert.Contains($"contextual_thompson earns +${1_000 * gain.GainUsd:0.00}", comparison.Reason, StringComparison.Ordinal);

        // Four standard errors: one log, so its luck is the same in all estimates.
        static void RequireNear(double truth, OffPolicyEstimate value) => Assert.InRange(Math.Abs(value.Value - truth) / value.StandardError, 0, 4);

        OffPolicyEstimate Value(string policy, string estimator) => comparison.Values.Single(v => v.Policy == policy && v.Estimator == estimator).Estimate;
    }

    [Fact]
    public void WhereSegmentsAreAlike_ThePlainServes_InAtLeast19Of20()
    {
        var plain = Enumerable.Range(0, 20).Count(seed => Compare(Ads(4_000, 100 + seed, (_, _) => 2)).Chosen.Name == "thompson_sampling");
        Assert.True(plain >= 19, $"plain in {plain} of 20");
    }

    [Fact]
    public void WhereSlotsChangePlaces_TheOneThatForgetsServes()
    {
        var ads = Ads(40_000, 33, (_, at) => at / 10_000);
        var comparison = Compare(ads);
        Assert.Equal("discounted_thompson_0.99975", comparison.Chosen.Name);
        // What is to serve has learned the whole log: its last quarter's slot.
        Assert.True(comparison.Chosen.Learn(ads).Propensities("casual")[3] > 0.9);
    }

    [Fact]
    public void EarlierHalf_IsLearnedFrom_AndNeverValued()
    {
        var ads = Ads(4_000, 34, (_, _) => 1);
        var dearer = ads.Select((ad, i) => i < 2_000 ? ad with { RevenueUsd = 10 * ad.RevenueUsd } : ad).ToArray();
        Assert.Equal(Value(ads).Value, Value(dearer).Value);

        static OffPolicyEstimate Value(ShownAd[] log) => Compare(log).Values.Single(v => v.Policy == "as_logged").Estimate;
    }

    [Fact]
    public void TooFewAdsOfKnownPropensity_ThePlainServes_AndTheReasonSaysSo()
    {
        var comparison = Compare([.. Ads(20_000, 31, (segment, _) => segment == "casual" ? 2 : 0).Select((ad, i) => i % 100 == 0 ? ad : ad with { Propensity = null })]);
        Assert.Equal("thompson_sampling", comparison.Chosen.Name);
        Assert.Empty(comparison.Values);
        Assert.Contains("fewer than 200 ads", comparison.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void NoAds_ThePlainServes() => Assert.Equal("thompson_sampling", Compare([]).Chosen.Name);

    [Fact]
    public void Champion_ServesOn_WhereTheLogCannotTell_AndGivesWayWhereItCan()
    {
        // Segments differ, but the newest ads are the champion's own: what it seldom chose weighs a hundredfold, and three clicks of it drown the rest.
        ShownAd[] even = Ads(4_000, 31, (segment, _) => segment == "casual" ? 2 : 0);
        ShownAd[] own = [.. even, .. Enumerable.Range(0, 60).Select(i => new ShownAd($"e{i}", "casual", 0, 0.01, 4_000 + i, i % 20 == 0, i % 20 == 0 ? 0.5 : 0))];
        Assert.Equal(AdSlotKind.PerSegment, Compare(even).Chosen.Kind);
        Assert.Equal(AdSlotKind.Plain, Compare(own).Chosen.Kind);
        Assert.Equal(AdSlotKind.PerSegment, Compare(own, AdSlotKind.PerSegment).Chosen.Kind);

        var replaced = Compare(Ads(20_000, 31, (segment, _) => segment == "casual" ? 2 : 0), AdSlotKind.Forgetting);
        Assert.Equal((AdSlotKind.Forgetting, AdSlotKind.PerSegment), (replaced.Champion.Kind, replaced.Chosen.Kind));
        Assert.StartsWith("contextual_thompson serves in place of discounted_thompson_0.9995: ", replaced.Reason, StringComparison.Ordinal);
        Assert.Equal(["thompson_sampling", "contextual_thompson"], replaced.Gains.Select(g => g.Policy));
    }

    [Fact]
    public void KindOfWhatWasSaved_IsThatOfThePolicy()
    {
        foreach (var kind in Enum.GetValues<AdSlotKind>())
        {
            var chosen = Compare([], kind).Chosen;
            Assert.Equal(kind, chosen.Kind);
            Assert.Equal(kind, AdSlotComparison.KindOf(IBanditSnapshot.Of(chosen.Learn([]), "ad_slot", ["a", "b", "c", "d", "e"], DateTimeOffset.UnixEpoch, null, null)));
        }
    }

    private static AdSlotComparison Compare(ShownAd[] ads, AdSlotKind served = AdSlotKind.Plain) => AdSlotComparison.Of(ads, Options, served, 1, TestContext.Current.CancellationToken);

    /// <summary>Ads of two segments and an even choice; the best slot clicks 10 %, the others 2 %; every click earns 0.50 USD.</summary>
    private static ShownAd[] Ads(int count, int seed, Func<string, int, int> best)
    {
        var random = new Random(seed);
        var ads = new ShownAd[count];
        for (var i = 0; i < count; i++)
        {
            var segment = random.Next(2) == 0 ? "casual" : "power_user";
            var slot = random.Next(5);
            var clicked = random.NextDouble() < (slot == best(segment, i) ? 0.10 : 0.02);
            ads[i] = new ShownAd($"d{i:D6}", segment, slot, 0.2, i, clicked, clicked ? 0.5 : 0);
        }
        return ads;
    }
}
