using System.Globalization;
using System.Text.Json;
using Media.Evaluation;

namespace Media.Tests.Jobs;

/// <summary><c>jobs evaluate article-performance</c> on small tables of its own, and on the real one.</summary>
public sealed class EvaluateArticlePerformanceTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("media-shares-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Shares_AreForetoldFromColumns()
    {
        Write("train.csv", 400, seed: 1);
        Write("test.csv", 250, seed: 2);
        var line = await RunAsync();
        Assert.True(line.GetProperty("auc").GetDouble() > 0.85);
        Assert.True(line.GetProperty("spearman").GetDouble() > 0.6);
        Assert.True(line.GetProperty("accuracy_low").GetDouble() > 0.6);
        Assert.True(line.GetProperty("baseline").GetProperty("auc").GetDouble() < line.GetProperty("auc_low").GetDouble());
        Assert.Equal((400, 250), (line.GetProperty("rows_train").GetInt32(), line.GetProperty("rows_test").GetInt32()));
        var expected = File.ReadLines(Path.Combine(_folder, "test.csv")).Skip(1).Select(l => l.Split(',')).Select(f => $"{f[0]},{(double.Parse(f[^1], CultureInfo.InvariantCulture) >= 1400 ? 1 : 0)}");
        Assert.Equal(RowChecksum.Of(expected), line.GetProperty("checksum").GetString());
    }

    [Theory]
    [InlineData("url, a, shares\nu,1,10\n", "url, shares\nu,10\n", "test.csv has none of the columns")]
    [InlineData("url, a, shares\nu,1,10\n", "url, a\nu,1\n", "test.csv has no column 'shares'")]
    [InlineData("url, a, shares\nu,1,10\n", "url, a, shares\nu,1,10\n", "not of both classes")]
    [InlineData("url, a, shares\nu,1,10\n", "url, a, shares\nu,1,many\n", "test.csv row 1 has 'many' in column 'shares'")]
    [InlineData("url, a, shares\nu,1,-1\n", "url, a, shares\nu,1,10\n", "train.csv row 1 has -1 shares")]
    [InlineData("url, timedelta, shares\nu,1,10\n", "url, timedelta, shares\nu,1,10\n", "no column to learn from")]
    [InlineData("url, a, shares\nu,1,10\nv,2,2000\n", "url, a, shares\nu,1,10\nv,2,2000\n", "at least 5 of each")]
    public async Task FileThatCannotBeUsed_SaysWhy(string train, string test, string says)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "train.csv"), train, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(_folder, "test.csv"), test, TestContext.Current.CancellationToken);
        Assert.Contains(says, (await Assert.ThrowsAnyAsync<Exception>(RunAsync)).Message, StringComparison.Ordinal);
    }

    [Fact(Explicit = true), Trait("Category", "Long")]
    public async Task OnlineNews_IsForetoldAsWellAsTheBestPeer()
    {
        var path = SharedData.PathOrSkip("data", "onp_2013h1", "OnlineNewsPopularity_20130108_20130715.csv.gz");
        using var text = new StreamReader(new System.IO.Compression.GZipStream(File.OpenRead(path), System.IO.Compression.CompressionMode.Decompress));
        string[] lines = (await text.ReadToEndAsync(TestContext.Current.CancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await File.WriteAllLinesAsync(Path.Combine(_folder, "train.csv"), lines[..6913], TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(Path.Combine(_folder, "test.csv"), [lines[0], .. lines[6913..]], TestContext.Current.CancellationToken);
        var line = await RunAsync();
        Assert.Equal("5923f7ecb08bfa16", line.GetProperty("checksum").GetString());
        Assert.Equal(0.647, line.GetProperty("baseline").GetProperty("auc").GetDouble(), 0.001);
        Assert.True(line.GetProperty("auc").GetDouble() >= 0.709);
        Assert.True(line.GetProperty("accuracy_high").GetDouble() >= 0.653);
        Assert.True(line.GetProperty("accuracy").GetDouble() > line.GetProperty("baseline").GetProperty("accuracy_high").GetDouble());
    }

    [Fact]
    public async Task TrainingRows_AreTakenInTheOrderOfTheirAge()
    {
        Write("train.csv", 300, seed: 1);
        Write("test.csv", 100, seed: 2);
        var inOrder = await RunAsync();
        var path = Path.Combine(_folder, "train.csv");
        string[] lines = await File.ReadAllLinesAsync(path, TestContext.Current.CancellationToken);
        await File.WriteAllLinesAsync(path, [lines[0], .. lines[1..].Reverse()], TestContext.Current.CancellationToken);
        var reversed = await RunAsync();
        Assert.Equal(inOrder.GetProperty("auc").GetDouble(), reversed.GetProperty("auc").GetDouble());
        Assert.Equal(inOrder.GetProperty("accuracy").GetDouble(), reversed.GetProperty("accuracy").GetDouble());
    }

    private void Write(string file, int rows, int seed)
    {
        var random = new Random(seed);
        using var text = new StreamWriter(Path.Combine(_folder, file));
        // As the archive writes them: a space before each name but the first.
        text.WriteLine("url, timedelta, links, is_weekend, data_channel_is_tech, shares");
        for (var row = 0; row < rows; row++)
        {
            var (links, weekend, tech) = (random.NextDouble() * 10, random.Next(7) < 2 ? 1 : 0, random.Next(3) == 0 ? 1 : 0);
            var shares = Math.Exp(5.8 + 0.25 * links + 0.3 * weekend + 0.3 * tech + 0.4 * (random.NextDouble() + random.NextDouble() - 1));
            text.WriteLine(string.Create(CultureInfo.InvariantCulture, $"http://x/{seed}-{row},{row},{links:F3},{weekend},{(row % 11 == 0 ? "" : tech)},{shares:F0}"));
        }
    }

    private async Task<JsonElement> RunAsync() =>
        (await EvaluateRun.OfAsync("article-performance", "--train", Path.Combine(_folder, "train.csv"), "--test", Path.Combine(_folder, "test.csv"))).Line;
}
