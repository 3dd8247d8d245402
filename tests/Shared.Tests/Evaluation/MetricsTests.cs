using Media.Evaluation;

namespace Media.Tests.Evaluation;

public class MetricsTests
{
    // The example on the pages of roc_auc_score and average_precision_score in scikit-learn's manual.
    private static readonly double[] Scores = [0.1, 0.4, 0.35, 0.8];
    private static readonly float[] Labels = [0, 0, 1, 1];

    [Fact]
    public void AreaUnderCurve_ManualExample_ThreeQuarters() => Assert.Equal(0.75, AreaUnderCurve.Of(Scores, Labels), 15);

    [Fact]
    public void AreaUnderCurve_AllScoresEqual_Half() => Assert.Equal(0.5, AreaUnderCurve.Of([3, 3, 3, 3, 3], [0, 1, 0, 0, 1]), 15);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void AreaUnderCurve_TiedScores_ShareOfPairsWon(int seed)
    {
        var random = new Random(seed);
        var scores = Enumerable.Range(0, 200).Select(_ => (double)random.Next(12)).ToArray();
        var labels = scores.Select(s => random.NextDouble() < s / 12 ? 1f : 0f).ToArray();
        double won = 0, pairs = 0;
        for (var i = 0; i < scores.Length; i++)
            for (var j = 0; j < scores.Length; j++)
                if (labels[i] == 1 && labels[j] == 0)
                {
                    pairs++;
                    won += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                }
        Assert.Equal(won / pairs, AreaUnderCurve.Of(scores, labels), 14);
    }

    [Fact]
    public void RocCurve_ManualExample_TrapezesGiveTheArea()
    {
        var curve = AreaUnderCurve.Curve(new RankedRows(Scores, Labels));
        Assert.Equal([(0, 0), (0, 0.5), (0.5, 0.5), (0.5, 1), (1, 1)], curve.Select(p => (p.FalsePositiveRate, p.TruePositiveRate)));
        Assert.Equal(0.75, curve.Zip(curve.Skip(1)).Sum(p => (p.Second.FalsePositiveRate - p.First.FalsePositiveRate) * (p.First.TruePositiveRate + p.Second.TruePositiveRate) / 2), 15);
    }

    [Fact]
    public void RocCurve_MoreScoresThanPoints_KeepsBothEnds()
    {
        var random = new Random(1);
        var scores = Enumerable.Range(0, 5_000).Select(_ => random.NextDouble()).ToArray();
        var curve = AreaUnderCurve.Curve(new RankedRows(scores, [.. scores.Select(s => s > 0.3 ? 1f : 0f)]), 50);
        Assert.Equal(50, curve.Count);
        Assert.Equal((0, 0, 1, 1), (curve[0].FalsePositiveRate, curve[0].TruePositiveRate, curve[^1].FalsePositiveRate, curve[^1].TruePositiveRate));
    }

    [Fact]
    public void AveragePrecision_ManualExample_FiveSixths() => Assert.Equal(5.0 / 6, AveragePrecision.Of(Scores, Labels), 15);

    [Fact]
    public void AveragePrecision_OneScore_BaseRate() => Assert.Equal(0.4, AveragePrecision.Of([1, 1, 1, 1, 1], [0, 1, 0, 0, 1]), 15);

    // The example on the page of log_loss in scikit-learn's manual.
    [Fact]
    public void LogLoss_ManualExample_AsPublished() => Assert.Equal(0.21616187468057912, LogLoss.Of([0.9, 0.1, 0.2, 0.65], [1, 0, 0, 1]), 15);

    [Fact]
    public void LogLoss_CertainMistake_Finite() => Assert.Equal(-Math.Log(1e-15) / 2, LogLoss.Of([0, 0], [1, 0]), 10);

    [Fact]
    public void LogLoss_NotAProbability_Refused() => Assert.Throws<ArgumentException>(() => LogLoss.Of([1.5, 0.5], [1, 0]));

    [Fact]
    public void Lift_PerfectRanking_OneOverTheShareOrBaseRate()
    {
        double[] scores = [.. Enumerable.Range(0, 100).Select(i => (double)i)];
        var rare = new RankedRows(scores, [.. scores.Select(s => s >= 95 ? 1f : 0f)]);
        var common = new RankedRows(scores, [.. scores.Select(s => s >= 50 ? 1f : 0f)]);
        Assert.Equal(10, Lift.AtTenPercent(rare, rare.Once), 12);
        Assert.Equal(2, Lift.AtTenPercent(common, common.Once), 12);
    }

