using System.Globalization;
using Media.Features;
using Media.Models;

namespace Media.Evaluation;

/// <summary>Fits a model and its baselines on one set of rows and judges them on a later one.</summary>
/// <remarks>Pure, thread-safe. All intervals come from the same resamples, so differences are paired.</remarks>
public static class ModelEvaluation
{
    private static readonly IReadOnlyList<(string Name, RankedMetric Of)> Judged =
    [
        ("auc", AreaUnderCurve.Of),
        ("log_loss", LogLoss.Of),
        ("ece", Calibration.Error),
        ("lift_at_10_percent", Lift.AtTenPercent),
        ("average_precision", AveragePrecision.Of),
    ];

    /// <summary>The metrics each result holds, in order.</summary>
    public static IReadOnlyList<string> Metrics { get; } = [.. Judged.Select(m => m.Name)];

    /// <param name="estimator">One output a row: the probability of label 1.</param>
    /// <param name="train">Rows to fit on.</param>
    /// <param name="test">Rows to judge on, later than all of train (<see cref="TimeSplit.Cut"/>); both classes.</param>
    /// <param name="baselines">What the model has to beat, at least one; fitted on the same rows.</param>
    /// <param name="trueProbability">The probability each test label was drawn with, one per test row; null where unknown.</param>
    /// <exception cref="ArgumentException">No baseline, a length differs, the test set has one class, or a model has several outputs or leaves [0, 1].</exception>
    public static EvaluationResult Evaluate(IEstimator estimator, LabelledRows train, LabelledRows test, IReadOnlyList<IEstimator> baselines,
        double[]? trueProbability, BootstrapOptions bootstrap, CancellationToken cancel)
    {
        if (baselines.Count == 0) throw new ArgumentException("No baseline to compare with.");
        if (trueProbability is not null && trueProbability.Length != test.Rows)
            throw new ArgumentException($"trueProbability has {trueProbability.Length} entries but test has {test.Rows} rows.");

        var model = estimator.Fit(train.X, train.Y, cancel);
        List<(string Name, double[] Scores)> scored = [(estimator.Name, Score(model, test.X))];
        foreach (var baseline in baselines)
            scored.Add((baseline.Name, Score(baseline.Fit(train.X, train.Y, cancel), test.X)));
        if (trueProbability is not null) scored.Add(("ceiling", trueProbability));

        RankedRows[] rankings = [.. scored.Select(s => new RankedRows(s.Scores, test.Y))];
        var draws = Bootstrap.Draw(rankings, [.. Judged.Select(m => m.Of)], bootstrap, cancel);
        var judged = new JudgedModel[scored.Count];
        for (var i = 0; i < judged.Length; i++)
            judged[i] = new JudgedModel(scored[i].Name, scored[i].Scores,
                [.. Judged.Select((metric, m) => draws.Estimate(i, m) is var e ? new MetricEstimate(metric.Name, e.Value, e.Low, e.High) : null!)],
                AreaUnderCurve.Curve(rankings[i]), Calibration.Curve(rankings[i], rankings[i].Once, Calibration.DefaultBins), Lift.GainsCurve(rankings[i]));

        const int auc = 0;
        var strongest = Enumerable.Range(1, baselines.Count).MaxBy(i => judged[i].Metrics[auc].Value);
        return new EvaluationResult
        {
            Model = model,
            Judged = judged[0],
            Baselines = judged[1..(1 + baselines.Count)],
            Ceiling = trueProbability is null ? null : judged[^1],
            ShareOfCeiling = trueProbability is null ? null : draws.Compare(0, judged.Length - 1, auc, (a, ceiling) => (a - 0.5) / (ceiling - 0.5)),
            CalibrationNoise = Calibration.NoiseFloor(rankings[0]),
            Gain = new BaselineGain(estimator.Name, judged[strongest].Name, draws.Compare(0, strongest, auc, (a, b) => a - b)),
            TestRows = test.Rows,
            TestBaseRate = test.MeanLabel,
        };
    }

    /// <summary>One score a row.</summary>
    /// <exception cref="ArgumentException">The model has several outputs.</exception>
    internal static double[] Score(IModel model, FeatureBatch x)
    {
        if (model.Outputs != 1) throw new ArgumentException($"The model has {model.Outputs} outputs a row; a probability is one.");
        var scores = new double[x.Rows];
        model.Predict(x, scores);
        return scores;
    }
}

/// <summary>What <see cref="ModelEvaluation.Evaluate"/> found.</summary>
public sealed record EvaluationResult
{
    /// <summary>The fitted model, ready to save.</summary>
    public required IModel Model { get; init; }

    public required JudgedModel Judged { get; init; }

    /// <summary>In the order given.</summary>
    public required IReadOnlyList<JudgedModel> Baselines { get; init; }

    /// <summary>The true probabilities judged as a model: the best that any model can do; null where unknown.</summary>
    public JudgedModel? Ceiling { get; init; }

    /// <summary>(AUC − 0.5) / (AUC of the ceiling − 0.5); null where the ceiling is unknown.</summary>
    public Estimate? ShareOfCeiling { get; init; }

    /// <summary>The calibration error that a perfectly calibrated model would show on as many rows; read <c>ece</c> beside it.</summary>
    public required double CalibrationNoise { get; init; }

    public required BaselineGain Gain { get; init; }
    public required int TestRows { get; init; }

    /// <summary>0–1.</summary>
    public required double TestBaseRate { get; init; }

    /// <summary>The card's rows of metrics: the model's first, then the baselines'.</summary>
    public IReadOnlyList<ModelMetrics> ForCard() => [Judged.ForCard(), .. Baselines.Select(b => b.ForCard())];
}

/// <summary>One model's scores on the test rows with every metric and curve of them.</summary>
/// <param name="Scores">One per test row, in their order.</param>
/// <param name="Metrics">As <see cref="ModelEvaluation.Metrics"/>, in that order.</param>
/// <param name="Roc">From (0, 0) to (1, 1).</param>
/// <param name="Calibration">Rising in score.</param>
/// <param name="Gains">From (0, 0) to (1, 1).</param>
public sealed record JudgedModel(string Name, double[] Scores, IReadOnlyList<MetricEstimate> Metrics,
    IReadOnlyList<RocPoint> Roc, IReadOnlyList<CalibrationBin> Calibration, IReadOnlyList<GainPoint> Gains)
{
    /// <exception cref="InvalidOperationException">No such metric.</exception>
    public MetricEstimate this[string metric] => Metrics.First(m => m.Metric == metric);

    public ModelMetrics ForCard() => new(Name, Metrics);
}

/// <summary>The model's AUC against that of the baseline which did best on the test rows.</summary>
/// <param name="Auc">Model minus baseline, paired.</param>
public sealed record BaselineGain(string Model, string Baseline, Estimate Auc)
{
    /// <summary>The whole interval lies above 0.</summary>
    public bool IsGain => Auc.Low > 0;

    public string Sentence => string.Create(CultureInfo.InvariantCulture,
        $"{Model}: {(IsGain ? "gain" : "no gain")} over {Baseline}, AUC {Auc.Value:+0.0000;-0.0000;0.0000} (95 % CI {Auc.Low:+0.0000;-0.0000;0.0000} to {Auc.High:+0.0000;-0.0000;0.0000}).");
}
