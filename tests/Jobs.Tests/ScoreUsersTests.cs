using Media.Features;
using Media.Jobs;
using Media.Lake;
using Media.Models;

namespace Media.Tests.Jobs;

public sealed class ScoreUsersTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("media-score-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task ReadersThatTheModelKnowsNothingOf_GetNoScore()
    {
        var lastSeen = FeatureCatalog.Names.ToList().IndexOf("days_since_last_session");
        var values = new float[3 * FeatureCatalog.Names.Count];
        foreach (var (row, days) in new[] { (0, 2f), (1, 20f), (2, 60f) }) values[row * FeatureCatalog.Names.Count + lastSeen] = days;
        var features = new FeatureBatch(FeatureCatalog.Names, ["lately", "weeks ago", "long gone"], [9, 9, 9], [1, 1, 1], values);
        CurrentModel[] models = [Model("churn", horizonDays: 14), Model("segmentation", horizonDays: null)];
        var (console, _) = JobsRun.Console();

        var predictions = await ScoreUsers.RunAsync(new LocalObjectStore(_folder), models, features, console, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(["lately"], predictions.Where(p => p.Model == "churn").Select(p => p.UserId.Value));
        Assert.Equal(["lately", "weeks ago", "long gone"], predictions.Where(p => p.Model == "segmentation").Select(p => p.UserId.Value));
    }

    private static CurrentModel Model(string name, double? horizonDays) => new(
        new ModelCard { Name = name, Version = 1, Label = "l", Features = [], HorizonDays = horizonDays, TrainAsOf = [], TrainRows = 1, GitCommit = "c", Seed = 1, TrainedAt = DateTimeOffset.UnixEpoch }, new Half());

    private sealed class Half : IModel
    {
        public IReadOnlyList<string> Features => [];
        public int Outputs => 1;
        public void Predict(FeatureBatch x, Span<double> scores) => scores.Fill(0.5);
        public void Save(Stream to) { }
    }
}
