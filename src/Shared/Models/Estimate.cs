namespace Media.Models;

/// <summary>A figure with its confidence interval.</summary>
/// <remarks>Unit: the metric's own. Low and High: 95 % percentile bootstrap over test rows unless said otherwise; the value may lie outside them.</remarks>
public readonly record struct Estimate(double Value, double Low, double High);

/// <summary>One named metric of one model on one test set.</summary>
/// <param name="Metric">auc, log_loss, ece, lift_at_10_percent or average_precision.</param>
public sealed record MetricEstimate(string Metric, double Value, double Low, double High);
