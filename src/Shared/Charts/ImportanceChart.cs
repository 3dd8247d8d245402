using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>Which features move the score most.</summary>
public static class ImportanceChart
{
    /// <param name="features">the strongest first</param>
    /// <param name="meanAbsShap">mean |SHAP| per feature, in the unit of the model's score, ≥ 0</param>
    public static GenericChart Of(string title, IReadOnlyList<string> features, IReadOnlyList<double> meanAbsShap) =>
        // A bar chart draws upwards: reversed, so that the strongest feature stands on top.
        Chart.Bar<double, string, string>([.. meanAbsShap.Reverse()], Keys: features.Reverse().ToArray(), MarkerColor: ChartStyle.Series(0), ShowLegend: false)
            .Titled(title, "mean |SHAP| (unit of the score)", "", leftMargin: 210);
}
