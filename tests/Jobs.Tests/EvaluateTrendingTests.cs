using System.Globalization;

namespace Media.Tests.Jobs;

/// <summary><c>jobs evaluate trending</c> on files in Deskdrop's format.</summary>
public sealed class EvaluateTrendingTests : IDisposable
{
    private readonly string _file = Path.Combine(Path.GetTempPath(), $"media-trending-{Guid.NewGuid():N}.csv");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task ArticlesThatRise_AreFoundBeforeTheLastDaysViewsTellThem()
    {
        // Each day twelve articles come out at midnight; each is read for two days, most in its first hours, so that yesterday's have more views but few to come.
        var random = new Random(2);
        var start = new DateTimeOffset(2016, 3, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        var rows = new List<(long Second, int Article)>();
        for (var day = 0; day < 40; day++)
            for (var article = 0; article < 12; article++)
                for (var view = 0; view < 12 + article; view++) rows.Add((start + day * 86_400 + (long)(172_800 * Math.Pow(random.NextDouble(), 3)), 12 * day + article));
        await File.WriteAllLinesAsync(_file, rows.Order().Select((r, i) => string.Create(CultureInfo.InvariantCulture, $"{r.Second},VIEW,{r.Article},{i % 50}")).Prepend("timestamp,eventType,contentId,personId"), TestContext.Current.CancellationToken);

        var (line, remarks) = await EvaluateRun.OfAsync("trending", "--data", _file, "--from", "2016-04-01", "--to", "2016-04-09");
        Assert.InRange(line.GetProperty("precision_at_10").GetDouble(), line.GetProperty("baseline").GetProperty("precision_at_10").GetDouble() + 0.1, 1);
        Assert.True(line.GetProperty("lists").GetInt32() > 50, remarks);
    }

    [Fact(Explicit = true), Trait("Category", "Long")]
    public async Task Deskdrop_IsForetoldBetterThanByTheLastDay()
    {
        var (line, _) = await EvaluateRun.OfAsync("trending", "--data", SharedData.PathOrSkip("data", "deskdrop", "interactions_20160314_20161130.csv.gz"), "--from", "2016-09-01", "--to", "2016-12-01");
        Assert.InRange(line.GetProperty("precision_at_10").GetDouble(), line.GetProperty("baseline").GetProperty("precision_at_10").GetDouble() + 0.03, 1);
    }
}
