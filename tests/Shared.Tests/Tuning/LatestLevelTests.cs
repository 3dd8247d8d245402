using Media.Tuning;

namespace Media.Tests.Tuning;

public sealed class LatestLevelTests
{
    private static readonly double Half = Math.Log(0.5 / 0.5);

    [Fact]
    public void LabelsAsTheScoresSay_HaveOneLevel()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var (logOdds, labels) = Rows(seed, [(2_000, 0.0)]);
            var level = LatestLevel.Of(logOdds, labels);
            Assert.Equal(0, level.Since);
            Assert.Equal(0, level.Shift, 0.2);
        }
    }

    [Fact]
    public void Jump_IsFoundWhereItIs()
    {
        for (var seed = 1; seed <= 20; seed++)
        {
            var (logOdds, labels) = Rows(seed, [(2_000, 0.3), (500, -1.0)]);
            var level = LatestLevel.Of(logOdds, labels);
            Assert.InRange(level.Since, 1_850, 2_150);
            Assert.Equal(-1.0, level.Shift, 0.4);
        }
    }

    [Fact]
    public void LatestOfTwoJumps_Counts()
    {
        var (logOdds, labels) = Rows(seed: 1, [(1_500, 0.0), (1_500, 1.5), (1_500, -0.5)]);
        var level = LatestLevel.Of(logOdds, labels);
        Assert.InRange(level.Since, 2_900, 3_100);
        Assert.Equal(-0.5, level.Shift, 0.2);
    }

    [Fact]
    public void FewRows_AreMeasuredTogether()
    {
        // Log-odds 0, three of four are ones: (3 + 1) / (4 + 2) = 2/3, whose log-odds are ln 2.
        var level = LatestLevel.Of([Half, Half, Half, Half], [1, 1, 0, 1]);
        Assert.Equal(0, level.Since);
        Assert.Equal(Math.Log(2), level.Shift, 1e-9);
        Assert.Equal(new LatestLevel(0, 0), LatestLevel.Of([], []));
    }

    [Fact]
    public void LengthsThatDiffer_AreRefused() => Assert.Contains("2 entries", Assert.Throws<ArgumentException>(() => LatestLevel.Of([Half], [1, 0])).Message, StringComparison.Ordinal);

    /// <summary>Rows whose scores miss a level that differs from part to part.</summary>
    private static (double[] LogOdds, float[] Labels) Rows(int seed, IReadOnlyList<(int Rows, double Level)> parts)
    {
        var random = new Random(seed);
        var (logOdds, labels) = (new List<double>(), new List<float>());
        foreach (var (rows, level) in parts)
            for (var row = 0; row < rows; row++)
            {
                logOdds.Add(4 * random.NextDouble() - 2);
                labels.Add(random.NextDouble() < 1 / (1 + Math.Exp(-logOdds[^1] - level)) ? 1 : 0);
            }
        return ([.. logOdds], [.. labels]);
    }
}
