using Media.Evaluation;

namespace Media.Tests.Evaluation;

public class AmountMetricsTests
{
    // Worked with scikit-learn 1.2.1 (r2_score, mean_absolute_error, mean_squared_error) and SciPy's spearmanr.
    private static readonly double[] Predictions = [2.5, 0, 2, 8, 2, 5.5];
    private static readonly float[] Observed = [3, -0.5f, 2, 7, 2, 7];

    [Fact]
    public void Example_AsTheReferenceLibrariesGive()
    {
        Assert.Equal(0.9170506912442397, RSquared.Of(Predictions, Observed), 14);
        Assert.Equal(0.5833333333333334, PredictionError.MeanAbsolute(Predictions, Observed), 14);
        Assert.Equal(0.7905694150420949, PredictionError.RootMeanSquare(Predictions, Observed), 14);
        Assert.Equal(0.9851843661437779, Spearman.Of(Predictions, Observed), 14);
        Assert.Equal(20 / 20.5, SumRatio.Of(Predictions, Observed), 14);
    }

    [Fact]
    public void RSquared_MeanOfTheRows_ZeroAndWorseIsBelow()
    {
        Assert.Equal(0, RSquared.Of([2, 2, 2], [1, 2, 3]), 15);
        Assert.Equal(1, RSquared.Of([1, 2, 3], [1, 2, 3]), 15);
        Assert.Equal(-3, RSquared.Of([3, 2, 1], [1, 2, 3]), 14);
    }

