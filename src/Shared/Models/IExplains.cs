using Media.Features;

namespace Media.Models;

/// <summary>How much one feature matters to a model.</summary>
/// <param name="GainShare">Its share of the loss that the trees' splits removed in training, 0 – 1.</param>
/// <param name="MeanAbsoluteShap">Mean over rows of how far it moves the score, either way, ≥ 0: log-odds for a probability, the amount or its logarithm for an amount.</param>
public sealed record FeatureImportance(string Feature, double GainShare, double MeanAbsoluteShap);

/// <summary>A model that can say why: what each feature adds to each score.</summary>
public interface IExplains
{
    /// <summary>What each feature adds to the score of each row (log-odds before calibration; the amount or its logarithm): rows × (Features + 1), row-major, the last of a row being the expected score; a row sums to its score.</summary>
    /// <seealso href="https://arxiv.org/abs/1802.03888">Lundberg, Erion, Lee 2018, Consistent Individualized Feature Attribution for Tree Ensembles</seealso>
    double[] Contributions(FeatureBatch x);

    /// <summary>All features, the one with the largest mean |SHAP| over these rows first; equal ones by name.</summary>
    /// <exception cref="ArgumentException">No rows.</exception>
    IReadOnlyList<FeatureImportance> Importances(FeatureBatch x);
}
