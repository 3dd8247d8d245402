using Media.Models;

namespace Media.Tests.Models;

public class PlattCalibrationTests
{
    private static readonly double[] Scores = [-2.1, -1.3, -0.7, -0.2, 0.1, 0.4, 0.9, 1.6, 2.2, 3.0];
    private static readonly float[] Labels = [0, 0, 1, 0, 0, 1, 0, 1, 1, 1];

    /// <summary>The loss is convex, so where its gradient vanishes is its one minimum: no reference is needed beyond Platt's targets.</summary>
    [Fact]
    public void Fitted_TheGradientVanishes()
    {
        var platt = PlattCalibration.Fit(Scores, Labels);
        double slope = 0, intercept = 0;
        for (var i = 0; i < Scores.Length; i++)
        {
            // Five of each class: (5 + 1) / (5 + 2) and 1 / (5 + 2).
            var residual = platt.Apply(Scores[i]) - (Labels[i] == 1 ? 6.0 / 7 : 1.0 / 7);
            slope += residual * Scores[i];
            intercept += residual;
        }
        Assert.Equal(0, slope, 1e-7);
        Assert.Equal(0, intercept, 1e-7);
        Assert.True(platt.Slope > 0);
    }

    [Fact]
    public void ScaleAndShiftOfTheScores_DoNotMatter()
    {
        var platt = PlattCalibration.Fit(Scores, Labels);
        var other = PlattCalibration.Fit([.. Scores.Select(s => 1000 * s - 7)], Labels);
        foreach (var score in Scores) Assert.Equal(platt.Apply(score), other.Apply(1000 * score - 7), 1e-6);
    }

    [Fact]
    public void SeparableScores_StayShortOfCertainty()
    {
        var platt = PlattCalibration.Fit([-2, -1, 1, 2], [0, 0, 1, 1]);
        Assert.True(double.IsFinite(platt.Slope) && platt.Slope > 0);
        Assert.InRange(platt.Apply(2), 0.6, 0.95);
    }

    [Fact]
    public void ScoresThatSayNothing_GiveTheRate() =>
        Assert.Equal(0.25, PlattCalibration.Fit([.. Enumerable.Repeat(3.0, 4000)], [.. Enumerable.Range(0, 4000).Select(i => i % 4 == 0 ? 1f : 0f)]).Apply(3), 1e-3);

    [Fact]
    public void DistortedLogOdds_AreSetStraight()
    {
        var random = new Random(1);
        var truth = Enumerable.Range(0, 40_000).Select(_ => 3 * random.NextDouble() - 2).ToArray();
        float[] labels = [.. truth.Select(t => random.NextDouble() < 1 / (1 + Math.Exp(-t)) ? 1f : 0f)];
        var platt = PlattCalibration.Fit([.. truth.Select(t => 4 * t + 3)], labels);
        foreach (var t in (double[])[-2, -1, 0, 1]) Assert.Equal(1 / (1 + Math.Exp(-t)), platt.Apply(4 * t + 3), 0.02);
    }

    [Fact]
    public void ExtremeScores_GiveProbabilities()
    {
        var platt = new PlattCalibration(1e3, -5);
        Assert.Equal(0, platt.Apply(-1e300));
        Assert.Equal(1, platt.Apply(1e300));
    }

    [Fact]
    public void BadInput_IsRefused()
    {
        Assert.Contains("both classes", Assert.Throws<ArgumentException>(() => PlattCalibration.Fit([1, 2], [1, 1])).Message, StringComparison.Ordinal);
        Assert.Contains("row 1", Assert.Throws<ArgumentException>(() => PlattCalibration.Fit([1, double.NaN], [1, 0])).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => PlattCalibration.Fit([1], [1, 0]));
        Assert.Throws<ArgumentException>(() => PlattCalibration.Fit([], []));
    }

    [Fact]
    public void ScoresInTheWrongOrder_GiveEveryRowTheBaseRate()
    {
        double[] scores = [.. Enumerable.Range(0, 40).Select(i => (double)i)];
        float[] labels = [.. Enumerable.Range(0, 40).Select(i => i < 10 ? 1f : 0f)];
        var platt = PlattCalibration.Fit(scores, labels);
        Assert.Equal(0, platt.Slope);
        Assert.Equal(0.25, platt.Apply(17), 0.02);
    }
}
