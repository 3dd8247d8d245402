using System.Buffers;
using System.IO.Compression;
using System.Text;
using Media.Events;
using Media.Events.Archives;

namespace Media.Tests.Events.Archives;

public class DeskdropArchiveTests
{
    private const string Header = "timestamp,eventType,contentId,personId,sessionId,userAgent,userRegion,userCountry\n";
    private const string Chrome = "\"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/48.0.2564.116 Safari/537.36\"";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void View_IsAnArticleViewWithNothingInvented()
    {
        var e = Assert.IsType<ArticleView>(Read($"{Header}1457963676,VIEW,80,-38,-87,{Chrome},SP,BR\n").Single());
        var expected = new ArticleView
        {
            EventId = e.EventId, EventTimeMicros = 1_457_963_676_000_000, UserId = new UserId("-38"), SchemaVersion = SchemaVersions.Archive, ClientSessionId = "-87",
            DeviceType = DeviceType.Desktop, DeviceOs = "Linux", Browser = "Chrome", Country = "BR", ExtraJson = "{\"user_region\":\"SP\"}",
            Article = new Article("80", null, null, null, null, null),
        };
        Assert.Equal(expected, e);
        Assert.Equal(7, e.EventId.Value.Version);
        Assert.Equal(1_457_963_676_000, Convert.ToInt64(e.EventId.ToString().Replace("-", "", StringComparison.Ordinal)[..12], 16));
    }

    [Theory]
    [InlineData("LIKE", ReactionKind.Like)]
    [InlineData("COMMENT CREATED", ReactionKind.Comment)]
    [InlineData("BOOKMARK", ReactionKind.Bookmark)]
    [InlineData("FOLLOW", ReactionKind.Follow)]
    public void Reaction_IsOfItsKind(string eventType, ReactionKind kind) =>
        Assert.Equal(kind, Assert.IsType<Reaction>(Read($"{Header}1457963676,{eventType},80,-38,-87,,,\n").Single()).Kind);

    [Fact]
    public void UnknownPlaceAndAgent_AreNull()
    {
        var e = Read($"{Header}1457963676,VIEW,80,-38,-87,,?,ZZ\n").Single();
        Assert.Equal((null, null, null, null, null), (e.Country, e.ExtraJson, e.DeviceType, e.DeviceOs, e.Browser));
    }

    [Theory]
    [InlineData("Android - Native Mobile App", DeviceType.App, "Android", null)]
    [InlineData("iOS - Native Mobile App", DeviceType.App, "iOS", null)]
    [InlineData("Mozilla/5.0 (iPad; CPU OS 9_3_2 like Mac OS X) AppleWebKit/601.1 (KHTML, like Gecko) CriOS/51.0 Mobile/13F69 Safari/601.1.46", DeviceType.Tablet, "iOS", "Chrome")]
    [InlineData("Mozilla/5.0 (iPhone; CPU iPhone OS 9_3 like Mac OS X) AppleWebKit/601.1 (KHTML, like Gecko) Version/9.0 Mobile/13E233 Safari/601.1", DeviceType.Mobile, "iOS", "Safari")]
    [InlineData("Mozilla/5.0 (Linux; Android 6.0; XT1097 Build/MPE24) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/49.0 Mobile Safari/537.36", DeviceType.Mobile, "Android", "Chrome")]
    [InlineData("Mozilla/5.0 (Linux; Android 5.0; SM-T520) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/49.0 Safari/537.36", DeviceType.Tablet, "Android", "Chrome")]
    [InlineData("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/46.0 Safari/537.36 Edge/13.10586", DeviceType.Desktop, "Windows", "Edge")]
    [InlineData("Mozilla/5.0 (Macintosh; Intel Mac OS X 10.11; rv:46.0) Gecko/20100101 Firefox/46.0", DeviceType.Desktop, "macOS", "Firefox")]
    [InlineData("curl/7.1", null, null, null)]
    public void Agent_TellsDeviceSystemAndBrowser(string agent, DeviceType? device, string? os, string? browser) =>
        Assert.Equal(new UserAgent(device, os, browser), UserAgent.Read(agent));

    [Fact]
    public void RowStandingTwice_IsTwoEventsWithTheSameIdsEachTime()
    {
        const string Row = "1457963676,VIEW,80,-38,-87,,,\n";
        var ids = Read(Header + Row + Row + Row).Select(e => e.EventId).ToList();
        Assert.Equal(3, ids.Distinct().Count());
        Assert.Equal(ids, Read(Header + Row + Row + Row).Select(e => e.EventId));
    }

    [Fact]
    public void ColumnsInAnotherOrder_AreFoundByName()
    {
        var e = Read("personId,eventType,contentId,timestamp,sessionId,userCountry,userAgent,userRegion,more\n7,VIEW,80,1457963676,1,BR,,,x\n").Single();
        Assert.Equal(("7", "BR"), (e.UserId.Value, e.Country));
    }

    [Theory]
    [InlineData("", "data.csv is empty: not even column names.")]
    [InlineData("timestamp,eventType,contentId\n", "data.csv has no column 'personId'; it has timestamp, eventType, contentId.")]
    [InlineData(Header + "noon,VIEW,80,-38,-87,,,\n", "data.csv row 1 has the timestamp 'noon', which is not in seconds since 1970.")]
    [InlineData(Header + "1457963677,STARE,80,-38,-87,,,\n", "data.csv has only rows of an unknown eventType, such as 'STARE'; known are VIEW, LIKE, COMMENT CREATED, BOOKMARK, FOLLOW.")]
    [InlineData(Header + "1457963676,VIEW,80\n", "data.csv row 1 has 3 fields where 8 are named.")]
    [InlineData(Header + "1457963676,VIEW,80,,-87,,,\n", "data.csv row 1 has the personId '', which is not of 1–64 characters.")]
    [InlineData(Header + "1457963676,VIEW,,-38,-87,,,\n", "data.csv row 1 has no contentId.")]
    [InlineData(Header + "1457963676000,VIEW,80,-38,-87,,,\n", "data.csv row 1 has the timestamp '1457963676000', which is not in seconds since 1970.")]
    public void FileWithoutOneGoodRow_SaysWhy(string csv, string message) => Assert.StartsWith(message, Assert.Throws<InvalidDataException>(() => Read(csv)).Message, StringComparison.Ordinal);

