using Media.Models.LightGbm;

namespace Media.Models;

/// <summary>An estimator whose boosted trees have settings to search.</summary>
public interface ITunable : ILabelledEstimator
{
    /// <summary>Folds, line and trees as they are now.</summary>
    BoostedOptions Boosting { get; }

    /// <summary>What its trees minimise.</summary>
    LightGbmObjective Objective => Kind == LabelKind.YesNo ? LightGbmObjective.Binary : LightGbmObjective.Regression;

    /// <summary>The scale on which its amounts are learnt.</summary>
    AmountScale Scale => AmountScale.AsIs;

    /// <summary>The same estimator with other settings.</summary>
    ITunable WithBoosting(BoostedOptions boosting);
}
