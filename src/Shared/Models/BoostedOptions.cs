using Media.Models.LightGbm;

namespace Media.Models;

/// <summary>How a <see cref="BoostedModel"/> is fitted; the defaults hold from some thousand to some hundred thousand rows.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record BoostedOptions
{
    /// <summary>Folds of users, each with a line and trees of its own. Default 5, range 2 – 50.</summary>
    public int Folds { get; init; } = 5;

    /// <summary>L2 penalty on the line's weights, beside a loss summed over rows. Default 30, > 0.</summary>
    public double LineL2 { get; init; } = 30;

    /// <summary>
    /// The feature that estimates the label already, if there is one: the line's penalty leaves its weight free, so that many rows of little signal cannot talk it down, and the other
    /// features only correct it. Default null: all weights are penalised alike.
    /// </summary>
    public string? Belief { get; init; }

    /// <summary>The trees; few leaves, half the rows and a third of the columns each, and slow steps, since many rows of one user say little more than one.</summary>
    public LightGbmParameters Trees { get; init; } = new()
    {
        Trees = 2000,
        LearningRate = 0.03,
        Leaves = 8,
        RowsPerLeaf = 50,
        FeatureShare = 0.3,
        RowShare = 0.5,
        L2 = 10,
        Bins = 63,
        Patience = 60,
    };

    /// <summary>Place of <see cref="Belief"/> among the features; −1 when there is none.</summary>
    /// <exception cref="ArgumentException">It is not among them.</exception>
    internal int BeliefAmong(IReadOnlyList<string> features)
    {
        if (Belief is null) return -1;
        for (var at = 0; at < features.Count; at++)
            if (features[at] == Belief) return at;
        throw new ArgumentException($"Belief is '{Belief}', which is none of the features.");
    }

    /// <exception cref="ArgumentException">A value is out of its range.</exception>
    internal void Check()
    {
        if (Folds is < 2 or > 50) throw new ArgumentException($"Folds is {Folds}; its range is 2 – 50.");
        if (!(LineL2 > 0)) throw new ArgumentException($"LineL2 is {LineL2}; it must be positive.");
        Trees.Check();
    }
}
