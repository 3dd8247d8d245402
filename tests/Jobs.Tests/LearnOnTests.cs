using Media.Jobs;
using Media.Lake;
using Media.Registry;

namespace Media.Tests.Jobs;

[Collection(nameof(SmallLake))]
public sealed class LearnOnTests(SmallLake lake)
{
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task RegisteredModel_LearnsOnFromNewerRows_AndIsSavedWhereTheyHelp_OnceEach()
    {
        var cancel = TestContext.Current.CancellationToken;
        var folder = new JourneyFolder(lake.Folder);
        await TrainAsync(new TrainingPlan(["churn"], 14, [Start.AddDays(28), Start.AddDays(35)], Start.AddDays(50), Seed: 1, Quick: true));
        var registry = new ModelRegistry(new LocalObjectStore(folder.Registry), TimeProvider.System);
        var first = (await registry.LoadAsync("churn", version: null, cancel)).Card;

        var run = await TrainAsync(new TrainingPlan(["churn"], 14, [], null, Seed: 1, Quick: true) { Continue = true });

        var second = (await registry.LoadAsync("churn", version: null, cancel)).Card;
        Assert.Matches("churn version [0-9]+: of 5 folds .* loss on held-out rows", run.Output);
        Assert.Equal((first.Version + 1, (int?)first.Version), (second.Version, second.LearnedOnFrom));
        Assert.True(second.TrainRows > first.TrainRows);
        Assert.Equal(first.TrainAsOf, second.TrainAsOf.Take(2));
        Assert.All(second.TrainAsOf.Skip(2), t => Assert.True(t >= Start.AddDays(42)));
        Assert.Contains(second.Metrics, m => m.Model == $"churn (version {first.Version})");

        Assert.Contains("no training instant is newer", (await TrainAsync(new TrainingPlan(["churn"], 14, [], null, Seed: 1, Quick: true) { Continue = true })).Output, StringComparison.Ordinal);
        Assert.Equal(second.Version, await registry.CurrentVersionAsync("churn", cancel));
    }

    [Fact]
    public async Task ModelNeverSaved_SaysTheNextStep()
    {
        var run = await JobsRun.Of("train", "conversion", "--continue", "--horizon-days", "14", "--out", lake.Folder);

        Assert.Equal(1, run.Exit);
        Assert.Contains("run 'jobs train conversion'", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelWithoutTrees_SaysThatItCannot() =>
        Assert.Contains("cannot learn on; train it anew", (await JobsRun.Of("train", "segmentation", "--continue", "--out", lake.Folder)).Output, StringComparison.Ordinal);

    private async Task<JobsRun> TrainAsync(TrainingPlan plan)
    {
        var (console, output) = JobsRun.Console();
        var cancel = TestContext.Current.CancellationToken;
        var store = new LocalObjectStore(new JourneyFolder(lake.Folder).Lake);
        await TrainModels.RunAsync(new JourneyFolder(lake.Folder), await LakeSessions.ReadAsync(store, cancel), new LakeArticles(store, console), plan, console, TimeProvider.System, cancel);
        return new JobsRun(0, output.ToString(), "");
    }
}
