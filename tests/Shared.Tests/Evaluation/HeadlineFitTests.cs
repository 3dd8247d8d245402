using Media.Evaluation;
using Media.Events.Archives;

namespace Media.Tests.Evaluation;

public class HeadlineFitTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void LaterTests_AreForetoldAsWellAsThePeersDo()
    {
        var packages = UpworthyArchive.Read(SharedData.PathOrSkip("data", "upworthy", "packages_201303_201440.csv.gz"), Assert.Fail, Cancel);
        var weekOf = packages.GroupBy(p => p.TestId).ToDictionary(t => t.Key, t => t.Min(p => p.Week));
        int[] weeks = [.. weekOf.Values.Distinct().Order()];
        var from = weeks[(int)(weeks.Length * 0.8)];
        HeadlinePackage[] test = [.. packages.Where(p => weekOf[p.TestId] >= from)];

        var fit = HeadlineFit.Of([.. packages.Where(p => weekOf[p.TestId] < from)], Cancel);
        var pairs = new HeadlinePairs(test);
        var accuracy = pairs.Judge(fit.Scorer.Score([.. test.Select(p => p.Headline)], Cancel), new BootstrapOptions(), Cancel);
        var longer = pairs.Judge([.. test.Select(p => (double)p.Headline.Length)], new BootstrapOptions(), Cancel);

        // The published figures are those of other weeks; an interval that holds them, or lies above, says as good.
        Assert.True(accuracy.PairwiseAccuracySignificant.High >= 0.67, $"{accuracy.PairwiseAccuracySignificant}");
        Assert.True(accuracy.PairwiseAccuracy.High >= 0.588, $"{accuracy.PairwiseAccuracy}");
        Assert.True(accuracy.CtrOfPickOverUniform.High >= 1.088, $"{accuracy.CtrOfPickOverUniform}");
        Assert.True(accuracy.PairwiseAccuracySignificant.Low > longer.PairwiseAccuracySignificant.High);
        Assert.True(accuracy.CtrOfPickOverUniform.Low > longer.CtrOfPickOverUniform.High);
    }

    [Fact]
    public void ValidationTests_AreCleanAndOfTheLastWeeks()
    {
        var fit = HeadlineFit.Of(World(400, riskTurnsIt: false), Cancel);
        Assert.NotEmpty(fit.Validation);
        Assert.All(fit.Validation, p => Assert.True(!p.InRiskWindow && p.Week >= 201420));
        Assert.NotNull(fit.Earlier);
    }

    [Fact]
    public void RiskWindowThatMisleads_IsLeftOut()
    {
        var world = World(400, riskTurnsIt: true);
        var fit = HeadlineFit.Of(world, Cancel);
        Assert.False(fit.LearnsFromRiskWindow);
        Assert.True(fit.Accuracy.Without > fit.Accuracy.With);
        Assert.Equal(world.Count(p => !p.InRiskWindow), fit.Packages);
    }

    [Fact]
    public void OneTest_IsLearntFromWithTheDefaults()
    {
        var fit = HeadlineFit.Of(World(1, riskTurnsIt: false), Cancel);
        Assert.Equal(new(), fit.Options);
        Assert.Null(fit.Earlier);
        Assert.Empty(fit.Validation);
        Assert.True(double.IsNaN(fit.Accuracy.With) && double.IsNaN(fit.Accuracy.Without));
    }

    [Fact]
    public void SingleHeadlines_TeachNothing() =>
        Assert.StartsWith("No training test", Assert.Throws<ArgumentException>(() => HeadlineFit.Of([.. World(10, riskTurnsIt: false).DistinctBy(p => p.TestId)], Cancel)).Message, StringComparison.Ordinal);

    /// <summary>"secret" draws and "report" repels; in the risk window it may be the other way round. A third of the tests lie in that window.</summary>
    private static List<HeadlinePackage> World(int tests, bool riskTurnsIt)
    {
        var random = new Random(1);
        var packages = new List<HeadlinePackage>();
        for (var t = 0; t < tests; t++)
        {
            var week = t < tests / 3 ? 201310 : t < 2 * tests / 3 ? 201340 : 201420 + t % 10;
            var risk = week == 201340;
            foreach (var word in (string[])["secret", "story", "report"])
            {
                var draw = (word == "secret" ? 1 : word == "report" ? -1 : 0) * (risk && riskTurnsIt ? -1 : 1);
                packages.Add(new HeadlinePackage(packages.Count, $"t{t:d4}", $"The {word} number {random.Next(100)} of day {random.Next(100)}", 1000, 100 + 20 * draw + random.Next(-20, 20), week, "", risk));
            }
        }
        return packages;
    }
}
