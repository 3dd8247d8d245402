using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text;
using Media.Bandit;
using Media.Events;
using Media.Jobs;
using Media.Lake;
using Media.Models;
using Media.Registry;
using Media.Serving;
using Microsoft.AspNetCore.Builder;
using Spectre.Console;

namespace Media.Tests;

/// <summary>The whole of it as a person runs it: from events to a served prediction.</summary>
public sealed class JourneyTests(SmallJourney journey) : IClassFixture<SmallJourney>
{
    [Fact]
    public void SmallJourney_EndsWell_AndItsCountsAddUp()
    {
        Assert.Equal((0, ""), (journey.Exit, journey.Errors));
        using var ingest = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(journey.Folder, "results", "ingest.json")));
        var counts = ingest.RootElement.GetProperty("counts");
        long Count(string name) => counts.GetProperty(name).GetInt64();
        Assert.Equal(Count("received"), Count("good") + Count("bad"));
        Assert.Equal(Count("good"), Count("accepted") + Count("late") + Count("duplicates"));
        Assert.Equal(Count("accepted") + Count("late"), ingest.RootElement.GetProperty("event_rows").GetInt64());
        Assert.Equal(Count("bad"), ingest.RootElement.GetProperty("bad_event_rows").GetInt64());
        Assert.Equal(Count("sessions"), ingest.RootElement.GetProperty("session_rows").GetInt64());
        Assert.All(new[] { "bad", "late", "duplicates" }, name => Assert.True(Count(name) > 0, $"the simulated network delivers some {name}"));
    }

    [Fact]
    public async Task SameSeed_SaysTheSameAgain()
    {
        var again = Directory.CreateTempSubdirectory("media-journey-").FullName;
        try
        {
            Assert.Equal(0, (await SmallJourney.RunAsync(["--small", "--out", again])).Exit);
            Assert.Equal(Summary(journey.Folder), Summary(again));
        }
        finally { Directory.Delete(again, recursive: true); }
    }

    [Fact]
    public void Report_IsOnePage_WithEveryFigure()
    {
        var html = File.ReadAllText(Path.Combine(journey.Folder, "report.html"));

        foreach (var figure in new[] { "Rows at each step", "Session duration", "ROC, churn", "Calibration, conversion", "Cumulative lift, churn", "Top features, conversion", "Segments against all readers", "AUC of churn with and without leaks", "Sessions counted with and without their ids", "Regret" })
            Assert.Contains(figure, html, StringComparison.Ordinal);
        foreach (var model in ModelCatalog.All.Values.OfType<ILabelledEstimator>()) Assert.Contains($"Leaderboard, {model.Name}", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script src", html, StringComparison.Ordinal);
        foreach (var line in Summary(journey.Folder)) Assert.Contains(System.Net.WebUtility.HtmlEncode(line), html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServedScore_IsTheScoreInTheLake()
    {
        var cancel = TestContext.Current.CancellationToken;
        var table = await DeltaTable.OpenAsync(new LocalObjectStore(Path.Combine(journey.Folder, "lake")), Tables.Predictions.Name, cancel);
        var predictions = new List<Prediction>();
        await foreach (var batch in table.ReadAsync(cancel))
            using (batch)
                predictions.AddRange(PredictionColumns.Read(batch));
        await using var app = await ServeAsync();
        using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };

        foreach (var prediction in predictions.Where(p => p.Model is "churn" or "conversion").DistinctBy(p => (p.Model, p.UserId.Value[^1])))
        {
            using var response = await client.PostAsJsonAsync($"/predict/{prediction.Model}", new { user_id = prediction.UserId.Value }, cancel);
            response.EnsureSuccessStatusCode();
            var answer = await response.Content.ReadFromJsonAsync<JsonElement>(cancel);
            Assert.Contains(prediction.Score, Numbers(answer));
        }
        await app.StopAsync(cancel);
    }

    [Fact]
    public async Task ServedAds_AreLearnedByTheJobOnceEach_AndTheServerGoesOnFromThere()
    {
        const int ads = 150;
        var cancel = TestContext.Current.CancellationToken;
        var registry = new BanditRegistry(new LocalObjectStore(Path.Combine(journey.Folder, "registry")));
        var before = (await registry.CurrentAsync(BanditSnapshot.AdSlot, cancel))!;
        var decisions = new List<string>();
        await using (var app = await ServeAsync())
        {
            using var client = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
            for (var i = 0; i < ads; i++)
            {
                var choice = await PostAsync(client, "choose", new { user_id = "reader-0000001" });
                Assert.StartsWith($"{before.Version}.", choice.GetProperty("policy_version").GetString(), StringComparison.Ordinal);
                decisions.Add(choice.GetProperty("decision_id").GetString()!);
                foreach (var outcome in new[] { "accepted", "duplicate" })
                    Assert.Equal(outcome, (await PostAsync(client, "reward", new { decision_id = decisions[i], clicked = i % 10 == 0, revenue_usd = i % 10 == 0 ? 0.4 : 0 })).GetProperty("outcome").GetString());
            }
            await app.StopAsync(cancel);
        }

        Assert.Equal((0, ""), await SmallJourney.RunAsync(["bandit", "--rounds", "100", "--seeds", "2", "--out", journey.Folder]));

        // The rewards of the newest instant are left to the server, which goes on with them: the job's log takes all before.
        var recorded = new List<long>();
        await foreach (var batch in (await DeltaTable.OpenAsync(new LocalObjectStore(Path.Combine(journey.Folder, "lake")), Tables.Rewards.Name, cancel)).ReadAsync(cancel))
            using (batch)
                recorded.AddRange(DecisionColumns.ReadRewards(batch).Select(r => r.RecordedAtMicros));
        Assert.Equal(ads, recorded.Count);
        var after = (await registry.CurrentAsync(BanditSnapshot.AdSlot, cancel))!;
        Assert.Equal(before.Version + 1, after.Version);
        Assert.Equal(Decisions(before.Snapshot) + recorded.Count(at => at < recorded.Max()), Decisions(after.Snapshot));
        Assert.Equal(EpochMicros.Instant(recorded.Max()), after.Snapshot.RewardsUpTo);

        await using var again = await ServeAsync();
        using var next = new HttpClient { BaseAddress = new Uri(again.Urls.Single()) };
        Assert.StartsWith($"{after.Version}.", (await PostAsync(next, "choose", new { user_id = "reader-0000001" })).GetProperty("policy_version").GetString(), StringComparison.Ordinal);
        Assert.Equal("duplicate", (await PostAsync(next, "reward", new { decision_id = decisions[^1], clicked = true, revenue_usd = 1 })).GetProperty("outcome").GetString());
        await again.StopAsync(cancel);

        static async Task<JsonElement> PostAsync(HttpClient client, string what, object body)
        {
            using var response = await client.PostAsJsonAsync($"/bandit/ad-slot/{what}", body, TestContext.Current.CancellationToken);
            response.EnsureSuccessStatusCode();
            return await response.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        }

        // On these readers the log finds the policy per segment best.
        static long Decisions(IBanditSnapshot snapshot) => Assert.IsType<ContextualSnapshot>(snapshot).Contexts.Sum(c => c.Arms.Sum(a => a.Decisions));
    }

    [Fact]
    public async Task DeskdropJourney_ReportsChurnOnThePublishedRows()
    {
        var file = SharedData.PathOrSkip("data", "deskdrop", "interactions_20160314_20161130.csv.gz");
        var folder = Directory.CreateTempSubdirectory("media-deskdrop-").FullName;
        try
        {
            var (exit, errors) = await SmallJourney.RunAsync(["--source", "deskdrop", "--path", file, "--out", folder]);
            Assert.Equal((0, ""), (exit, errors));

            using var churn = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Combine(folder, "results", "evaluation-churn.json"), TestContext.Current.CancellationToken));
            Assert.Equal((3_813, 746), (churn.RootElement.GetProperty("train_rows").GetInt32(), churn.RootElement.GetProperty("test_rows").GetInt32()));
            var models = churn.RootElement.GetProperty("metrics").EnumerateArray().Select(m => m.GetProperty("model").GetString()).ToList();
            Assert.Subset(models.ToHashSet(), new HashSet<string?> { "churn", "logistic", "single_feature" });
            Assert.Contains(Summary(folder), line => line.StartsWith("Not trained   conversion", StringComparison.Ordinal));

            // Who is a row and who left, against counts and checksums of the same rows made independently with pandas.
            var sessions = await LakeSessions.ReadAsync(new LocalObjectStore(Path.Combine(folder, "lake")), TestContext.Current.CancellationToken);
            foreach (var (month, users, churned, sha) in new[] { (7, 992, 275, "9e75a71f44be4fcb"), (8, 1054, 358, "344ad10e1c14a49f"), (9, 898, 292, "7dfa9e58d4a1b881"), (10, 869, 343, "22648df8b3ac56d7"), (11, 746, 325, "a49502427daf7459") })
            {
                var asOf = EpochMicros.Of(new DateTimeOffset(2016, month, 1, 0, 0, 0, TimeSpan.Zero));
                var estimator = new ChurnEstimator { Horizon = TimeSpan.FromDays(30) };
                var labels = sessions.Timelines.Select(t => (Id: long.Parse(t.UserId.Value, System.Globalization.CultureInfo.InvariantCulture), Label: estimator.LabelOf(t, asOf)))
                    .Where(l => l.Label is not null).OrderBy(l => l.Id).ToList();
                Assert.Equal((users, churned), (labels.Count, labels.Count(l => l.Label == 1)));
                Assert.Equal(sha, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(labels.Select(l => $"{l.Id},{l.Label:0}\n")))))[..16]);
            }
        }
        finally { Directory.Delete(folder, recursive: true); }
    }

    private async Task<WebApplication> ServeAsync()
    {
        var app = ServingApp.Build(["--urls=http://127.0.0.1:0", $"--Serving:DataFolder={journey.Folder}", "--Logging:LogLevel:Default=None"], TimeProvider.System);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static List<string> Summary(string folder)
    {
        using var summary = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "results", "summary.json")));
        return [.. summary.RootElement.GetProperty("lines").EnumerateArray().Select(l => l.GetString() ?? "")];
    }

    private static IEnumerable<double> Numbers(JsonElement answer) => answer.EnumerateObject().SelectMany(p => p.Value.ValueKind switch
    {
        JsonValueKind.Number => [p.Value.GetDouble()],
        JsonValueKind.Array => p.Value.EnumerateArray().Where(v => v.ValueKind == JsonValueKind.Number).Select(v => v.GetDouble()),
        _ => (IEnumerable<double>)[],
    });
}

/// <summary>One small journey, run once for the tests that look at what it left.</summary>
public sealed class SmallJourney : IAsyncLifetime
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("media-journey-").FullName;
    public int Exit { get; private set; }
    public string Errors { get; private set; } = "";

    public async ValueTask InitializeAsync() => (Exit, Errors) = await RunAsync(["--small", "--out", Folder]);

    public ValueTask DisposeAsync()
    {
        Directory.Delete(Folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    internal static async Task<(int Exit, string Errors)> RunAsync(string[] args)
    {
        var errors = new StringWriter();
        var console = new JobConsole(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(System.IO.TextWriter.Null) }), terminal: false);
        return (await JobCommands.RunAsync(args, console, errors, TimeProvider.System, TestContext.Current.CancellationToken), errors.ToString());
    }
}
