using Media.Events;
using Media.Events.Simulator;

namespace Media.Tests.Events.Simulator;

/// <summary>The true odds within visits against what happened in them.</summary>
public class OddsTruthTests
{
    private static readonly SimulatorOptions Options = new() { Users = 1_000, Days = 50, Seed = 5 };
    private static readonly SimulatedTruth Truth = new(Options);
    private static readonly List<MediaEvent> Events = [.. new EventSimulator(Options).Events()];

    [Fact]
    public void Clicks_HappenAsOftenAsTheOddsSay_InEveryBin()
    {
        var clicks = Events.OfType<ArticleClick>().Select(c => (c.ClientSessionId, c.Article!.ArticleId, c.Surface, c.Position)).ToHashSet();
        var offers = Events.OfType<ArticleImpression>()
            .Select(i => (Odds: Truth.ClickProbability(i.UserId, i.Article!.ArticleId, i.Position!.Value, i.Surface!.Value),
                Clicked: clicks.Contains((i.ClientSessionId, i.Article.ArticleId, i.Surface, i.Position)), i.Surface, i.Position))
            .OrderBy(x => x.Odds).ToList();
        foreach (var bin in offers.Chunk(offers.Count / 10).Concat(offers.GroupBy(o => (o.Surface, o.Position)).Select(g => g.ToArray())))
        {
            var expected = bin.Sum(o => o.Odds);
            var z = (bin.Count(o => o.Clicked) - expected) / Math.Sqrt(bin.Sum(o => o.Odds * (1 - o.Odds)));
            Assert.InRange(z, -4.5, 4.5);
        }
        Assert.True(offers[^1].Odds > 5 * offers[0].Odds);
    }

    [Fact]
    public void TimeOnPage_IsLogNormalAroundTheTruth()
    {
        var noise = Events.OfType<ArticleView>()
            .Select(v => (Math.Log(v.TimeOnPageMs!.Value) - Truth.Dwell(v.UserId, v.Article!.ArticleId).MeanLogMs) / Truth.Dwell(v.UserId, v.Article.ArticleId).SdLog).ToList();
        var mean = noise.Average();
        // The cut at 600 s and at the visit's longest length takes a little from both.
        Assert.InRange(mean, -0.02, 0.01);
        Assert.InRange(Math.Sqrt(noise.Average(n => (n - mean) * (n - mean))), 0.97, 1.01);
    }

    [Fact]
    public void AdClicks_PerSlot_AgreeWithTheMeanOdds_AndOneSlotIsClearlyBest()
    {
        var shown = Events.OfType<AdImpression>().ToLookup(a => a.AdSlot!.Value);
        var clicked = Events.OfType<AdClick>().ToLookup(a => a.AdSlot!.Value);
        foreach (var slot in Enum.GetValues<AdSlot>())
        {
            var expected = shown[slot].Sum(a => Truth.AdSlotOdds(a.UserId, slot).ClickProbability);
            Assert.InRange((clicked[slot].Count() - expected) / Math.Sqrt(expected), -4, 4);
            Assert.Equal(expected / shown[slot].Count(), Truth.AdSlotOdds(slot).ClickProbability, 0.05 * Truth.AdSlotOdds(slot).ClickProbability);
            var usd = clicked[slot].Average(a => a.RevenueUsd!.Value);
            Assert.Equal(Truth.AdSlotOdds(slot).MeanRevenueUsd, usd, 4 * usd / Math.Sqrt(2.0 * clicked[slot].Count()));
        }
        var values = Enum.GetValues<AdSlot>().Select(s => Truth.AdSlotOdds(s).ValueUsd).OrderDescending().ToArray();
        Assert.True(values[0] > 1.4 * values[1], string.Join(", ", values));
    }

    [Fact]
    public void AdRevenueOfVisits_AddsUpToTheTruth()
    {
        var revenue = Events.OfType<AdClick>().GroupBy(a => a.ClientSessionId!).ToDictionary(g => g.Key, g => g.Sum(a => a.RevenueUsd!.Value));
        var visits = Events.Select(e => (e.UserId, e.ClientSessionId)).Distinct().Select(v => Truth.AdRevenue(v.UserId)).ToList();
        var any = visits.Sum(v => v.ProbabilityOfAny);
        Assert.InRange((revenue.Count - any) / Math.Sqrt(any), -4, 4);
        Assert.Equal(1, revenue.Values.Sum() / visits.Sum(v => v.MeanUsd), 0.06);
        Assert.All(visits, v => Assert.InRange(v.MeanUsd / v.ProbabilityOfAny, 0.2, 2));
    }

