namespace Media.Models;

/// <summary>An estimator made of boosted parts: a search can try other settings of their trees, and its fitted models can learn on from newer rows.</summary>
public interface IBoosted : ILabelledEstimator
{
    /// <summary>Its parts, most often one, in the order in which they are fitted.</summary>
    IReadOnlyList<BoostedPart> Parts { get; }
}
