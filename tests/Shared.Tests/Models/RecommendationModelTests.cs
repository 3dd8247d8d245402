using Media.Evaluation;
using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Models;
using Media.Models.NextReads;

namespace Media.Tests.Models;

public class RecommendationModelTests
{
    private static readonly SimulatorOptions World = new() { Users = 250, Days = 70, Seed = 4 };
    private static readonly History Known = new([], ArticleLog.Of(new EventSimulator(World).Events()));
    private static readonly RecommendationEstimator Estimator = new() { Fitting = new RecommendationEstimator().Fitting with { Folds = 2 } };
    private static readonly Lazy<(LabelledRows Train, LabelledRows Test)> Rows = new(() =>
    {
        var rows = Estimator.RowsOf(Known, [.. Enumerable.Range(0, 21).Select(back => At(49 + back))], TestContext.Current.CancellationToken);
        return (Part(day => day < 63), Part(day => day >= 63));

        LabelledRows Part(Func<long, bool> isOf) => rows.Take([.. Enumerable.Range(0, rows.Rows).Where(row => isOf((rows.X.AsOfMicros[row] - At(0)) / (At(1) - At(0))))]);
    });

    private static readonly Lazy<IModel> Model = new(() => Estimator.Fit(Rows.Value.Train.X, Rows.Value.Train.Y, TestContext.Current.CancellationToken));

    [Fact]
    public void LaterDays_AreOrderedNearTheTruth_AndBetterThanByAnyPlainOrder()
    {
        var test = Rows.Value.Test;
        var scores = new double[test.Rows];
        Model.Value.Predict(test.X, scores);

        var (got, best) = (InLists(scores), InLists(Estimator.TruthOf(new SimulatedTruth(World), test, Known)));
        var plain = Enumerable.Max([InLists([.. test.X.Column("age_h").Select(age => -(double)age)]), InLists([.. test.X.Column("first_readings_6h").Select(v => (double)v)]), InLists([.. test.X.Column("first_readings_1d").Select(v => (double)v)])]);
        Assert.True(got - 0.5 > 0.8 * (best - 0.5), $"Pairwise accuracy {got:0.000}; the truth has {best:0.000}.");
        Assert.True(got > plain, $"Pairwise accuracy {got:0.000}; the best plain order has {plain:0.000}.");

        double InLists(double[] of) => RankedLists.Of(of, test.Y, [.. test.X.Entities.Zip(test.X.AsOfMicros)]) is var lists ? PairwiseAccuracy.Of(lists, lists.Once) : 0;
    }

    [Fact]
    public void WhatIsKnowable_IsTheTruthOnAverage_LiesBelowTheCeiling_AndIsNearlyReached()
    {
        var test = Rows.Value.Test;
        var (truth, scores) = (new SimulatedTruth(World), new double[test.Rows]);
        var (known, best) = (Estimator.KnowableOf(truth, test, Known), Estimator.TruthOf(truth, test, Known));
        Model.Value.Predict(test.X, scores);

        Assert.InRange(known.Average() / best.Average(), 0.85, 1.15);
        var (got, knowable, ceiling) = (AreaUnderCurve.Of(scores, test.Y), AreaUnderCurve.Of(known, test.Y), AreaUnderCurve.Of(best, test.Y));
        Assert.InRange(knowable, 0.5 + 0.85 * (ceiling - 0.5), ceiling);
        Assert.True(got - 0.5 > 0.93 * (knowable - 0.5), $"AUC {got:0.000}; knowable are {knowable:0.000} of {ceiling:0.000}.");
    }

    [Fact]
    public void LogWithoutOffers_LeavesWhatTheyForetellOpen()
    {
        var gathering = new ArticleLog.Gathering();
        foreach (var e in new EventSimulator(World).Events())
            if (e is not ArticleImpression) gathering.Add(e);

        var rows = Estimator.RowsOf(new History([], gathering.ToLog()), [At(60)], TestContext.Current.CancellationToken);

        Assert.All(Estimator.FeatureGroups["offering"], name => Assert.All(rows.X.Column(name), value => Assert.True(float.IsNaN(value))));
        Assert.All(Estimator.FeatureGroups["offering"], name => Assert.Contains(Rows.Value.Test.X.Column(name), value => !float.IsNaN(value)));
    }

