using Media.Events;
using Media.Events.Simulator;

namespace Media.Tests.Events.Simulator;

public sealed class KnowableViewsTests
{
    private const long Hour = 3_600_000_000;
    private static readonly SimulatorOptions Options = new() { Users = 600, Days = 40, Seed = 4 };
    private static readonly SimulatedTruth Truth = new(Options);
    private static readonly ILookup<string, MediaEvent> EventsOf = new EventSimulator(Options).Events().Where(e => e.Article is not null).ToLookup(e => e.Article!.ArticleId);

    [Fact]
    public void Odds_AddUpToOneAndAreTheSameAgain()
    {
        var question = Question(new Newsroom(Options).Publish(0, 20)[3], hours: 5, aheadHours: 24);
        var odds = Truth.KnowableViews([question])[0];
        Assert.Equal(1, odds.Sum(o => o.Probability), 1e-9);
        Assert.All(odds, o => Assert.True(o.MeanViews >= 0));
        Assert.Equal(odds, Truth.KnowableViews([question])[0]);
    }

    [Fact]
    public void WhatIsKnowable_IsTheTruthOnAverageAndFallsShortOfIt()
    {
        var (questions, counted) = Questions(hours: 6, aheadHours: 48);
        double[] known = [.. Truth.KnowableViews(questions).Select(Mean)];
        double[] truth = [.. questions.Select(q => Truth.ExpectedViews(q.ArticleId, q.AsOfMicros, q.ToMicros))];
        Assert.InRange(known.Average() / truth.Average(), 0.93, 1.07);
        // A posterior mean is right on average at each of its values.
        Assert.InRange(Covariance(known, truth) / Covariance(known, known), 0.85, 1.15);
        Assert.InRange(counted.Average() / known.Average(), 0.93, 1.07);
        Assert.True(Covariance(known, known) < 0.9 * Covariance(truth, truth), "More is known than there is to know.");
    }

    [Fact]
    public void MoreHours_TellMore()
    {
        double[] errors = [.. new[] { 1, 24 }.Select(hours =>
        {
            var (questions, _) = Questions(hours, aheadHours: 24);
            return questions.Zip(Truth.KnowableViews(questions)).Average(q => Math.Pow(Math.Log(1 + Mean(q.Second)) - Math.Log(1 + Truth.ExpectedViews(q.First.ArticleId, q.First.AsOfMicros, q.First.ToMicros)), 2));
        })];
        Assert.True(errors[1] < 0.6 * errors[0], $"Mean squared error of the logarithm {errors[0]:F4} after an hour, {errors[1]:F4} after a day.");
    }

    [Fact]
    public void Exposures_AreThePagesOnAverageAndFallShortOfThem()
    {
        ViewsQuestion[] questions = [.. Questions(hours: 20, aheadHours: 24).Questions.Select(q => q with { AsOfMicros = q.AsOfMicros / Hour * Hour, ToMicros = q.ToMicros / Hour * Hour })];
        var exposures = Truth.KnowableExposures(questions);
        double[] known = [.. exposures.Select(e => e.Hours.Average(h => h.Share))];
        double[] truth = [.. questions.Select(q => ShareOf(q.ArticleId, q.AsOfMicros))];
        Assert.All(exposures, e => Assert.Equal(24, e.Hours.Count));
        Assert.InRange(known.Average() / truth.Average(), 0.93, 1.07);
        Assert.InRange(Covariance(known, truth) / Covariance(known, known), 0.85, 1.15);
        Assert.InRange(Covariance(known, known) / Covariance(truth, truth), 0.3, 0.95);
        Assert.InRange(exposures.Sum(e => e.Hours.Sum(h => h.Landings)) / exposures.Sum(e => e.Hours.Sum(h => h.Visits)), 0.4, 0.5);

        static double ShareOf(string article, long asOfMicros) => Enumerable.Range(0, 24).Average(h =>
            Truth.ReadingUtility(Reader.IdOf(0), article, asOfMicros + h * Hour) / Truth.ClickProbability(Reader.IdOf(0), article, 0, Surface.Home));
    }