    [Fact]
    public void Spearman_OneValueForAll_ZeroAndReversed_MinusOne()
    {
        Assert.Equal(0, Spearman.Of([5, 5, 5, 5], [1, 2, 3, 4]));
        Assert.Equal(-1, Spearman.Of([8, 6, 4, 2], [1, 2, 3, 4]), 15);
        Assert.Equal(1, Spearman.Of([1, 10, 100, 1000], [1, 2, 3, 4]), 15);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Spearman_ManyTies_PearsonOfTheMiddleRanks(int seed)
    {
        var random = new Random(seed);
        double[] p = [.. Enumerable.Range(0, 300).Select(_ => (double)random.Next(20))];
        float[] y = [.. p.Select(v => (float)Math.Round(v / 3 + 3 * random.NextDouble()))];
        var (a, b) = (MiddleRanks(p), MiddleRanks([.. y.Select(v => (double)v)]));
        var (meanA, meanB) = (a.Average(), b.Average());
        var expected = a.Zip(b, (u, v) => (u - meanA) * (v - meanB)).Sum() / Math.Sqrt(a.Sum(u => (u - meanA) * (u - meanA)) * b.Sum(v => (v - meanB) * (v - meanB)));
        Assert.Equal(expected, Spearman.Of(p, y), 13);
    }

    private static double[] MiddleRanks(double[] values) => [.. values.Select(v => values.Count(o => o < v) + (values.Count(o => o == v) + 1) / 2.0)];

    [Fact]
    public void TopDecile_PerfectOrder_OneAndConstant_Chance()
    {
        double[] p = [.. Enumerable.Range(0, 100).Select(i => (double)i)];
        float[] y = [.. p.Select(v => (float)(v * v))];
        Assert.Equal(1, AtDecile(p, y), 14);
        Assert.Equal(0, AtDecile([.. p.Select(v => -v)], y), 14);
        Assert.Equal(0.1, AtDecile([.. p.Select(_ => 1.0)], y), 14);
    }

    [Fact]
    public void TopShare_LimitsCutTies_CountProRata()
    {
        // The top half by prediction: row 0 and half of rows 1 and 2. The top half by amount: row 0 and half of rows 1 and 3. (1 + ½ · ½) of 2.
        var rows = new PredictedAmounts([9, 5, 5, 1], [8, 4, 1, 4]);
        Assert.Equal(0.625, TopShare.Precision(rows, rows.Once, 0.5), 15);
    }

    [Fact]
    public void GainsCurve_SharesOfTheSum_EmptyWithNegativeAmounts()
    {
        var curve = TopShare.GainsCurve(new PredictedAmounts([4, 3, 2, 1], [6, 1, 3, 0]), 4);
        Assert.Equal([(0, 0), (0.25, 0.6), (0.5, 0.7), (0.75, 1), (1, 1)], curve.Select(p => (p.RowShare, Math.Round(p.PositiveShare, 12))));
        Assert.Empty(TopShare.GainsCurve(new PredictedAmounts([1, 2], [-1, 5])));
        Assert.Empty(TopShare.GainsCurve(new PredictedAmounts([1, 2], [-1, 1])));
    }

    [Fact]
    public void EveryMetric_WithCounts_EqualsTheRowsRepeated()
    {
        Metric<PredictedAmounts>[] metrics = [RSquared.Of, PredictionError.MeanAbsolute, PredictionError.RootMeanSquare, Spearman.Of, SumRatio.Of, TopShare.PrecisionAtDecile];
        var random = new Random(12);
        for (var trial = 0; trial < 50; trial++)
        {
            double[] p = [.. Enumerable.Range(0, 120).Select(_ => random.Next(40) / 4.0)];
            float[] y = [.. p.Select(v => (float)Math.Round(v + 4 * random.NextDouble()))];
            var rows = new PredictedAmounts(p, y);
            int[] counts = [.. rows.Once.Select(_ => random.Next(4))];
            int[] repeated = [.. Enumerable.Range(0, rows.Count).SelectMany(i => Enumerable.Repeat(rows.Rows[i], counts[i]))];
            var plain = new PredictedAmounts([.. repeated.Select(r => p[r])], [.. repeated.Select(r => y[r])]);
            foreach (var metric in metrics) Assert.Equal(metric(plain, plain.Once), metric(rows, counts), 11);
        }
    }

    [Fact]
    public void Calibration_TenthsByHand_MeansAndStandardErrors()
    {
        var rows = new PredictedAmounts([1, 2, 3, 4], [0, 2, 5, 9]);
        var curve = Calibration.Curve(rows, null, 2);
        Assert.Equal([(2, 1.5, 1), (2, 3.5, 7)], curve.Select(b => (b.Rows, b.MeanScore, b.Observed)));
        Assert.Equal(1.959963984540054 * Math.Sqrt(2) / 2, curve[0].Observed - curve[0].Low, 12);
        // Both rows of the lower half are of one reader: their residuals −1 and 1 cancel within the cluster.
        var clustered = Calibration.Curve(rows, Clusters.Of(["a", "a", "b", "c"]), 2);
        Assert.Equal(0, clustered[0].High - clustered[0].Low, 12);
        Assert.Equal(curve[1], clustered[1]);
    }

    [Fact]
    public void Calibration_TrueMeans_IntervalsHoldThemInAboutNineteenOfTwenty()
    {
        var random = new Random(4);
        int held = 0, bins = 0;
        for (var trial = 0; trial < 60; trial++)
        {
            double[] mean = [.. Enumerable.Range(0, 2_000).Select(_ => 1 + 9 * random.NextDouble())];
            float[] y = [.. mean.Select(m => (float)(-m * Math.Log(1 - random.NextDouble())))];
            foreach (var bin in Calibration.Curve(new PredictedAmounts(mean, y), null, 10))
            {
                bins++;
                if (bin.Low <= bin.MeanScore && bin.MeanScore <= bin.High) held++;
            }
        }
        Assert.Equal(600, bins);
        Assert.InRange(held / 600.0, 0.92, 0.975);
    }

    [Theory]
    [InlineData(new[] { 0.5, double.PositiveInfinity }, new[] { 0f, 1f }, "The score of row 1 is")]
    [InlineData(new[] { 0.5, 0.6 }, new[] { 0f, float.NaN }, "The label of row 1 is NaN")]
    [InlineData(new[] { 0.5, 0.6 }, new[] { 2f, 2f }, "All 2 amounts observed are 2")]
    [InlineData(new[] { 0.5 }, new[] { 2f, 2f }, "labels has 2 rows but scores has 1")]
    [InlineData(new double[0], new float[0], "no rows")]
    public void PredictedAmounts_NotJudgeable_SaysWhy(double[] predictions, float[] observed, string because) =>
        Assert.Contains(because, Assert.Throws<ArgumentException>(() => new PredictedAmounts(predictions, observed)).Message, StringComparison.Ordinal);

    private static double AtDecile(double[] predictions, float[] observed)
    {
        var rows = new PredictedAmounts(predictions, observed);
        return TopShare.PrecisionAtDecile(rows, rows.Once);
    }
}
