using Plotly.NET;
using Plotly.NET.CSharp;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

// Step 1 of this folder: the look every figure shares. Each other *Chart.cs is one figure, pure: numbers in, figure out, so that a
// notebook shows the very figure the report holds. ReportPage.cs (the last step) lays figures and tables on one self-contained page.

/// <summary>The look that all figures share: colours, fonts, axes, bands.</summary>
public static class ChartStyle
{
    /// <summary>Colour-blind safe (Okabe–Ito), in the order series take them.</summary>
    /// <seealso href="https://jfly.uni-koeln.de/color/">Okabe, Ito 2008, Color Universal Design</seealso>
    public static IReadOnlyList<string> Palette { get; } = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#7F7F7F"];

    internal const string Muted = "#9AA0A6";

    internal static Color Series(int index) => Color.fromHex(Palette[index % Palette.Count]);

    /// <summary>The series' colour at 18 % opacity, for the band around a line.</summary>
    internal static Color Band(int index)
    {
        var hex = Palette[index % Palette.Count];
        return Color.fromString($"rgba({Convert.ToInt32(hex[1..3], 16)},{Convert.ToInt32(hex[3..5], 16)},{Convert.ToInt32(hex[5..7], 16)},0.18)");
    }

    internal static GenericChart Line(IReadOnlyList<double> x, IReadOnlyList<double> y, string name, int series) =>
        Chart.Line<double, double, string>(x, y, Name: name, LineColor: Series(series), LineWidth: 2.2);

    internal static GenericChart Dashed(IReadOnlyList<double> x, IReadOnlyList<double> y, string name) =>
        Chart.Line<double, double, string>(x, y, Name: name, LineColor: Color.fromHex(Muted), LineDash: StyleParam.DrawingStyle.Dash, LineWidth: 1.4);

    /// <summary>Two traces: an invisible lower edge and an upper edge filled down to it.</summary>
    internal static IEnumerable<GenericChart> BandBetween(IReadOnlyList<double> x, IReadOnlyList<double> low, IReadOnlyList<double> high, string name, int series) =>
    [
        Chart.Line<double, double, string>(x, low, ShowLegend: false, LineWidth: 0.0, LineColor: Band(series)),
        Chart.Line<double, double, string>(x, high, Name: name, LineWidth: 0.0, LineColor: Band(series), Fill: StyleParam.Fill.ToNext_y, FillColor: Band(series)),
    ];

    /// <summary>Title, axis titles with units, size and the shared look.</summary>
    internal static GenericChart Titled(this GenericChart chart, string title, string xTitle, string yTitle, int width = 620, int height = 420, int leftMargin = 70)
    {
        var layout = new Layout();
        layout.SetProperty("title", new Dictionary<string, object> { ["text"] = title, ["x"] = 0.02, ["font"] = new Dictionary<string, object> { ["size"] = 16 } });
        layout.SetProperty("font", new Dictionary<string, object> { ["family"] = "system-ui, 'Helvetica Neue', Arial, sans-serif", ["size"] = 13, ["color"] = "#202124" });
        layout.SetProperty("paper_bgcolor", "#ffffff");
        layout.SetProperty("plot_bgcolor", "#ffffff");
        layout.SetProperty("margin", new Dictionary<string, object> { ["l"] = leftMargin, ["r"] = 24, ["t"] = 52, ["b"] = 92 });
        layout.SetProperty("legend", new Dictionary<string, object> { ["orientation"] = "h", ["y"] = -0.2, ["x"] = 0, ["yanchor"] = "top" });
        layout.SetProperty("bargap", 0.08);
        return GenericChart.addLayout(layout, chart)
            .WithXAxisStyle<double, double, string>(TitleText: xTitle, ShowLine: true, LineColor: Color.fromHex("#5F6368"), ShowGrid: true, GridColor: Color.fromHex("#ECEFF1"), ZeroLine: false)
            .WithYAxisStyle<double, double, string>(TitleText: yTitle, ShowLine: true, LineColor: Color.fromHex("#5F6368"), ShowGrid: true, GridColor: Color.fromHex("#ECEFF1"), ZeroLine: false)
            .WithSize(width, height);
    }
}
