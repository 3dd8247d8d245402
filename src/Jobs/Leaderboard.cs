using System.Globalization;
using Media.Models;

namespace Media.Jobs;

/// <summary>Models and baselines judged on the same rows, best first by one metric, as a table.</summary>
internal static class Leaderboard
{
    /// <summary>What bounds the models without competing with them: these stand last and have no place.</summary>
    private static readonly string[] Bounds = ["knowable", "ceiling"];

    /// <param name="lead">The metric to order by; higher is better.</param>
    /// <param name="judged">At least one, all with the same metrics.</param>
    /// <param name="intervals">Whether every metric stands with its 95 % interval, or only the one ordered by, as a terminal's width asks for.</param>
    public static (IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows) Of(string lead, IReadOnlyList<ModelMetrics> judged, bool intervals)
    {
        string[] metrics = [lead, .. judged[0].Metrics.Select(m => m.Metric).Where(m => m != lead)];
        var ranked = judged.OrderBy(m => Array.IndexOf(Bounds, m.Model)).ThenByDescending(m => Find(m, lead)?.Value ?? double.NegativeInfinity).ToList();
        return (["place", "model", .. metrics.Select(ModelResult.Heading)],
            [.. ranked.Select((m, i) => (IReadOnlyList<string>)[Bounds.Contains(m.Model) ? "–" : (i + 1).ToString(CultureInfo.InvariantCulture), m.Model, .. metrics.Select(metric => Cell(Find(m, metric), intervals || metric == lead))])]);
    }

    private static MetricEstimate? Find(ModelMetrics model, string metric) => model.Metrics.FirstOrDefault(m => m.Metric == metric);

    private static string Cell(MetricEstimate? m, bool interval) =>
        m is null || double.IsNaN(m.Value) ? "–" : string.Create(CultureInfo.InvariantCulture, $"{m.Value:0.000}{(interval ? FormattableString.Invariant($" ({m.Low:0.000} – {m.High:0.000})") : "")}");
}
