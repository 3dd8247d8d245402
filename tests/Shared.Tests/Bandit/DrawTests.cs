using Media.Bandit;

namespace Media.Tests.Bandit;

public class DrawTests
{
    [Theory]
    [InlineData(0.3)]
    [InlineData(1.0)]
    [InlineData(2.5)]
    [InlineData(400)]
    public void Gamma_MeanAndVariance_EqualShape(double shape)
    {
        var random = new Random(1);
        var (mean, variance) = Moments(200_000, () => Draw.Gamma(random, shape));
        Assert.Equal(shape, mean, 5 * Math.Sqrt(shape / 200_000));
        Assert.Equal(1, variance / shape, 0.06);
    }

    [Fact]
    public void Normal_MeanZeroVarianceOne()
    {
        var random = new Random(2);
        var (mean, variance) = Moments(200_000, () => Draw.Normal(random));
        Assert.Equal(0, mean, 0.012);
        Assert.Equal(1, variance, 0.02);
    }

    [Theory]
    [InlineData(0.5, 0.5)]
    [InlineData(2, 6)]
    [InlineData(30, 970)]
    public void Beta_MeanAndVariance_AsInClosedForm(double alpha, double beta)
    {
        var posterior = new BetaPosterior(alpha, beta);
        var random = new Random(3);
        var (mean, variance) = Moments(200_000, () => posterior.Sample(random));
        Assert.Equal(posterior.Mean, mean, 5 * Math.Sqrt(posterior.Variance / 200_000));
        Assert.Equal(1, variance / posterior.Variance, 0.03);
    }

    private static (double Mean, double Variance) Moments(int n, Func<double> draw)
    {
        var (sum, squares) = (0.0, 0.0);
        for (var i = 0; i < n; i++)
        {
            var x = draw();
            sum += x;
            squares += x * x;
        }
        return (sum / n, squares / n - sum / n * (sum / n));
    }
}
