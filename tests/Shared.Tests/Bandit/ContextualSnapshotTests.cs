using System.Text;
using Media.Bandit;

namespace Media.Tests.Bandit;

public class ContextualSnapshotTests
{
    private static readonly DateTimeOffset AsOf = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void WrittenAndRead_GoesOnAsTheSamePolicy()
    {
        var policy = Learned();
        var read = ContextualSnapshot.FromJson(Snapshot(policy).ToJson());
        var resumed = read.ToPolicy();

        Assert.Equal((AsOf, AsOf.AddMinutes(-5)), (read.AsOf, read.RewardsUpTo));
        Assert.Equal(["header", "footer"], read.Arms);
        Assert.Equal(policy.Options, resumed.Options);
        for (var i = 0; i < 400; i++)
        {
            foreach (var context in new[] { "casual", "engaged", "never_seen" })
            {
                Assert.Equal(policy.Propensities(context), resumed.Propensities(context));
                Assert.Equal(policy.Choose(context, new Random(i)), resumed.Choose(context, new Random(i)));
            }
            foreach (var learning in new[] { policy, resumed }) learning.Update(i % 3 == 0 ? "casual" : "engaged", i % 2, i % 9 == 0, i % 9 == 0 ? 0.3 : 0);
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("\"format\": 1", "\"format\": 2")]
    [InlineData("\"name\": \"engaged\"", "\"name\": \"casual\"")]
    [InlineData("\"footer\"", "\"header\"")]
    [InlineData("\"decisions\": ", "\"decisions\": -")]
    [InlineData("\"contexts\"", "\"arms_by_name\"")]
    [InlineData("\"alpha\": ", "\"alpha\": -")]
    public void DamagedJson_IsRefusedWithItsReason(string part, string damage)
    {
        var json = Encoding.UTF8.GetString(Snapshot(Learned()).ToJson());
        if (part.Length > 0) Assert.Contains(part, json, StringComparison.Ordinal);
        var damaged = part.Length == 0 ? json[..^9] : json.Replace(part, damage, StringComparison.Ordinal);
        Assert.Throws<InvalidDataException>(() => ContextualSnapshot.FromJson(Encoding.UTF8.GetBytes(damaged)));
    }

    [Fact]
    public void SnapshotOfTheOtherKind_IsRefused()
    {
        var plain = BanditSnapshot.Of(new ThompsonSampling(2, new ThompsonOptions()), "ad_slot", ["header", "footer"], AsOf, null).ToJson();
        Assert.Contains("Not a contextual bandit snapshot", Assert.Throws<InvalidDataException>(() => ContextualSnapshot.FromJson(plain)).Message, StringComparison.Ordinal);
        var contextual = Snapshot(Learned()).ToJson();
        Assert.Contains("Not a bandit snapshot", Assert.Throws<InvalidDataException>(() => BanditSnapshot.FromJson(contextual)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NamesThatDoNotFit_AreRefused() => Assert.Throws<ArgumentException>(() => ContextualSnapshot.Of(Learned(), "ad_slot", ["header"], AsOf, null));

    private static ContextualSnapshot Snapshot(ContextualThompson policy) => ContextualSnapshot.Of(policy, "ad_slot", ["header", "footer"], AsOf, AsOf.AddMinutes(-5));

    private static ContextualThompson Learned()
    {
        var policy = new ContextualThompson(2, new ThompsonOptions { UpdatesPerVersion = 50, Prior = new ArmPosterior(new BetaPosterior(2, 50), new GammaPosterior(3, 1, 1)) });
        for (var i = 0; i < 333; i++) policy.Update(i % 4 == 0 ? "engaged" : "casual", i % 2, i % 11 == 0, i % 11 == 0 ? 0.1 * (1 + i % 3) : 0);
        return policy;
    }
}
