using Media.Models;

namespace Media.Evaluation;

/// <summary>A metric with its name.</summary>
/// <param name="Name">snake_case.</param>
/// <param name="Words">Its name in a sentence; empty for one that never leads.</param>
/// <param name="Chance">What scores that know nothing reach; NaN where that depends on the rows. Higher is better wherever it is a number.</param>
internal sealed record JudgedMetric<TRows>(string Name, Metric<TRows> Of, string Words = "", double Chance = double.NaN) where TRows : JudgedRows;

/// <summary>Which metrics judge what.</summary>
internal static class JudgedMetrics
{
    internal static readonly IReadOnlyList<JudgedMetric<RankedRows>> YesNo =
    [
        new("auc", AreaUnderCurve.Of, "AUC", 0.5),
        new("log_loss", LogLoss.Of),
        new("ece", Calibration.Error),
        new("lift_at_10_percent", Lift.AtTenPercent, "lift at 10 %", 1),
        new("average_precision", AveragePrecision.Of),
    ];

    internal static readonly IReadOnlyList<JudgedMetric<PredictedAmounts>> Amount =
    [
        new("r2", RSquared.Of, "R²", 0),
        new("mae", PredictionError.MeanAbsolute),
        new("rmse", PredictionError.RootMeanSquare),
        new("spearman", Spearman.Of, "rank correlation", 0),
        new("sum_ratio", SumRatio.Of),
        new("precision_at_top_decile", TopShare.PrecisionAtDecile, "precision in the top decile", 0.1),
    ];

    internal static readonly IReadOnlyList<JudgedMetric<RankedLists>> WithinLists =
    [
        new("pairwise_accuracy", PairwiseAccuracy.Of, "pairwise accuracy", 0.5),
        new("rank_correlation", Spearman.WithinLists, "rank correlation within lists", 0),
        new("ndcg_at_10", DiscountedGain.AtTen),
    ];
}

/// <summary>Some metrics of several models on the same resamples.</summary>
internal sealed record MetricPanel(IReadOnlyList<(string Name, string Words, double Chance)> Metrics, BootstrapDraws Draws)
{
    internal static MetricPanel Of<TRows>(IReadOnlyList<TRows> models, IReadOnlyList<JudgedMetric<TRows>> metrics, BootstrapOptions options, CancellationToken cancel) where TRows : JudgedRows =>
        new([.. metrics.Select(m => (m.Name, m.Words, m.Chance))], Bootstrap.Draw(models, [.. metrics.Select(m => m.Of)], options, cancel));

    internal IEnumerable<MetricEstimate> EstimatesOf(int model)
    {
        for (var metric = 0; metric < Metrics.Count; metric++)
        {
            var (value, low, high) = Draws.Estimate(model, metric);
            yield return new MetricEstimate(Metrics[metric].Name, value, low, high);
        }
    }
}
