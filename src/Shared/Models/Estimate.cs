namespace Media.Models;

/// <summary>A figure with its confidence interval.</summary>
/// <remarks>Unit: the metric's own. Low and High: 95 % percentile bootstrap over test rows unless said otherwise; the value may lie outside them.</remarks>
public readonly record struct Estimate(double Value, double Low, double High);

/// <summary>One named metric of one model on one test set.</summary>
/// <param name="Metric">snake_case: auc, log_loss, ece, lift_at_10_percent, average_precision; r2, mae, rmse, spearman, sum_ratio, precision_at_top_decile; pairwise_accuracy, rank_correlation, ndcg_at_10.</param>
public sealed record MetricEstimate(string Metric, double Value, double Low, double High);
