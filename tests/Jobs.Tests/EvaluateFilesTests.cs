using System.Globalization;
using System.Text.Json;

namespace Media.Tests.Jobs;

/// <summary>Every format that <c>jobs evaluate</c> takes, written otherwise and damaged a little: the same figures, or a remark for each thing left out.</summary>
public sealed class EvaluateFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("media-files-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>A format: its file, the columns that may be absent, a row that cannot be read, and the verb over the file.</summary>
    public static TheoryData<string> Formats => ["deskdrop", "upworthy", "open_bandit", "online_news"];

    [Theory, MemberData(nameof(Formats))]
    public async Task SameRowsWrittenOtherwise_GiveTheSameFigures(string format)
    {
        var file = Make(format);
        var (plain, silence) = await RunAsync(format, file, file.Lines);
        // Columns turned round, one more of no use, none that may be absent, spaces before names, marks and line ends of Windows, a blank line; rows in any order where order says nothing.
        int[] kept = [.. Enumerable.Range(0, file.Lines[0].Split(',').Length).Where(c => !file.MayBeAbsent.Contains(file.Lines[0].Split(',')[c])).Reverse()];
        var lines = file.Lines.Select((line, row) => string.Join(',', kept.Select(c => line.Split(',')[c]).Select(f => row == 0 ? $" {f}" : f).Append(row == 0 ? "more" : "\"of\nno use\""))).ToList();
        if (file.AnyOrder)
        {
            var order = Enumerable.Range(1, lines.Count - 1).ToArray();
            new Random(5).Shuffle(order);
            lines = [lines[0], .. order.Select(at => lines[at])];
        }
        var (otherwise, remarks) = await RunAsync(format, file, lines, "\r\n", "\uFEFF");
        Assert.Equal(Figures(plain), Figures(otherwise));
        Assert.Equal(silence, remarks);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task AFewRowsThatCannotBeRead_AreLeftOutAndTold(string format)
    {
        var file = Make(format);
        var (plain, _) = await RunAsync(format, file, file.Lines);
        var half = file.Lines.Count / 2;
        var (damaged, remarks) = await RunAsync(format, file, [.. file.Lines.Take(half), file.Unreadable, .. file.Lines.Skip(half), file.Lines[^1].Split(',')[0]]);
        Assert.Equal(Figures(plain), Figures(damaged));
        Assert.Contains("2 of ", remarks, StringComparison.Ordinal);
        Assert.Contains($"cannot be read and are left out; the first: file.csv row {half} has", remarks, StringComparison.Ordinal);
    }

    [Theory, MemberData(nameof(Formats))]
    public async Task ManyRowsThatCannotBeRead_AreOneClearLine(string format)
    {
        var file = Make(format);
        var fault = await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync(format, file, [file.Lines[0], .. Enumerable.Repeat(file.Unreadable, 40), .. file.Lines.Skip(1).Take(60)]));
        Assert.Contains("file.csv row 1 has", fault.Message, StringComparison.Ordinal);
        Assert.Contains("40 of 100 rows cannot be read", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownKindOfReading_IsLeftOutAndTold()
    {
        var file = Make("deskdrop");
        var (plain, _) = await RunAsync("deskdrop", file, file.Lines);
        var (with, remarks) = await RunAsync("deskdrop", file, [file.Lines[0], .. file.Lines.Skip(1).SelectMany(line => new[] { line, line.Replace("VIEW", "SHARE", StringComparison.Ordinal) })]);
        Assert.Equal(Figures(plain), Figures(with));
        Assert.Contains($"{file.Lines.Count - 1:N0} of {2 * (file.Lines.Count - 1):N0} rows are of an unknown eventType, such as 'SHARE'", remarks, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PositionsCountedFromZeroInOneLog_GiveTheSameValues()
    {
        var file = Make("open_bandit");
        var (plain, _) = await RunAsync("open_bandit", file, file.Lines);
        var (fromZero, _) = await RunAsync("open_bandit", file, Counted(-1));
        foreach (var estimator in (string[])["truth", "ipw", "snipw", "dm", "dr", "switch_dr"])
            Assert.Equal(plain.GetProperty(estimator).GetDouble(), fromZero.GetProperty(estimator).GetDouble());
        // From 2 on, or with a position that the other log lacks, it is another page.
        await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync("open_bandit", file, Counted(1)));
        await Assert.ThrowsAsync<InvalidDataException>(() => RunAsync("open_bandit", file, [.. file.Lines, .. Counted(-1).Skip(1).Take(6)]));

        IEnumerable<string> Counted(int shift) => file.Lines.Select((line, row) => line.Split(',') is var fields && row == 0
            ? line : string.Join(',', fields.Select((f, c) => c == 3 ? string.Create(CultureInfo.InvariantCulture, $"{int.Parse(f, CultureInfo.InvariantCulture) + shift}") : f)));
    }

    [Fact]
    public async Task TestsWithOneHeadlineAndPackagesNeverShown_ChangeNothing()
    {
        var file = Make("upworthy");
        var (plain, _) = await RunAsync("upworthy", file, file.Lines);
        var (with, _) = await RunAsync("upworthy", file, [.. file.Lines, "9001,alone,Only one,100.0,7.0,201301", "9002,t3,Never shown,0,0,201301"]);
        Assert.Equal(plain.GetProperty("pairwise_accuracy").GetDouble(), with.GetProperty("pairwise_accuracy").GetDouble());
    }

    [Fact]
    public async Task ColumnsOfWordsAndColumnsThatTheTestLacks_AreNotLearntFrom()
    {
        var file = Make("online_news");
        var (plain, _) = await RunAsync("online_news", file, file.Lines);
        Write("train.csv", file.Lines.Select((line, row) => row == 0 ? $"author, only_here, {line}" : $"{(row % 3 == 0 ? "Ann" : "Bo")},{row},{line}"));
        Write("file.csv", file.Lines.Select((line, row) => row == 0 ? $"author, {line}" : $"Ann,{line}"));
        var (with, remarks) = await EvaluateRun.OfAsync("article-performance", "--train", InFolder("train.csv"), "--test", InFolder("file.csv"));
        Assert.Equal(plain.GetProperty("auc").GetDouble(), with.GetProperty("auc").GetDouble());
        Assert.Contains("lacks columns, which are not learnt from: only_here", remarks, StringComparison.Ordinal);
        Assert.Contains("columns of words, which are not learnt from: author", remarks, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yes", "no", false)]
    [InlineData("True", "False", false)]
    [InlineData("1.0", "0", false)]
    [InlineData("2.5", "1", true)]
    public async Task TableOfEveryKindOfColumn_IsLearnt(string high, string low, bool regression)
    {
        const string Header = ",id,size,constant,empty,word,answer,only_here";
        var rows = Enumerable.Range(0, 240).Select(i => (Row: i, Size: i * 37 % 100)).ToList();
        Write("train.csv", rows.Select(r => Line(r, "w" + r.Row % 4, r.Row == 7 ? "NA" : Answer(r.Size))).Prepend(Header), "\r\n", "\uFEFF");
        Write("file.csv", rows.Select(r => Line(r, "unseen" + r.Row, r.Row == 9 ? "" : Answer(r.Size))).Prepend(Header.Replace(",only_here", "", StringComparison.Ordinal)).Select((l, i) => i == 0 ? l : l[..l.LastIndexOf(',')]).Append("240,cut"));
        var (line, remarks) = await EvaluateRun.OfAsync(["table", "--train", InFolder("train.csv"), "--test", InFolder("file.csv"), "--label", "answer", "--id", "id", .. regression ? ["--regression"] : Array.Empty<string>()]);
        Assert.Equal((239, 239), (line.GetProperty("rows_train").GetInt32(), line.GetProperty("rows_test").GetInt32()));
        Assert.InRange(line.GetProperty(regression ? "r2" : "auc").GetDouble(), 0.95, 1);
        Assert.Contains("train.csv: 1 rows without a label passed over", remarks, StringComparison.Ordinal);
        Assert.Contains("file.csv: 1 rows without a label passed over", remarks, StringComparison.Ordinal);
        Assert.Contains("1 of 241 rows cannot be read and are left out; the first: file.csv row 241 has 2 fields where 7 are named", remarks, StringComparison.Ordinal);
        Assert.Contains("lacks columns, which are not learnt from: only_here", remarks, StringComparison.Ordinal);

        string Answer(int size) => size >= 50 ? high : low;

        static string Line((int Row, int Size) r, string word, string answer) => string.Create(CultureInfo.InvariantCulture, $"{r.Row},u{r.Row},{(r.Row % 19 == 4 ? "nan" : r.Size)},1,,{word},{answer},{r.Row}");
    }

    /// <summary>One format's file.</summary>
    /// <param name="Lines">With the header, none with quotes.</param>
    /// <param name="AnyOrder">Whether the order of rows says nothing.</param>
    private sealed record Format(List<string> Lines, string[] MayBeAbsent, string Unreadable, bool AnyOrder);

    private static Format Make(string format)
    {
        var random = new Random(3);
        switch (format)
        {
            case "deskdrop":
                // Readers, each with a second of its own; some stop.
                var start = new DateTimeOffset(2016, 2, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
                return new(["timestamp,eventType,contentId,personId,sessionId,userAgent,userRegion,userCountry",
                    .. Enumerable.Range(0, 125 * 120).Select(i => (Day: i / 120, Reader: i % 120)).Where(v => v.Day % 2 == v.Reader % 2 && (v.Reader % 3 != 1 || v.Day < 10 + v.Reader / 2))
                        .Select(v => string.Create(CultureInfo.InvariantCulture, $"{start + v.Day * 86_400 + v.Reader},VIEW,{v.Day % 9},{v.Reader},,,,"))], ["sessionId", "userAgent", "userRegion", "userCountry"], "noon,VIEW,1,2,,,,", true);
            case "upworthy":
                return new(["index,clickability_test_id,headline,impressions,clicks,test_week",
                    .. Enumerable.Range(0, 300).Select(i => (Index: i, Test: i / 3, Wonder: random.Next(2) == 1))
                        .Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.Index},t{p.Test},{(p.Wonder ? "You will wonder at" : "A note on")} thing {p.Index},3000.0,{(p.Wonder ? 80 : 40) + random.Next(9)}.0,{201301 + p.Test / 2}"))], [], "1,t1,x,many,0,201301", true);
            case "open_bandit":
                return new([",timestamp,item_id,position,click,propensity_score,user_feature_0,user-item_affinity_0,user-item_affinity_1",
                    .. Enumerable.Range(0, 300).Select(i => string.Create(CultureInfo.InvariantCulture, $"{i},t{i},{i % 2},{1 + i / 2 % 3},{(random.Next(8) == 0 ? 1 : 0)},0.5,{"abc"[i % 3]},{i % 5}.0,"))], [""], "0,t,1,1,2,0.5,a,0,0", false);
            default:
                return new(["url,timedelta,links,is_weekend,data_channel_is_tech,shares",
                    .. Enumerable.Range(0, 300).Select(i => (Row: i, Links: random.NextDouble() * 10, Weekend: random.Next(7) < 2 ? 1 : 0))
                        .Select(a => string.Create(CultureInfo.InvariantCulture, $"http://x/{a.Row},{300 - a.Row},{(a.Row % 13 == 0 ? "nan" : a.Links)},{a.Weekend},{(a.Row % 17 == 0 ? "NA" : a.Row % 2)},{(int)Math.Exp(6 + 0.25 * a.Links + 0.3 * a.Weekend)}"))], [], "http://x/y,1,2,0,0,-5", false);
        }
    }

    private async Task<(JsonElement Line, string Remarks)> RunAsync(string format, Format made, IEnumerable<string> lines, string end = "\n", string mark = "")
    {
        // The other file of two is the plain one.
        Write("plain.csv", format == "upworthy" ? made.Lines.Select(line => line.Replace(",t", ",other", StringComparison.Ordinal)) : made.Lines);
        Write("file.csv", lines, end, mark);
        var (plain, file) = (InFolder("plain.csv"), InFolder("file.csv"));
        return await EvaluateRun.OfAsync(format switch
        {
            "deskdrop" => ["segmentation", "--data", file, "--as-of", "2016-06-04"],
            "upworthy" => ["headline", "--train", plain, "--test", file],
            "open_bandit" => ["off-policy", "--logged", file, "--target", plain],
            _ => ["article-performance", "--train", plain, "--test", file],
        });
    }

    private static string Figures(JsonElement line) => string.Join('\n', line.EnumerateObject().Where(p => p.Name is not "seconds").Select(p => p.ToString()));

    private string InFolder(string name) => Path.Combine(_folder, name);

    private void Write(string name, IEnumerable<string> lines, string end = "\n", string mark = "") => File.WriteAllText(InFolder(name), mark + string.Concat(lines.Select(line => line + end)));
}
