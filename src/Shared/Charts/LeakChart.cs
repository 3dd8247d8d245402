using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>One way of judging a model.</summary>
/// <param name="Value">the figure, in [0, 1]</param>
/// <param name="Low">lower end of its 95 % interval</param>
/// <param name="High">upper end of its 95 % interval</param>
public sealed record LeakPoint(string Name, double Value, double Low, double High);

/// <summary>The same model's figure, judged honestly and with leaks: a point with its interval each.</summary>
public static class LeakChart
{
    /// <param name="points">from top to bottom</param>
    /// <param name="chance">what a model that knows nothing reaches</param>
    public static GenericChart Of(string title, string figure, IReadOnlyList<LeakPoint> points, double chance)
    {
        // The names are the axis, drawn upwards: reversed, so that the first way stands on top. A line from end to end is an interval.
        string[] names = [.. points.Reverse().Select(p => p.Name)];
        var traces = new List<GenericChart> { Chart.Line<double, string, string>([.. names.Select(_ => chance)], names, Name: "knows nothing", LineColor: Color.fromHex(ChartStyle.Muted), LineDash: StyleParam.DrawingStyle.Dash, LineWidth: 1.4) };
        for (var i = 0; i < points.Count; i++)
        {
            var (point, colour) = (points[i], ChartStyle.Series(i == 0 ? 2 : 1));
            traces.Add(Chart.Line<double, string, string>([point.Low, point.Value, point.High], [point.Name, point.Name, point.Name], ShowMarkers: true, ShowLegend: false, LineColor: colour, MarkerColor: colour, LineWidth: 4));
        }
        return Chart.Combine(traces).Titled(title, figure, "", leftMargin: 250);
    }
}
