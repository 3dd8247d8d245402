using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>One visit of one reader: when its events were.</summary>
/// <param name="Hours">ascending, h since an instant common to all visits; at least one</param>
public sealed record ChartVisit(string Reader, IReadOnlyList<double> Hours);

/// <summary>How events lie in visits: a row per reader, a point per event, those of one visit joined by a line.</summary>
public static class VisitsChart
{
    /// <param name="visits">a reader's in order of time; readers from top to bottom as they first come</param>
    public static GenericChart Of(string title, string hours, IReadOnlyList<ChartVisit> visits)
    {
        // The names are the axis, drawn upwards: readers reversed, so that the first stands on top. Two colours in turn, so that neighbours can be told apart.
        var readers = visits.GroupBy(v => v.Reader).Reverse().ToList();
        var traces = readers.SelectMany(reader => reader.Select((visit, i) => Chart.Line<double, string, string>(
            [.. visit.Hours], [.. visit.Hours.Select(_ => visit.Reader)], ShowMarkers: true, ShowLegend: false, LineColor: ChartStyle.Series(i % 2), MarkerColor: ChartStyle.Series(i % 2), LineWidth: 4)));
        return Chart.Combine(traces).Titled(title, hours, "", width: 1060, height: 160 + 34 * readers.Count, leftMargin: 130);
    }
}
