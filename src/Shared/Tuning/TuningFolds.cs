using Media.Models;
using Media.Models.LightGbm;

namespace Media.Tuning;

/// <summary>A model's training rows by fold, each with its line fitted and its rows binned: what every candidate grows its trees on.</summary>
/// <remarks>Thread-safe. Dispose when no tree is grown.</remarks>
internal sealed class TuningFolds : IDisposable
{
    private readonly BinnedRows[] _kept;
    private readonly BinnedRows[] _held;

    private TuningFolds(BinnedRows[] kept, BinnedRows[] held) => (_kept, _held) = (kept, held);

    internal int Count => _kept.Length;

    /// <param name="fewestRowsPerLeaf">Of any candidate.</param>
    internal static TuningFolds Of(ITunable estimator, LabelledRows train, int fewestRowsPerLeaf, CancellationToken cancel)
    {
        var (rows, options) = (train.X.Select(estimator.Features), estimator.Boosting);
        float[] targets = estimator.Scale == AmountScale.Log1p ? [.. train.Y.Select(float.LogP1)] : train.Y;
        if (estimator.Kind == LabelKind.YesNo) BinaryLabels.RequireFitting(rows, train.Y);
        var foldOf = estimator.Kind == LabelKind.YesNo ? UserFolds.Deal(rows, train.Y, options.Folds) : UserFolds.DealByAmount(rows, train.Y, options.Folds);
        var family = estimator.Objective switch
        {
            LightGbmObjective.Binary => LineFamily.Logistic,
            LightGbmObjective.Poisson or LightGbmObjective.Tweedie or LightGbmObjective.Gamma => LineFamily.Poisson,
            _ => LineFamily.Gaussian,
        };
        var parameters = options.Trees with { Objective = estimator.Objective, RowsPerLeaf = Math.Min(options.Trees.RowsPerLeaf, fewestRowsPerLeaf) };
        var columns = rows.Names.Count;
        var standardisation = Standardisation.Fit(rows.Values, columns);
        var (kept, held) = (new BinnedRows[options.Folds], new BinnedRows[options.Folds]);
        for (var fold = 0; fold < options.Folds; fold++)
        {
            int[] keptRows = [.. Enumerable.Range(0, rows.Rows).Where(r => foldOf[r] != fold)];
            int[] heldRows = [.. Enumerable.Range(0, rows.Rows).Where(r => foldOf[r] == fold)];
            var (x, heldX) = (rows.Take(keptRows).Values, rows.Take(heldRows).Values);
            float[] y = [.. keptRows.Select(r => targets[r])], heldY = [.. heldRows.Select(r => targets[r])];
            var line = LinearScore.Fit(standardisation, x, y, options.LineL2, family, cancel);
            var (start, heldStart) = (new double[y.Length], new double[heldY.Length]);
            line.Score(x, start);
            line.Score(heldX, heldStart);
            kept[fold] = BinnedRows.Of(new TrainingRows(x, columns, y, start), [.. Enumerable.Range(0, columns).Select(c => $"column_{c}")], parameters);
            held[fold] = kept[fold].Like(new TrainingRows(heldX, columns, heldY, heldStart));
        }
        return new TuningFolds(kept, held);
    }

    /// <summary>The candidate's best loss on the fold's rows, grown on all others.</summary>
    internal double Loss(LightGbmParameters parameters, int fold, CancellationToken cancel)
    {
        using var booster = Booster.Train(parameters with { Seed = parameters.Seed + fold }, _kept[fold], _held[fold], cancel);
        return parameters.MetricRises ? -booster.ValidationMetric : booster.ValidationMetric;
    }

    public void Dispose()
    {
        foreach (var part in _kept.Concat(_held)) part.Dispose();
    }
}
