using Media.Evaluation;
using Media.Events.Archives;

namespace Media.Tests.Evaluation;

public class HeadlinePairsTests
{
    private static readonly BootstrapOptions Few = new() { Resamples = 200 };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Pairs_AreOfOneTestWithOtherHeadlinesAndOtherRates()
    {
        var pairs = new HeadlinePairs(
        [
            Package(1, "t", "a", 1000, 10), Package(2, "t", "b", 1000, 40), Package(3, "t", "a", 1000, 20), Package(4, "t", "c", 2000, 80),
            Package(5, "t", "d", 0, 0), Package(6, "alone", "e", 1000, 10),
        ]);
        // 2 and 4 have the same rate, 1 and 3 the same headline, 5 was never shown.
        Assert.Equal([(0, 1), (0, 3), (1, 2), (2, 3)], pairs.Pairs.Select(p => (p.First, p.Second)));
        Assert.Equal((1, 4), (pairs.Tests, pairs.SignificantPairs));
        // (0.01 − 0.04) / √(0.025 · 0.975 · 0.002)
        Assert.Equal(-4.29669, pairs.Pairs[0].Z, 5);
        Assert.Equal([false, false, true, false], pairs.Pairs.Select(p => p.FirstWins));
    }

    [Fact]
    public void Checksum_IsOverIndexesWinnerAndSignificance() =>
        Assert.Equal(RowChecksum.Of(["3,9,1,1", "2,4,0,0"]), new HeadlinePairs([Package(2, "u", "a", 100, 1), Package(4, "u", "b", 100, 2), Package(9, "t", "b", 1000, 10), Package(3, "t", "a", 1000, 40)]).Checksum);

    [Fact]
    public void PerfectReversedAndEqualScores_AreJudgedByHand()
    {
        var pairs = new HeadlinePairs([Package(1, "t", "a", 1000, 10), Package(2, "t", "b", 1000, 30), Package(3, "u", "a", 1000, 50), Package(4, "u", "b", 1000, 51)]);
        var perfect = pairs.Judge([0, 1, 0, 1], Few, Cancel);
        Assert.Equal((1.0, 1.0), (perfect.PairwiseAccuracy.Value, perfect.PairwiseAccuracySignificant.Value));
        Assert.Equal((0.030 + 0.051) / (0.020 + 0.0505), perfect.CtrOfPickOverUniform.Value, 9);
        Assert.Equal(0, pairs.Judge([1, 0, 1, 0], Few, Cancel).PairwiseAccuracy.Value);
        var equal = pairs.Judge([5, 5, 5, 5], Few, Cancel);
        Assert.Equal((0.5, 1.0), (equal.PairwiseAccuracy.Value, equal.CtrOfPickOverUniform.Value));
        Assert.Equal((0.5, 0.5), (equal.PairwiseAccuracy.Low, equal.PairwiseAccuracy.High));
    }

    [Fact]
    public void OneTestOnly_HasAnIntervalOfNoWidth()
    {
        var accuracy = new HeadlinePairs([Package(1, "t", "a", 1000, 10), Package(2, "t", "b", 1000, 30)]).Judge([0, 1], Few, Cancel).PairwiseAccuracy;
        Assert.Equal((1.0, 1.0, 1.0), (accuracy.Value, accuracy.Low, accuracy.High));
    }

    [Fact]
    public void EqualClickRates_LeaveNothingToJudge()
    {
        var pairs = new HeadlinePairs([Package(1, "t", "a", 1000, 10), Package(2, "t", "b", 1000, 10)]);
        Assert.Equal((0, 0), (pairs.Tests, pairs.Pairs.Count));
        Assert.True(double.IsNaN(pairs.Judge([0, 1], Few, Cancel).PairwiseAccuracy.Value));
    }

    [Fact]
    public void NoSignificantPair_IsNaN() =>
        Assert.True(double.IsNaN(new HeadlinePairs([Package(1, "t", "a", 100, 1), Package(2, "t", "b", 100, 2)]).Judge([0, 1], Few, Cancel).PairwiseAccuracySignificant.Value));

    [Fact]
    public void OtherNumberOfScores_IsRefused() =>
        Assert.Equal("scores has 1 entries but there are 0 packages.", Assert.Throws<ArgumentException>(() => new HeadlinePairs([]).Judge([1], Few, Cancel)).Message);

    [Fact]
    public void RealFile_HasThePublishedPairs()
    {
        var pairs = new HeadlinePairs(UpworthyArchive.Read(SharedData.PathOrSkip("data", "upworthy", "packages_201303_201440.csv.gz"), Assert.Fail, Cancel));
        Assert.Equal((14_876, 1_897, 4_561, "3deacce4f84369c5"), (pairs.Pairs.Count, pairs.Tests, pairs.SignificantPairs, pairs.Checksum));
    }

    private static HeadlinePackage Package(long index, string test, string headline, long impressions, long clicks) => new(index, test, headline, impressions, clicks, 201303, "", InRiskWindow: false);
}
