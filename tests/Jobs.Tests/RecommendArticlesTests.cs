using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Jobs;
using Media.Lake;
using Media.Models;
using Media.Registry;

namespace Media.Tests.Jobs;

/// <summary>Lists for a known and an unknown reader out of a small simulated lake and a model learnt from it.</summary>
public sealed class RecommendArticlesTests : IAsyncLifetime
{
    private static readonly SimulatorOptions World = new() { Users = 120, Days = 60, Seed = 2 };
    private readonly string _folder = Directory.CreateTempSubdirectory("media-recommend-").FullName;
    private readonly ArticleLog _log = ArticleLog.Of(new EventSimulator(World).Events());

    public async ValueTask InitializeAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        Assert.Equal(0, (await JobsRun.Of("sessionize", "--users", "120", "--days", "60", "--seed", "2", "--out", _folder)).Exit);
        var estimator = new RecommendationEstimator { Fitting = new RecommendationEstimator().Fitting with { Folds = 2 } };
        var start = new DateTimeOffset(World.StartDate.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        var rows = estimator.RowsOf(new History([], _log), [.. Enumerable.Range(0, 6).Select(week => EpochMicros.Of(start.AddDays(20 + 6 * week)))], cancel);
        using var bytes = new MemoryStream();
        estimator.Fit(rows.X, rows.Y, cancel).Save(bytes);
        await new ModelRegistry(new LocalObjectStore(new JourneyFolder(_folder).Registry), TimeProvider.System).SaveAsync(estimator.Name, bytes.ToArray(),
            new ModelCard { Name = estimator.Name, Label = "l", Features = estimator.Features, TrainAsOf = [], TrainRows = rows.Rows, GitCommit = "c", Seed = 1, TrainedAt = DateTimeOffset.UnixEpoch }, cancel);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task Lists_AreWrittenWithReasons_StrangersAreAnswered_AndDiversityReordersThem()
    {
        var reader = Enumerable.Range(0, _log.Readers.Count).MaxBy(r => Reads(r).Count);
        var (plain, diverse) = (await ListAsync(), await ListAsync("--diversity", "0.9"));

        Assert.Equal(6, plain.Count);
        Assert.All(plain, id => Assert.DoesNotContain(id, Reads(reader)));
        Assert.Equal(plain[0], diverse[0]);
        Assert.NotEqual(plain, diverse);

        var stranger = await JobsRun.Of("recommend", "nobody", "--places", "6", "--out", _folder);
        Assert.Equal((0, ""), (stranger.Exit, stranger.Errors));
        Assert.Contains("whom nobody knows yet", stranger.Output, StringComparison.Ordinal);
        Assert.Equal(6, IdsOf(stranger).Count);

        async Task<List<string>> ListAsync(params string[] more)
        {
            var run = await JobsRun.Of(["recommend", _log.Readers[reader], "--places", "6", "--out", _folder, .. more]);
            Assert.Equal((0, ""), (run.Exit, run.Errors));
            Assert.Contains("because you read", run.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
            return IdsOf(run);
        }

        HashSet<string> Reads(int of)
        {
            var read = new HashSet<string>(StringComparer.Ordinal);
            foreach (var e in _log.Events)
                if (e.Reader == of && e.Act != ArticleAct.Impression) read.Add(_log.Articles[e.Article].ArticleId);
            return read;
        }
    }

    [Theory]
    [InlineData(2, "takes a number from 0 to 1", "a", "--diversity", "2")]
    [InlineData(2, "--places", "a", "--places", "0")]
    [InlineData(2, "Required argument", "--places", "3")]
    public async Task WrongCommandLine_IsNamed(int exit, string says, params string[] args)
    {
        var run = await JobsRun.Of(["recommend", .. args, "--out", _folder]);

        Assert.Equal(exit, run.Exit);
        Assert.Contains(says, run.Errors, StringComparison.Ordinal);
    }

    private static List<string> IdsOf(JobsRun run) =>
        [.. Enumerable.Range(1, 6).SelectMany(place => run.Rows(place.ToString(System.Globalization.CultureInfo.InvariantCulture))).Select(cells => cells[1])];
}
