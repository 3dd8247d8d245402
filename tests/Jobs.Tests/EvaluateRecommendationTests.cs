using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Media.Jobs;

namespace Media.Tests.Jobs;

public sealed class EvaluateRecommendationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("media-jobs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(true, true)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task Pairs_FindPlantedTaste_WithHeaderOrWithout_WithStrengthOrWithout(bool header, bool strength)
    {
        var rows = Taste();
        var train = rows.Where((_, i) => i % 5 != 0).Select(r => strength ? $"{r.User},{r.Item},{1 + r.User.Length}" : $"{r.User},{r.Item}");
        var test = rows.Where((_, i) => i % 5 == 0).Select(r => $"{r.User},{r.Item}").ToList();
        var line = await EvaluateAsync("pairs", File("train.csv", header ? train.Prepend(strength ? "user,item,strength" : "user,item") : train), File("test.csv", header ? test.Prepend("user_id,item_id") : test));

        Assert.Equal(test.Count, line.GetProperty("pairs").GetInt32());
        Assert.Equal(test.Select(t => t.Split(',')[0]).Distinct().Count(), line.GetProperty("instances").GetInt32());
        Assert.Equal(Media.Evaluation.RowChecksum.Of(test.Order(StringComparer.Ordinal)), line.GetProperty("checksum").GetString());
        foreach (var metric in new[] { "ndcg_at_10", "recall_at_10", "map_at_10", "precision_at_10" })
        {
            var (value, low, high, baseline) = (Number(line, metric), Number(line, metric + "_low"), Number(line, metric + "_high"), Number(line.GetProperty("baseline"), metric));
            Assert.True(low <= value && value <= high && value > 1.3 * baseline, $"{metric} {value} [{low}, {high}], baseline {baseline}");
        }
    }

    [Fact]
    public async Task Listed_FindPlantedTaste()
    {
        var rows = Taste();
        var test = rows.GroupBy(r => r.User).Select(g => g.First()).ToList();
        var random = new Random(1);
        var listed = test.Select(t => $"{t.User},{t.Item},{string.Join(' ', Enumerable.Range(0, 60).Select(i => $"i{i}").Except(rows.Where(r => r.User == t.User).Select(r => r.Item)).OrderBy(_ => random.Next()).Take(30))}").ToList();
        var line = await EvaluateAsync("listed", File("train.csv", rows.Except(test).Select(r => $"{r.User},{r.Item},1")), File("test.csv", listed));

        Assert.Equal(Media.Evaluation.RowChecksum.Of(test.Select(t => $"{t.User},{t.Item}")), line.GetProperty("checksum").GetString());
        Assert.True(Number(line, "recall_at_5") > 1.3 * Number(line.GetProperty("baseline"), "recall_at_5"), line.ToString());
        Assert.InRange(Number(line, "recall_at_10"), Number(line, "recall_at_5"), 1);
    }

    [Fact]
    public async Task StrangersOnly_GetPopularity()
    {
        var train = File("train.csv", ["a,x,1", "b,x,1", "b,y,1"]);

        var pairs = await EvaluateAsync("pairs", train, File("pairs.csv", ["stranger,x,1", "stranger,new,1"]));
        Assert.Equal(0.5, Number(pairs, "recall_at_10"));

        var listed = await EvaluateAsync("listed", train, File("listed.csv", ["stranger,y,x new1 new2 new3 new4", "stranger,new,new1 new2 new3 new4 new5 new6 new7 new8 new9"]));
        // y stands second of five; one of ten unknown ones is in the first five with chance ½.
        Assert.Equal(0.75, Number(listed, "recall_at_5"));
    }

    [Fact]
    public async Task Articles_OrderItemsThatNobodyHasReadYet()
    {
        // i57, i58 and i59, one of each taste, have no training row; the readers of each taste read them next.
        var train = File("train.csv", Taste().Where(r => r.Item is not ("i57" or "i58" or "i59")).Select(r => $"{r.User},{r.Item}"));
        var others = string.Join(' ', Enumerable.Range(0, 12).Select(i => $"new{i}").Concat(["i57", "i58", "i59"]));
        var test = File("test.csv", Enumerable.Range(0, 150).Select(u => $"u{u},i{57 + u % 3},{others}"));
        var articles = File("articles.csv", Enumerable.Range(0, 60).Select(i => $"i{i},\"About {(i % 3) switch { 0 => "football cup", 1 => "share prices", _ => "new parties" }}, part {i}\",x{i % 5}").Prepend("contentId,title,section"));

        var known = await EvaluateAsync("listed", train, test, "--articles", articles);
        var unknown = await EvaluateAsync("listed", train, test);

        Assert.True(Number(known, "recall_at_5") > Number(unknown, "recall_at_5") + 0.2, $"Recall@5 {Number(known, "recall_at_5")} with the articles, {Number(unknown, "recall_at_5")} without.");
    }

    [Fact]
    public async Task ListsAreDescribedByCoverageAndNovelty()
    {
        var rows = Taste();
        var line = await EvaluateAsync("pairs", File("train.csv", rows.Where((_, i) => i % 5 != 0).Select(r => $"{r.User},{r.Item}")), File("test.csv", rows.Where((_, i) => i % 5 == 0).Select(r => $"{r.User},{r.Item}")));

        Assert.InRange(Number(line, "coverage_at_10"), Number(line.GetProperty("baseline"), "coverage_at_10"), 1);
        Assert.True(Number(line, "novelty_at_10") > Number(line.GetProperty("baseline"), "novelty_at_10"));
    }

    [Theory]
    [InlineData("id,text", "expected an article's id and its title or category")]
    [InlineData("contentId,title\n,x", "row 1 has no id")]
    public async Task ArticlesThatCannotBeRead_AreNamedInOneLine(string lines, string says)
    {
        var (exit, _, errors) = await RunAsync("pairs", File("train.csv", ["a,x,1"]), File("test.csv", ["b,x,1"]), "--articles", File("articles.csv", lines.Split('\n')));

        Assert.Equal(1, exit);
        Assert.Contains(says, errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task InTime_TakesTheTitlesOfArticles()
    {
        var data = Interactions(("2024-03-01 08:00", "9", "1"), ("2024-03-01 09:00", "-5", "2"), ("2024-03-02 08:00", "-5", "1"));

        var line = await EvaluateAsync("daily", data, "2024-03-02", "2024-03-03", "--articles", File("articles.csv", ["timestamp,contentId,title", "1,9,Cup final", "1,-5,Cup draw"]));

        Assert.Equal(1, Number(line, "recall_at_10"));
        Assert.Equal((0.5, 0), (Number(line, "coverage_at_10"), Number(line, "novelty_at_10")));
    }

    [Fact]
    public async Task InTime_CountsPairs_AndRanksWhatIsOut()
    {
        // Two readers; 9 is read once more, 11 comes out within the window; on the first day −5 and on the second 11 are turned to.
        var data = Interactions(("2024-03-01 08:00", "9", "1"), ("2024-03-01 09:00", "-5", "2"), ("2024-03-02 08:00", "-5", "1"), ("2024-03-02 09:00", "9", "1"), ("2024-03-02 10:00", "11", "2"), ("2024-03-03 08:00", "11", "1"));

        var daily = await EvaluateAsync("daily", data, "2024-03-02", "2024-03-04");
        Assert.Equal((2, 2, 2, 4), (daily.GetProperty("instances").GetInt32(), daily.GetProperty("pairs").GetInt32(), daily.GetProperty("rows_train").GetInt32(), daily.GetProperty("rows_test").GetInt32()));
        Assert.Equal(Media.Evaluation.RowChecksum.Of(["2024-03-02,1,-5", "2024-03-03,1,11"]), daily.GetProperty("checksum").GetString());
        foreach (var metric in new[] { "recall_at_10", "ndcg_at_10", "map_at_10" }) Assert.Equal((1, 1), (Number(daily, metric), Number(daily.GetProperty("baseline"), metric)));

        var whole = await EvaluateAsync("static", data, "2024-03-02", "2024-03-04");
        Assert.Equal((1, 1), (whole.GetProperty("instances").GetInt32(), whole.GetProperty("pairs").GetInt32()));
        Assert.Equal(Media.Evaluation.RowChecksum.Of(["1,-5"]), whole.GetProperty("checksum").GetString());
    }

    [Theory]
    [InlineData("2024-03-01", "2024-03-02", "no event before")]
    [InlineData("2024-03-02", "2024-03-02", "not after its start")]
    [InlineData("2024-04-02", "2024-04-03", "No known reader")]
    [InlineData(null, "2024-04-03", "--protocol daily needs --from")]
    public async Task WindowThatCannotBeJudged_IsNamedInOneLine(string? from, string to, string says)
    {
        var (exit, _, errors) = await RunAsync("daily", Interactions(("2024-03-01 08:00", "9", "1"), ("2024-03-02 09:00", "-5", "2")), from, to);

        Assert.Equal(1, exit);
        Assert.Contains(says, errors.Trim().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pairs", "a,x,1", "a,x,one", "row 1 has the strength 'one'", false)]
    [InlineData("pairs", "a,x,1", "a,x,1", "no pair of user and item to be found", true)]
    [InlineData("pairs", "a", "a,x,1", "has 1 column", true)]
    [InlineData("pairs", "a,,1", "a,x,1", "row 1 has no user or no item", true)]
    [InlineData("pairs", "user,item,rating", "a,x,1", "no rows to train on", true)]
    [InlineData("listed", "a,x,1", "a,x", "has 2 columns", true)]
    [InlineData("listed", "a,x,1", "a,x,", "lists no item", true)]
    [InlineData("listed", "a,x,1", "user,item,negatives", "no row to rank", true)]
    public async Task BadFile_IsNamedInOneLine(string protocol, string train, string test, string says, bool first)
    {
        // A third field that is no number makes the first row a header, and a single unreadable row is left out; so the fault of the first case stands in the second and third row.
        var (exit, _, errors) = await RunAsync(protocol, File("train.csv", [train]), File("test.csv", first ? [test] : ["b,y,1", test, test]));

        Assert.Equal(1, exit);
        Assert.Contains(first ? says : says.Replace("row 1", "row 2", StringComparison.Ordinal), errors, StringComparison.Ordinal);
        Assert.Single(errors.Trim().Split('\n'));
    }

    [Fact]
    public async Task MissingFileOrOption_IsNamed()
    {
        var train = File("train.csv", ["a,x,1"]);

        Assert.Contains("There is no file", (await RunAsync("pairs", train, Path.Combine(_folder, "none.csv"))).Errors, StringComparison.Ordinal);
        Assert.Contains("pairs, listed", (await RunAsync("paris", train, train)).Errors, StringComparison.Ordinal);
        Assert.Contains("--protocol pairs needs --test", (await RunAsync("pairs", train, null)).Errors, StringComparison.Ordinal);
    }

    /// <summary>A file in Deskdrop's format.</summary>
    private string Interactions(params (string At, string Article, string Reader)[] rows) => File("interactions.csv", rows
        .Select(r => $"{DateTimeOffset.Parse(r.At + "Z", CultureInfo.InvariantCulture).ToUnixTimeSeconds()},VIEW,{r.Article},{r.Reader},1,,,")
        .Prepend("timestamp,eventType,contentId,personId,sessionId,userAgent,userRegion,userCountry"));

    /// <summary>Readers of three tastes, ids that are no numbers; the first items are the popular ones.</summary>
    private static List<(string User, string Item)> Taste()
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, 150).SelectMany(u => Enumerable.Range(0, 9).Select(_ => ($"u{u}", $"i{(int)(20 * Math.Pow(random.NextDouble(), 1.5)) * 3 + (random.Next(5) > 0 ? u % 3 : random.Next(3))}"))).Distinct()];
    }

    private string File(string name, IEnumerable<string> lines)
    {
        var path = Path.Combine(_folder, name);
        System.IO.File.WriteAllLines(path, lines);
        return path;
    }

    private static double Number(JsonElement line, string key) => line.GetProperty(key).GetDouble();

    private static async Task<JsonElement> EvaluateAsync(string protocol, params string[] arguments)
    {
        var (exit, output, errors) = await RunAsync(protocol, arguments);
        Assert.True(exit == 0, errors);
        return JsonDocument.Parse(Assert.Single(output.Trim().Split('\n'))).RootElement;
    }

    /// <param name="arguments">pairs, listed: --train and --test; static, daily: --data, --from and --to. null leaves one out. Then others with their names.</param>
    private static async Task<(int Exit, string Output, string Errors)> RunAsync(string protocol, params string?[] arguments)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        var given = arguments.TakeWhile(a => a?.StartsWith("--", StringComparison.Ordinal) != true).ToList();
        string[] names = given.Count == 2 ? ["--train", "--test"] : ["--data", "--from", "--to"];
        var parsed = EvaluateVerb.Command().Parse(["recommendation", "--protocol", protocol, .. names.Zip(given).Where(a => a.Second is not null).SelectMany(a => new[] { a.First, a.Second! }), .. arguments.Skip(given.Count).OfType<string>()]);
        if (parsed.Errors.Count > 0) return (2, "", string.Join('\n', parsed.Errors));
        try
        {
            var exit = await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = TextWriter.Null }, TestContext.Current.CancellationToken);
            return (exit, output.ToString(), "");
        }
        catch (Exception e) when (e is JobException or IOException or InvalidDataException or ArgumentException)
        {
            return (1, output.ToString(), e.Message);
        }
    }
}
