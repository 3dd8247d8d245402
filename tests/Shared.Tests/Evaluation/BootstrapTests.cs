using Media.Evaluation;

namespace Media.Tests.Evaluation;

public class BootstrapTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    // Two normal classes one standard deviation apart: AUC = Φ(1/√2).
    private const double TrueAuc = 0.7602499;

    private static (double[] Scores, float[] Labels) Binormal(Random random, int rows)
    {
        var labels = Enumerable.Range(0, rows).Select(i => (float)(i % 2)).ToArray();
        return ([.. labels.Select(y => y + Normal(random))], labels);
    }

    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    [Fact]
    public void Interval_TwoHundredSamples_HoldsTheTruthInAboutNineteenOfTwenty()
    {
        var random = new Random(5);
        var held = 0;
        for (var sample = 0; sample < 200; sample++)
        {
            var (scores, labels) = Binormal(random, 200);
            var auc = Bootstrap.Of(new RankedRows(scores, labels), AreaUnderCurve.Of, new BootstrapOptions { Resamples = 300, Seed = sample }, Cancel);
            if (auc.Low <= TrueAuc && TrueAuc <= auc.High) held++;
        }
        Assert.InRange(held, 180, 198);
    }

    [Fact]
    public void Interval_LargeSample_AsWideAsHanleyAndMcNeilSay()
    {
        var (scores, labels) = Binormal(new Random(6), 2_000);
        var auc = Bootstrap.Of(new RankedRows(scores, labels), AreaUnderCurve.Of, new BootstrapOptions(), Cancel);
        // Hanley & McNeil 1982, Radiology 143: the standard error of an AUC.
        double a = auc.Value, n = 1_000, q1 = a / (2 - a), q2 = 2 * a * a / (1 + a);
        var error = Math.Sqrt((a * (1 - a) + (n - 1) * (q1 - a * a) + (n - 1) * (q2 - a * a)) / (n * n));
        Assert.InRange((auc.High - auc.Low) / (2 * 1.96 * error), 0.9, 1.1);
    }

    [Fact]
    public void SameSeed_OnOneCoreOrMany_SameInterval()
    {
        var (scores, labels) = Binormal(new Random(7), 500);
        var rows = new RankedRows(scores, labels);
        var options = new BootstrapOptions { Seed = 9 };
        var free = Bootstrap.Of(rows, AreaUnderCurve.Of, options, Cancel);
        var crowded = Enumerable.Range(0, 4).AsParallel().WithDegreeOfParallelism(4).Select(_ => Bootstrap.Of(rows, AreaUnderCurve.Of, options, Cancel)).ToList();
        Assert.All(crowded, e => Assert.Equal(free, e));
        Assert.NotEqual(free, Bootstrap.Of(rows, AreaUnderCurve.Of, options with { Seed = 10 }, Cancel));
    }

    [Fact]
    public void Difference_RankingWithItself_ExactlyZero()
    {
        var (scores, labels) = Binormal(new Random(8), 300);
        var rows = new RankedRows(scores, labels);
        Assert.Equal((0, 0, 0), Bootstrap.Difference(rows, rows, AreaUnderCurve.Of, new BootstrapOptions(), Cancel) is var d ? (d.Value, d.Low, d.High) : default);
    }

    [Fact]
    public void Difference_NearlyTheSameScores_FarNarrowerThanUnpaired()
    {
        var random = new Random(9);
        var (scores, labels) = Binormal(random, 1_000);
        var first = new RankedRows(scores, labels);
        var second = new RankedRows([.. scores.Select(s => s + 0.1 * Normal(random))], labels);
        var single = Bootstrap.Of(first, AreaUnderCurve.Of, new BootstrapOptions(), Cancel);
        var paired = Bootstrap.Difference(first, second, AreaUnderCurve.Of, new BootstrapOptions(), Cancel);
        Assert.True(paired.High - paired.Low < (single.High - single.Low) / 4);
    }

    [Fact]
    public void OnePositive_ResamplesAllHoldIt()
    {
        var rows = new RankedRows([0.9, 0.2, 0.3, 0.4], [1, 0, 0, 0]);
        Assert.Equal((1, 1, 1), Bootstrap.Of(rows, AreaUnderCurve.Of, new BootstrapOptions(), Cancel) is var e ? (e.Value, e.Low, e.High) : default);
    }

    [Fact]
    public void OtherLabels_Refused() => Assert.Throws<ArgumentException>(() =>
        Bootstrap.Difference(new RankedRows([1, 2], [0, 1]), new RankedRows([1, 2], [1, 0]), AreaUnderCurve.Of, new BootstrapOptions(), Cancel));

    [Fact]
    public void ClusteredRows_TwoHundredSamples_ClustersHoldTheTruthAndRowsDoNot()
    {
        // Forty readers with ten rows each: a reader's own level makes up most of the spread, so that 400 rows say little more than 40.
        var random = new Random(15);
        int byCluster = 0, byRow = 0;
        for (var sample = 0; sample < 200; sample++)
        {
            int[] reader = [.. Enumerable.Range(0, 400).Select(r => r / 10)];
            double[] level = [.. Enumerable.Range(0, 40).Select(_ => Normal(random))];
            var figures = new InstanceFigures([.. reader.Select(u => level[u] + 0.5 * Normal(random))]);
            var options = new BootstrapOptions { Resamples = 300, Seed = sample };
            if (Holds(options with { Clusters = Clusters.Of(reader) })) byCluster++;
            if (Holds(options)) byRow++;

            bool Holds(BootstrapOptions how) => Bootstrap.Of(figures, InstanceFigures.Mean, how, Cancel) is { Low: <= 0, High: >= 0 };
        }
        Assert.InRange(byCluster, 178, 199);
        Assert.InRange(byRow, 60, 130);
    }

    [Fact]
    public void ClustersOfOneRowEach_SameAsNone()
    {
        var (scores, labels) = Binormal(new Random(16), 300);
        var rows = new RankedRows(scores, labels);
        var own = new BootstrapOptions { Clusters = Clusters.Of([.. Enumerable.Range(0, 300)]) };
        Assert.Equal(Bootstrap.Of(rows, AreaUnderCurve.Of, new BootstrapOptions(), Cancel), Bootstrap.Of(rows, AreaUnderCurve.Of, own, Cancel));
    }

    [Fact]
    public void Amounts_IntervalOfTheMeanError_AsWideAsItsStandardError()
    {
        var random = new Random(17);
        double[] p = [.. Enumerable.Range(0, 2_000).Select(_ => Normal(random))];
        float[] y = [.. p.Select(v => (float)(v + Normal(random)))];
        var mae = Bootstrap.Of(new PredictedAmounts(p, y), PredictionError.MeanAbsolute, new BootstrapOptions(), Cancel);
        var error = Math.Sqrt((1 - 2 / Math.PI) / 2_000);
        Assert.InRange((mae.High - mae.Low) / (2 * 1.96 * error), 0.9, 1.1);
    }

    [Fact]
    public void SmallSampleOfFewDistinctAmounts_EveryResampleCanBeJudged()
    {
        var r2 = Bootstrap.Of(new PredictedAmounts([1, 1, 1, 2], [0, 0, 0, 1]), RSquared.Of, new BootstrapOptions(), Cancel);
        Assert.True(double.IsFinite(r2.Low) && double.IsFinite(r2.High));
    }

    [Fact]
    public void ClustersOfOtherRows_Refused() => Assert.Contains("holds 3 rows but 2", Assert.Throws<ArgumentException>(() =>
        Bootstrap.Of(new RankedRows([1, 2], [0, 1]), AreaUnderCurve.Of, new BootstrapOptions { Clusters = Clusters.Of(["a", "b", "c"]) }, Cancel)).Message);
}
