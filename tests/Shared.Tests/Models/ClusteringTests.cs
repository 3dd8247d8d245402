using Media.Models;

namespace Media.Tests.Models;

public class ClusteringTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    private static float[] Blobs(int seed, int perBlob, params (float X, float Y)[] centres)
    {
        var random = new Random(seed);
        return [.. centres.SelectMany(c => Enumerable.Range(0, perBlob).SelectMany(_ => (float[])[c.X + random.NextSingle() - 0.5f, c.Y + random.NextSingle() - 0.5f]))];
    }

    [Fact]
    public void KMeans_FourPointsByHand_TwoPairs()
    {
        var found = KMeans.Fit([0, 1, 10, 11], 1, 2, restarts: 3, seed: 1, Cancel);
        Assert.Equal([0.5f, 10.5f], found.Centres.Order());
        Assert.Equal(1, found.Inertia, 6);
        Assert.Equal(found.Assignment[0], found.Assignment[1]);
        Assert.NotEqual(found.Assignment[0], found.Assignment[2]);
    }

    [Fact]
    public void KMeans_SeparatedBlobs_FoundExactly()
    {
        var points = Blobs(1, 60, (0, 0), (9, 0), (0, 9), (9, 9), (20, 20));
        for (var seed = 0; seed < 20; seed++)
        {
            var found = KMeans.Fit(points, 2, 5, restarts: 4, seed, Cancel);
            Assert.Equal(1, AdjustedRandIndex.Of(found.Assignment, [.. Enumerable.Range(0, 300).Select(i => i / 60)]));
        }
    }

    [Fact]
    public void KMeans_Converged_EveryPointNearestToItsCentreAndEveryCentreTheMean()
    {
        var random = new Random(2);
        float[] points = [.. Enumerable.Range(0, 900).Select(_ => random.NextSingle())];
        var found = KMeans.Fit(points, 3, 6, restarts: 1, seed: 3, Cancel);
        for (var row = 0; row < 300; row++) Assert.Equal(KMeans.Nearest(found.Centres, points.AsSpan(row * 3, 3)).Centre, found.Assignment[row]);
        for (var k = 0; k < 6; k++)
            for (var c = 0; c < 3; c++)
                Assert.Equal(Enumerable.Range(0, 300).Where(r => found.Assignment[r] == k).Average(r => points[r * 3 + c]), found.Centres[k * 3 + c], 5);
    }

    [Fact]
    public void KMeans_FewerDistinctPointsThanClusters_StillServesEach()
    {
        var found = KMeans.Fit([1, 1, 1, 5, 5, 5], 1, 4, restarts: 2, seed: 1, Cancel);
        Assert.Equal(0, found.Inertia);
        Assert.Equal(2, found.Assignment.Distinct().Count());
    }

    [Fact]
    public void KMeans_SameSeed_SameResultAlsoWhenCrowded()
    {
        var points = Blobs(3, 200, (0, 0), (1, 1), (2, 0));
        var alone = KMeans.Fit(points, 2, 4, 5, 7, Cancel);
        var crowded = Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).Select(_ => KMeans.Fit(points, 2, 4, 5, 7, Cancel)).ToList();
        Assert.All(crowded, c => Assert.Equal(alone.Centres, c.Centres));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(4)]
    public void KMeans_KOutOfRange_Refused(int k) => Assert.Throws<ArgumentException>(() => KMeans.Fit([1, 2, 3], 1, k, 1, 1, Cancel));

    [Fact]
    public void Silhouette_FourPointsByHand()
    {
        // 0: a = 1, b = 10.5. 1: a = 1, b = 9.5. The other two mirror them.
        Assert.Equal((9.5 / 10.5 + 8.5 / 9.5) / 2, Silhouette.Of([0, 1, 10, 11], 1, [0, 0, 1, 1], Cancel), 6);
    }

    [Fact]
    public void DaviesBouldin_SixPointsByHand()
    {
        // Means 1, 11 and 31, widths 2/3, 1 and 0: the worst of the first is (2/3 + 1) / 10, of the second the same, of the third 1 / 20.
        Assert.Equal((5.0 / 30 + 5.0 / 30 + 1.0 / 20) / 3, DaviesBouldin.Of([0, 1, 2, 10, 12, 31], 1, [0, 0, 0, 1, 1, 2]), 6);
        Assert.Equal(0, DaviesBouldin.Of([0, 1, 2], 1, [0, 0, 0]));
        Assert.Equal(DaviesBouldin.Of([0, 1, 10, 11], 1, [0, 0, 1, 1]), DaviesBouldin.Of([0, 1, 10, 11], 1, [3, 3, 1, 1]));
        Assert.Throws<ArgumentException>(() => DaviesBouldin.Of([0, 1], 1, [0]));
    }

    [Fact]
    public void Silhouette_ClusterOfOne_CountsZero() => Assert.Equal((0 + 9.0 / 10 + 10.0 / 11) / 3, Silhouette.Of([0, 10, 11], 1, [0, 1, 1], Cancel), 6);

    [Fact]
    public void Silhouette_OneCluster_Zero() => Assert.Equal(0, Silhouette.Of([0, 10, 11], 1, [2, 2, 2], Cancel));

    // The examples on the page of adjusted_rand_score in scikit-learn's manual.
    [Theory]
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 1, 1, 0, 0 }, 1)]
    [InlineData(new[] { 0, 0, 1, 2 }, new[] { 0, 0, 1, 1 }, 0.57)]
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 0, 0, 1, 2 }, 0.57)]
    [InlineData(new[] { 0, 0, 0, 0 }, new[] { 0, 1, 2, 3 }, 0)]
    [InlineData(new[] { 0, 0, 1, 1 }, new[] { 0, 1, 0, 1 }, -0.5)]
    public void AdjustedRandIndex_ManualExamples_AsPublished(int[] first, int[] second, double index) => Assert.Equal(index, AdjustedRandIndex.Of(first, second), 2);

    [Fact]
    public void AdjustedRandIndex_UnrelatedPartitions_ZeroOnAverage()
    {
        var random = new Random(5);
        Assert.InRange(Enumerable.Range(0, 200).Average(_ => AdjustedRandIndex.Of(Draw(), Draw())), -0.005, 0.005);
        int[] Draw() => [.. Enumerable.Range(0, 200).Select(_ => random.Next(4))];
    }
}
