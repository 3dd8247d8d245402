using Media.Models.LightGbm;

namespace Media.Tuning;

/// <summary>The rows binned once and parted by fold: what all trees of a blend are grown on.</summary>
/// <remarks>Thread-safe. Dispose when no tree is grown.</remarks>
internal sealed class BlendFolds : IDisposable
{
    private readonly BinnedRows[] _kept;
    private readonly BinnedRows[] _held;

    private BlendFolds(BinnedRows[] kept, BinnedRows[] held, int[][] heldRows, float[][] heldValues) => (_kept, _held, HeldRows, HeldValues) = (kept, held, heldRows, heldValues);

    internal int Count => _kept.Length;

    /// <summary>The rows of each fold, ascending.</summary>
    internal int[][] HeldRows { get; }

    internal float[][] HeldValues { get; }

    /// <param name="labels">What trees are to learn: the rows' labels or something made of them.</param>
    /// <param name="parameters">Bins, categories and the fewest rows per leaf.</param>
    internal static BlendFolds Of(BlendRows rows, float[] labels, LightGbmParameters parameters)
    {
        var folds = rows.Folds;
        var (kept, held, heldRows, heldValues) = (new BinnedRows[folds], new BinnedRows[folds], new int[folds][], new float[folds][]);
        using var all = BinnedRows.Of(new TrainingRows(rows.Values, rows.Columns, labels), [.. Enumerable.Range(0, rows.Columns).Select(c => $"column_{c}")], parameters);
        for (var fold = 0; fold < folds; fold++)
        {
            heldRows[fold] = [.. Enumerable.Range(0, rows.Rows).Where(r => rows.FoldOf[r] == fold)];
            kept[fold] = all.Take([.. Enumerable.Range(0, rows.Rows).Where(r => rows.FoldOf[r] != fold)]);
            held[fold] = all.Take(heldRows[fold]);
            heldValues[fold] = Values(rows, heldRows[fold]);
        }
        return new BlendFolds(kept, held, heldRows, heldValues);
    }

    /// <summary>The values of some rows.</summary>
    internal static float[] Values(BlendRows rows, int[] chosen)
    {
        var values = new float[(long)chosen.Length * rows.Columns];
        for (var i = 0; i < chosen.Length; i++) rows.Values.AsSpan(chosen[i] * rows.Columns, rows.Columns).CopyTo(values.AsSpan(i * rows.Columns));
        return values;
    }

    /// <summary>Grows on all folds but one, stopped by that one where the trees are boosted, and scores it.</summary>
    internal (Booster Booster, double[] Scores) Grow(LightGbmParameters parameters, int fold, CancellationToken cancel)
    {
        var booster = Booster.Train(parameters with { Seed = parameters.Seed + fold }, _kept[fold], parameters.Forest ? null : _held[fold], cancel);
        return (booster, parameters.Forest ? booster.Predict(HeldValues[fold]) : booster.RawScores(HeldValues[fold]));
    }

    public void Dispose()
    {
        foreach (var part in _kept.Concat(_held)) part.Dispose();
    }
}
