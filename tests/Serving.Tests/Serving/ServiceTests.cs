using System.Text;
using Media.Lake;
using Media.Registry;
using Media.Serving;
using Microsoft.Extensions.Configuration;

namespace Media.Tests.Serving;

public sealed class ServiceTests(TrainedWorld world) : IClassFixture<TrainedWorld>
{
    [Fact]
    public async Task Health_SaysWhatIsLoaded()
    {
        await using var server = await RunningServer.StartAsync(world.Folder);
        var (status, health) = await server.GetAsync("/health");
        Assert.Equal((200, "ok"), (status, health.GetProperty("status").GetString()));
        Assert.Equal("churn", health.GetProperty("models")[0].GetProperty("model").GetString());
        Assert.Equal(world.Latest.Rows, health.GetProperty("readers").GetInt32());
        Assert.Equal(TrainedWorld.AsOf, health.GetProperty("features_as_of").GetDateTimeOffset());
        Assert.Empty(health.GetProperty("faults").EnumerateArray());
    }

    [Fact]
    public async Task Models_ShowTheCard()
    {
        await using var server = await RunningServer.StartAsync(world.Folder);
        var (_, models) = await server.GetAsync("/models");
        var churn = Assert.Single(models.EnumerateArray());
        Assert.Equal("1", churn.GetProperty("version").GetString());
        Assert.Equal("auc", churn.GetProperty("metrics")[0].GetProperty("metric").GetString());
        Assert.Equal(59, churn.GetProperty("features").GetArrayLength());
    }

