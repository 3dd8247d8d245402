using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>Cumulative lift: how many times more positives than by chance are in the top share of the scores.</summary>
public static class LiftChart
{
    /// <param name="topShare">share of the rows taken from the top, ascending, in (0, 1]</param>
    /// <param name="lift">positives found there over those expected by chance; 1 = chance</param>
    public static GenericChart Of(string title, IReadOnlyList<double> topShare, IReadOnlyList<double> lift) =>
        Chart.Combine(
        [
            ChartStyle.Dashed([0, 100], [1, 1], "chance"),
            ChartStyle.Line([.. topShare.Select(s => 100 * s)], lift, "model", 0),
        ]).Titled(title, "top of the scores (% of rows)", "lift (× the base rate)");
}
