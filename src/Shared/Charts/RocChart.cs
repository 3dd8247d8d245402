using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>One curve of a ROC figure.</summary>
/// <param name="FalsePositiveRate">ascending, in [0, 1]</param>
/// <param name="TruePositiveRate">one per false positive rate, in [0, 1]</param>
/// <param name="Low">lower edge of the band, null for no band</param>
/// <param name="High">upper edge of the band, null for no band</param>
public sealed record RocSeries(string Name, IReadOnlyList<double> FalsePositiveRate, IReadOnlyList<double> TruePositiveRate, IReadOnlyList<double>? Low = null, IReadOnlyList<double>? High = null);

/// <summary>Receiver operating characteristic: how many of the positives are found for how many false alarms.</summary>
public static class RocChart
{
    public static GenericChart Of(string title, IReadOnlyList<RocSeries> series)
    {
        var traces = new List<GenericChart> { ChartStyle.Dashed([0, 1], [0, 1], "chance") };
        for (var i = 0; i < series.Count; i++)
        {
            var s = series[i];
            if (s.Low is not null && s.High is not null) traces.AddRange(ChartStyle.BandBetween(s.FalsePositiveRate, s.Low, s.High, $"95 % band, {s.Name}", i));
            traces.Add(ChartStyle.Line(s.FalsePositiveRate, s.TruePositiveRate, s.Name, i));
        }
        return Chart.Combine(traces).Titled(title, "false positive rate", "true positive rate");
    }
}
