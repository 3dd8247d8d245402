using Plotly.NET;
using Chart = Plotly.NET.CSharp.Chart;

namespace Media.Charts;

/// <summary>One policy's cumulative regret over the decisions, with its 95 % band over seeds.</summary>
/// <param name="Round">decisions so far, ascending</param>
/// <param name="Regret">USD lost so far against always choosing the best arm, mean over seeds</param>
public sealed record RegretSeries(string Policy, IReadOnlyList<double> Round, IReadOnlyList<double> Regret, IReadOnlyList<double> Low, IReadOnlyList<double> High);

/// <summary>What each policy loses against the best arm while it learns.</summary>
public static class RegretChart
{
    public static GenericChart Of(string title, IReadOnlyList<RegretSeries> policies)
    {
        var traces = new List<GenericChart>();
        for (var i = 0; i < policies.Count; i++)
        {
            traces.AddRange(ChartStyle.BandBetween(policies[i].Round, policies[i].Low, policies[i].High, $"95 % band, {policies[i].Policy}", i));
            traces.Add(ChartStyle.Line(policies[i].Round, policies[i].Regret, policies[i].Policy, i));
        }
        return Chart.Combine(traces).Titled(title, "ad decisions", "cumulative regret (USD)");
    }
}