    [Fact]
    public void ArticleThatLeavesTheOffer_HasNoShareFromMidnightOn()
    {
        var story = new Newsroom(Options).Publish(0, 20)[3];
        var asOf = Midnight(20 + Newsroom.DaysOnOffer) - 6 * Hour;
        var exposure = Assert.Single(Truth.KnowableExposures([new ViewsQuestion(story.Headlines[0].ArticleId, [], asOf, asOf + 24 * Hour)]));
        Assert.All(exposure.Hours, (hour, h) => Assert.Equal(h < 6, hour.Share > 0));
        Assert.Contains("no full hour", Assert.Throws<ArgumentException>(() => Truth.KnowableExposures([new ViewsQuestion(story.Headlines[0].ArticleId, [], asOf + 1, asOf + Hour)])).Message, StringComparison.Ordinal);

        static long Midnight(int day) => EpochMicros.Of(new DateTimeOffset(Options.StartDate.AddDays(day).ToDateTime(TimeOnly.MinValue), TimeSpan.Zero));
    }

    [Fact]
    public void WithoutSignal_NothingIsLeftToLearn()
    {
        var options = Options with { Signal = 0 };
        var truth = new SimulatedTruth(options);
        var story = new Newsroom(options).Publish(1, 20)[2];
        var asOf = story.PublishedMicros + 5 * Hour;
        Assert.Single(truth.KnowableViews([new ViewsQuestion(story.Headlines[0].ArticleId, [], asOf, asOf + 48 * Hour)])[0]);
    }

    [Fact]
    public void WhatCannotBeAsked_IsRefused()
    {
        var story = new Newsroom(Options).Publish(0, 20)[3];
        var id = story.Headlines[0].ArticleId;
        Assert.Contains("is not of this simulation", Refused(new ViewsQuestion("x", [], story.PublishedMicros + Hour, story.PublishedMicros + 2 * Hour)), StringComparison.Ordinal);
        Assert.Contains("not published", Refused(new ViewsQuestion(id, [], story.PublishedMicros - 1, story.PublishedMicros)), StringComparison.Ordinal);
        Assert.Contains("no reader", Refused(new ViewsQuestion(id, [new ArticleSighting(story.PublishedMicros, new UserId("x"), null, 0, false, 1)], story.PublishedMicros + Hour, story.PublishedMicros + 2 * Hour)), StringComparison.Ordinal);
        var last = new Newsroom(Options).Publish(0, Options.Days - 1)[0];
        Assert.Contains("after the run", Refused(new ViewsQuestion(last.Headlines[0].ArticleId, [], last.PublishedMicros + 48 * Hour, last.PublishedMicros + 49 * Hour)), StringComparison.Ordinal);
    }

    private static string Refused(ViewsQuestion question) => Assert.Throws<ArgumentException>(() => Truth.KnowableViews([question])).Message;

    private static double Mean(IReadOnlyList<ViewsOdds> odds) => odds.Sum(o => o.Probability * o.MeanViews);

    /// <summary>The articles of a week, so long after publication, with the views that came.</summary>
    private static (List<ViewsQuestion> Questions, double[] Counted) Questions(int hours, int aheadHours)
    {
        var newsroom = new Newsroom(Options);
        List<ViewsQuestion> questions = [.. from day in Enumerable.Range(20, 7) from brand in Enumerable.Range(0, Options.Brands.Count) from story in newsroom.Publish(brand, day) select Question(story, hours, aheadHours)];
        return (questions, [.. questions.Select(q => (double)EventsOf[q.ArticleId].Count(e => e is ArticleView or VideoPlay && e.EventTimeMicros >= q.AsOfMicros && e.EventTimeMicros < q.ToMicros))]);
    }

    private static ViewsQuestion Question(Story story, int hours, int aheadHours)
    {
        var id = story.Headlines[0].ArticleId;
        var asOf = story.PublishedMicros + hours * Hour;
        List<MediaEvent> events = [.. EventsOf[id].Where(e => e.EventTimeMicros < asOf).OrderBy(e => e.EventTimeMicros)];
        return new ViewsQuestion(id, [.. events.Select(e => e switch
        {
            ArticleImpression i => new ArticleSighting(i.EventTimeMicros, i.UserId, i.Surface, i.Position ?? 0, events.OfType<ArticleClick>().Any(c => c.UserId == i.UserId && c.ClientSessionId == i.ClientSessionId), double.NaN),
            ArticleView v => new ArticleSighting(v.EventTimeMicros, v.UserId, null, 0, false, v.TimeOnPageMs ?? double.NaN),
            VideoPlay p => new ArticleSighting(p.EventTimeMicros, p.UserId, null, 0, false, double.NaN),
            _ => (ArticleSighting?)null,
        }).OfType<ArticleSighting>()], asOf, asOf + aheadHours * Hour);
    }

    private static double Covariance(double[] a, double[] b)
    {
        var (meanA, meanB) = (a.Average(), b.Average());
        return a.Zip(b, (x, y) => (x - meanA) * (y - meanB)).Average();
    }
}
