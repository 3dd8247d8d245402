using Media.Bandit;
using Media.Events;

namespace Media.Tests.Bandit;

public class AdLogTests
{
    [Fact]
    public void ImpressionAndClick_AreJoined_EachOnce_InOrderOfTime()
    {
        var gathering = new AdLog.Gathering();
        gathering.AddClick("b", 0.4);
        gathering.AddClick("b", 9);
        gathering.AddImpression("b", "u1", UserSegment.Casual, AdSlot.Sidebar, 0.2, 20);
        gathering.AddImpression("b", "u1", UserSegment.Casual, AdSlot.Footer, 0.2, 21);
        gathering.AddImpression("a", "u2", null, AdSlot.Header, null, 10);
        gathering.AddClick("of no ad", 1);
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
            gathering.AddClick(id, 3);
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
    public void RewardOfNoSlot_IsRefused()
    {
        var gathering = new AdLog.Gathering();
        gathering.AddReward(new LoggedReward(Decision("a", "u1") with { Arm = "roof" }, false, 0, 1));
        gathering.AddReward(new LoggedReward(Decision("b", "u1"), false, 0, 2));
        Assert.Contains("roof", Assert.Throws<InvalidDataException>(gathering.ToLog).Message, StringComparison.Ordinal);
    }

    private static LoggedDecision Decision(string id, string user) => new(id, BanditSnapshot.AdSlot, user, "mid_page", 0.3, "1.1", 7);
}
