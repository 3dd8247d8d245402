using Media.Evaluation;
using Media.Recommendation;

namespace Media.Tests.Recommendation;

public class HybridSearchTests
{
    private const int Groups = 4;
    private static readonly SparseMatrix Train = PlantedTaste.Draw(300, 80, Groups, 8, seed: 5);
    private static readonly HybridOptions Quick = new() { Effort = 1, MaxTrials = 4 };

    [Fact]
    public void Holdout_TakesPairsAwayOnce_AndLeavesTheRest()
    {
        var holdout = Holdout.OfPairs(Train, 0.25, users: 100, seed: 1);

        Assert.Equal(100, holdout.Users.Select(u => u.User).Distinct().Count());
        Assert.Equal(Train.Count, holdout.Train.Count + holdout.Users.Sum(u => u.Relevant.Length));
        foreach (var held in holdout.Users)
        {
            Assert.Equal(Math.Max(1, Train.Row(held.User).Count / 4), held.Relevant.Length);
            Assert.All(held.Relevant, item => Assert.True(Train.Row(held.User).Indices.Contains(item) && !holdout.Train.Row(held.User).Indices.Contains(item)));
        }
    }

    [Fact]
    public void HoldoutOfOne_ListsTheItemAmongUnseenOnes()
    {
        var holdout = Holdout.OfOne(Train, others: 20, users: 1000, seed: 1);

        Assert.Equal(300, holdout.Users.Count);
        Assert.All(holdout.Users, held =>
        {
            Assert.Equal(21, held.Listed!.Distinct().Count());
            Assert.Equal(held.Relevant, held.Listed!.Where(item => Train.Row(held.User).Indices.Contains(item)));
        });
    }

    [Fact]
    public void StrengthsOfZeroOrLess_AreNeverHeldOut()
    {
        var disliked = SparseMatrix.From(2, 4, [new(0, 0, 1), new(0, 1, 0), new(0, 2, -3), new(1, 0, 1), new(1, 3, 2)]);
        var holdout = Holdout.OfPairs(disliked, 0.5, users: 10, seed: 1);

        Assert.Equal([1], holdout.Users.Select(u => u.User));
    }

    [Theory]
    [InlineData(StrengthKind.Binary, 1, 1)]
    [InlineData(StrengthKind.Log, 0.7737, 1.2263)]
    [InlineData(StrengthKind.Raw, 0.6667, 1.3333)]
    public void StrengthScale_AveragesOne_AndTakesZeroAndLessForNone(StrengthKind kind, double one, double two)
    {
        var scale = StrengthScale.Of(SparseMatrix.From(1, 4, [new(0, 0, 1), new(0, 1, 2), new(0, 2, 0), new(0, 3, -1)]), kind);

        Assert.Equal(one, scale.Apply(1), 1e-4);
        Assert.Equal(two, scale.Apply(2), 1e-4);
        Assert.Equal((0f, 0f), (scale.Apply(0), scale.Apply(-1)));
    }

    [Fact]
    public void Hybrid_FindsPlantedTaste_AndIsNoWorseThanItsPartsOnTheHoldout()
    {
        var result = Search(Quick, Train);

        var hybrid = result.Trials[^1];
        Assert.Equal("hybrid", hybrid.Engine);
        Assert.True(hybrid.Measure >= result.Trials.Max(t => t.Measure) - 1e-9);
        Assert.True(hybrid.Measure > 1.5 * result.Trials[0].Measure, $"hybrid {hybrid.Measure}, popularity {result.Trials[0].Measure}");
        var ranked = RecommendationTrial.RankUnseen(result.Recommender, Train, [.. Enumerable.Range(0, 100).Select(u => new UnseenTest(u, [0]))], 5, TestContext.Current.CancellationToken);
        Assert.True(ranked.Select((r, user) => r.List.Count(item => item % Groups == user % Groups)).Sum() > 350);
    }

    [Fact]
    public void NumberOfThreads_DoesNotChangeABit()
    {
        var (one, two) = (Search(Quick with { Threads = 1 }, Train), Search(Quick with { Threads = 2 }, Train));

        Assert.Equal(one.Trials, two.Trials);
        for (var user = 0; user < 20; user++) Assert.Equal(one.Recommender.Scores(Train.Row(user)), two.Recommender.Scores(Train.Row(user)));
    }

    [Fact]
    public void ColdUser_GetsPopularity_AndUselessStrengthsCountAsNone()
    {
        var recommender = Search(Quick, Train).Recommender;
        var popular = Popularity.Fit(Train).Scores(default);

        Assert.Equal(popular, recommender.Scores(default));
        Assert.Equal(popular, recommender.Scores(new SparseRow([3, 5], [0, -1])));
        Assert.Equal([0f, 0f], recommender.Contributions(new SparseRow([3, 5], [0, -1]), 1));
    }

    /// <summary>Both parts score 0 for an empty history, so that what the contributions leave of a score is the same for every item.</summary>
    [Fact]
    public void Contributions_OfTheHybrid_DifferFromItemToItemAsItsScoresDo()
    {
        var scale = StrengthScale.Of(Train, StrengthKind.Binary);
        var recommender = new HybridRecommender(
        [
            new HybridPart("ease", Ease.Fit(Train, new EaseOptions { L2 = 20 }, TestContext.Current.CancellationToken), scale, 0.7),
            new HybridPart("als", ImplicitAls.Fit(Train, new ImplicitAlsOptions { Factors = 8 }, TestContext.Current.CancellationToken), scale, 0.3),
        ], Popularity.Fit(Train));
        var history = Train.Row(7);
        var scores = recommender.Scores(history);

        var left = Enumerable.Range(0, 80).Select(item => scores[item] - recommender.Contributions(Train.Row(7), item).Sum()).ToArray();

        Assert.All(left, l => Assert.Equal(left[0], l, 1e-3f));
        Assert.True(scores.Max() - scores.Min() > 1);
    }

    [Fact]
    public void NothingToHoldOut_GivesPopularity()
    {
        var single = SparseMatrix.From(3, 2, [new(0, 0, 1), new(1, 0, 1), new(2, 1, 1)]);

        Assert.Equal([2f, 1f], Search(Quick, single).Recommender.Scores(single.Row(0)));
    }

    [Fact]
    public void HoldoutOfAnotherMatrix_IsRefused() =>
        Assert.Throws<ArgumentException>(() => HybridSearch.Fit(Train, null, Holdout.OfPairs(PlantedTaste.Draw(10, 8, 2, 3, 1), 0.2, 10, 1), Measure, Quick, TestContext.Current.CancellationToken));

    private static HybridResult Search(HybridOptions options, SparseMatrix train) =>
        HybridSearch.Fit(train, null, Holdout.OfPairs(train, 0.2, 200, 1), Measure, options, TestContext.Current.CancellationToken);

    private static double Measure(ReadOnlySpan<bool> hits, int relevant) => RankingMetrics.Ndcg(hits, relevant, 10);
}