    [Fact]
    public async Task StartedBeforeTheJourney_IsDegraded_ThenFindsWhatItSaves()
    {
        var folder = Directory.CreateTempSubdirectory("media-empty-").FullName;
        try
        {
            await using var server = await RunningServer.StartAsync(folder);
            var (status, health) = await server.GetAsync("/health");
            Assert.Equal((200, "degraded"), (status, health.GetProperty("status").GetString()));
            Assert.Contains("run 'dotnet run --project src/Jobs' first", health.GetProperty("faults")[0].GetString(), StringComparison.Ordinal);
            Assert.Equal(404, (await server.PostAsync("/predict/churn", new { user_id = "user-001" })).Status);

            await TrainedWorld.SaveModelAsync(folder, world.Churn, 0.3);
            await TrainedWorld.SaveFeaturesAsync(folder, world.Latest);
            await server.Refresher.RefreshAsync(TestContext.Current.CancellationToken);

            Assert.Equal("ok", (await server.GetAsync("/health")).Body.GetProperty("status").GetString());
            Assert.Equal(200, (await server.PostAsync("/predict/churn", new { user_id = "user-001" })).Status);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task NewModelVersion_IsServedUnderLoad_WithoutAFailedRequest()
    {
        var folder = Directory.CreateTempSubdirectory("media-reload-").FullName;
        try
        {
            await TrainedWorld.SaveModelAsync(folder, world.Churn, 0.3);
            await TrainedWorld.SaveFeaturesAsync(folder, world.Latest);
            await using var server = await RunningServer.StartAsync(folder);
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            var statuses = new HashSet<int>();
            var load = Task.Run(async () =>
            {
                while (!enough.IsCancellationRequested) statuses.Add((await server.PostAsync("/predict/churn", new { user_id = "user-001" })).Status);
            }, TestContext.Current.CancellationToken);

            await TrainedWorld.SaveModelAsync(folder, world.Churn, 0.3);
            await server.Refresher.RefreshAsync(TestContext.Current.CancellationToken);
            var (_, answer) = await server.PostAsync("/predict/churn", new { user_id = "user-001" });
            await enough.CancelAsync();
            await load;

            Assert.Equal("2", answer.GetProperty("model_version").GetString());
            Assert.Equal([200], statuses);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task PromotedAndRolledBackVersion_IsWhatServes()
    {
        var folder = Directory.CreateTempSubdirectory("media-promoted-").FullName;
        try
        {
            var cancel = TestContext.Current.CancellationToken;
            for (var version = 1; version <= 2; version++) await TrainedWorld.SaveModelAsync(folder, world.Churn, 0.3);
            await TrainedWorld.SaveFeaturesAsync(folder, world.Latest);
            var registry = new ModelRegistry(new LocalObjectStore(Path.Combine(folder, "registry")), TimeProvider.System);
            await using var server = await RunningServer.StartAsync(folder);
            Assert.Equal("2", await ServedAsync(server));

            await registry.PromoteAsync("churn", 1, "tester", "the former one did better", cancel);
            await server.Refresher.RefreshAsync(cancel);
            Assert.Equal("1", await ServedAsync(server));

            await registry.RollbackAsync("churn", "tester", "it did not", cancel);
            await server.Refresher.RefreshAsync(cancel);
            Assert.Equal("2", await ServedAsync(server));
            var (_, models) = await server.GetAsync("/models");
            Assert.Equal("2", models[0].GetProperty("version").GetString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        static async Task<string?> ServedAsync(RunningServer server) => (await server.PostAsync("/predict/churn", new { user_id = "user-001" })).Body.GetProperty("model_version").GetString();
    }

    [Fact]
    public async Task DamagedModel_LeavesTheFormerOneServing_AndIsAFault()
    {
        var folder = Directory.CreateTempSubdirectory("media-damaged-").FullName;
        try
        {
            await TrainedWorld.SaveModelAsync(folder, world.Churn, 0.3);
            await using var server = await RunningServer.StartAsync(folder);
            await TrainedWorld.SaveModelAsync(folder, world.Churn, 0.3);
            var newest = Directory.GetFiles(Path.Combine(folder, "registry", "models", "churn"), "model.bin", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Last();
            var bytes = await File.ReadAllBytesAsync(newest, TestContext.Current.CancellationToken);
            bytes[^5] ^= 1;
            await File.WriteAllBytesAsync(newest, bytes, TestContext.Current.CancellationToken);

            await server.Refresher.RefreshAsync(TestContext.Current.CancellationToken);

            var (_, health) = await server.GetAsync("/health");
            Assert.Equal("degraded", health.GetProperty("status").GetString());
            Assert.Equal("1", health.GetProperty("models")[0].GetProperty("version").GetString());
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task OpenApiDocument_NamesEveryRoute()
    {
        await using var server = await RunningServer.StartAsync(world.Folder);
        var (status, document) = await server.GetAsync("/openapi/v1.json");
        Assert.Equal(200, status);
        Assert.Equal(["/bandit/ad-slot/choose", "/bandit/ad-slot/reward", "/health", "/models", "/predict/{model}"], document.GetProperty("paths").EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Page_NeedsNoOtherHost()
    {
        await using var server = await RunningServer.StartAsync(world.Folder);
        var page = await server.Client.GetStringAsync("/", TestContext.Current.CancellationToken);
        Assert.Contains("Media API", page, StringComparison.Ordinal);
        Assert.DoesNotContain("https://", page, StringComparison.Ordinal);
        var script = await server.Client.GetByteArrayAsync("/scalar/scalar.js", TestContext.Current.CancellationToken);
        Assert.True(script.Length > 100_000);
    }

    [Fact]
    public async Task UnknownPath_Is404_AndWrongMethod405()
    {
        await using var server = await RunningServer.StartAsync(world.Folder);
        Assert.Equal(404, (await server.GetAsync("/nothing")).Status);
        Assert.Equal(405, (await server.GetAsync("/predict/churn")).Status);
    }

    [Fact]
    public async Task FuzzedBodies_NeverGet5xx()
    {
        await using var server = await RunningServer.StartAsync(world.Folder);
        string[] seeds =
        [
            """{"user_id": "user-001"}""", """{"features": {"total_sessions": 12.5, "sessions_7d": null, "country_DE": 1}}""",
            """{"decision_id": "0198c0de-0000-7000-8000-000000000000", "clicked": true, "revenue_usd": 0.25}""",
            """{"user_id": "\ud800"}""", """{"features": {"\udc00": 1}}""", """{"user_id": "a\u0000b"}""", "[[[[[[[[[[", "\u00ef\u00bb\u00bf{}", """{"user_id": 1e99999}""",
        ];
        string[] paths = ["/predict/churn", "/predict/churn%2F..", "/predict/%F0%9F%90%9F", "/bandit/ad-slot/choose", "/bandit/ad-slot/reward"];
        var random = new Random(12);
        var statuses = new Dictionary<int, int>();
        for (var i = 0; i < 3_000; i++)
        {
            var body = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]).ToList();
            for (var change = random.Next(4); change > 0 && body.Count > 0; change--)
            {
                var at = random.Next(body.Count);
                switch (random.Next(4))
                {
                    case 0: body[at] = (byte)random.Next(256); break;
                    case 1: body.RemoveAt(at); break;
                    case 2: body.Insert(at, (byte)random.Next(256)); break;
                    default: body.InsertRange(at, body[at..Math.Min(body.Count, at + 20)]); break;
                }
            }
            var (status, _) = await server.PostBytesAsync(paths[random.Next(paths.Length)], [.. body]);
            statuses[status] = statuses.GetValueOrDefault(status) + 1;
        }
        TestContext.Current.TestOutputHelper?.WriteLine(string.Join(", ", statuses.OrderBy(s => s.Key).Select(s => $"{s.Key}: {s.Value}")));
        Assert.All(statuses.Keys, status => Assert.InRange(status, 200, 499));
    }

    [Fact]
    public void FaultyConfiguration_ListsEveryFault()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Serving:DataFoler"] = "x", ["Serving:MaxBodyBytes"] = "1", ["Serving:PollEvery"] = "02:00:00", ["Serving:Url"] = "here", ["Serving:RememberDecisions"] = "00:00:05",
        }).Build();
        var faults = Assert.Throws<InvalidServingOptionsException>(() => ServingOptions.From(configuration)).Faults;
        Assert.Equal(5, faults.Count);
    }

    [Theory]
    [InlineData("Serving:DataFoler", "x")]
    [InlineData("Serving:MaxBodyBytes", "many")]
    public void UnknownOrUnreadableKey_IsAFault(string key, string value)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [key] = value }).Build();
        Assert.Single(Assert.Throws<InvalidServingOptionsException>(() => ServingOptions.From(configuration)).Faults);
    }
}
