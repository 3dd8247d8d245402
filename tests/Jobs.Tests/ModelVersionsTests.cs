using Media.Features;
using Media.Lake;
using Media.Models;
using Media.Registry;

namespace Media.Tests.Jobs;

/// <summary>What a person does when a new version serves worse than the one before.</summary>
public sealed class ModelVersionsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("media-versions-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Models_ListsEveryVersionWithStageMetricAndRows()
    {
        await SaveAsync(versions: 2);

        var rows = (await RunAsync("models")).Rows("segmentation");

        Assert.Equal([["segmentation", "1", "former"], ["segmentation", "2", "current"]], rows.Select(r => r[..3]));
        Assert.All(rows, r => Assert.Equal("120", r[5]));
    }

    [Fact]
    public async Task Models_ShowsTheLeadMetricWithItsInterval()
    {
        await Registry.SaveAsync("churn", [1], new ModelCard
        {
            Name = "churn", Label = "l", Features = ["f"], TrainAsOf = [], TrainRows = 1_234, GitCommit = "c", Seed = 1, TrainedAt = DateTimeOffset.UnixEpoch,
            Metrics = [new ModelMetrics("churn", [new MetricEstimate("log_loss", 0.4, 0.3, 0.5), new MetricEstimate("auc", 0.8, 0.75, 0.85)])],
        }, TestContext.Current.CancellationToken);

        Assert.Equal(["churn", "1", "current", "AUC 0.800", "0.750 – 0.850", "1,234", "1970-01-01 00:00:00"], Assert.Single((await RunAsync("models")).Rows("churn")));
    }

    [Fact]
    public async Task Promote_MakesAnEarlierVersionServe_RollbackTheFormerOne_AndTheHistorySaysWhy()
    {
        await SaveAsync(versions: 3);

        Assert.Contains("segmentation version 1 serves from now on.", (await RunAsync("promote", "segmentation", "1", "--why", "steadier names")).Output, StringComparison.Ordinal);
        Assert.Equal(1, await CurrentAsync());
        Assert.Contains("serves already", (await RunAsync("promote", "segmentation", "1")).Output, StringComparison.Ordinal);
        Assert.Contains("segmentation version 3 serves again.", (await RunAsync("rollback", "segmentation")).Output, StringComparison.Ordinal);
        Assert.Equal(3, await CurrentAsync());
        Assert.Contains("segmentation version 2 serves again.", (await RunAsync("rollback", "segmentation", "--why", "worse again")).Output, StringComparison.Ordinal);

        var history = await Registry.HistoryAsync("segmentation", TestContext.Current.CancellationToken);
        Assert.Equal([(1, "steadier names"), (3, "rolled back from the command line"), (2, "worse again")], history.Skip(3).Select(p => (p.Version, p.Why)));
        Assert.Contains("steadier names", (await RunAsync("models", "segmentation")).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, "There is no model 'segments'", "promote", "segments", "1")]
    [InlineData(2, "There is no model 'segments'", "rollback", "segments")]
    [InlineData(2, "There is no model 'segments'", "models", "segments")]
    [InlineData(2, "'one' is no version; versions are numbers from 1", "promote", "segmentation", "one")]
    [InlineData(2, "'0' is no version", "promote", "segmentation", "0")]
    [InlineData(1, "has no version 7; it has 1", "promote", "segmentation", "7")]
    [InlineData(1, "has had no current version before 1", "rollback", "segmentation")]
    [InlineData(1, "run 'jobs train churn'", "promote", "churn", "1")]
    [InlineData(1, "run 'jobs train churn'", "rollback", "churn")]
    [InlineData(1, "run 'jobs train churn'", "models", "churn")]
    public async Task WhatIsNotThere_IsNamed(int exit, string says, params string[] args)
    {
        await SaveAsync(versions: 1);

        var run = await JobsRun.Of([.. args, "--out", _folder]);

        Assert.Equal(exit, run.Exit);
        Assert.Contains(says, run.Errors, StringComparison.Ordinal);
        Assert.Equal(1, await CurrentAsync());
    }

    [Fact]
    public async Task EmptyRegistry_SaysTheNextStep() => Assert.Contains("run 'jobs train' first", (await JobsRun.Of("models", "--out", _folder)).Errors, StringComparison.Ordinal);

    [Fact]
    public async Task DamagedVersion_IsListedAsSuch_AndNotPromoted()
    {
        await SaveAsync(versions: 2);
        var bytes = Directory.GetFiles(_folder, "model.bin", SearchOption.AllDirectories).Order(StringComparer.Ordinal).First();
        await File.AppendAllTextAsync(bytes, "x", TestContext.Current.CancellationToken);

        Assert.Equal(["damaged", "current"], (await RunAsync("models")).Rows("segmentation").Select(r => r[2]));
        var run = await JobsRun.Of("promote", "segmentation", "1", "--out", _folder);

        Assert.Equal(1, run.Exit);
        Assert.Contains("is not what was saved", run.Errors, StringComparison.Ordinal);
        Assert.Equal(2, await CurrentAsync());
    }

    private ModelRegistry Registry => new(new LocalObjectStore(new Media.Jobs.JourneyFolder(_folder).Registry), TimeProvider.System);

    private async Task<int?> CurrentAsync() => await Registry.CurrentVersionAsync("segmentation", TestContext.Current.CancellationToken);

    private async Task<JobsRun> RunAsync(params string[] args)
    {
        var run = await JobsRun.Of([.. args, "--out", _folder]);
        Assert.Equal((0, ""), (run.Exit, run.Errors));
        return run;
    }

    private async Task SaveAsync(int versions)
    {
        var (estimator, random) = (new SegmentationEstimator { MaxSegments = 2, Resamples = 2 }, new Random(1));
        var rows = new FeatureBatch(estimator.Features, [.. Enumerable.Range(0, 120).Select(i => $"user-{i}")], new long[120], new long[120],
            [.. Enumerable.Range(0, 120 * estimator.Features.Count).Select(i => (float)(random.NextDouble() + i / estimator.Features.Count % 2 * 5))]);
        using var bytes = new MemoryStream();
        estimator.Fit(rows, [], TestContext.Current.CancellationToken).Save(bytes);
        var card = new ModelCard { Name = estimator.Name, Label = "l", Features = estimator.Features, TrainAsOf = [], TrainRows = 120, GitCommit = "c", Seed = 1, TrainedAt = DateTimeOffset.UnixEpoch };
        for (var i = 0; i < versions; i++) await Registry.SaveAsync(estimator.Name, bytes.ToArray(), card, TestContext.Current.CancellationToken);
    }
}