    [Fact]
    public void Lift_LimitCutsATie_CountsProRata()
    {
        // The top half is one certain row and half of the tied pair, of which one is positive: (1 + 0.5 × … 1 of 2) of 2 positives in 2 of 4 rows.
        var rows = new RankedRows([9, 5, 5, 1], [1, 1, 0, 0]);
        Assert.Equal(1.5, Lift.At(rows, rows.Once, 0.5), 15);
    }

    [Fact]
    public void GainsCurve_AnyRanking_RisesFromNothingToAll()
    {
        var curve = Lift.GainsCurve(new RankedRows(Scores, Labels), 4);
        Assert.Equal([(0, 0), (0.25, 0.5), (0.5, 0.5), (0.75, 1), (1, 1)], curve.Select(p => (p.RowShare, p.PositiveShare)));
    }

    [Fact]
    public void CalibrationError_TwoBinsByHand_MeanGap()
    {
        // Ten bins of one row: gaps 0.1, 0.4, 0.65, 0.2.
        var rows = new RankedRows(Scores, Labels);
        Assert.Equal((0.1 + 0.4 + 0.65 + 0.2) / 4, Calibration.Error(rows, rows.Once), 14);
        var bins = Calibration.Curve(rows, rows.Once, 2);
        Assert.Equal([(2, 0.225, 0.5), (2, 0.6, 0.5)], bins.Select(b => (b.Rows, Math.Round(b.MeanScore, 12), b.Observed)));
    }

    [Fact]
    public void CalibrationError_ConstantBaseRate_Zero()
    {
        var rows = new RankedRows([0.4, 0.4, 0.4, 0.4, 0.4], [0, 1, 0, 0, 1]);
        Assert.Equal(0, Calibration.Error(rows, rows.Once), 15);
        Assert.Single(Calibration.Curve(rows, rows.Once, 10));
    }

    [Fact]
    public void NoiseFloor_TrueProbabilities_IsTheMeanError()
    {
        var random = new Random(3);
        double error = 0, floor = 0;
        for (var trial = 0; trial < 200; trial++)
        {
            var p = Enumerable.Range(0, 1_000).Select(_ => random.NextDouble()).ToArray();
            var rows = new RankedRows(p, [.. p.Select(v => random.NextDouble() < v ? 1f : 0f)]);
            error += Calibration.Error(rows, rows.Once) / 200;
            floor += Calibration.NoiseFloor(rows) / 200;
        }
        Assert.InRange(error / floor, 0.97, 1.03);
    }

    // Newcombe 1998, Two-sided confidence intervals for the single proportion, Statistics in Medicine 17, table I, method 3.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0.0000, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Wilson_PublishedTable_SameBounds(int successes, int trials, double low, double high)
    {
        var interval = Calibration.Wilson(successes, trials);
        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    [Fact]
    public void EveryMetric_WithCounts_EqualsTheRowsRepeated()
    {
        Metric<RankedRows>[] metrics = [AreaUnderCurve.Of, LogLoss.Of, Calibration.Error, Lift.AtTenPercent, AveragePrecision.Of];
        var random = new Random(11);
        for (var trial = 0; trial < 50; trial++)
        {
            var scores = Enumerable.Range(0, 120).Select(_ => random.Next(40) / 40.0).ToArray();
            var labels = scores.Select(s => random.NextDouble() < s ? 1f : 0f).ToArray();
            var rows = new RankedRows(scores, labels);
            var counts = rows.Once.Select(_ => random.Next(4)).ToArray();
            var repeated = Enumerable.Range(0, rows.Count).SelectMany(i => Enumerable.Repeat(rows.Rows[i], counts[i])).ToArray();
            var plain = new RankedRows([.. repeated.Select(r => scores[r])], [.. repeated.Select(r => labels[r])]);
            foreach (var metric in metrics) Assert.Equal(metric(plain, plain.Once), metric(rows, counts), 12);
        }
    }

    [Theory]
    [InlineData(new[] { 0.5, double.NaN }, new[] { 0f, 1f }, "The score of row 1 is NaN")]
    [InlineData(new[] { 0.5, 0.6 }, new[] { 0f, 2f }, "The label of row 1 is 2")]
    [InlineData(new[] { 0.5, 0.6 }, new[] { 1f, 1f }, "All 2 labels are 1")]
    [InlineData(new[] { 0.5, 0.6 }, new[] { 1f }, "labels has 1 rows but scores has 2")]
    public void RankedRows_NotRankable_SaysWhy(double[] scores, float[] labels, string because) =>
        Assert.Contains(because, Assert.Throws<ArgumentException>(() => new RankedRows(scores, labels)).Message);
}
