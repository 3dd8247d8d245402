using Media.Events;
using Media.Features;
using Media.Models;

namespace Media.Evaluation;

/// <summary>How one way of cutting and computing rows makes the same model look.</summary>
/// <param name="Name">honest, random_split, late_features, both.</param>
/// <param name="Accuracy">Share of test rows on the right side of 0.5.</param>
/// <param name="MajorityAccuracy">The accuracy of always giving the commoner answer.</param>
/// <param name="Refusals">What the leak gate's checks of columns, split and point in time say against these rows, a sentence each; empty for honest ones.</param>
public sealed record LeakCase(string Name, int TrainRows, int TestRows, Estimate Auc, Estimate Accuracy, double MajorityAccuracy, IReadOnlyList<string> Refusals);

/// <summary>One model, one question, the same rows: judged honestly, and with the leaks that most often make figures too good.</summary>
/// <remarks>
/// <list type="bullet">
/// <item><b>honest</b>: features from before each row's as-of, trained on earlier instants, judged on a later one.</item>
/// <item><b>random_split</b>: the same features, but test rows drawn at random from all instants: the same reader stands on both sides, some days apart, with label windows that overlap.</item>
/// <item><b>late_features</b>: cut by time, but features computed when the label window had ended, as from a table that knows the whole log.</item>
/// <item><b>both</b>: late features and a random split.</item>
/// </list>
/// Intervals: 95 % percentile bootstrap by entity. Immutable, thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1016/j.patter.2023.100804">Kapoor, Narayanan 2023, Leakage and the reproducibility crisis in machine-learning-based science</seealso>
public sealed record LeakComparison(IReadOnlyList<LeakCase> Cases)
{
    /// <exception cref="ArgumentException">No yes-or-no estimator, or rows that cannot be cut or hold one class only.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop.</exception>
    /// <param name="history">Must reach to the end of the test's label window.</param>
    public static LeakComparison Of(ILabelledEstimator estimator, History history, TimeSplit split, BootstrapOptions bootstrap, CancellationToken cancel)
    {
        if (estimator.Kind != LabelKind.YesNo) throw new ArgumentException($"'{estimator.Name}' foretells amounts; accuracy needs a yes-or-no label.", nameof(estimator));
        var rows = estimator.RowsOf(history, [.. split.Train.Append(split.Test).Select(EpochMicros.Of)], cancel);
        var late = new LabelledRows(rows.X.With(AtWindowEnd(estimator, history, rows, cancel)), rows.Y, rows.Windows);
        return new LeakComparison(
        [
            Judge("honest", split.Cut(rows)), Judge("random_split", AtRandom(split.Cut(rows), bootstrap.Seed)), Judge("late_features", split.Cut(late)), Judge("both", AtRandom(split.Cut(late), bootstrap.Seed)),
        ]);

        LeakCase Judge(string name, (LabelledRows Train, LabelledRows Test) parts)
        {
            cancel.ThrowIfCancellationRequested();
            var (train, test) = parts;
            var scores = new double[test.Rows];
            estimator.Fit(train.X, train.Y, cancel).Predict(test.X, scores);
            var draws = Bootstrap.Draw([new RankedRows(scores, test.Y)], [AreaUnderCurve.Of, AccuracyOf], bootstrap with { Clusters = Clusters.Of(test.X.Entities) }, cancel);
            return new LeakCase(name, train.Rows, test.Rows, draws.Estimate(0, 0), draws.Estimate(0, 1), Math.Max(test.MeanLabel, 1 - test.MeanLabel), Refusals(estimator, history, train, test, bootstrap.Seed, cancel));
        }
    }

    /// <summary>Share of the rows whose score lies on its label's side of 0.5.</summary>
    private static double AccuracyOf(RankedRows rows, ReadOnlySpan<int> counts)
    {
        long right = 0, all = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            all += counts[i];
            if (rows.Scores[i] >= 0.5 == rows.IsPositive[i]) right += counts[i];
        }
        return (double)right / all;
    }

    /// <summary>The rows' features as they stand when their label windows end: the leak.</summary>
    private static float[] AtWindowEnd(ILabelledEstimator estimator, History history, LabelledRows rows, CancellationToken cancel)
    {
        long[] ends = [.. rows.Windows.Select(w => w.EndMicros)];
        var own = rows.X.Select(estimator.RowFeatures);
        var asked = new FeatureBatch(own.Names, own.Entities, ends, own.LatestEventMicros, own.Values, own.Items);
        return PointInTime.Rebuild(estimator, history, asked, cancel).Select(rows.X.Names).Values;
    }

    /// <summary>As many test rows as before, but drawn from all.</summary>
    private static (LabelledRows Train, LabelledRows Test) AtRandom((LabelledRows Train, LabelledRows Test) byTime, int seed)
    {
        var (train, test) = byTime;
        var all = new LabelledRows(FeatureBatch.Concat([train.X, test.X]), [.. train.Y, .. test.Y], [.. train.Windows, .. test.Windows]);
        int[] order = [.. Enumerable.Range(0, all.Rows)];
        new Random(seed).Shuffle(order);
        return (all.Take(order.AsSpan(test.Rows)), all.Take(order.AsSpan(0, test.Rows)));
    }

    private static IReadOnlyList<string> Refusals(ILabelledEstimator estimator, History history, LabelledRows train, LabelledRows test, int seed, CancellationToken cancel)
    {
        var options = new LeakGateOptions { Seed = seed, RecomputedRows = 100 };
        LeakCheck[] checks =
        [
            LeakChecks.Split(train, test),
            LeakChecks.SingleFeature(LeakMeasure.Of(estimator.Kind), train, test, estimator.LeakExceptions, options, cancel),
            LeakChecks.Recomputed(train, test, estimator.RowFeatures, asked => PointInTime.Rebuild(estimator, history, asked, cancel), options).Check,
        ];
        return [.. checks.Where(c => c.Verdict == LeakVerdict.Failed).Select(c => $"{c.Name}: {c.Sentence}")];
    }
}
