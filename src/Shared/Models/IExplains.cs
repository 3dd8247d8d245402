using Media.Features;

namespace Media.Models;

/// <summary>How much one feature matters to a model.</summary>
/// <param name="GainShare">Its share of the loss that the trees' splits removed in training, 0 – 1.</param>
/// <param name="MeanAbsoluteShap">Mean over rows of how far it moves the log-odds, either way, ≥ 0.</param>
public sealed record FeatureImportance(string Feature, double GainShare, double MeanAbsoluteShap);

/// <summary>A model that can say why: what each feature adds to each score.</summary>
public interface IExplains
{
    /// <summary>What each feature adds to the log-odds of each row, before calibration: rows × (Features + 1), row-major, the last of a row being the expected score; a row sums to its score.</summary>
    /// <seealso href="https://arxiv.org/abs/1802.03888">Lundberg, Erion, Lee 2018, Consistent Individualized Feature Attribution for Tree Ensembles</seealso>
    double[] Contributions(FeatureBatch x);

    /// <summary>All features, the one with the largest mean |SHAP| over these rows first; equal ones by name.</summary>
    /// <exception cref="ArgumentException">No rows.</exception>
    IReadOnlyList<FeatureImportance> Importances(FeatureBatch x);
}
