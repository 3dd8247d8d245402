using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>Rows of a table that is appended to without looking at ids, beside the sessions there are.</summary>
public static class RepeatedCountChart
{
    /// <param name="day">days since the first, rising</param>
    /// <param name="rows">rows in the table after that day, ≥ distinct</param>
    /// <param name="distinct">distinct session ids among them</param>
    public static GenericChart Of(string title, IReadOnlyList<double> day, IReadOnlyList<double> rows, IReadOnlyList<double> distinct) =>
        Chart.Combine([ChartStyle.Line(day, rows, "rows appended", 1), ChartStyle.Line(day, distinct, "distinct sessions", 2)]).Titled(title, "days since the first session", "count");
}
