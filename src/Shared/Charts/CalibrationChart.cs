using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>Reliability: does a predicted 30 % happen in 30 % of the cases.</summary>
public static class CalibrationChart
{
    /// <param name="predicted">mean predicted probability per bin, ascending, in [0, 1]</param>
    /// <param name="observed">observed share per bin, in [0, 1]</param>
    /// <param name="low">lower edge of the 95 % interval of the observed share</param>
    /// <param name="high">upper edge of the 95 % interval of the observed share</param>
    public static GenericChart Of(string title, IReadOnlyList<double> predicted, IReadOnlyList<double> observed, IReadOnlyList<double> low, IReadOnlyList<double> high)
    {
        var top = Math.Min(1.0, Math.Max(predicted.Max(), high.Max()) * 1.05);
        return Chart.Combine(
        [
            ChartStyle.Dashed([0, top], [0, top], "perfect"),
            .. ChartStyle.BandBetween(predicted, low, high, "95 % interval", 0),
            Chart.Line<double, double, string>(predicted, observed, ShowMarkers: true, Name: "model", LineColor: ChartStyle.Series(0), LineWidth: 2.2),
        ]).Titled(title, "predicted probability (bins of equal size)", "observed share");
    }
}
