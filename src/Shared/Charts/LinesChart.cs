using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>One line of a figure.</summary>
/// <param name="X">ascending</param>
/// <param name="Y">one per x; NaN leaves a hole</param>
public sealed record LineSeries(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y);

/// <summary>Quantities of one unit over a common axis.</summary>
public static class LinesChart
{
    public static GenericChart Of(string title, string xUnit, string yUnit, IReadOnlyList<LineSeries> series) =>
        Chart.Combine(series.Select((s, i) => ChartStyle.Line(s.X, s.Y, s.Name, i))).Titled(title, xUnit, yUnit);
}
