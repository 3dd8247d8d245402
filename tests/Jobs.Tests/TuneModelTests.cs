using Media.Jobs;
using Media.Models;

namespace Media.Tests.Jobs;

/// <summary>Ninety days of 150 simulated readers in a lake, for verbs that learn from it.</summary>
public sealed class SmallLake : IAsyncLifetime
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("media-lake-").FullName;

    public async ValueTask InitializeAsync()
    {
        var run = await JobsRun.Of("sessionize", "--source", "simulator", "--users", "150", "--days", "90", "--out", Folder);
        Assert.Equal((0, ""), (run.Exit, run.Errors));
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }
}

[Collection(nameof(SmallLake))]
public sealed class TuneModelTests(SmallLake lake)
{
    private static readonly string[] Horizon = ["--horizon-days", "14"];

    [Fact]
    public async Task Tune_PrintsTheTrialsAndALeaderboard_WhichTheReportShows()
    {
        var run = await JobsRun.Of(["tune", "churn", "--trials", "3", .. Horizon, "--out", lake.Folder]);

        Assert.Equal((0, ""), (run.Exit, run.Errors));
        Assert.Single(run.Rows("0 (own settings)"));
        string[][] board = [.. Enumerable.Range(1, 7).Select(place => Assert.Single(run.Rows($"{place}"), r => r.Length == 7))];
        Assert.Equal(["churn (own settings)", "churn (tuned)", .. ModelCatalog.BaselinesOf(new ChurnEstimator()).Select(b => b.Name).Order(StringComparer.Ordinal)], board.Select(r => r[1]).Order(StringComparer.Ordinal));
        var found = (await RunResults.FindAsync<TuningResultFile>(new JourneyFolder(lake.Folder), TuneModel.FileName("churn"), TestContext.Current.CancellationToken))!;
        Assert.Equal(3, Assert.Single(found.Parts).Trials.Count);
    }

    [Fact]
    public async Task TunedSettings_AreTakenUp()
    {
        var (folder, estimator) = (new JourneyFolder(lake.Folder), new ConversionEstimator());
        var cancel = TestContext.Current.CancellationToken;
        Assert.Contains("run 'jobs tune conversion' first", (await Assert.ThrowsAsync<JobException>(() => TuneModel.TunedAsync(folder, estimator, cancel))).Message, StringComparison.Ordinal);
        var best = estimator.Fitting.Trees with { Leaves = 5, RowsPerLeaf = 77, L2 = 3.5, RandomThresholds = true };
        await RunResults.SaveAsync(folder, TuneModel.FileName("conversion"), new TuningResultFile("conversion", DateTimeOffset.UnixEpoch, "auc", [new TunedPart("", "Binary", best, [])], [], ""), cancel);

        var tuned = await TuneModel.TunedAsync(folder, estimator, cancel);

        var fitting = Assert.Single(tuned.Parts).Fitting;
        Assert.Equal((5, 77, 3.5, true), (fitting.Trees.Leaves, fitting.Trees.RowsPerLeaf, fitting.Trees.L2, fitting.Trees.RandomThresholds));
        Assert.Equal((estimator.Fitting.Folds, estimator.Fitting.Trees.LearningRate), (fitting.Folds, fitting.Trees.LearningRate));
    }

    [Fact]
    public async Task ModelWithNothingToSearch_SaysWhy()
    {
        var run = await JobsRun.Of("tune", "segmentation", "--out", lake.Folder);

        Assert.Equal(2, run.Exit);
        Assert.Contains("its training itself tries 2 to 10 segments", run.Errors, StringComparison.Ordinal);
    }
}

[CollectionDefinition(nameof(SmallLake))]
public sealed class SmallLakeTests : ICollectionFixture<SmallLake>;
