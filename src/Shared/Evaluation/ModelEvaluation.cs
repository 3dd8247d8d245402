using System.Runtime.ExceptionServices;
using Media.Features;
using Media.Models;

namespace Media.Evaluation;

/// <summary>Fits a model and its baselines on one set of rows and judges them on a later one.</summary>
/// <remarks>Pure, thread-safe. All intervals come from the same resamples, so differences are paired.</remarks>
public static class ModelEvaluation
{
    /// <summary>The metrics that each result of a kind of label holds, in order; where rows compete in lists, those within lists follow (ndcg_at_10 only where no label is negative).</summary>
    public static IReadOnlyList<string> Metrics(LabelKind kind) => kind == LabelKind.YesNo ? [.. JudgedMetrics.YesNo.Select(m => m.Name)] : [.. JudgedMetrics.Amount.Select(m => m.Name)];

    /// <summary>The metrics that can lead a judgement of a kind of label.</summary>
    public static IReadOnlyList<string> Leads(LabelKind kind) =>
    [
        .. JudgedMetrics.YesNo.Where(m => kind == LabelKind.YesNo && double.IsFinite(m.Chance)).Select(m => m.Name),
        .. JudgedMetrics.Amount.Where(m => kind == LabelKind.Amount && double.IsFinite(m.Chance)).Select(m => m.Name),
        .. JudgedMetrics.WithinLists.Where(m => double.IsFinite(m.Chance)).Select(m => m.Name),
    ];

