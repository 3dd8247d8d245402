using System.Globalization;
using System.Text.Json;
using Media.Jobs;

namespace Media.Tests.Jobs;

/// <summary><c>jobs evaluate churn</c> and <c>engagement</c> on Deskdrop's readers.</summary>
public sealed class EvaluateReadersTests
{
    [Theory(Explicit = true), Trait("Category", "Long")]
    [InlineData("churn", "a49502427daf7459")]
    [InlineData("engagement", "fb77de043297d0d0")]
    public async Task Deskdrop_ReachesWhatIsPublished(string verb, string checksum)
    {
        var (line, _) = await RunAsync(verb, SharedData.PathOrSkip("data", "deskdrop", "interactions_20160314_20161130.csv.gz"), "2016-07-01,2016-08-01,2016-09-01,2016-10-01", "2016-11-01");
        Assert.Equal((3_813, 746, checksum), (line.GetProperty("rows_train").GetInt32(), line.GetProperty("rows_test").GetInt32(), line.GetProperty("checksum").GetString()));
        if (verb == "churn")
        {
            Assert.InRange(Of("auc"), 0.785, 1);
            Assert.InRange(Of("log_loss"), 0, 0.578);
            Assert.True(Of("log_loss") < line.GetProperty("baseline").GetProperty("log_loss").GetDouble());
        }
        else
        {
            Assert.InRange(Of("r2"), 0.305, 1);
            Assert.InRange(Of("spearman"), 0.603, 1);
            Assert.True(Of("mae") < line.GetProperty("baseline").GetProperty("mae").GetDouble());
        }

        double Of(string metric) => line.GetProperty(metric).GetDouble();
    }

    [Fact]
    public async Task InstantWhoseLabelsAreNotComplete_IsLeftOutWithARemark()
    {
        var file = Write();
        try
        {
            var (line, remarks) = await RunAsync("churn", file, "2016-03-01,2016-04-15", "2016-05-01");
            Assert.Contains("2016-04-15 is left out: its labels end 2016-05-15", remarks, StringComparison.Ordinal);
            Assert.Equal(["2016-03-01"], line.GetProperty("checksums_train").EnumerateObject().Select(p => p.Name));
            var fault = await Assert.ThrowsAsync<JobException>(() => RunAsync("churn", file, "2016-04-15", "2016-05-01"));
            Assert.Contains("No training instant is left", fault.Message, StringComparison.Ordinal);
        }
        finally { File.Delete(file); }
    }

    /// <summary>Sixty readers, of whom the odd ones come every other day and the even ones stop, each at a time of its own.</summary>
    private static string Write()
    {
        var path = Path.Combine(Path.GetTempPath(), $"media-readers-{Guid.NewGuid():N}.csv");
        var start = new DateTimeOffset(2016, 2, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        File.WriteAllLines(path, Enumerable.Range(0, 130 * 60)
            .Select(i => (Day: i / 60, Reader: i % 60)).Where(v => v.Day % 2 == v.Reader % 2 && (v.Reader % 2 == 1 || v.Day < 10 + 2 * v.Reader))
            .Select(v => string.Create(CultureInfo.InvariantCulture, $"{start + v.Day * 86_400 + v.Reader},VIEW,{v.Day % 9},{v.Reader},{v.Day},,,")).Prepend("timestamp,eventType,contentId,personId,sessionId,userAgent,userRegion,userCountry"));
        return path;
    }

    private static Task<(JsonElement Line, string Remarks)> RunAsync(string verb, string data, string trainAsOf, string asOf) =>
        EvaluateRun.OfAsync(verb, "--data", data, "--train-as-of", trainAsOf, "--as-of", asOf);
}
