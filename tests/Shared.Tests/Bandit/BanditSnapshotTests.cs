using System.Text;
using Media.Bandit;
using Media.Events;

namespace Media.Tests.Bandit;

public class BanditSnapshotTests
{
    private static readonly DateTimeOffset AsOf = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void WrittenAndRead_GoesOnAsTheSamePolicy()
    {
        var policy = Learned();
        var snapshot = BanditSnapshot.Of(policy, "ad_slot", Vocabulary<AdSlot>.Names, AsOf, AsOf.AddMinutes(-5));
        var read = BanditSnapshot.FromJson(snapshot.ToJson());
        var resumed = read.ToPolicy();

        Assert.Equal(AsOf, read.AsOf);
        Assert.Equal(AsOf.AddMinutes(-5), read.RewardsUpTo);
        Assert.Equal(["header", "mid_page", "in_article", "sidebar", "footer"], read.Arms.Select(a => a.Name));
        Assert.Equal(policy.Posteriors, resumed.Posteriors);
        Assert.Equal(policy.Propensities, resumed.Propensities);
        Assert.Equal(policy.PolicyVersion, resumed.PolicyVersion);
        Assert.Equal(policy.Options with { Prior = ArmPosterior.Prior }, resumed.Options);
    }

    [Fact]
    public void Json_IsSnakeCaseAndHoldsParametersOnly()
    {
        var json = Encoding.UTF8.GetString(BanditSnapshot.Of(Learned(), "ad_slot", Vocabulary<AdSlot>.Names, AsOf, null).ToJson());
        Assert.Contains("\"policy_version\"", json, StringComparison.Ordinal);
        Assert.Contains("\"revenue_shape\"", json, StringComparison.Ordinal);
        Assert.DoesNotContain("mean", json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("\"format\": 2", "\"format\": 3")]
    [InlineData("\"format\": 2", "\"format\": 0")]
    [InlineData("\"discount\": 1", "\"discount\": 1.5")]
    [InlineData("\"prior\": {", "\"before\": {")]
    [InlineData("\"alpha\"", "\"alfa\"")]
    [InlineData("\"name\": \"footer\"", "\"name\": \"header\"")]
    [InlineData("\"name\": \"footer\"", "\"name\": null")]
    [InlineData("\"min_propensity\": 0.01", "\"min_propensity\": 0.9")]
    [InlineData("\"rate\": ", "\"rate\": -")]
    public void DamagedJson_IsRefusedWithItsReason(string part, string damage)
    {
        var json = Encoding.UTF8.GetString(BanditSnapshot.Of(Learned(), "ad_slot", Vocabulary<AdSlot>.Names, AsOf, null).ToJson());
        if (part.Length > 0) Assert.Contains(part, json, StringComparison.Ordinal);
        var damaged = part.Length == 0 ? json[..^9] : json.Replace(part, damage, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => BanditSnapshot.FromJson(Encoding.UTF8.GetBytes(damaged)));
    }

    [Fact]
    public void NamesThatDoNotFit_AreRefused() => Assert.Throws<ArgumentException>(() => BanditSnapshot.Of(Learned(), "ad_slot", ["header"], AsOf, null));

    private static ThompsonSampling Learned()
    {
        var policy = new ThompsonSampling(5, new ThompsonOptions { UpdatesPerVersion = 50 });
        for (var i = 0; i < 333; i++) policy.Update(i % 5, i % 11 == 0, i % 11 == 0 ? 0.1 * (1 + i % 3) : 0);
        return policy;
    }

    [Fact]
    public void PolicyThatForgets_GoesOnForgettingTowardItsOwnPrior()
    {
        var prior = new ArmPosterior(new BetaPosterior(2, 60), new GammaPosterior(4, 1.5, 1));
        var policy = new ThompsonSampling(5, new ThompsonOptions { Prior = prior, Discount = 0.99 });
        for (var i = 0; i < 222; i++) policy.Update(i % 5, i % 11 == 0, i % 11 == 0 ? 0.4 : 0);
        var resumed = BanditSnapshot.FromJson(BanditSnapshot.Of(policy, "ad_slot", Vocabulary<AdSlot>.Names, AsOf, null).ToJson()).ToPolicy();

        Assert.Equal(policy.Options, resumed.Options);
        foreach (var learning in new[] { policy, resumed }) learning.Update(3, true, 0.7);
        Assert.Equal(policy.Posteriors, resumed.Posteriors);
    }

    [Fact]
    public void Format1_StillLoads()
    {
        const string json = """
            {
              "format": 1, "bandit": "ad_slot", "policy_version": 7, "as_of": "2026-03-01T12:00:00+00:00", "rewards_up_to": null, "min_propensity": 0.02, "updates_per_version": 50,
              "arms": [
                { "name": "header", "click": { "alpha": 3, "beta": 40 }, "revenue": { "shape": 4, "rate": 1.5, "revenue_shape": 1 } },
                { "name": "footer", "click": { "alpha": 1, "beta": 12 }, "revenue": { "shape": 2, "rate": 1, "revenue_shape": 1 } }
              ]
            }
            """;
        var policy = BanditSnapshot.FromJson(Encoding.UTF8.GetBytes(json)).ToPolicy();
        Assert.Equal((7, 2, 0.02, 50, 1.0), (policy.PolicyVersion, policy.Arms, policy.Options.MinPropensity, policy.Options.UpdatesPerVersion, policy.Options.Discount));
        Assert.Equal(ArmPosterior.Prior, policy.Options.Prior);
        Assert.Equal(new BetaPosterior(3, 40), policy.Posteriors[0].Click);
    }
}
