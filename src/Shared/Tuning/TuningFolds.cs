using Media.Models;
using Media.Models.LightGbm;

namespace Media.Tuning;

/// <summary>The rows of a model's part by fold, each with its line fitted and its rows binned: what every candidate grows its trees on.</summary>
/// <remarks>Thread-safe. Dispose when no tree is grown.</remarks>
internal sealed class TuningFolds : IDisposable
{
    private readonly BinnedRows[] _kept;
    private readonly BinnedRows[] _held;

    private TuningFolds(BinnedRows[] kept, BinnedRows[] held) => (_kept, _held) = (kept, held);

    internal int Count => _kept.Length;

    /// <param name="features">The estimator's.</param>
    /// <param name="train">The estimator's training rows, of which the part takes its own.</param>
    /// <param name="fewestRowsPerLeaf">Of any candidate.</param>
    internal static TuningFolds Of(BoostedPart part, IReadOnlyList<string> features, LabelledRows train, int fewestRowsPerLeaf, CancellationToken cancel)
    {
        var (x, y) = part.Learns(train.X, train.Y);
        var (rows, targets, options) = (x.Select(features), part.Targets(y), part.Fitting);
        if (part.Objective == LightGbmObjective.Binary) BinaryLabels.RequireFitting(rows, y);
        else AmountLabels.RequireFitting(rows, y);
        var foldOf = part.Deal(rows, y);
        var parameters = options.Trees with { Objective = part.Objective, RowsPerLeaf = Math.Min(options.Trees.RowsPerLeaf, fewestRowsPerLeaf) };
        var columns = rows.Names.Count;
        var standardisation = Standardisation.Fit(rows.Values, columns);
        var (kept, held) = (new BinnedRows[options.Folds], new BinnedRows[options.Folds]);
        for (var fold = 0; fold < options.Folds; fold++)
        {
            int[] keptRows = [.. Enumerable.Range(0, rows.Rows).Where(r => foldOf[r] != fold)];
            int[] heldRows = [.. Enumerable.Range(0, rows.Rows).Where(r => foldOf[r] == fold)];
            var (keptX, heldX) = (rows.Take(keptRows).Values, rows.Take(heldRows).Values);
            float[] keptY = [.. keptRows.Select(r => targets[r])], heldY = [.. heldRows.Select(r => targets[r])];
            var line = LinearScore.Fit(standardisation, keptX, keptY, options.LineL2, part.Family, options.BeliefAmong(rows.Names), cancel);
            var (start, heldStart) = (new double[keptY.Length], new double[heldY.Length]);
            line.Score(keptX, start);
            line.Score(heldX, heldStart);
            kept[fold] = BinnedRows.Of(new TrainingRows(keptX, columns, keptY, start), [.. Enumerable.Range(0, columns).Select(c => $"column_{c}")], parameters);
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
