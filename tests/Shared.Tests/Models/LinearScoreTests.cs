using Media.Models;

namespace Media.Tests.Models;

public class LinearScoreTests
{
    private const int Columns = 3;

    [Fact]
    public void Standardised_HaveMeanZeroAndDeviationOne_AndOddValuesAreHeld()
    {
        float[] values = [0, 5, 1, 1, 5, float.NaN, 9, 5, 3, 100, 5, float.PositiveInfinity];
        var scale = Standardisation.Fit(values, Columns);
        var z = new float[values.Length];
        scale.Apply(values, z);
        float[] first = [z[0], z[3], z[6], z[9]];
        Assert.Equal(0, first.Average(), 1e-5);
        Assert.Equal(1, first.Average(v => v * v), 1e-5);
        Assert.All((float[])[z[1], z[4], z[7], z[10]], v => Assert.Equal(0, v)); // a column that does not vary
        Assert.Equal(0, z[5]); // NaN is the mean
        Assert.Equal(Standardisation.Limit, z[11]);
    }

    [Fact]
    public void SignedLogarithm_KeepsTheSign()
    {
        var scale = Standardisation.Fit([-10, 10, -10, 10], 1);
        var z = new float[2];
        scale.Apply([-10, 10], z);
        Assert.Equal([-1f, 1f], z);
    }

    /// <summary>The penalised loss is strictly convex, so the point where its gradient vanishes is the answer.</summary>
    [Theory]
    [InlineData(0.01)]
    [InlineData(1)]
    [InlineData(100)]
    public void Fitted_ThePenalisedGradientVanishes(double l2)
    {
        var (values, labels) = Draw(500);
        var scale = Standardisation.Fit(values, Columns);
        var line = LinearScore.Fit(scale, values, labels, l2, TestContext.Current.CancellationToken);
        var scores = new double[labels.Length];
        line.Score(values, scores);
        var z = new float[values.Length];
        scale.Apply(values, z);
        var (columns, absences, intercept) = (new double[Columns], new double[Columns], 0.0);
        for (var row = 0; row < labels.Length; row++)
        {
            var residual = 1 / (1 + Math.Exp(-scores[row])) - labels[row];
            intercept += residual;
            for (var c = 0; c < Columns; c++)
            {
                columns[c] += residual * z[row * Columns + c];
                if (float.IsNaN(values[row * Columns + c])) absences[c] += residual;
            }
        }
        Assert.Equal(0, intercept, 1e-5);
        for (var c = 0; c < Columns; c++)
        {
            Assert.Equal(0, columns[c] + l2 * line.Weights[c], 1e-5);
            Assert.Equal(0, absences[c] + l2 * line.AbsenceWeights[c], 1e-5);
        }
        Assert.Equal(0, line.AbsenceWeights[0]); // never absent
        Assert.NotEqual(0, line.AbsenceWeights[2]);
    }

    [Fact]
    public void FreeColumn_KeepsItsWeightWhereThePenaltyTakesTheOthers()
    {
        var (values, labels) = Draw(500);
        var scale = Standardisation.Fit(values, Columns);
        var alike = LinearScore.Fit(scale, values, labels, 1e6, LineFamily.Logistic, free: -1, TestContext.Current.CancellationToken);
        var freed = LinearScore.Fit(scale, values, labels, 1e6, LineFamily.Logistic, free: 0, TestContext.Current.CancellationToken);
        var unpenalised = LinearScore.Fit(scale, values, labels, 1e-6, LineFamily.Logistic, free: -1, TestContext.Current.CancellationToken);
        Assert.All(alike.Weights, w => Assert.Equal(0, w, 1e-2));
        Assert.All(freed.Weights[1..], w => Assert.Equal(0, w, 1e-2));
        Assert.True(Math.Abs(freed.Weights[0]) > Math.Abs(unpenalised.Weights[0]) / 2, $"{freed.Weights[0]} of {unpenalised.Weights[0]}");
    }

    [Fact]
    public void FreeColumnWithoutAnyValue_GetsNoWeight()
    {
        float[] values = [float.NaN, 1, float.NaN, 2, float.NaN, 3, float.NaN, 4];
        var line = LinearScore.Fit(Standardisation.Fit(values, 2), values, [0, 1, 0, 1], 1, LineFamily.Logistic, free: 0, TestContext.Current.CancellationToken);
        Assert.Equal(0, line.Weights[0]);
        Assert.True(double.IsFinite(line.Weights[1]) && double.IsFinite(line.Intercept));
    }

    [Fact]
    public void SeparableRows_StayFinite()
    {
        float[] values = [1, 2, 3, 10, 11, 12];
        var line = LinearScore.Fit(Standardisation.Fit(values, 1), values, [0, 0, 0, 1, 1, 1], 1e-3, TestContext.Current.CancellationToken);
        Assert.True(double.IsFinite(line.Weights[0]) && line.Weights[0] > 0);
    }

    [Fact]
    public void Parts_SumToTheScore()
    {
        var (values, labels) = Draw(200);
        var line = LinearScore.Fit(Standardisation.Fit(values, Columns), values, labels, 1, TestContext.Current.CancellationToken);
        var scores = new double[labels.Length];
        line.Score(values, scores);
        var parts = new double[Columns];
        for (var row = 0; row < labels.Length; row++)
        {
            line.Parts(values.AsSpan(row * Columns, Columns), parts);
            Assert.Equal(scores[row], line.Intercept + parts.Sum(), 1e-12);
        }
    }

    [Fact]
    public void PenaltyNotPositive_IsRefused()
    {
        var (values, labels) = Draw(50);
        Assert.Contains("l2", Assert.Throws<ArgumentException>(() => LinearScore.Fit(Standardisation.Fit(values, Columns), values, labels, 0, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cholesky_SolvesAWorkedSystem()
    {
        // [4 2; 2 3] · [1; 2] = [8; 8]
        double[] right = [8, 8];
        Cholesky.SolveInPlace([4, 0, 2, 3], right);
        Assert.Equal(1, right[0], 1e-14);
        Assert.Equal(2, right[1], 1e-14);
        Assert.Throws<ArithmeticException>(() => Cholesky.SolveInPlace([1, 0, 2, 1], [1, 1]));
    }

    private static (float[] Values, float[] Labels) Draw(int rows)
    {
        var random = new Random(2);
        var (values, labels) = (new float[rows * Columns], new float[rows]);
        for (var row = 0; row < rows; row++)
        {
            for (var c = 0; c < Columns; c++) values[row * Columns + c] = c == 2 && random.Next(4) == 0 ? float.NaN : (float)(20 * random.NextDouble() - 5);
            var absent = float.IsNaN(values[row * Columns + 2]);
            labels[row] = random.NextDouble() < 1 / (1 + Math.Exp(-(values[row * Columns] / 5 + (absent ? 1.5 : 0)))) ? 1 : 0;
        }
        return (values, labels);
    }
}
