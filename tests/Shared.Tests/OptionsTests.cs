using System.ComponentModel.DataAnnotations;
using Media.Evaluation;
using Media.Models;
using Media.Models.LightGbm;

namespace Media.Tests;

public class OptionsTests
{
    private sealed record Kettle
    {
        [Range(1, 3)] public int Litres { get; init; } = 2;
        [Range(0.0, 1.0)] public double Share { get; init; } = 0.5;
        [Required] public string? Name { get; init; } = "kettle";
    }

    [Fact]
    public void WithinEveryRange_NoFault()
    {
        Assert.Empty(Options.Faults(new Kettle()));
        Options.Check(new Kettle(), null, null);
    }

    [Fact]
    public void SeveralFaults_AllListedWithExpectedAndGot()
    {
        var fault = Assert.Throws<ArgumentException>(() => Options.Check(new Kettle { Litres = 7, Share = 1.5, Name = null }, "It leaks.", null));
        Assert.StartsWith("Kettle: ", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Litres must be between 1 and 3. It is 7.", fault.Message, StringComparison.Ordinal);
        Assert.Contains("It is 1.5.", fault.Message, StringComparison.Ordinal);
        Assert.Contains("Name field is required. It is missing.", fault.Message, StringComparison.Ordinal);
        Assert.Contains("It leaks.", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void NotANumber_IsOutsideEveryRange() => Assert.Single(Options.Faults(new Kettle { Share = double.NaN }));

    [Theory]
    [MemberData(nameof(Wrong))]
    public void EveryFoldersOptions_AreRefusedAlike(object options) => Assert.Throws<ArgumentException>(() => Options.Check(options));

    public static TheoryData<object> Wrong =>
    [
        new BootstrapOptions { Resamples = 5 }, new LeakGateOptions { ShufflePairs = 1 }, new LightGbmParameters { Leaves = 1 }, new SegmentationEstimator { Restarts = 0 },
    ];
}
