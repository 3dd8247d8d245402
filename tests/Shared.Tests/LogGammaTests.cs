namespace Media.Tests;

public class LogGammaTests
{
    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(0.5, 0.57236494292470008)] // ln √π
    [InlineData(6, 4.7874917427820458)] // ln 120
    [InlineData(11, 15.104412573075516)] // ln 10!
    [InlineData(1_001, 5_912.1281784881639)] // ln 1000!
    public void IsAsTabulated(double x, double expected) => Assert.Equal(expected, LogGamma.Of(x), 1e-11 * Math.Max(1, expected));
}
