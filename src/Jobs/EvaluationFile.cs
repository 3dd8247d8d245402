using System.Globalization;
using Media.Evaluation;
using Media.Models;

namespace Media.Jobs;

/// <summary>An evaluation as the file that the report reads.</summary>
internal static class EvaluationFile
{
    public static EvaluationResultFile Of(ILabelledEstimator estimator, int version, TimeSplit split, LabelledRows train, LabelledRows test, EvaluationResult evaluation,
        LeakReport leaks, IReadOnlyList<FeatureImportance> topFeatures, int seed, CancellationToken cancel)
    {
        var band = RocBand.Of(new RankedRows(evaluation.Judged.Scores, test.Y), new BootstrapOptions { Seed = seed }, cancel);
        List<RocCurve> roc =
        [
            new(estimator.Name, [.. band.Select(p => p.FalsePositiveRate)], [.. band.Select(p => p.TruePositiveRate.Value)], [.. band.Select(p => p.TruePositiveRate.Low)], [.. band.Select(p => p.TruePositiveRate.High)]),
            .. evaluation.Baselines.Select(b => WithoutBand(b, b.Name)),
        ];
        if (evaluation.Ceiling is { } ceiling) roc.Add(WithoutBand(ceiling, "ceiling (true probability)"));
        return new EvaluationResultFile
        {
            Model = estimator.Name, Version = version, Label = estimator.LabelDefinition, TrainRows = train.Rows, TestRows = test.Rows, TestBaseRate = test.MeanLabel,
            TrainAsOf = split.Train, TestAsOf = split.Test,
            Metrics = evaluation.Ceiling is null ? evaluation.ForCard() : [.. evaluation.ForCard(), evaluation.Ceiling.ForCard()],
            ShareOfCeiling = evaluation.ShareOfCeiling, CalibrationNoise = evaluation.CalibrationNoise ?? double.NaN, Gain = evaluation.Gain.Sentence, Roc = roc,
            Calibration = [.. evaluation.Judged.Calibration.Select(b => new CalibrationPoint(b.MeanScore, b.Observed, b.Low, b.High))],
            Lift = [.. evaluation.Judged.Gains.Where(g => g.RowShare > 0).Select(g => new LiftPoint(g.RowShare, g.PositiveShare / g.RowShare))],
            TopFeatures = topFeatures, Leaks = leaks,
        };
    }

    /// <summary>One model's line in a table: name, AUC with interval, log loss, ECE, lift.</summary>
    public static IReadOnlyList<string> Row(ModelMetrics model)
    {
        var of = model.Metrics.ToDictionary(m => m.Metric);
        var (auc, logLoss, ece, lift) = (of["auc"], of["log_loss"], of["ece"], of["lift_at_10_percent"]);
        return [model.Model, Figure(auc.Value, "0.000"), $"{Figure(auc.Low, "0.000")} – {Figure(auc.High, "0.000")}", Figure(logLoss.Value, "0.000"), Figure(ece.Value, "0.000"), Figure(lift.Value, "0.00")];
    }

    private static RocCurve WithoutBand(JudgedModel model, string name) =>
        new(name, [.. model.Roc.Select(p => p.FalsePositiveRate)], [.. model.Roc.Select(p => p.TruePositiveRate)], [], []);

    private static string Figure(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
