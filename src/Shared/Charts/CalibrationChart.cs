using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>Reliability: does a predicted 30 % happen in 30 % of the cases, is a predicted amount what comes on average.</summary>
public static class CalibrationChart
{
    /// <param name="predicted">mean prediction per bin, ascending</param>
    /// <param name="observed">mean label per bin: of labels 0 and 1 their share</param>
    /// <param name="low">lower edge of the 95 % interval of the observed mean</param>
    /// <param name="high">upper edge of the 95 % interval of the observed mean</param>
    /// <param name="probability">whether predictions are probabilities rather than amounts</param>
    public static GenericChart Of(string title, IReadOnlyList<double> predicted, IReadOnlyList<double> observed, IReadOnlyList<double> low, IReadOnlyList<double> high, bool probability)
    {
        var (bottom, top) = (Math.Min(0, Math.Min(predicted[0], low.Min())), Math.Max(predicted[^1], high.Max()));
        top += 0.05 * (top - bottom);
        if (probability) top = Math.Min(1, top);
        return Chart.Combine(
        [
            ChartStyle.Dashed([bottom, top], [bottom, top], "perfect"),
            .. ChartStyle.BandBetween(predicted, low, high, "95 % interval", 0),
            Chart.Line<double, double, string>(predicted, observed, ShowMarkers: true, Name: "model", LineColor: ChartStyle.Series(0), LineWidth: 2.2),
        ]).Titled(title, probability ? "predicted probability (bins of equal size)" : "predicted (bins of equal size)", probability ? "observed share" : "observed mean");
    }
}
