using System.Globalization;
using Media.Kernel.Display;

namespace Media.Tests.Display;

public class DisplayFormatsTests
{
    private sealed record Article(string Title, double Score, DateTimeOffset At, int? Words);

    private sealed class Route
    {
        public override string ToString() => "a → b";
    }

    private sealed class Broken
    {
        public int Fine => 1;
        public int Fails => throw new InvalidOperationException();
    }

    [Fact]
    public void SequenceOfRecords_IsATableInHtmlAndText()
    {
        var forms = DisplayFormats.Of(new[] { new Article("<One>", 0.123456, DateTimeOffset.UnixEpoch, null), new Article("Two", 12.34567, DateTimeOffset.UnixEpoch.AddHours(1), 300) }, null).Forms;

        Assert.Equal("""
            Title  Score    At                    Words
            <One>  0.12346  1970-01-01 00:00:00Z
            Two    12.3457  1970-01-01 01:00:00Z    300
            """.ReplaceLineEndings("\n"), forms["text/plain"]);
        Assert.Contains("<th>Title</th><th>Score</th>", forms["text/html"], StringComparison.Ordinal);
        Assert.Contains("&lt;One&gt;", forms["text/html"], StringComparison.Ordinal);
    }

    [Fact]
    public void LongOrEndlessSequence_IsCutAndSaysSo()
    {
        static IEnumerable<Article> Endless()
        {
            while (true) yield return new Article("x", 1, DateTimeOffset.UnixEpoch, 1);
        }
        Assert.Contains("first 50 rows; there are more", DisplayFormats.Of(Endless(), null).Forms["text/html"], StringComparison.Ordinal);
        Assert.Contains("first 50 of 1,234 rows", DisplayFormats.Of(Endless().Take(1234).ToList(), null).Forms["text/html"], StringComparison.Ordinal);
        Assert.EndsWith(", …]", DisplayFormats.Of(Numbers(), null).Forms["text/plain"], StringComparison.Ordinal);

        static IEnumerable<int> Numbers()
        {
            for (var i = 0; ; i++) yield return i;
        }
    }

    [Fact]
    public void RowsOfSeveralKinds_HaveTheColumnsOfAll()
    {
        var plain = DisplayFormats.Of(new object[] { new { A = 1 }, new { A = 2, B = "x" }, new Broken() }, null).Forms["text/plain"].Split('\n');

        Assert.Equal(["A", "B", "Fine", "Fails"], plain[0].Split(' ', StringSplitOptions.RemoveEmptyEntries));
        Assert.EndsWith("1  (InvalidOperationException)", plain[3], StringComparison.Ordinal);
    }

    [Fact]
    public void Dictionary_IsATableOfKeyAndValue() =>
        Assert.Equal("Key  Value\na        1", DisplayFormats.Of(new Dictionary<string, int> { ["a"] = 1 }, null).Forms["text/plain"]);

    [Theory]
    [InlineData(1.5, "1.5")]
    [InlineData("text", "text")]
    [InlineData(null, "null")]
    [InlineData(new[] { 1, 2 }, "int[2] { 1, 2 }")]
    public void PlainValues_AreText(object? value, string text)
    {
        var forms = DisplayFormats.Of(value, null).Forms;
        Assert.Equal((1, text), (forms.Count, forms["text/plain"]));
    }

    [Fact]
    public void TypeWithItsOwnText_SaysIt() => Assert.Equal("a → b", DisplayFormats.Of(new Route(), null).Forms["text/plain"]);

    [Fact]
    public void RegisteredForm_IsUsedForTheTypeAndThoseDerivedFromIt()
    {
        DisplayFormats.Register<StringWriter>("text/html", w => $"<i>{w}</i>");
        using var value = new StringWriter(CultureInfo.InvariantCulture);
        value.Write("x");
        Assert.Equal("<i>x</i>", DisplayFormats.Of(value, null).Forms["text/html"]);
    }

    [Fact]
    public void ReadyForms_KeepTheirType()
    {
        Assert.Equal("<b>x</b>", DisplayFormats.Of(Notebook.HTML("<b>x</b>"), null).Forms["text/html"]);
        Assert.Equal("<svg/>", DisplayFormats.Of(Notebook.SVG("<svg/>"), null).Forms["image/svg+xml"]);
        Assert.Equal("AQI=", DisplayFormats.Of(Notebook.PNG([1, 2]), null).Forms["image/png"]);
        Assert.Equal("AQI=", DisplayFormats.Of(new byte[] { 1, 2 }, "image/png").Forms["image/png"]);
        Assert.Equal(1, (int)DisplayFormats.Of("""{ "a": 1 }""", "application/json").ToJson()["application/json"]!["a"]!);
        Assert.Throws<ArgumentException>(() => DisplayFormats.Of(5, "image/png"));
    }
}
