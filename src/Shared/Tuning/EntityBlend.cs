using Media.Features;
using Media.Models;

namespace Media.Tuning;

/// <summary>A blend over feature rows of several instants: rows of one entity share a fold, and the latest instant tells the level.</summary>
public static class EntityBlend
{
    private const int Folds = 5;

    /// <param name="y">One label per row: 0 or 1, or an amount.</param>
    /// <param name="tell">Told in a sentence what was found, as it goes.</param>
    /// <returns>The model, which takes values in the order of x's columns, and the rows it was fitted on.</returns>
    /// <exception cref="ArgumentException">Lengths differ, one class only, equal amounts, or fewer entities than folds.</exception>
    public static (BlendedModel Model, BlendRows Rows) Fit(FeatureBatch x, float[] y, LabelKind kind, BlendOptions options, Action<string> tell, CancellationToken cancel)
    {
        if (y.Length != x.Rows) throw new ArgumentException($"y has {y.Length} labels but x has {x.Rows} rows.");
        if (y.Length == 0) throw new ArgumentException("There are no rows to learn from.");
        if (kind == LabelKind.YesNo) BinaryLabels.RequireBoth(y);
        var rows = new BlendRows
        {
            Names = x.Names,
            Values = x.Values,
            Labels = y,
            Kind = kind,
            FoldOf = kind == LabelKind.YesNo ? UserFolds.Deal(x, y, Folds) : UserFolds.DealByAmount(x, y, Folds),
            Latest = x.LatestRows(),
        };
        return (Blend.Fit(rows, options, tell, cancel), rows);
    }
}
