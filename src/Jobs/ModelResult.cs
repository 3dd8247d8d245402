using System.Globalization;
using Media.Evaluation;
using Media.Models;

namespace Media.Jobs;

/// <summary>How one supervised model did, with the curves that the report draws: a file that one verb leaves and another shows.</summary>
internal sealed record ModelResult
{
    /// <summary>What a table shows of a model beside its lead metric, where it has it.</summary>
    private static readonly (string Metric, string Heading, string Format)[] Shown =
    [
        ("auc", "AUC", "0.000"), ("r2", "R²", "0.000"), ("log_loss", "log loss", "0.000"), ("mae", "MAE", "0.000"), ("ece", "ECE", "0.000"), ("spearman", "rank corr.", "0.000"),
        ("lift_at_10_percent", "lift@10 %", "0.00"), ("sum_ratio", "Σ pred. / Σ obs.", "0.000"), ("precision_at_top_decile", "prec. top 10 %", "0.000"),
        ("pairwise_accuracy", "pairwise acc.", "0.000"), ("ndcg_at_10", "nDCG@10", "0.000"),
    ];

    public required string Model { get; init; }

    /// <summary>The registry's; 0 when the leak gate refused it.</summary>
    public required int Version { get; init; }
    public required string Label { get; init; }
    public required LabelKind Kind { get; init; }

    /// <summary>The metric that gain and share of the ceiling are stated in.</summary>
    public required string Lead { get; init; }
    public required int TrainRows { get; init; }
    public required int TestRows { get; init; }

    /// <summary>Share of positives, or mean amount.</summary>
    public required double TestMeanLabel { get; init; }
    public required IReadOnlyList<DateTimeOffset> TrainAsOf { get; init; }
    public required DateTimeOffset TestAsOf { get; init; }

    /// <summary>The model's first, then the baselines', then those of the knowable and of the ceiling where they are known.</summary>
    public required IReadOnlyList<ModelMetrics> Metrics { get; init; }
    public required Estimate? ShareOfCeiling { get; init; }
    public required Estimate? ShareOfKnowable { get; init; }

    /// <summary>null for amounts.</summary>
    public required double? CalibrationNoise { get; init; }
    public required string Gain { get; init; }

    /// <summary>Empty for amounts.</summary>
    public required IReadOnlyList<RocCurve> Roc { get; init; }
    public required IReadOnlyList<CalibrationPoint> Calibration { get; init; }
    public required IReadOnlyList<LiftPoint> Lift { get; init; }
    public required IReadOnlyList<FeatureImportance> TopFeatures { get; init; }
    public required LeakReport Leaks { get; init; }

    /// <summary>The model's own lead metric.</summary>
    public MetricEstimate LeadEstimate => Metrics[0].Metrics.First(m => m.Metric == Lead);

    /// <summary>The lead metric as a heading.</summary>
    public string LeadHeading => Heading(Lead);

    public static ModelResult Of(ILabelledEstimator estimator, int version, TimeSplit split, LabelledRows train, LabelledRows test, EvaluationResult evaluation,
        LeakReport leaks, IReadOnlyList<FeatureImportance> topFeatures, int seed, CancellationToken cancel) => new()
    {
        Model = estimator.Name, Version = version, Label = estimator.LabelDefinition, Kind = estimator.Kind, Lead = evaluation.Lead,
        TrainRows = train.Rows, TestRows = test.Rows, TestMeanLabel = test.MeanLabel, TrainAsOf = split.Train, TestAsOf = split.Test,
        Metrics = evaluation.WithBounds(), ShareOfCeiling = evaluation.ShareOfCeiling, ShareOfKnowable = evaluation.ShareOfKnowable, CalibrationNoise = evaluation.CalibrationNoise, Gain = evaluation.Gain.Sentence,
        Roc = estimator.Kind == LabelKind.YesNo ? RocCurves(estimator.Name, test, evaluation, seed, cancel) : [],
        Calibration = [.. evaluation.Judged.Calibration.Select(b => new CalibrationPoint(b.MeanScore, b.Observed, b.Low, b.High))],
        Lift = [.. evaluation.Judged.Gains.Where(g => g.RowShare > 0).Select(g => new LiftPoint(g.RowShare, g.PositiveShare / g.RowShare))],
        TopFeatures = topFeatures, Leaks = leaks,
    };

    /// <summary>Every model and baseline, one row each: name, lead metric with its interval, the other metrics.</summary>
    public (IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<string>> Rows) Table()
    {
        var others = Shown.Where(s => s.Metric != Lead && Metrics[0].Metrics.Any(m => m.Metric == s.Metric)).ToList();
        return (["model", LeadHeading, "95 % CI", .. others.Select(o => o.Heading)], [.. Metrics.Select(model => (IReadOnlyList<string>)
        [
            model.Model, Value(model, Lead, m => Figure(m.Value, "0.000")), Value(model, Lead, m => $"{Figure(m.Low, "0.000")} – {Figure(m.High, "0.000")}"), .. others.Select(o => Value(model, o.Metric, m => Figure(m.Value, o.Format))),
        ])]);

        static string Value(ModelMetrics model, string metric, Func<MetricEstimate, string> text) => model.Metrics.FirstOrDefault(m => m.Metric == metric) is { } found ? text(found) : "–";
    }

    /// <summary>A metric's name as a heading.</summary>
    internal static string Heading(string metric) => Array.Find(Shown, s => s.Metric == metric) is { Metric: not null } known ? known.Heading : metric.Replace('_', ' ');

    private static List<RocCurve> RocCurves(string name, LabelledRows test, EvaluationResult evaluation, int seed, CancellationToken cancel)
    {
        var band = RocBand.Of(new RankedRows(evaluation.Judged.Scores, test.Y), new BootstrapOptions { Seed = seed }, cancel);
        List<RocCurve> roc =
        [
            new(name, [.. band.Select(p => p.FalsePositiveRate)], [.. band.Select(p => p.TruePositiveRate.Value)], [.. band.Select(p => p.TruePositiveRate.Low)], [.. band.Select(p => p.TruePositiveRate.High)]),
            .. evaluation.Baselines.Select(b => WithoutBand(b, b.Name)),
        ];
        if (evaluation.Ceiling is { } ceiling) roc.Add(WithoutBand(ceiling, "ceiling (true probability)"));
        return roc;
    }

    private static RocCurve WithoutBand(JudgedModel model, string name) =>
        new(name, [.. model.Roc.Select(p => p.FalsePositiveRate)], [.. model.Roc.Select(p => p.TruePositiveRate)], [], []);

    private static string Figure(double value, string format) => double.IsNaN(value) ? "–" : value.ToString(format, CultureInfo.InvariantCulture);
}

/// <param name="Low">Lower edge of the 95 % band at each point; empty where none was drawn.</param>
internal sealed record RocCurve(string Name, IReadOnlyList<double> FalsePositiveRate, IReadOnlyList<double> TruePositiveRate, IReadOnlyList<double> Low, IReadOnlyList<double> High);

internal sealed record CalibrationPoint(double Predicted, double Observed, double Low, double High);

internal sealed record LiftPoint(double TopShare, double Lift);
