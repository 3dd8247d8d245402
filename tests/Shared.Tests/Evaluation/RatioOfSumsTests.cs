using Media.Evaluation;

namespace Media.Tests.Evaluation;

public class RatioOfSumsTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Ratio_IsOfTheSums() => Assert.Equal(6.0 / 4, RatioOfSums.Of([1, 2, 3], [1, 1, 2], new BootstrapOptions(), Cancel).Value);

    [Fact]
    public void Interval_IsThatOfTheMean_WhereAllUnitsWeighOne()
    {
        double[] values = [.. Enumerable.Range(0, 400).Select(i => (double)(i % 20))];
        double[] ones = [.. values.Select(_ => 1.0)];
        var ratio = RatioOfSums.Of(values, ones, new BootstrapOptions(), Cancel);
        // Mean 9.5, standard error √((20² − 1) / 12 / 400) = 0.288.
        Assert.Equal(9.5, ratio.Value, 9);
        Assert.InRange(ratio.Low, 9.5 - 1.96 * 0.288 * 1.15, 9.5 - 1.96 * 0.288 * 0.85);
        Assert.InRange(ratio.High, 9.5 + 1.96 * 0.288 * 0.85, 9.5 + 1.96 * 0.288 * 1.15);
        Assert.Equal(ratio, RatioOfSums.Of(values, ones, new BootstrapOptions(), Cancel));
    }

    [Fact]
    public void NothingBelow_IsNaN() => Assert.True(double.IsNaN(RatioOfSums.Of([1, 2], [0, 0], new BootstrapOptions(), Cancel).Value));

    [Fact]
    public void OtherLengths_AreRefused() => Assert.Throws<ArgumentException>(() => RatioOfSums.Of([1], [1, 2], new BootstrapOptions(), Cancel));
}
