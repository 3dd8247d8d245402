using System.Globalization;
using Media.Models;

namespace Media.Evaluation;

/// <summary>What <see cref="ModelEvaluation.Evaluate"/> found.</summary>
public sealed record EvaluationResult
{
    /// <summary>The fitted model, ready to save.</summary>
    public required IModel Model { get; init; }

    public required LabelKind Kind { get; init; }

    /// <summary>The metric in which gain and share of the ceiling are stated.</summary>
    public required string Lead { get; init; }

    /// <summary>The lead's value for scores that know nothing.</summary>
    public required double Chance { get; init; }

    public required JudgedModel Judged { get; init; }

    /// <summary>In the order given.</summary>
    public required IReadOnlyList<JudgedModel> Baselines { get; init; }

    /// <summary>The true expected values judged as a model: the best that any model can do; null where unknown.</summary>
    public JudgedModel? Ceiling { get; init; }

    /// <summary>(lead − chance) / (lead of the ceiling − chance); null where the ceiling is unknown, or not beyond chance on these rows.</summary>
    public Estimate? ShareOfCeiling { get; init; }

    /// <summary>What was to be known before each row's as-of, judged as a model: the best that a model can do without hidden traits; null where nobody has worked it out.</summary>
    public JudgedModel? Knowable { get; init; }

    /// <summary>(lead − chance) / (lead of the knowable − chance); null like <see cref="ShareOfCeiling"/>.</summary>
    public Estimate? ShareOfKnowable { get; init; }

    /// <summary>The calibration error that a perfectly calibrated model would show on as many rows; read <c>ece</c> beside it. null for amounts.</summary>
    public required double? CalibrationNoise { get; init; }

    public required BaselineGain Gain { get; init; }
    public required int TestRows { get; init; }

    /// <summary>Share of positives 0–1, or mean amount.</summary>
    public required double TestMeanLabel { get; init; }

    /// <summary>The card's rows of metrics: the model's first, then the baselines'.</summary>
    public IReadOnlyList<ModelMetrics> ForCard() => [Judged.ForCard(), .. Baselines.Select(b => b.ForCard())];

    /// <summary>As <see cref="ForCard"/>, then what bounds them, where it is known.</summary>
    public IReadOnlyList<ModelMetrics> WithBounds() => [.. ForCard(), .. new[] { Knowable, Ceiling }.OfType<JudgedModel>().Select(b => b.ForCard())];
}

/// <summary>One model's scores on the test rows with every metric and curve of them.</summary>
/// <param name="Scores">One per test row, in their order.</param>
/// <param name="Metrics">As <see cref="ModelEvaluation.Metrics"/>, in that order, then those within lists where rows compete.</param>
/// <param name="Roc">From (0, 0) to (1, 1); empty for amounts.</param>
/// <param name="Calibration">Rising in score.</param>
/// <param name="Gains">From (0, 0) to (1, 1); empty for amounts of which some are negative.</param>
public sealed record JudgedModel(string Name, double[] Scores, IReadOnlyList<MetricEstimate> Metrics,
    IReadOnlyList<RocPoint> Roc, IReadOnlyList<CalibrationBin> Calibration, IReadOnlyList<GainPoint> Gains)
{
    /// <exception cref="InvalidOperationException">No such metric.</exception>
    public MetricEstimate this[string metric] => Metrics.First(m => m.Metric == metric);

    public ModelMetrics ForCard() => new(Name, Metrics);
}

/// <summary>The model's lead metric against that of the baseline which did best in it on the test rows.</summary>
/// <param name="Metric">In words.</param>
/// <param name="Difference">Model minus baseline, paired.</param>
public sealed record BaselineGain(string Model, string Baseline, string Metric, Estimate Difference)
{
    /// <summary>The whole interval lies above 0.</summary>
    public bool IsGain => Difference.Low > 0;

    public string Sentence => string.Create(CultureInfo.InvariantCulture,
        $"{Model}: {(IsGain ? "gain" : "no gain")} over {Baseline}, {Metric} {Difference.Value:+0.0000;-0.0000;0.0000} (95 % CI {Difference.Low:+0.0000;-0.0000;0.0000} to {Difference.High:+0.0000;-0.0000;0.0000}).");
}
