using Media.Recommendation;

namespace Media.Tests.Recommendation;

/// <summary>What every engine keeps: it learns a planted taste, explains its scores, answers a cold user, and does not depend on the number of threads.</summary>
public class RecommenderContractTests
{
    private const int Groups = 4;
    private static readonly SparseMatrix Train = PlantedTaste.Draw(400, 80, Groups, 8, seed: 1);

    public static TheoryData<string> Personal => ["neighbours", "ease", "als", "nmf"];

    public static TheoryData<string> All => [.. Personal.Select(row => row.Data), "popularity"];

    [Theory, MemberData(nameof(Personal))]
    public void PlantedTaste_IsLearnt(string engine)
    {
        var recommender = Fit(engine, Train, threads: 0);
        var own = 0;
        for (var user = 0; user < 100; user++)
        {
            var scores = recommender.Scores(Train.Row(user));
            foreach (var seen in Train.Row(user).Indices) scores[seen] = float.NegativeInfinity;
            own += TopItems.Of(scores, 5).Count(item => item % Groups == user % Groups);
        }
        Assert.True(own > 350, $"{own} of 500 recommendations are of the user's own group; 125 would be chance.");
    }

    [Theory, MemberData(nameof(All))]
    public void Contributions_SumToTheScoreBeyondThatOfAnEmptyHistory(string engine)
    {
        var recommender = Fit(engine, Train.Map(v => 1.5f * v), threads: 0);
        var empty = recommender.Scores(default);
        for (var user = 0; user < 10; user++)
        {
            var history = Train.Row(user);
            var scores = recommender.Scores(history);
            var largest = scores.Max(MathF.Abs);
            for (var item = 0; item < recommender.Items; item++)
                Assert.Equal(scores[item] - empty[item], recommender.Contributions(history, item).Sum(), 2e-3f * largest);
        }
    }

    [Theory, MemberData(nameof(All))]
    public void NumberOfThreads_DoesNotChangeABit(string engine)
    {
        var (one, two) = (Fit(engine, Train, threads: 1), Fit(engine, Train, threads: 2));
        for (var user = 0; user < 20; user++) Assert.Equal(one.Scores(Train.Row(user)), two.Scores(Train.Row(user)));
    }

    [Theory, MemberData(nameof(All))]
    public void UserWithoutHistory_AndItemWithoutUsers_AreAnswered(string engine)
    {
        var lonely = SparseMatrix.From(4, 3, [new(0, 0, 1), new(1, 0, 1), new(1, 1, 1), new(3, 1, 0)]);
        var recommender = Fit(engine, lonely, threads: 0);

        Assert.All(recommender.Scores(default), score => Assert.True(float.IsFinite(score) && (engine == "popularity" || score == 0)));
        var scores = recommender.Scores(lonely.Row(1));
        Assert.Equal(0, scores[2], 1e-5f);
        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
    }

    [Theory, MemberData(nameof(Personal))]
    public void Cancelled_Stops(string engine)
    {
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.ThrowsAny<OperationCanceledException>(() => Fit(engine, Train, threads: 0, cancelled.Token));
    }

    private static IRecommender Fit(string engine, SparseMatrix interactions, int threads) => Fit(engine, interactions, threads, TestContext.Current.CancellationToken);

    private static IRecommender Fit(string engine, SparseMatrix interactions, int threads, CancellationToken cancel) => engine switch
    {
        "neighbours" => ItemNeighbours.Fit(interactions, new ItemNeighboursOptions { Threads = threads }, cancel),
        "ease" => Ease.Fit(interactions, new EaseOptions { L2 = 20, Threads = threads }, cancel),
        "als" => ImplicitAls.Fit(interactions, new ImplicitAlsOptions { Factors = 8, Threads = threads }, cancel),
        "nmf" => Nmf.Fit(interactions, new NmfOptions { Factors = 6, Threads = threads }, cancel),
        _ => Popularity.Fit(interactions),
    };
}
