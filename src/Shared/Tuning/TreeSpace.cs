using Media.Models.LightGbm;

namespace Media.Tuning;

/// <summary>The settings of boosted trees that a search tries: each drawn by itself, around a given record whose other values stay.</summary>
/// <remarks>
/// The learning rate and the number of trees are not drawn: growing stops by held-out rows, and a search that cuts trees short would favour large steps. Immutable, thread-safe.
/// </remarks>
public sealed record TreeSpace
{
    /// <summary>Leaves of a tree, evenly on a logarithmic scale. Default 4 – 63.</summary>
    public (int Low, int High) Leaves { get; init; } = (4, 63);

    /// <summary>Rows of a leaf, evenly on a logarithmic scale. Default 5 – 150.</summary>
    public (int Low, int High) RowsPerLeaf { get; init; } = (5, 150);

    /// <summary>Share of columns a tree. Default 0.2 – 1.</summary>
    public (double Low, double High) FeatureShare { get; init; } = (0.2, 1);

    /// <summary>Share of rows a tree. Default 0.5 – 1.</summary>
    public (double Low, double High) RowShare { get; init; } = (0.5, 1);

    /// <summary>L2 penalty on leaves, evenly on a logarithmic scale. Default 0.1 – 30.</summary>
    public (double Low, double High) L2 { get; init; } = (0.1, 30);

    /// <summary>Chance that thresholds are drawn instead of sought. Default 0.25.</summary>
    public double RandomThresholds { get; init; } = 0.25;

    /// <summary>The given settings as trial 0, then random ones.</summary>
    /// <param name="trials">≥ 1, with the first.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one trial.</exception>
    public IReadOnlyList<LightGbmParameters> Draw(LightGbmParameters around, int trials, int seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(trials, 1);
        var random = new Random(seed);
        var drawn = new List<LightGbmParameters> { around };
        while (drawn.Count < trials)
            drawn.Add(around with
            {
                Leaves = (int)Math.Round(Scaled(Leaves.Low, Leaves.High)),
                RowsPerLeaf = (int)Math.Round(Scaled(RowsPerLeaf.Low, RowsPerLeaf.High)),
                FeatureShare = Math.Round(Even(FeatureShare), 3),
                RowShare = Math.Round(Even(RowShare), 3),
                L2 = Math.Round(Scaled(L2.Low, L2.High), 3),
                RandomThresholds = random.NextDouble() < RandomThresholds,
            });
        return drawn;

        double Even((double Low, double High) range) => range.Low + (range.High - range.Low) * random.NextDouble();
        double Scaled(double low, double high) => low * Math.Pow(high / low, random.NextDouble());
    }
}
