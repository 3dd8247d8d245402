using Media.Bandit;
using Media.Events;

namespace Media.Tests.Bandit;

public class AdLogTests
{
    [Fact]
    public void ImpressionAndClick_AreJoined_EachOnce_InOrderOfTime()
    {
        var gathering = new AdLog.Gathering();
        gathering.AddClick("b", 0.4, 22);
        gathering.AddClick("b", 9, 22);
        gathering.AddImpression("b", "u1", UserSegment.Casual, AdSlot.Sidebar, 0.2, 20);
        gathering.AddImpression("b", "u1", UserSegment.Casual, AdSlot.Footer, 0.2, 21);
        gathering.AddImpression("a", "u2", null, AdSlot.Header, null, 10);
        gathering.AddClick("of no ad", 1, 23);
        var log = gathering.ToLog();
        Assert.Equal([new ShownAd("a", "unknown", 0, null, 10, false, 0), new ShownAd("b", "casual", 3, 0.2, 20, true, 0.4)], log.Ads);
        Assert.Null(log.RewardsUpToMicros);
    }

    [Fact]
    public void AdOfTheApi_IsLearnedFromItsReward_NotFromItsEventsToo()
    {
        var gathering = new AdLog.Gathering();
        gathering.AddImpression("seen", "u1", UserSegment.Casual, AdSlot.Sidebar, 0.2, 5);
        foreach (var id in new[] { "settled", "newest", "waiting" })
        {
            gathering.AddImpression(id, "u1", UserSegment.Engaged, AdSlot.Header, 0.9, 10);
            gathering.AddClick(id, 3, 150);
            gathering.AddDecision(Decision(id, "u1"));
        }
        gathering.AddReward(new LoggedReward(Decision("settled", "u1"), true, 0.5, 100));
        gathering.AddReward(new LoggedReward(Decision("settled", "u1"), true, 0.5, 101));
        gathering.AddReward(new LoggedReward(Decision("unseen", "u1"), false, 0, 102));
        gathering.AddReward(new LoggedReward(Decision("of nobody", "u9"), false, 0, 103));
        gathering.AddReward(new LoggedReward(Decision("newest", "u1"), true, 0.5, 104));
        gathering.AddReward(new LoggedReward(Decision("other", "u1") with { Bandit = "headline", Arm = "b" }, true, 0.5, 200));
        var log = gathering.ToLog();
        Assert.Equal(104, log.RewardsUpToMicros);
        Assert.Equal(
            [
                new ShownAd("seen", "casual", 3, 0.2, 5, false, 0), new ShownAd("of nobody", "unknown", 1, 0.3, 7, false, 0),
                new ShownAd("settled", "engaged", 1, 0.3, 7, true, 0.5), new ShownAd("unseen", "engaged", 1, 0.3, 7, false, 0),
            ],
            log.Ads);
    }

    [Fact]
    public void ClickThatOnlyTheLogSaw_Counts_WhenItWasInTime()
    {
        var gathering = new AdLog.Gathering();
        foreach (var (id, clickAt) in new[] { ("in time", 99L), ("too late", 100L), ("told", 99L) }) gathering.AddClick(id, 0.7, clickAt);
        foreach (var id in new[] { "in time", "too late", "none" }) gathering.AddReward(new LoggedReward(Decision(id, "u1"), false, 0, 100));
        gathering.AddReward(new LoggedReward(Decision("told", "u1"), true, 0.5, 100));
        gathering.AddReward(new LoggedReward(Decision("newest", "u1"), true, 0.5, 101));
        Assert.Equal([("in time", true, 0.7), ("none", false, 0.0), ("told", true, 0.5), ("too late", false, 0.0)], gathering.ToLog().Ads.Select(a => (a.DecisionId, a.Clicked, a.RevenueUsd)));
    }

    [Fact]
    public void SegmentOfTheDecision_ComesBeforeThatOfTheEvents()
    {
        var gathering = new AdLog.Gathering();
        gathering.AddImpression("a", "u1", UserSegment.Casual, AdSlot.MidPage, null, 7);
        gathering.AddReward(new LoggedReward(Decision("a", "u1") with { Context = "power_user" }, false, 0, 100));
        gathering.AddReward(new LoggedReward(Decision("b", "u1") with { Context = AdLog.UnknownSegment }, false, 0, 100));
        gathering.AddReward(new LoggedReward(Decision("c", "u1"), false, 0, 100));
        gathering.AddReward(new LoggedReward(Decision("newest", "u1"), false, 0, 101));
        Assert.Equal(["power_user", "unknown", "casual"], gathering.ToLog().Ads.Select(a => a.Segment));
    }

    [Fact]
    public void AdsAfterADecisionThatStillWaits_ValueNothing_BecauseOnlyTheirClicksAreKnown()
    {
        const long day = 24L * 60 * 60 * 1_000_000;
        var gathering = new AdLog.Gathering();
        foreach (var (id, at) in new[] { ("forgotten", 0L), ("old", 10 * day), ("waiting", 11 * day), ("newer", 12 * day), ("newest", 13 * day) })
        {
            var decision = Decision(id, "u1") with { DecidedAtMicros = at };
            gathering.AddDecision(decision);
            if (id is not ("forgotten" or "waiting")) gathering.AddReward(new LoggedReward(decision, true, 0.5, at + 100));
        }
        gathering.AddDecision(Decision("other", "u1") with { Bandit = "headline", DecidedAtMicros = 9 * day });
        var log = gathering.ToLog();
        // A decision without a reward for longer than any window has none; the newest reward is left to the next log.
        Assert.Equal([("forgotten", false), ("old", true), ("newer", true)], log.Ads.Select(a => (a.DecisionId, a.Clicked)));
        Assert.Equal(11 * day, log.CompleteBeforeMicros);
        Assert.Equal(["forgotten", "old"], log.Complete.Select(a => a.DecisionId));
    }

    [Fact]
    public void RewardOfNoSlot_IsRefused()
    {
        var gathering = new AdLog.Gathering();
        gathering.AddReward(new LoggedReward(Decision("a", "u1") with { Arm = "roof" }, false, 0, 1));
        gathering.AddReward(new LoggedReward(Decision("b", "u1"), false, 0, 2));
        Assert.Contains("roof", Assert.Throws<InvalidDataException>(gathering.ToLog).Message, StringComparison.Ordinal);
    }

    private static LoggedDecision Decision(string id, string user) => new(id, BanditSnapshot.AdSlot, user, "mid_page", 0.3, "1.1", 7);
}