    /// <param name="estimator">One output a row: the probability of label 1, or the expected amount.</param>
    /// <param name="train">Rows to fit on.</param>
    /// <param name="test">Rows to judge on, later than all of train (<see cref="TimeSplit.Cut"/>); both classes, or amounts that differ.</param>
    /// <param name="baselines">What the model has to beat, at least one; fitted on the same rows.</param>
    /// <param name="truth">The expected value of each test label: the probability it was drawn with, or the mean amount; one per test row, null where unknown.</param>
    /// <exception cref="ArgumentException">No baseline, a length differs, the test labels are all alike, a model has several outputs or leaves [0, 1] for a yes or
    /// no, or the lead is none of <see cref="Leads"/> or needs lists where there are none.</exception>
    public static EvaluationResult Evaluate(IEstimator estimator, LabelledRows train, LabelledRows test, IReadOnlyList<IEstimator> baselines,
        double[]? truth, Judging judging, CancellationToken cancel)
    {
        if (baselines.Count == 0) throw new ArgumentException("No baseline to compare with.");
        if (truth is not null && truth.Length != test.Rows) throw new ArgumentException($"truth has {truth.Length} entries but test has {test.Rows} rows.");
        if (judging.Knowable is { } knowable && knowable.Length != test.Rows) throw new ArgumentException($"Knowable has {knowable.Length} entries but test has {test.Rows} rows.");
        if (judging.Lists is { } given && given.Count != test.Rows) throw new ArgumentException($"Lists has {given.Count} entries but test has {test.Rows} rows.");
        var lead = judging.Lead ?? (judging.Kind == LabelKind.YesNo ? "auc" : "r2");
        if (!Leads(judging.Kind).Contains(lead)) throw new ArgumentException($"'{lead}' cannot lead; those that can are {string.Join(", ", Leads(judging.Kind))}.");

        var model = estimator.Fit(train.X, train.Y, cancel);
        List<(string Name, double[] Scores)> scored = [(estimator.Name, Score(model, test.X))];
        // Each is fitted from its own seed, so it is all one who else is being fitted; the model before them has both cores to itself.
        var scores = new double[baselines.Count][];
        try
        {
            Parallel.For(0, baselines.Count, new ParallelOptions { CancellationToken = cancel }, b => scores[b] = Score(baselines[b].Fit(train.X, train.Y, cancel), test.X));
        }
        catch (AggregateException faults)
        {
            ExceptionDispatchInfo.Throw(faults.InnerExceptions[0]); // as if they had been fitted in turn
        }
        scored.AddRange(baselines.Zip(scores, (baseline, of) => (baseline.Name, of)));
        var (knowableAt, ceilingAt) = (Bound("knowable", judging.Knowable), Bound("ceiling", truth));

        var bootstrap = judging.Bootstrap.Clusters is not null ? judging.Bootstrap
            : judging.Bootstrap with { Clusters = judging.Lists is { } named ? Clusters.Of(named) : Clusters.Of(test.X.Entities) };
        var panels = new List<MetricPanel>();
        Curves[] curves;
        double? noise = null;
        if (judging.Kind == LabelKind.YesNo)
        {
            RankedRows[] rows = [.. scored.Select(s => new RankedRows(s.Scores, test.Y))];
            panels.Add(MetricPanel.Of(rows, JudgedMetrics.YesNo, bootstrap, cancel));
            curves = [.. rows.Select(r => new Curves(AreaUnderCurve.Curve(r), Calibration.Curve(r, r.Once, Calibration.DefaultBins), Lift.GainsCurve(r)))];
            noise = Calibration.NoiseFloor(rows[0]);
        }
        else
        {
            PredictedAmounts[] rows = [.. scored.Select(s => new PredictedAmounts(s.Scores, test.Y))];
            panels.Add(MetricPanel.Of(rows, JudgedMetrics.Amount, bootstrap, cancel));
            curves = [.. rows.Select(r => new Curves([], Calibration.Curve(r, bootstrap.Clusters, Calibration.DefaultBins), TopShare.GainsCurve(r)))];
        }
        if (Lists(scored, test, judging.Lists) is { } lists)
            panels.Add(MetricPanel.Of(lists, [.. JudgedMetrics.WithinLists.Where(m => m.Name != "ndcg_at_10" || test.Y.Min() >= 0)], bootstrap, cancel));

        JudgedModel[] judged = [.. scored.Select((s, i) => new JudgedModel(s.Name, s.Scores, [.. panels.SelectMany(p => p.EstimatesOf(i))], curves[i].Roc, curves[i].Calibration, curves[i].Gains))];
        var (panel, at) = panels.SelectMany(p => p.Metrics.Select((m, i) => (p, i))).FirstOrDefault(x => x.p.Metrics[x.i].Name == lead);
        if (panel is null) throw new ArgumentException($"'{lead}' needs test rows that compete in lists, with labels that differ.");
        var (_, words, chance) = panel.Metrics[at];
        var strongest = Enumerable.Range(1, baselines.Count).MaxBy(i => judged[i][lead].Value);
        return new EvaluationResult
        {
            Model = model,
            Kind = judging.Kind,
            Lead = lead,
            Chance = chance,
            Judged = judged[0],
            Baselines = judged[1..(1 + baselines.Count)],
            Ceiling = ceilingAt is { } c ? judged[c] : null,
            ShareOfCeiling = ShareOf(ceilingAt),
            Knowable = knowableAt is { } k ? judged[k] : null,
            ShareOfKnowable = ShareOf(knowableAt),
            CalibrationNoise = noise,
            Gain = new BaselineGain(estimator.Name, judged[strongest].Name, words, panel.Draws.Compare(0, strongest, at, (a, b) => a - b)),
            TestRows = test.Rows,
            TestMeanLabel = test.MeanLabel,
        };

        int? Bound(string name, double[]? scores)
        {
            if (scores is null) return null;
            scored.Add((name, scores));
            return scored.Count - 1;
        }

        // A bound that is not beyond chance on these rows has no share to speak of.
        Estimate? ShareOf(int? bound) => bound is { } b && panel.Draws.Compare(b, b, at, (lift, _) => lift - chance).Low > 0
            ? panel.Draws.Compare(0, b, at, (model, most) => (model - chance) / (most - chance)) : null;
    }

    /// <summary>One score a row.</summary>
    /// <exception cref="ArgumentException">The model has several outputs.</exception>
    internal static double[] Score(IModel model, FeatureBatch x)
    {
        if (model.Outputs != 1) throw new ArgumentException($"The model has {model.Outputs} outputs a row; one number is judged.");
        var scores = new double[x.Rows];
        model.Predict(x, scores);
        return scores;
    }

    /// <summary>The models' lists, or null where no two rows with different labels compete.</summary>
    private static RankedLists[]? Lists(List<(string Name, double[] Scores)> scored, LabelledRows test, IReadOnlyList<string>? named)
    {
        var first = Of(scored[0].Scores);
        return double.IsNaN(PairwiseAccuracy.Of(first, first.Once)) ? null : [first, .. scored.Skip(1).Select(s => Of(s.Scores))];

        RankedLists Of(double[] scores) => named is not null ? RankedLists.Of(scores, test.Y, named)
            : RankedLists.Of(scores, test.Y, [.. test.X.Entities.Zip(test.X.AsOfMicros)]);
    }

    private sealed record Curves(IReadOnlyList<RocPoint> Roc, IReadOnlyList<CalibrationBin> Calibration, IReadOnlyList<GainPoint> Gains);
}
