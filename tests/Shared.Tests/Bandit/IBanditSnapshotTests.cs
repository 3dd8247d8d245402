using System.Text;
using Media.Bandit;

namespace Media.Tests.Bandit;

public class IBanditSnapshotTests
{
    private static readonly DateTimeOffset AsOf = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static TheoryData<string> Kinds => [.. Make.Keys];

    private static readonly Dictionary<string, Func<IContextualPolicy>> Make = new()
    {
        ["thompson_sampling"] = () => new ContextBlind(new ThompsonSampling(2, new ThompsonOptions())),
        ["discounted_thompson_0.99"] = () => new ContextBlind(new ThompsonSampling(2, new ThompsonOptions { Discount = 0.99 })),
        ["contextual_thompson"] = () => new ContextualThompson(2, new ThompsonOptions()),
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Kept_AndReadWithoutKnowingTheKind_GoesOnAsTheSamePolicy(string kind)
    {
        var policy = Make[kind]();
        for (var i = 0; i < 500; i++) policy.Update(i % 3 == 0 ? "casual" : "engaged", i % 2, i % 7 == 0, i % 7 == 0 ? 0.5 : 0);
        var kept = IBanditSnapshot.Of(policy, "ad_slot", ["header", "footer"], AsOf, AsOf.AddMinutes(-5), "It earns most.");
        var read = IBanditSnapshot.FromJson(kept.ToJson());
        var resumed = read.Open();

        Assert.Equal(("ad_slot", AsOf, AsOf.AddMinutes(-5), "It earns most."), (read.Bandit, read.AsOf, read.RewardsUpTo, read.Reason));
        Assert.Equal(["header", "footer"], read.ArmNames);
        Assert.Equal(kind, resumed.Name);
        foreach (var context in new[] { "casual", "engaged", "never_seen" })
        {
            Assert.Equal(policy.Propensities(context), resumed.Propensities(context));
            Assert.Equal(policy.PolicyVersion(context), resumed.PolicyVersion(context));
            Assert.Equal(policy.Choose(context, new Random(1)), resumed.Choose(context, new Random(1)));
        }
    }

    [Fact]
    public void PolicyOfAnotherKind_IsRefused() =>
        Assert.Contains("'uniform' cannot be kept", Assert.Throws<ArgumentException>(() => IBanditSnapshot.Of(new ContextBlind(new UniformPolicy(2)), "ad_slot", ["header", "footer"], AsOf, null, null)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("""{"arms": {"contexts": 1}}""")]
    [InlineData("""{"contexts": []}""")]
    [InlineData("""{"contexts": """)]
    public void WhatIsNoSnapshot_IsRefused(string json) => Assert.Throws<InvalidDataException>(() => IBanditSnapshot.FromJson(Encoding.UTF8.GetBytes(json)));
}
