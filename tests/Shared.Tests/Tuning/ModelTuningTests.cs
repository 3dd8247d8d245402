using Media.Models;
using Media.Tests.Models;
using Media.Tuning;

namespace Media.Tests.Tuning;

public class ModelTuningTests
{
    private static readonly BoostedOptions Bad = new() { Trees = new BoostedOptions().Trees with { Leaves = 63, RowsPerLeaf = 5, LearningRate = 0.3, FeatureShare = 1, RowShare = 1, L2 = 0.1, Trees = 60, Patience = 5 } };

    [Fact]
    public void BadSettings_AreBeatenAndStayOnTheLeaderboard()
    {
        var (train, test) = (Rows(PlantedRows.Draw(users: 500, instants: 2, seed: 1)), Rows(PlantedRows.Draw(users: 1500, instants: 1, seed: 2)));
        var told = 0;
        var result = ModelTuning.Run(new ChurnEstimator { Fitting = Bad }, train, test, [new TrivialEstimator()], new TuningOptions { Trials = 6 }, () => true, _ => told++, TestContext.Current.CancellationToken);
        Assert.Equal(6, result.Trials.Count);
        Assert.True(told > 6);
        var own = result.Trials.Single(t => t.Number == 0);
        Assert.Equal(5, own.Losses.Count);
        Assert.True(result.Trials[0].Loss < own.Loss);
        Assert.All(result.Trials, t => Assert.Equal(0.3, t.Settings.LearningRate));
        Assert.Equal(["churn (own settings)", "churn (tuned)", "trivial"], result.Leaderboard.Select(m => m.Model).Order(StringComparer.Ordinal));
        Assert.Equal("trivial", result.Leaderboard[^1].Model);
        Assert.Contains("churn (tuned)", result.Gain, StringComparison.Ordinal);
    }

    [Fact]
    public void SameSeed_FindsTheSame()
    {
        var (train, test) = (Rows(PlantedRows.Draw(users: 300, instants: 1, seed: 1)), Rows(PlantedRows.Draw(users: 300, instants: 1, seed: 2)));
        Assert.Equal(Losses(), Losses());

        List<double> Losses() => [.. ModelTuning.Run(new ChurnEstimator { Fitting = Bad }, train, test, [new TrivialEstimator()], new TuningOptions { Trials = 4 }, () => true, _ => { }, TestContext.Current.CancellationToken).Trials.Select(t => t.Loss)];
    }

    private static LabelledRows Rows(PlantedRows planted) => LabelledRows.Of(planted.X, planted.Y, TimeSpan.FromDays(28));
}
