using Media.Bandit;

namespace Media.Tests.Bandit;

public class MeanIntervalTests
{
    // NIST/SEMATECH e-Handbook of Statistical Methods, table 1.3.6.7.2.
    [Theory]
    [InlineData(1, 12.706)]
    [InlineData(2, 4.303)]
    [InlineData(3, 3.182)]
    [InlineData(5, 2.571)]
    [InlineData(19, 2.093)]
    [InlineData(99, 1.984)]
    public void StudentQuantile_IsAsTabled(int degrees, double tabled) => Assert.Equal(tabled, MeanInterval.StudentQuantile975(degrees), 0.01);

    [Fact]
    public void OneToFive_ByHand()
    {
        // Mean 3, s = √2.5, half width 2.776 · √(2.5 / 5).
        var interval = MeanInterval.Of([1, 2, 3, 4, 5]);
        Assert.Equal(3, interval.Mean, 1e-12);
        Assert.Equal(3 - 1.963, interval.Low, 0.003);
        Assert.Equal(3 + 1.963, interval.High, 0.003);
    }

    [Fact]
    public void OneValue_SaysNothingOfItsSpread() => Assert.Equal(new MeanInterval(7, double.NegativeInfinity, double.PositiveInfinity), MeanInterval.Of([7]));

    [Fact]
    public void NoValue_IsRefused() => Assert.Throws<ArgumentException>(() => MeanInterval.Of([]));
}
