using System.Text;
using Media.Models;

namespace Media.Tests.Models;

public class ModelCardTests
{
    private static ModelCard Full() => new()
    {
        Name = "churn", Version = 3, Sha256 = "ab", Bytes = 7, Label = "No session in 28 days.", Features = ["sessions_28d"],
        TrainAsOf = [new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)], TestAsOf = new DateTimeOffset(2026, 2, 1, 0, 0, 0, TimeSpan.Zero),
        HorizonDays = 28, TrainRows = 100, TestRows = 50, TrainBaseRate = 0.2, TestBaseRate = 0.25,
        Metrics = [new ModelMetrics("churn", [new MetricEstimate("auc", 0.8, 0.78, 0.82)])], Ceiling = new ModelMetrics("ceiling", [new MetricEstimate("auc", 0.81, 0.79, 0.83)]),
        ShareOfCeiling = new Estimate(0.97, 0.95, 0.99), Gain = "churn: gain over logistic.",
        Leaks = new LeakReport { Checks = [new LeakCheck("no_signal", LeakVerdict.NotRun, double.NaN, "Not run.")], Exceptions = new Dictionary<string, string> { ["f"] = "known" } },
        TopFeatures = [new FeatureImportance("sessions_28d", 0.6, double.NaN)], LakeVersions = new Dictionary<string, long> { ["sessions"] = 12 },
        GitCommit = "unknown", Seed = 1, TrainedAt = new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero), Libraries = new Dictionary<string, string> { ["LightGBM"] = "4.7.0" },
    };

    [Fact]
    public void WrittenAndRead_SameBytesAgain()
    {
        var json = Full().ToJson();
        Assert.Equal(Encoding.UTF8.GetString(json), Encoding.UTF8.GetString(ModelCard.FromJson(json).ToJson()));
    }

    [Fact]
    public void Json_SnakeCaseNamesAndWords()
    {
        var json = Encoding.UTF8.GetString(Full().ToJson());
        foreach (var part in (string[])["\"train_as_of\"", "\"share_of_ceiling\"", "\"verdict\": \"not_run\"", "\"figure\": \"NaN\"", "\"lake_versions\"", "\"mean_absolute_shap\""])
            Assert.Contains(part, json, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("{ \"name\": 3 }")]
    public void NotACard_Named(string json) => Assert.Throws<InvalidDataException>(() => ModelCard.FromJson(Encoding.UTF8.GetBytes(json)));
}
