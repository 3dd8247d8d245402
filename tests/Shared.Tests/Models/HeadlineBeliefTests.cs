using Media.Models;
using Media.Models.Text;

namespace Media.Tests.Models;

public class HeadlineBeliefTests
{
    private static HeadlineTest Test(params (int Impressions, int Clicks)[] titles) => new("a", 0, [.. titles.Select((t, i) => new TestedTitle($"title {i}", t.Impressions, t.Clicks))]);

    [Fact]
    public void NothingCounted_IsNearlyTheExpectation()
    {
        var believed = new HeadlineBelief(0.0064).Of(Test((1, 0), (1, 0)), [0.2, -0.2]);
        Assert.Equal(0.4, believed[0] - believed[1], 2);
    }

    [Fact]
    public void MuchCounted_IsWhatWasCounted()
    {
        var test = Test((100_000, 12_000), (100_000, 10_000));
        var believed = new HeadlineBelief(0.0064).Of(test, [-0.3, 0.3]);
        Assert.InRange(believed[0] - believed[1], 0.16, 0.19);
        Assert.Equal(0.182, test.Titles[0].LogRate - test.Titles[1].LogRate, 3);
    }

    [Fact]
    public void NothingOfItsOwn_NoCountMoves() => Assert.Equal([0.1, -0.1], new HeadlineBelief(0).Of(Test((100, 90), (100, 1)), [0.1, -0.1]));

    [Fact]
    public void EqualCounts_HalfTheSurpriseStays()
    {
        // Own variance = counting variance: half of the difference is believed, and the mean of both stays the expectation's.
        var test = Test((200, 40), (200, 40));
        var believed = new HeadlineBelief(test.Titles[0].LogRateVariance).Of(test, [0.2, -0.2]);
        Assert.Equal([0.1, -0.1], believed.Select(b => Math.Round(b, 9)));
    }

    [Fact]
    public void OwnVariance_IsFoundAgain()
    {
        var random = new Random(1);
        var past = Enumerable.Range(0, 4_000).Select(_ => (Test([.. Enumerable.Range(0, 2).Select(_ => Title(0.15 * Math.Exp(0.2 * Normal())))]), new double[2])).ToList();
        Assert.InRange(Math.Sqrt(HeadlineBelief.Of(past).OwnVariance), 0.18, 0.22);

        (int, int) Title(double rate) => (500, Enumerable.Range(0, 500).Count(_ => random.NextDouble() < rate));
        double Normal() => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(Math.Tau * random.NextDouble());
    }

    [Fact]
    public void NoPast_LeavesNothingOfTheirOwn() => Assert.Equal(0, HeadlineBelief.Of([]).OwnVariance);

    [Fact]
    public void OtherNumberOfExpectations_IsRefused() => Assert.Throws<ArgumentException>(() => new HeadlineBelief(1).Of(Test((1, 0), (1, 0)), [0]));

    [Fact]
    public void EveryFeatureOfAHeadline_HasWords()
    {
        foreach (var feature in HeadlineFeatures.Names) Assert.NotEqual(HeadlineWords.Say(feature, 1), HeadlineWords.Say(feature, -1));
        Assert.Throws<ArgumentException>(() => HeadlineWords.ThemeOf("views"));
    }
}
