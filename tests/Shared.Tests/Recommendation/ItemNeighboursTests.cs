using Media.Recommendation;

namespace Media.Tests.Recommendation;

public class ItemNeighboursTests
{
    [Theory]
    [InlineData(60, 0, 0.5, 0.5, 0)]
    [InlineData(7, 3, 0.5, 0.5, 0)]
    [InlineData(7, 0, 1, 0.4, 1)]
    public void Scores_AreThoseOfBruteForce(int neighbours, double shrinkage, double itemExponent, double historyExponent, double userExponent)
    {
        var train = PlantedTaste.Draw(120, 60, 3, 7, seed: 3).Map(v => 2 * v);
        var x = train.Dense();
        var similarity = new double[60, 60];
        for (var i = 0; i < 60; i++)
            for (var j = 0; j < 60; j++)
            {
                double common = 0, own = 0, others = 0;
                for (var u = 0; u < 120; u++)
                {
                    common += x[u, i] * x[u, j] * Math.Pow(train.Row(u).Count, -userExponent);
                    own += x[u, i] * x[u, i];
                    others += x[u, j] * x[u, j];
                }
                similarity[i, j] = i == j || common == 0 ? 0 : common / (Math.Pow(own, itemExponent) * Math.Pow(others, historyExponent) + shrinkage);
            }
        var options = new ItemNeighboursOptions { Neighbours = neighbours, Shrinkage = shrinkage, ItemExponent = itemExponent, HistoryExponent = historyExponent, UserExponent = userExponent };

        var recommender = ItemNeighbours.Fit(train, options, TestContext.Current.CancellationToken);

        for (var user = 0; user < 20; user++)
        {
            var history = train.Row(user).Indices.ToArray();
            var scores = recommender.Scores(train.Row(user));
            for (var i = 0; i < 60; i++)
            {
                // Equal similarities differ in the last digit from one way of adding to another, so rounding decides who is nearer as the engine does.
                var nearest = Enumerable.Range(0, 60).OrderByDescending(j => Math.Round(similarity[i, j], 5)).ThenBy(j => j).Take(neighbours).ToHashSet();
                var least = nearest.Min(j => similarity[i, j]);
                var tied = Enumerable.Range(0, 60).Count(j => Math.Abs(similarity[i, j] - least) < 1e-5) > 1 && least > 0;
                if (!tied) Assert.Equal(history.Where(nearest.Contains).Sum(j => 2 * similarity[i, j]), scores[i], 1e-4);
            }
        }
    }

    /// <summary>Items 0 and 1 share one of two users each: cosine ½; a shrinkage of 2 makes 1 ⁄ (2 + 2).</summary>
    [Fact]
    public void WorkedExample()
    {
        var train = SparseMatrix.From(3, 2, [new(0, 0, 1), new(1, 0, 1), new(1, 1, 1), new(2, 1, 1)]);

        Assert.Equal([0f, 0.5f], ItemNeighbours.Fit(train, new ItemNeighboursOptions { Shrinkage = 0 }, TestContext.Current.CancellationToken).Scores(new SparseRow([0], [1])));
        Assert.Equal([0f, 0.25f], ItemNeighbours.Fit(train, new ItemNeighboursOptions { Shrinkage = 2 }, TestContext.Current.CancellationToken).Scores(new SparseRow([0], [1])));
    }
}
