using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>How a quantity is spread: counts in bins of equal width, the top 1 % folded into the last bin.</summary>
public static class DistributionChart
{
    /// <param name="values">NaN is left out and counted beside the unit</param>
    /// <param name="unit">of the values, e.g. "s"</param>
    /// <param name="counted">what one value stands for, e.g. "sessions"</param>
    public static GenericChart Of(string title, string unit, string counted, IReadOnlyList<double> values, int bins = 40)
    {
        var known = values.Where(v => !double.IsNaN(v)).Order().ToArray();
        var absent = values.Count - known.Length;
        var shownUnit = absent == 0 ? unit : $"{unit} ({absent.ToString("N0", System.Globalization.CultureInfo.InvariantCulture)} {counted} without a value)";
        if (known.Length == 0) return Chart.Column<int, string, string>([], Name: counted).Titled(title, shownUnit, counted);
        var (low, high) = (known[0], known[(int)Math.Min(known.Length - 1, Math.Ceiling(known.Length * 0.99))]);
        var whole = known.All(v => v == Math.Floor(v)) && high - low < bins;
        var width = whole ? 1 : high > low ? (high - low) / bins : 1;
        var counts = new int[whole ? (int)(high - low) + 1 : bins];
        foreach (var value in known) counts[Math.Clamp((int)((value - low) / width), 0, counts.Length - 1)]++;
        var centres = counts.Select((_, i) => low + (whole ? i : (i + 0.5) * width)).ToArray();
        return Chart.Column<int, double, string>(counts, Keys: centres, MarkerColor: ChartStyle.Series(0), ShowLegend: false)
            .Titled(title, shownUnit, counted);
    }
}
