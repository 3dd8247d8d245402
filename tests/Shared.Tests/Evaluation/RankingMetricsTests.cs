using Media.Evaluation;
using Media.Recommendation;

namespace Media.Tests.Evaluation;

/// <summary>By hand: hits at places 1 and 3 of a list of five.</summary>
public class RankingMetricsTests
{
    private static readonly bool[] Hits = [true, false, true, false, false];

    [Fact]
    public void Recall_IsOfAllThatIsRelevant()
    {
        Assert.Equal(0.5, RankingMetrics.Recall(Hits, 4, 5));
        Assert.Equal(0.25, RankingMetrics.Recall(Hits, 4, 2));
        Assert.Equal(0.5, RankingMetrics.Recall(Hits, 4, 10));
    }

    [Fact]
    public void Precision_IsOfThePlacesAskedFor() => Assert.Equal((0.4, 0.2), (RankingMetrics.Precision(Hits, 5), RankingMetrics.Precision(Hits, 10)));

    [Fact]
    public void Ndcg_IsByTheIdealOfAtMostKHits()
    {
        Assert.Equal((1 + 1 / Math.Log2(4)) / (1 + 1 / Math.Log2(3)), RankingMetrics.Ndcg(Hits, 2, 5), 12);
        Assert.Equal(1 / (1 + 1 / Math.Log2(3)), RankingMetrics.Ndcg(Hits, 100, 2), 12);
        Assert.Equal(1, RankingMetrics.Ndcg([true], 1, 10), 12);
    }

    [Fact]
    public void AveragePrecision_IsByAtMostKHits()
    {
        Assert.Equal((1 + 2.0 / 3) / 2, RankingMetrics.AveragePrecision(Hits, 2, 5), 12);
        Assert.Equal((1 + 2.0 / 3) / 5, RankingMetrics.AveragePrecision(Hits, 100, 5), 12);
        Assert.Equal(0, RankingMetrics.AveragePrecision([false], 1, 5));
    }

    [Theory]
    [InlineData(0, 0, 5, 1)]
    [InlineData(4, 0, 5, 1)]
    [InlineData(5, 0, 5, 0)]
    [InlineData(0, 9, 5, 0.5)]
    [InlineData(3, 3, 5, 0.5)]
    [InlineData(0, 2, 5, 1)]
    public void RecallOfOne_IsTheMeanOverTheOrdersOfEqualScores(int above, int tied, int k, double recall) => Assert.Equal(recall, RankingMetrics.RecallOfOne(above, tied, k));

    [Fact]
    public void CoverageAndNovelty_LookAtAllLists()
    {
        int[][] lists = [[0, 1], [1, 2]];
        Assert.Equal(0.6, RankingMetrics.Coverage(lists, 5));
        // Shares 1/2, 1/4, 1/4, 1/8: 1 + 2 + 2 + 3 bits over four places.
        Assert.Equal(2, RankingMetrics.Novelty(lists, [4, 2, 1], 8), 12);
    }

    [Fact]
    public void NothingRelevant_IsRefused() => Assert.Throws<ArgumentException>(() => RankingMetrics.Recall(Hits, 0, 5));

    /// <summary>Items 0 … 3 have 3, 2, 1, 1 users.</summary>
    private static readonly SparseMatrix Train = SparseMatrix.From(3, 4, [new(0, 0, 1), new(1, 0, 1), new(2, 0, 1), new(0, 1, 1), new(1, 1, 1), new(0, 2, 1), new(1, 3, 1)]);

    [Fact]
    public void RankUnseen_LeavesOutTheHistory_AndCountsUnknownItemsAsMissed()
    {
        var ranked = RecommendationTrial.RankUnseen(Popularity.Fit(Train), Train, [new(2, [2]), new(-1, [-1, 1]), new(0, [3])], 2, TestContext.Current.CancellationToken);

        Assert.Equal([1, 2], ranked[0].List);
        Assert.Equal([false, true], ranked[0].Hits);
        Assert.Equal([0, 1], ranked[1].List);
        Assert.Equal([false, true], ranked[1].Hits);
        Assert.Equal([3], ranked[2].List);
    }

    [Fact]
    public void RankListed_PutsSeenItemsLast_UnknownOnesBeforeThem_AndCountsEqualOnes()
    {
        var ranked = RecommendationTrial.RankListed(Popularity.Fit(Train), Train,
            [new(-1, 2, [0, 3, -1]), new(-1, -1, [3, -1]), new(2, 1, [0]), new(2, -1, [0])], TestContext.Current.CancellationToken);

        Assert.Equal([(1, 1), (1, 1), (0, 0), (0, 0)], ranked);
    }
}
