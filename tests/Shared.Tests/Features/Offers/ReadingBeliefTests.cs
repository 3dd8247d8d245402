using Media.Events.Simulator;
using Media.Features;
using Media.Features.Offers;

namespace Media.Tests.Features.Offers;

public class ReadingBeliefTests
{
    private const long Hour = 3_600_000_000;
    private static readonly ArticleLog Log = ArticleLog.Of(new EventSimulator(new SimulatorOptions { Users = 100, Days = 40 }).Events());

    [Fact]
    public void State_DependsOnTheInstantAloneNotOnTheWayThere()
    {
        var start = Log.Events[0].TimeMicros;
        var stepwise = new ReadingBelief(Log);
        for (var hour = 0; hour <= 39 * 24; hour += 5)
        {
            var at = start + hour * Hour;
            stepwise.Advance(at);
            if (hour % 95 != 0) continue;
            var cut = ReadingBelief.AsOf(Log.Before(at), at);
            Assert.Equal(stepwise.LatestMicros, cut.LatestMicros);
            for (var i = 0; i < 50; i++) Assert.Equal(stepwise.Of(i, i * 3), cut.Of(i, i * 3));
            Assert.Equal(stepwise.ClickLogOdds(stepwise.Of(1, 1), new TitleForm(true, false, false, false, 5)), cut.ClickLogOdds(cut.Of(1, 1), new TitleForm(true, false, false, false, 5)));
            Assert.Equal(stepwise.LogSeconds(stepwise.Of(1, 1), 400, false), cut.LogSeconds(cut.Of(1, 1), 400, false));
        }
    }

    /// <summary>Two observations of time with noise 0.5 and one of clicks with curvature 0.2, by the formulas of the normal distribution with a known prior.</summary>
    [Fact]
    public void EffectPair_IsTheNormalPosterior()
    {
        var spread = new EffectSpread(0.4, 0.1, 0.2);
        var pair = default(EffectPair);
        foreach (var value in (double[])[1.0, 0.2])
        {
            var before = pair.Given(spread);
            var curvature = 1 / (0.5 + before.TimeVariance);
            pair = pair.AfterTime(before, (value - before.Time) * curvature, curvature);
        }
        // Precision of the mean of two: 4; its value 0.6. Kalman gain on the prior.
        var gain = 1 / (0.2 + 0.25);
        var after = pair.Given(spread);
        Assert.Equal(0.2 * gain * 0.6, after.Time, 12);
        Assert.Equal(0.1 * gain * 0.6, after.Click, 12);
        Assert.Equal(0.2 - 0.2 * 0.2 * gain, after.TimeVariance, 12);
        Assert.Equal(0.4 - 0.1 * 0.1 * gain, after.ClickVariance, 12);

        var click = pair.AfterClick(after, slope: 0.3, curvature: 0.2).Given(spread);
        Assert.Equal(after.Click + after.ClickVariance * 0.3, click.Click, 12);
        Assert.Equal(after.ClickVariance - after.ClickVariance * after.ClickVariance * 0.2, click.ClickVariance, 12);
        Assert.Equal(after.Time + after.Covariance * 0.3, click.Time, 12);
    }

    [Fact]
    public void Unknown_IsWhatIsToBeExpectedOfTheKind()
    {
        var belief = new ReadingBelief(Log);
        belief.Advance(Log.Events[^1].TimeMicros + 1);
        var unknown = belief.Of(-1, -1);
        Assert.Equal(0, unknown.ArticleEffects.Click);
        Assert.Equal(0, unknown.ReaderEffects.Time);
        Assert.True(unknown.ArticleEffects.ClickVariance > belief.Of(0, 0).ArticleEffects.ClickVariance);
        Assert.Equal(1, unknown.Article.ClickLift);
    }
}
