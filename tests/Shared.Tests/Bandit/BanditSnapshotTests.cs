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
    [InlineData("\"format\": 1", "\"format\": 2")]
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
}
