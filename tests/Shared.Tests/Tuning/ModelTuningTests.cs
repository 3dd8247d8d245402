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
        var result = ModelTuning.Run(new ChurnEstimator { Fitting = Bad }, train, test, [new TrivialEstimator()], new TuningOptions { Trials = 6 }, _ => true, (_, _) => told++, TestContext.Current.CancellationToken);
        Assert.Equal(6, result.Parts.Single().Trials.Count);
        Assert.True(told > 6);
        var own = result.Parts.Single().Trials.Single(t => t.Number == 0);
        Assert.Equal(5, own.Losses.Count);
        Assert.True(result.Parts.Single().Trials[0].Loss < own.Loss);
        Assert.All(result.Parts.Single().Trials, t => Assert.Equal(0.3, t.Settings.LearningRate));
        Assert.Equal(["churn (own settings)", "churn (tuned)", "trivial"], result.Leaderboard.Select(m => m.Model).Order(StringComparer.Ordinal));
        Assert.Equal("trivial", result.Leaderboard[^1].Model);
        Assert.Contains("churn (tuned)", result.Gain, StringComparison.Ordinal);
    }

    [Fact]
    public void SameSeed_FindsTheSame()
    {
        var (train, test) = (Rows(PlantedRows.Draw(users: 300, instants: 1, seed: 1)), Rows(PlantedRows.Draw(users: 300, instants: 1, seed: 2)));
        Assert.Equal(Losses(), Losses());

        List<double> Losses() => [.. ModelTuning.Run(new ChurnEstimator { Fitting = Bad }, train, test, [new TrivialEstimator()], new TuningOptions { Trials = 4 }, _ => true, (_, _) => { }, TestContext.Current.CancellationToken).Parts[0].Trials.Select(t => t.Loss)];
    }

    [Fact]
    public void ModelOfTwoParts_HasEachSearchedOnItsOwnRows()
    {
        var estimator = new AdRevenueEstimator();
        var (train, test) = (Amounts(users: 300, seed: 1), Amounts(users: 300, seed: 2));
        var told = new List<string>();

        var result = ModelTuning.Run(estimator, train, test, [new MeanEstimator()], new TuningOptions { Trials = 4 }, _ => true, (part, trial) => { lock (told) told.Add(part.Name); }, TestContext.Current.CancellationToken);

        Assert.Equal(estimator.Parts.Select(p => (p.Name, p.Objective)), result.Parts.Select(p => (p.Part, p.Objective)));
        Assert.Equal(estimator.Parts.Select(p => p.Name), told.Distinct());
        Assert.All(result.Parts, p => Assert.Equal(4, p.Trials.Count));
        Assert.Equal(result.Parts.Select(p => p.Trials[0].Settings.Leaves), result.Best.Parts.Select(p => p.Fitting.Trees.Leaves));
        Assert.Equal("r2", result.Lead);
        Assert.Equal("mean", result.Leaderboard[^1].Model);

        LabelledRows Amounts(int users, int seed) => Rows(PlantedRows.Draw(users, instants: 1, seed, kind: LabelKind.Amount, names: estimator.Features));
    }

    [Fact]
    public void SpentBudget_IsSharedByTheParts()
    {
        var estimator = new AdRevenueEstimator();
        var planted = Rows(PlantedRows.Draw(users: 200, instants: 1, seed: 1, kind: LabelKind.Amount, names: estimator.Features));
        var asked = new List<double>();

        var result = ModelTuning.Run(estimator, planted, planted, [new MeanEstimator()], new TuningOptions { Trials = 50 }, share => { asked.Add(share); return false; }, (_, _) => { }, TestContext.Current.CancellationToken);

        Assert.Equal([0.5, 1], asked);
        Assert.All(result.Parts, p => Assert.Equal(2, p.Trials.Count));
    }

    private static LabelledRows Rows(PlantedRows planted) => LabelledRows.Of(planted.X, planted.Y, TimeSpan.FromDays(28));
}
