using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>One amount per name, as a bar each.</summary>
public static class BarChart
{
    /// <param name="unit">of the amounts, e.g. "USD"</param>
    /// <param name="names">from top to bottom, distinct</param>
    /// <param name="amounts">one per name</param>
    public static GenericChart Of(string title, string unit, IReadOnlyList<string> names, IReadOnlyList<double> amounts) =>
        // A bar chart draws upwards: reversed, so that the first name stands on top.
        Chart.Bar<double, string, string>([.. amounts.Reverse()], Keys: names.Reverse().ToArray(), MarkerColor: ChartStyle.Series(0), ShowLegend: false)
            .Titled(title, unit, "", height: Math.Max(300, 150 + 24 * names.Count), leftMargin: 210);
}