    [Fact]
    public void UnreadableRowAndUnknownType_AreLeftOutAndTold()
    {
        const string Row = "1457963676,VIEW,80,-38,-87,,,\n";
        var told = new List<string>();
        Assert.Equal(2, Read(Header + Row + "1457963677,STARE,80,-38,-87,,,\nnoon,VIEW,80,-38,-87,,,\n" + Row, told.Add).Count);
        Assert.Equal(["1 of 4 rows cannot be read and are left out; the first: data.csv row 3 has the timestamp 'noon', which is not in seconds since 1970.",
            "data.csv: 1 of 3 rows are of an unknown eventType, such as 'STARE', and are left out."], told);
    }

    [Fact]
    public void RowsInAnyOrder_ComeInThatOfTime()
    {
        var rows = Enumerable.Range(0, 300).Select(i => $"{1457963676 + i / 3},VIEW,{i},-38,-87,,,\n").ToArray();
        var inOrder = Read(Header + string.Concat(rows));
        // Rows of one second keep their order, so each second's are moved together.
        Assert.Equal(inOrder, Read(Header + string.Concat(rows.Chunk(3).Reverse().SelectMany(second => second))));
    }

    [Fact]
    public void AbsentColumnsAndSecondsAsDecimals_AreAsEmptyAndWhole() =>
        Assert.Equal(Read($"{Header}1457963676,VIEW,80,-38,,,,\n"), Read("personId,contentId,eventType,timestamp\r\n-38, 80,VIEW,1457963676.0\r\n"));

    [Fact]
    public void QuoteNeverClosed_IsAFaultOfItsRow() =>
        Assert.StartsWith("data.csv row 1 ", Assert.Throws<InvalidDataException>(() => Read(Header + "1457963676,VIEW,80,-38,-87,\"Mozilla,SP,BR\n")).Message, StringComparison.Ordinal);

    [Fact]
    public void Gzip_IsReadByItsName() => Assert.Equal(2, ReadGzip(Gzip(Header + "1457963676,VIEW,80,-38,-87,,,\n1457963677,VIEW,80,-38,-87,,,\n")).Count);

    [Fact]
    public void NotGzip_SaysSo() =>
        Assert.Equal("data.csv.gz is not a gzip file, or it is damaged.", Assert.Throws<InvalidDataException>(() => ReadGzip(Encoding.UTF8.GetBytes(Header))).Message);

    [Fact]
    public void GzipCutOffAnywhere_SaysSo()
    {
        var whole = Gzip(Header + string.Concat(Enumerable.Range(0, 300).Select(i => $"{1457963676 + i},VIEW,{i * 7919},-{i},-87,,,\n")));
        Assert.Equal(300, ReadGzip(whole).Count);
        for (var length = 0; length < whole.Length; length++)
        {
            var fault = Assert.Throws<InvalidDataException>(() => ReadGzip(whole[..length]));
            Assert.StartsWith("data.csv.gz is ", fault.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void RealFile_IsWholeAndReadsBackFromItsJson()
    {
        var path = SharedData.PathOrSkip("data", "deskdrop", "interactions_20160314_20161130.csv.gz");
        using var file = File.OpenRead(path);
        var events = DeskdropArchive.Read(file, path, Assert.Fail, Cancel).ToList();
        Assert.Equal(64_054, events.Count);
        Assert.Equal(64_054, events.Select(e => e.EventId).Distinct().Count());
        Assert.Equal(1_792, events.Select(e => e.UserId).Distinct().Count());
        Assert.Equal(2_669, events.Select(e => e.Article!.ArticleId).Distinct().Count());
        Assert.Equal(54_138, events.OfType<ArticleView>().Count());
        Assert.Equal(new DateTimeOffset(2016, 3, 14, 13, 54, 36, TimeSpan.Zero), events[0].EventTime);
        Assert.Equal(15_394, events.Count(e => e.DeviceType is null));
        Assert.Equal(6_428 + 27, events.Count(e => e.DeviceType is DeviceType.App));

        var reader = new EventReader();
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var e in events)
        {
            buffer.ResetWrittenCount();
            EventWriter.Write(e, buffer);
            Assert.True(reader.TryRead(buffer.WrittenSpan, EventGen.ReceivedAt, 0, 0, out var read, out _));
            Assert.Equal(e, read);
        }
    }

    private static List<MediaEvent> Read(string csv, Action<string>? tell = null) => [.. DeskdropArchive.Read(new MemoryStream(Encoding.UTF8.GetBytes(csv)), "data.csv", tell ?? Assert.Fail, Cancel)];

    private static List<MediaEvent> ReadGzip(byte[] bytes) => [.. DeskdropArchive.Read(new MemoryStream(bytes), "data.csv.gz", Assert.Fail, Cancel)];

    private static byte[] Gzip(string text)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Optimal)) gzip.Write(Encoding.UTF8.GetBytes(text));
        return bytes.ToArray();
    }
}