    [Fact]
    public void ViewsOfArticles_VaryAroundTheExpectedOnesAsCountsDo()
    {
        var views = Events.Where(e => e is ArticleView or VideoPlay).CountBy(e => e.Article!.ArticleId).ToDictionary();
        var (chi, articles, sum, expectedSum) = (0.0, 0, 0.0, 0.0);
        foreach (var article in Events.OfType<ArticleImpression>().Select(e => e.Article!).Where(a => a.PublishedAtMicros < Options.StartMicros + 40 * Clock.Day).DistinctBy(a => a.ArticleId))
        {
            var expected = Truth.ExpectedViews(article.ArticleId, article.PublishedAtMicros!.Value, article.PublishedAtMicros.Value + 8 * Clock.Day);
            if (expected < 3) continue;
            var seen = views.GetValueOrDefault(article.ArticleId);
            chi += (seen - expected) * (seen - expected) / expected;
            articles++;
            sum += seen;
            expectedSum += expected;
        }
        Assert.True(articles > 1_000);
        Assert.InRange(chi / articles, 0.85, 1.15);
        Assert.InRange((sum - expectedSum) / Math.Sqrt(expectedSum), -4, 4);
    }

    [Fact]
    public void ExpectedViews_OfTwoStretches_AddUp()
    {
        var article = Events.OfType<ArticleImpression>().Skip(20_000).First().Article!;
        var from = article.PublishedAtMicros!.Value;
        var parts = Truth.ExpectedViews(article.ArticleId, from, from + 6 * Clock.Hour) + Truth.ExpectedViews(article.ArticleId, from + 6 * Clock.Hour, from + 7 * Clock.Day);
        Assert.Equal(Truth.ExpectedViews(article.ArticleId, from, from + 7 * Clock.Day), parts, 9);
    }

    [Fact]
    public void HeadlinesOfOneArticle_DifferInTheirClickRate_AndEachIsShown()
    {
        var tests = Events.OfType<ArticleImpression>().Select(i => i.Article!).Distinct().GroupBy(a => a.ArticleId).Where(g => g.Count() == 2).Take(50).ToList();
        Assert.NotEmpty(tests);
        Assert.All(tests, t => Assert.NotEqual(Truth.HeadlineClickRate(t.Key, t.First().Title!), Truth.HeadlineClickRate(t.Key, t.Last().Title!)));
        Assert.Throws<ArgumentException>(() => Truth.HeadlineClickRate(tests[0].Key, "No such headline"));
    }

    [Fact]
    public void Reads_FollowTheUtility()
    {
        // Among what a brand offered in one hour, the article clicked has more utility than half of the others.
        var offeredIn = Events.OfType<ArticleImpression>().ToLookup(i => (i.Brand, i.EventTimeMicros / Clock.Hour), i => i.Article!.ArticleId);
        var clicks = Events.OfType<ArticleClick>().Where((_, i) => i % 20 == 0).ToList();
        var rank = 0.0;
        foreach (var click in clicks)
        {
            var offered = offeredIn[(click.Brand, click.EventTimeMicros / Clock.Hour)].Distinct().ToList();
            var own = Truth.ReadingUtility(click.UserId, click.Article!.ArticleId, click.EventTimeMicros);
            rank += (offered.Count(o => Truth.ReadingUtility(click.UserId, o, click.EventTimeMicros) < own) + 0.5) / Math.Max(1, offered.Count);
        }
        Assert.True(rank / clicks.Count > 0.55, $"mean rank {rank / clicks.Count:F3}");
    }

    [Fact]
    public void Segment_IsTheOneInTheEvents() => Assert.All(Events.DistinctBy(e => e.UserId), e => Assert.Equal(e.UserSegment, Truth.Segment(e.UserId)));

    [Theory]
    [InlineData("bild-20260105-099")]
    [InlineData("bild-2026010-001")]
    [InlineData("kurier-20260105-001")]
    [InlineData("")]
    public void UnknownArticle_IsRefused(string id) => Assert.Throws<ArgumentException>(() => Truth.ClickProbability(Truth.Users.First(), id, 0, Surface.Home));

    [Fact]
    public void NoSignal_GivesEveryOfferTheSameOdds()
    {
        var truth = new SimulatedTruth(Options with { Signal = 0 });
        var offers = Events.OfType<ArticleImpression>().Take(500).ToList();
        Assert.Single(offers.Select(o => Math.Round(truth.ClickProbability(o.UserId, o.Article!.ArticleId, o.Position!.Value, o.Surface!.Value), 12)).Distinct());
        Assert.Single(offers.Select(o => Math.Round(truth.Dwell(o.UserId, o.Article!.ArticleId).MeanLogMs, 12)).Distinct());
        Assert.Single(Enum.GetValues<AdSlot>().SelectMany(s => offers.Select(o => Math.Round(truth.AdSlotOdds(o.UserId, s).ValueUsd, 12))).Distinct());
        Assert.Single(offers.Select(o => Math.Round(truth.AdRevenue(o.UserId).MeanUsd, 12)).Distinct());
    }
}
