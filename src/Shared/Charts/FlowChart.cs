using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>Rows at each step of the data's way, on a logarithmic axis.</summary>
public static class FlowChart
{
    public static GenericChart Of(string title, IReadOnlyList<string> steps, IReadOnlyList<long> rows) =>
        Chart.Bar<long, string, string>([.. rows.Reverse()], Keys: steps.Reverse().ToArray(), MarkerColor: ChartStyle.Series(2), ShowLegend: false,
                MultiText: rows.Reverse().Select(r => r.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)).ToArray(), TextPosition: StyleParam.TextPosition.Auto)
            .Titled(title, "rows (log scale)", "", width: 1270, height: 130 + 34 * steps.Count, leftMargin: 210)
            .LogX();

    private static GenericChart LogX(this GenericChart chart) =>
        Plotly.NET.CSharp.GenericChartExtensions.WithXAxisStyle<double, double, string>(chart, AxisType: StyleParam.AxisType.Log);
}
