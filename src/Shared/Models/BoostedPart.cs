using Media.Features;
using Media.Models.LightGbm;

namespace Media.Models;

/// <summary>A line with trees on it within an estimator: what it learns from, what it minimises, and how to give it other settings.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record BoostedPart
{
    /// <summary>What it answers, where the estimator has several parts; else empty.</summary>
    public string Name { get; init; } = "";

    /// <summary>Folds, line and trees as they are now.</summary>
    public required BoostedOptions Fitting { get; init; }

    /// <summary>What its trees minimise.</summary>
    public required LightGbmObjective Objective { get; init; }

    /// <summary>The scale on which its amounts are learnt. Default <see cref="AmountScale.AsIs"/>.</summary>
    public AmountScale Scale { get; init; } = AmountScale.AsIs;

    /// <summary>The estimator with other settings of this part.</summary>
    public required Func<BoostedOptions, IBoosted> With { get; init; }

    /// <summary>The rows and labels that it learns from, of the estimator's. Default all, as they are.</summary>
    public Func<FeatureBatch, float[], (FeatureBatch X, float[] Y)> Learns { get; init; } = (x, y) => (x, y);

    /// <summary>A probability's part.</summary>
    internal static BoostedPart YesNo(BoostedOptions fitting, Func<BoostedOptions, IBoosted> with) =>
        new() { Fitting = fitting, Objective = LightGbmObjective.Binary, With = with };

    /// <summary>An amount's part.</summary>
    internal static BoostedPart Amount(BoostedAmountOptions options, Func<BoostedAmountOptions, IBoosted> with) =>
        new() { Fitting = options.Fitting, Objective = options.Objective, Scale = options.Scale, With = fitting => with(options with { Fitting = fitting }) };

    /// <summary>What it learns on from, of the estimator's newer rows.</summary>
    /// <exception cref="TooFewRowsException">Their labels are all alike.</exception>
    internal (FeatureBatch Rows, float[] Labels) Newer(FeatureBatch fresh, float[] y, IReadOnlyList<string> features)
    {
        var (x, labels) = Learns(fresh, y);
        if (labels.Length > 0 && labels.Distinct().Count() == 1) throw new TooFewRowsException($"all {labels.Length} newer rows have the label {labels[0]}.");
        return (x.Select(features), labels);
    }

    /// <summary>The labels as its trees see them.</summary>
    internal float[] Targets(float[] labels) => Scale == AmountScale.Log1p ? [.. labels.Select(float.LogP1)] : labels;

    /// <summary>The line beneath its trees.</summary>
    internal LineFamily Family => Objective switch
    {
        LightGbmObjective.Binary => LineFamily.Logistic,
        LightGbmObjective.Poisson or LightGbmObjective.Tweedie or LightGbmObjective.Gamma => LineFamily.Poisson,
        _ => LineFamily.Gaussian,
    };

    /// <summary>The fold of each row: entities whole, labels spread evenly.</summary>
    internal int[] Deal(FeatureBatch rows, float[] labels) =>
        Objective == LightGbmObjective.Binary ? UserFolds.Deal(rows, labels, Fitting.Folds) : UserFolds.DealByAmount(rows, labels, Fitting.Folds);
}
