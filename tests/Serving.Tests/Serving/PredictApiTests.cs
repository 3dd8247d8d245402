using System.Text.Json;
using Media.Features;

namespace Media.Tests.Serving;

public sealed class PredictApiTests(TrainedWorld world) : IClassFixture<TrainedWorld>, IAsyncLifetime
{
    private RunningServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(world.Folder);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task ByUser_ByFeatures_AndByTheModelItself_AreTheSame()
    {
        var expected = new double[world.Latest.Rows];
        world.Churn.Predict(world.Latest, expected);
        Assert.True(expected.Distinct().Count() > 10);
        for (var row = 0; row < world.Latest.Rows; row += 7)
        {
            var userId = world.Latest.Entities[row];
            var (status, byUser) = await _server.PostAsync("/predict/churn", new { user_id = userId });
            Assert.Equal(200, status);
            Assert.Equal(expected[row], byUser.GetProperty("score").GetDouble());
            Assert.Equal(userId, byUser.GetProperty("user_id").GetString());
            Assert.Equal("1", byUser.GetProperty("model_version").GetString());
            Assert.Equal(TrainedWorld.AsOf, byUser.GetProperty("as_of").GetDateTimeOffset());
            Assert.Equal(TrainedWorld.AsOf.AddDays(-30), byUser.GetProperty("model_as_of").GetDateTimeOffset());

            var (_, byFeatures) = await _server.PostAsync("/predict/churn", new { features = Features(row) });
            Assert.Equal(expected[row], byFeatures.GetProperty("score").GetDouble());
            Assert.False(byFeatures.TryGetProperty("as_of", out _));
        }
    }

    [Fact]
    public async Task ThousandRequestsAtOnce_AnswerAsOneByOne()
    {
        var expected = new double[world.Latest.Rows];
        world.Churn.Predict(world.Latest, expected);
        var wrong = 0;
        await Parallel.ForEachAsync(Enumerable.Range(0, 1_000), new ParallelOptions { MaxDegreeOfParallelism = 32, CancellationToken = TestContext.Current.CancellationToken }, async (i, _) =>
        {
            var row = i % world.Latest.Rows;
            var (status, body) = await _server.PostAsync("/predict/churn", new { user_id = world.Latest.Entities[row] });
            if (status != 200 || body.GetProperty("score").GetDouble() != expected[row]) Interlocked.Increment(ref wrong);
        });
        Assert.Equal(0, wrong);
    }

    [Fact]
    public async Task UnknownReader_Is404_WithTheBaseRate()
    {
        var (status, problem) = await _server.PostAsync("/predict/churn", new { user_id = "nobody" });
        Assert.Equal(404, status);
        Assert.Contains("'nobody'", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.InRange(problem.GetProperty("base_rate").GetDouble(), 0.01, 0.99);
    }

    [Fact]
    public async Task UnknownModel_Is404_WithTheKnownOnes()
    {
        var (status, problem) = await _server.PostAsync("/predict/weather", new { user_id = "user-001" });
        Assert.Equal(404, status);
        Assert.Equal(["churn"], problem.GetProperty("known_models").EnumerateArray().Select(m => m.GetString()));
    }

    [Fact]
    public async Task MissingFeatures_AreListed()
    {
        var features = Features(0);
        features.Remove("sessions_7d");
        features.Remove("country_DE");
        var (status, problem) = await _server.PostAsync("/predict/churn", new { features });
        Assert.Equal(400, status);
        Assert.Equal(["country_DE", "sessions_7d"], Names(problem, "missing_features"));
    }

    [Fact]
    public async Task ExtraFeatures_AreListed()
    {
        var features = Features(0);
        features["shoe_size"] = 43;
        var (status, problem) = await _server.PostAsync("/predict/churn", new { features });
        Assert.Equal(400, status);
        Assert.Equal(["shoe_size"], Names(problem, "unknown_features"));
    }

    [Theory]
    [InlineData("\"NaN\"")]
    [InlineData("\"12\"")]
    [InlineData("true")]
    [InlineData("1e400")]
    [InlineData("-1e39")]
    [InlineData("[1]")]
    [InlineData("{}")]
    public async Task FeatureThatIsNoFiniteNumber_IsListed(string json)
    {
        var (status, problem) = await _server.PostTextAsync("/predict/churn", Body("sessions_7d", json));
        Assert.Equal(400, status);
        Assert.Equal(["sessions_7d"], Names(problem, "unreadable_features"));
    }

    [Theory]
    [InlineData("NaN")]
    [InlineData("Infinity")]
    [InlineData("")]
    [InlineData("1,\"sessions_7d\": 2")]
    public async Task BodyThatIsNoJson_Is400(string json)
    {
        var (status, _) = await _server.PostTextAsync("/predict/churn", Body("sessions_7d", json));
        Assert.Equal(400, status);
    }

    [Fact]
    public async Task NullFeature_IsAbsent_AsInTheLake()
    {
        var values = world.Latest.Row(0).ToArray();
        values[FeatureCatalog.Names.ToList().IndexOf("avg_session_duration_s")] = float.NaN;
        var expected = new double[1];
        world.Churn.Predict(new FeatureBatch(FeatureCatalog.Names, [""], [0], [0], values), expected);
        var features = Features(0);
        features["avg_session_duration_s"] = null;
        var (status, body) = await _server.PostAsync("/predict/churn", new { features });
        Assert.Equal(200, status);
        Assert.Equal(expected[0], body.GetProperty("score").GetDouble());
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"user_id": null}""")]
    [InlineData("""{"user_id": "user-001", "features": {}}""")]
    [InlineData("""{"user_id": ""}""")]
    [InlineData("""{"user_id": "12345678901234567890123456789012345678901234567890123456789012345"}""")]
    [InlineData("""{"user_id": 7}""")]
    [InlineData("""{"user_id": "user-001", "colour": "red"}""")]
    [InlineData("""{"user_id": "a", "user_id": "b"}""")]
    [InlineData("""{"USER_ID": "user-001"}""")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("")]
    [InlineData("{\"user_id\": \"user-001\"")]
    public async Task BodyOfAnotherForm_Is400(string body)
    {
        var (status, _) = await _server.PostTextAsync("/predict/churn", body);
        Assert.Equal(400, status);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/xml")]
    [InlineData("")]
    public async Task OtherContentType_Is415(string contentType)
    {
        var (status, _) = await _server.PostTextAsync("/predict/churn", """{"user_id": "user-001"}""", contentType);
        Assert.Equal(415, status);
    }

    [Fact]
    public async Task BodyTooLarge_Is413()
    {
        var (status, _) = await _server.PostTextAsync("/predict/churn", $$"""{"user_id": "{{new string('x', 70_000)}}"}""");
        Assert.Equal(413, status);
    }

    private static string[] Names(JsonElement problem, string list) => [.. problem.GetProperty(list).EnumerateArray().Select(n => n.GetString()!).Order(StringComparer.Ordinal)];

    private Dictionary<string, object?> Features(int row)
    {
        var features = new Dictionary<string, object?>();
        for (var i = 0; i < FeatureCatalog.Names.Count; i++)
        {
            var value = world.Latest.Row(row)[i];
            features[FeatureCatalog.Names[i]] = float.IsNaN(value) ? null : value;
        }
        return features;
    }

    private string Body(string feature, string json) => JsonSerializer.Serialize(new { features = Features(0) })
        .Replace($"\"{feature}\":{JsonSerializer.Serialize(Features(0)[feature])}", $"\"{feature}\":{json}", StringComparison.Ordinal);
}
