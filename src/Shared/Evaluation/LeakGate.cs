using System.ComponentModel.DataAnnotations;
using Media.Features;
using Media.Models;

namespace Media.Evaluation;

/// <summary>Limits and effort of the gate.</summary>
public sealed record LeakGateOptions
{
    /// <summary>No column alone may separate the classes better than this, AUC 0.5–1. Default 0.95.</summary>
    [Range(0.5, 1)] public double MaxSingleFeatureAuc { get; init; } = 0.95;

    /// <summary>No column alone may explain more of amounts than this, R² 0–1, of their ranks or by bins. Default 0.95.</summary>
    [Range(0.0, 1)] public double MaxSingleFeatureR2 { get; init; } = 0.95;

    /// <summary>No column may carry more than this share of the model's AUC above 0.5, or of its R², unless it was rebuilt or listed. Default 0.5.</summary>
    [Range(0.01, 1)] public double MaxFeatureShare { get; init; } = 0.5;

    /// <summary>Fits on shuffled labels, in pairs, 2–50. Default 4 pairs.</summary>
    [Range(2, 50)] public int ShufflePairs { get; init; } = 4;

    /// <summary>Training rows used by the checks that fit, at most, ≥ 100. Default 3,000.</summary>
    [Range(100, int.MaxValue)] public int MaxRows { get; init; } = 3_000;

    /// <summary>Rows computed anew, at most, half from train and half from test, ≥ 2. Default 500.</summary>
    [Range(2, int.MaxValue)] public int RecomputedRows { get; init; } = 500;

    public int Seed { get; init; } = 1;
}

/// <summary>Rows and distinct session ids of one store.</summary>
public sealed record StoreCount(string Store, long Rows, long DistinctSessionIds);

/// <summary>How well an estimator orders labels that depend on nothing.</summary>
/// <param name="Order">AUC for yes or no, Spearman's rank correlation for amounts.</param>
/// <param name="Lists">Lists that the rows make up, those of one entity as of one instant being one; between them nothing ties the labels.</param>
public sealed record NoSignalOrder(double Order, int Lists)
{
    private const int Strata = 20;

    /// <summary>The order of all rows or, where the truth expects more of some than of others, the mean order within twenty parts of about the same truth; parts whose labels are all alike have none.</summary>
    /// <param name="truth">The expected value of each label; null where it is the same for all.</param>
    /// <exception cref="ArgumentException">As <see cref="RankedRows"/> and <see cref="PredictedAmounts"/>.</exception>
    public static NoSignalOrder Of(LabelKind kind, double[] scores, LabelledRows test, double[]? truth = null)
    {
        var lists = test.X.Entities.Zip(test.X.AsOfMicros).Distinct().Count();
        var measure = LeakMeasure.Of(kind);
        if (truth is null || truth.Max() - truth.Min() < 1e-9) return new NoSignalOrder(measure.Order(scores, test.Y), lists);
        var (sum, rows) = (0.0, 0);
        foreach (var stratum in Enumerable.Range(0, test.Rows).OrderBy(row => truth[row]).Chunk((test.Rows + Strata - 1) / Strata))
        {
            float[] labels = [.. stratum.Select(row => test.Y[row])];
            if (labels.Distinct().Count() < 2) continue;
            sum += stratum.Length * measure.Order([.. stratum.Select(row => scores[row])], labels);
            rows += stratum.Length;
        }
        return new NoSignalOrder(sum / rows, lists);
    }
}

/// <summary>What the gate looks at. What is left out is reported as not run, never as passed.</summary>
public sealed record LeakGateInput
{
    public required IEstimator Estimator { get; init; }

    /// <summary>What its labels are, and so how leaks show.</summary>
    public required LabelKind Kind { get; init; }

    /// <summary>The very rows that the estimator is fitted on.</summary>
    public required LabelledRows Train { get; init; }

    /// <summary>The very rows that it is judged on.</summary>
    public required LabelledRows Test { get; init; }

    /// <summary>Feature groups by name, for the ablation; a feature the estimator does not read is passed over.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Groups { get; init; } = new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Features excused from the checks of single columns, each with the reason that goes into the card.</summary>
    public IReadOnlyDictionary<string, string> Exceptions { get; init; } = new Dictionary<string, string>();

