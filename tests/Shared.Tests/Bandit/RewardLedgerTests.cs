using Media.Bandit;

namespace Media.Tests.Bandit;

public class RewardLedgerTests
{
    private const long Minute = 60_000_000;
    private readonly RewardLedger ledger = new(new RewardOptions { Window = TimeSpan.FromMinutes(30), Remember = TimeSpan.FromHours(2) });
    private readonly List<SettledReward> settled = [];

    [Fact]
    public void FirstReport_IsAccepted()
    {
        ledger.Decide("d", 3, 0);
        Assert.Equal(RewardOutcome.Accepted, ledger.Reward("d", true, 0.4, 5 * Minute, settled));
        Assert.Equal([new SettledReward("d", 3, true, 0.4, 5 * Minute)], settled);
        Assert.Equal(0, ledger.Waiting);
    }

    [Fact]
    public void SecondReport_IsDuplicate_AndChangesNothing()
    {
        ledger.Decide("d", 3, 0);
        ledger.Reward("d", true, 0.4, 5 * Minute, settled);
        Assert.Equal(RewardOutcome.Duplicate, ledger.Reward("d", true, 9.9, 6 * Minute, settled));
        ledger.Expire(90 * Minute, settled);
        Assert.Single(settled);
    }

    [Fact]
    public void NoClickWithinWindow_CountsAsZero_AtTheWindowsEnd()
    {
        ledger.Decide("d", 1, 10 * Minute);
        ledger.Expire(40 * Minute - 1, settled);
        Assert.Empty(settled);
        ledger.Expire(40 * Minute, settled);
        Assert.Equal([new SettledReward("d", 1, false, 0, 40 * Minute)], settled);
    }

    [Fact]
    public void ClickAtTheWindowsEnd_IsExpired_AndCountsAsZeroOnce()
    {
        ledger.Decide("d", 1, 0);
        Assert.Equal(RewardOutcome.Expired, ledger.Reward("d", true, 1, 30 * Minute, settled));
        Assert.Equal(RewardOutcome.Expired, ledger.Reward("d", true, 1, 31 * Minute, settled));
        ledger.Expire(60 * Minute, settled);
        Assert.Equal([new SettledReward("d", 1, false, 0, 30 * Minute)], settled);
    }

    [Fact]
    public void LastInstantOfTheWindow_Counts()
    {
        ledger.Decide("d", 1, 0);
        Assert.Equal(RewardOutcome.Accepted, ledger.Reward("d", true, 1, 30 * Minute - 1, settled));
    }

    [Fact]
    public void NeverDecided_OrForgotten_IsUnknown()
    {
        Assert.Equal(RewardOutcome.Unknown, ledger.Reward("d", true, 1, 0, settled));
        ledger.Decide("d", 1, 0);
        ledger.Expire(120 * Minute, settled);
        Assert.Equal(RewardOutcome.Unknown, ledger.Reward("d", true, 1, 121 * Minute, settled));
        Assert.Single(settled);
    }

    [Fact]
    public void SameDecisionTwice_IsNotedOnce()
    {
        Assert.True(ledger.Decide("d", 1, 0));
        Assert.False(ledger.Decide("d", 2, 5));
        ledger.Expire(60 * Minute, settled);
        Assert.Equal(1, Assert.Single(settled).Arm);
    }

    [Fact]
    public void ShuffledAndRepeatedReports_SettleEachDecisionOnce_AsInOrder()
    {
        var random = new Random(11);
        const int decisions = 2_000;
        var clicks = Enumerable.Range(0, decisions).Where(_ => random.NextDouble() < 0.3).Select(d => (Decision: d, At: d * Minute + random.NextInt64(60 * Minute))).ToArray();
        var inTime = clicks.Count(c => c.At < c.Decision * Minute + 30 * Minute);

        var remembersAll = new RewardLedger(new RewardOptions { Remember = TimeSpan.FromDays(30) });
        foreach (var d in Shuffled(Enumerable.Range(0, decisions), random)) remembersAll.Decide($"{d}", d % 5, d * Minute);
        foreach (var c in Shuffled(clicks.Concat(clicks).Concat(clicks), random)) remembersAll.Reward($"{c.Decision}", true, 0.5, c.At, settled);
        remembersAll.Expire(decisions * 100 * Minute, settled);

        Assert.Equal(decisions, settled.Count);
        Assert.Equal(decisions, settled.Select(s => s.DecisionId).Distinct().Count());
        Assert.Equal(inTime, settled.Count(s => s.Clicked));
        Assert.Equal(0, remembersAll.Waiting);
    }

    [Fact]
    public void ImpossibleRevenue_IsRefused_AndTheDecisionStillWaits()
    {
        ledger.Decide("d", 1, 0);
        Assert.Throws<ArgumentOutOfRangeException>(() => ledger.Reward("d", true, double.NaN, 1, settled));
        Assert.Throws<ArgumentException>(() => ledger.Reward("d", false, 1, 1, settled));
        Assert.Equal(1, ledger.Waiting);
    }

    [Fact]
    public void RememberShorterThanWindow_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new RewardLedger(new RewardOptions { Window = TimeSpan.FromHours(3), Remember = TimeSpan.FromHours(2) }));

    private static T[] Shuffled<T>(IEnumerable<T> items, Random random)
    {
        T[] array = [.. items];
        random.Shuffle(array);
        return array;
    }
}
