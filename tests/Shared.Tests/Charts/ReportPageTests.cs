using System.Text.Json;
using Media.Charts;
using Plotly.NET;

namespace Media.Tests.Charts;

public class ReportPageTests
{
    [Fact]
    public void Page_HoldsItsScript_AndNamesNoOtherHost()
    {
        var html = new ReportPage("Test").Figure(LiftChart.Of("Lift", [0.1, 1], [3, 1])).ToHtml();

        Assert.DoesNotContain("<script src", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<link", html, StringComparison.Ordinal);
        Assert.Contains("draw('figure-1'", html, StringComparison.Ordinal);
        Assert.True(html.Length > 3_000_000, "the plotting script is inside");
    }

    [Fact]
    public void Text_IsEncoded_EvenInFigures()
    {
        var html = new ReportPage("a < b").Paragraph("<b>&").Table(["x"], [["<i>"]]).Figure(LiftChart.Of("</script><script>alert(1)", [1], [1])).ToHtml();

        Assert.Contains("<title>a &lt; b</title>", html, StringComparison.Ordinal);
        Assert.Contains("<p>&lt;b&gt;&amp;</p>", html, StringComparison.Ordinal);
        Assert.Contains("<td>&lt;i&gt;</td>", html, StringComparison.Ordinal);
        Assert.DoesNotContain("</script><script>alert(1)", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Table_RefusesARowOfAnotherWidth() =>
        Assert.Contains("2 cells but the header has 1", Assert.Throws<ArgumentException>(() => new ReportPage("t").Table(["a"], [["1", "2"]])).Message, StringComparison.Ordinal);

    [Fact]
    public void Distribution_CountsEveryKnownValueOnce_AndNamesTheAbsent()
    {
        var values = Enumerable.Range(0, 1_000).Select(i => (double)i).Append(1e9).Append(double.NaN).ToArray();

        using var figure = JsonDocument.Parse(GenericChart.toFigureJson(DistributionChart.Of("Duration", "s", "sessions", values)));

        var counts = figure.RootElement.GetProperty("data")[0].GetProperty("y").EnumerateArray().Select(v => v.GetInt32()).ToList();
        Assert.Equal(1_001, counts.Sum());
        Assert.Contains("1 sessions without a value", figure.RootElement.GetProperty("layout").GetProperty("xaxis").GetProperty("title").GetProperty("text").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Bars_StandInTheOrderGiven_FromTheTop()
    {
        using var figure = JsonDocument.Parse(GenericChart.toFigureJson(BarChart.Of("Revenue", "USD", ["header", "footer"], [3, 1])));

        var bars = figure.RootElement.GetProperty("data")[0];
        Assert.Equal(["footer", "header"], bars.GetProperty("y").EnumerateArray().Select(v => v.GetString()));
        Assert.Equal([1, 3], bars.GetProperty("x").EnumerateArray().Select(v => v.GetDouble()));
    }

    [Fact]
    public void Visits_OfTheFirstReader_StandOnTop_AndNeighboursDifferInColour()
    {
        using var figure = JsonDocument.Parse(GenericChart.toFigureJson(VisitsChart.Of("Visits", "h", [new("a", [0, 0.2]), new("a", [3]), new("b", [1])])));

        var traces = figure.RootElement.GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(["b", "a", "a"], traces.Select(t => t.GetProperty("y")[0].GetString()));
        Assert.NotEqual(traces[1].GetProperty("line").GetProperty("color").GetString(), traces[2].GetProperty("line").GetProperty("color").GetString());
    }

    [Fact]
    public void Lines_HaveTheirNamesAndPoints()
    {
        using var figure = JsonDocument.Parse(GenericChart.toFigureJson(LinesChart.Of("Features", "days", "sessions", [new("one", [0, 1], [5, 6]), new("two", [0, 1], [7, 8])])));

        var traces = figure.RootElement.GetProperty("data").EnumerateArray().ToList();
        Assert.Equal(["one", "two"], traces.Select(t => t.GetProperty("name").GetString()));
        Assert.Equal([7, 8], traces[1].GetProperty("y").EnumerateArray().Select(v => v.GetDouble()));
    }
}