    /// <summary>Columns that belong to the row itself (<see cref="ILabelledEstimator.RowFeatures"/>): handed to <see cref="Recompute"/> rather than asked from it.</summary>
    public IReadOnlyList<string> RowFeatures { get; init; } = [];

    /// <summary>Rebuilds rows from a history <b>cut at each row's as-of instant</b>; null leaves the strongest check out.</summary>
    /// <remarks>Gets entities, items and as-of instants in a batch and returns the same rows in the same order. It must drop everything at or after
    /// as-of before it computes: running the same join on the same uncut tables proves nothing.</remarks>
    public Func<FeatureBatch, FeatureBatch>? Recompute { get; init; }

    /// <summary>Counts of the stores that sessions were read from.</summary>
    public IReadOnlyList<StoreCount> Stores { get; init; } = [];

    /// <summary>How the same estimator orders test rows of a simulation without signal.</summary>
    public NoSignalOrder? NoSignal { get; init; }
}

/// <summary>Asks, before a model is saved, whether its figures may come from knowing the answer.</summary>
/// <remarks>
/// <para>Ten checks, one method each in <c>LeakChecks</c>; what they measure with follows the kind of label (<c>LeakMeasure</c>).</para>
/// <list type="bullet">
/// <item><b>What it proves.</b> <c>recomputed</c>: a column that looks past as-of, at labels or at other people's later rows, comes out otherwise
/// when the future is removed first, however weak it is. <c>point_in_time</c>, <c>split</c> and <c>session_ids</c> are exact statements about the rows given.</item>
/// <item><b>What it finds by its shape.</b> <c>single_feature</c>: a column that nearly is the label, also non-monotonically or by being absent;
/// <c>label_mean</c>: a column whose values are label means; <c>dominant_feature</c>: a column that carries half of the model and could not be rebuilt from before as-of (a rebuilt one is reported);
/// <c>shuffled_labels</c>: an estimator that reaches test labels by another road than its arguments.</item>
/// <item><b>What it cannot see.</b> Without <c>Recompute</c>, a column that knows the future moderately well, states an honest-looking
/// newest event, and does not dominate, looks exactly like a good feature. With it, a history that was itself altered later (backfilled
/// events carrying old times) still looks honest.</item>
/// </list>
/// <para>Pure, thread-safe; same input and seed, same report.</para>
/// </remarks>
/// <seealso href="https://doi.org/10.1145/2382577.2382579">Kaufman et al. 2012, Leakage in data mining: formulation, detection, and avoidance</seealso>
public static class LeakGate
{
    /// <exception cref="ArgumentException">Train and test hold other columns than the estimator reads, labels are not of the kind or all alike, or
    /// the recomputed rows are not the rows asked for.</exception>
    public static LeakReport Check(LeakGateInput input, LeakGateOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        var measure = LeakMeasure.Of(input.Kind);
        var columns = input.Estimator.Features;
        var train = new LabelledRows(input.Train.X.Select(columns), input.Train.Y, input.Train.Windows);
        var test = new LabelledRows(input.Test.X.Select(columns), input.Test.Y, input.Test.Windows);
        var sample = LeakChecks.Sample(train, options.MaxRows, options.Seed);
        var fitted = input.Estimator.Fit(sample.X, sample.Y, cancel);
        var (recomputed, proven) = LeakChecks.Recomputed(train, test, input.RowFeatures, input.Recompute, options);
        return new LeakReport
        {
            Checks =
            [
                LeakChecks.SingleFeature(measure, train, test, input.Exceptions, options, cancel),
                LeakChecks.LabelMean(train, test, input.Exceptions),
                LeakChecks.ShuffledLabels(measure, input.Estimator, sample, test, options, cancel),
                LeakChecks.PointInTime(train, test),
                LeakChecks.Split(train, test),
                LeakChecks.GroupAblation(measure, input.Estimator, fitted, sample, test, input.Groups, cancel),
                LeakChecks.DominantFeature(measure, input.Estimator, fitted, sample, test, input.Exceptions, proven, options, cancel),
                LeakChecks.SessionIds(input.Stores),
                LeakChecks.NoSignal(measure, input.NoSignal),
                recomputed,
            ],
            Exceptions = input.Exceptions,
        };
    }
}
