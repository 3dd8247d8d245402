using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>Segments × features: how far each segment's mean lies from all users' mean.</summary>
public static class SegmentChart
{
    private const double Limit = 2;

    /// <param name="z">segments × features, in standard deviations from the mean of all users</param>
    public static GenericChart Of(string title, IReadOnlyList<string> segments, IReadOnlyList<string> features, IReadOnlyList<IReadOnlyList<double>> z)
    {
        // Symmetric around 0 and clipped, so that white always means "as everybody".
        var clipped = z.Select(row => row.Select(v => Math.Clamp(v, -Limit, Limit)));
        var heatmap = Chart.Heatmap<double, string, string, string>(clipped, X: features.ToArray(), Y: segments.ToArray(),
                ColorScale: StyleParam.Colorscale.NewCustom([
                    Tuple.Create(0.0, Color.fromHex("#2166AC")), Tuple.Create(0.5, Color.fromHex("#FFFFFF")), Tuple.Create(1.0, Color.fromHex("#B2182B"))]));
        foreach (var trace in GenericChart.getTraces(heatmap))
        {
            trace.SetProperty("zmin", -Limit);
            trace.SetProperty("zmax", Limit);
        }
        return heatmap.Titled(title, "", "", width: 1270, height: 150 + 48 * segments.Count, leftMargin: 320);
    }
}