    [Fact]
    public void Rows_AreUnreadArticles_LabelledByTheDayThatFollows()
    {
        var rows = Rows.Value.Test;
        var firstRead = new Dictionary<(string, string), long>();
        foreach (var e in Known.Articles.Events)
            if (e.Act != ArticleAct.Impression) firstRead.TryAdd((Known.Articles.Readers[e.Reader], Known.Articles.Articles[e.Article].ArticleId), e.TimeMicros);
        Assert.NotEmpty(rows.Y);
        for (var row = 0; row < rows.Rows; row++)
        {
            var read = firstRead.GetValueOrDefault((rows.X.Entities[row], rows.X.Items[row]), long.MaxValue);
            Assert.True(read >= rows.X.AsOfMicros[row]);
            Assert.Equal(read < rows.Windows[row].EndMicros ? 1 : 0, rows.Y[row]);
            Assert.True(rows.X.LatestEventMicros[row] < rows.X.AsOfMicros[row]);
        }
    }

    [Fact]
    public void FeaturesFromBefore_AreTheRowsOwn()
    {
        var test = Rows.Value.Test.X;
        var some = test.Take([.. Enumerable.Range(0, test.Rows).Where(row => row % 37 == 0)]);

        var rebuilt = PointInTime.Rebuild(Estimator, Known, new FeatureBatch([], some.Entities, some.AsOfMicros, some.LatestEventMicros, [], some.Items), TestContext.Current.CancellationToken);

        Assert.Equal(some.Values, rebuilt.Values);
        Assert.Equal(some.Items, rebuilt.Items);
    }

    [Fact]
    public void Lists_HoldUnreadArticlesOfTheHomeBrand_TheLikeliestFirst_WithWhatSpeaksForThem()
    {
        var (reader, log) = (Known.Articles.Readers[0], Known.Articles.Before(At(69)));
        var read = Acts(log, reader).ToHashSet(StringComparer.Ordinal);

        var list = Lists(0).Of(reader, TestContext.Current.CancellationToken);

        Assert.Equal(10, list.Count);
        Assert.Equal(list.OrderByDescending(a => a.Score), list);
        Assert.Single(list.Select(a => log.Articles[log.ArticleOf(a.ArticleId)].Brand).Distinct());
        Assert.All(list, a => Assert.DoesNotContain(a.ArticleId, read));
        Assert.All(list, a => Assert.InRange(a.Score, 0, 1));
        Assert.All(list, a => Assert.True(a.BecauseOf is null || read.Contains(a.BecauseOf)));
        Assert.Contains(list, a => a.BecauseOf is not null);
    }

    [Fact]
    public void Stranger_GetsAList_WithoutReasons()
    {
        var list = Lists(0).Of("nobody", TestContext.Current.CancellationToken);

        Assert.Equal(10, list.Count);
        Assert.All(list, a => Assert.Null(a.BecauseOf));
    }

    [Fact]
    public void Diversity_BringsMoreCategories_AndLeavesTheFirstPlace()
    {
        var readers = Known.Articles.Readers.Take(40).ToList();

        var (plain, diverse) = (readers.Select(r => Lists(0).Of(r, TestContext.Current.CancellationToken)).ToList(), readers.Select(r => Lists(0.6).Of(r, TestContext.Current.CancellationToken)).ToList());

        Assert.Equal(plain.Select(l => l[0].ArticleId), diverse.Select(l => l[0].ArticleId));
        Assert.True(diverse.Sum(Categories) > plain.Sum(Categories) * 1.1, $"{diverse.Sum(Categories)} categories, {plain.Sum(Categories)} without.");

        static int Categories(IReadOnlyList<RecommendedArticle> list) => list.Take(5).Select(a => Known.Articles.Articles[Known.Articles.ArticleOf(a.ArticleId)].Category).Distinct().Count();
    }

    [Fact]
    public void OptionOutOfRange_IsRefused() =>
        Assert.Contains("Diversity", Assert.Throws<ArgumentException>(() => Lists(1.5)).Message, StringComparison.Ordinal);

    private static ReadingLists Lists(double diversity) => new(Known.Articles, At(69), Model.Value, new ReadingListOptions { Diversity = diversity });

    private static List<string> Acts(ArticleLog log, string reader)
    {
        var index = log.ReaderOf(reader);
        var articles = new List<string>();
        foreach (var e in log.Events)
            if (e.Reader == index && e.Act != ArticleAct.Impression) articles.Add(log.Articles[e.Article].ArticleId);
        return articles;
    }

    private static long At(int day) => EpochMicros.Of(new DateTimeOffset(World.StartDate.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddDays(day));
}
