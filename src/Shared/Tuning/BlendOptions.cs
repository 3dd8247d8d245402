using Media.Models.LightGbm;

namespace Media.Tuning;

/// <summary>What a blend tries; <see cref="For"/> fits it to the size of a table, so that large ones end in bounded time.</summary>
/// <remarks>Immutable, thread-safe. Nothing is measured by the clock: equal rows give equal models.</remarks>
public sealed record BlendOptions
{
    /// <summary>Settings of boosted trees tried, the defaults first. Default 12, range 1 – 1,000.</summary>
    public int Trials { get; init; } = 12;

    /// <summary>How many of them are blended. Default 3, ≥ 1.</summary>
    public int Finalists { get; init; } = 3;

    public TreeSpace Space { get; init; } = new();

    /// <summary>Where the search starts; its learning rate holds for all.</summary>
    public LightGbmParameters Boosted { get; init; } = new() { Trees = 3000, LearningRate = 0.05, Leaves = 15, RowsPerLeaf = 20, FeatureShare = 0.6, RowShare = 0.8, L2 = 3, Patience = 60 };

    /// <summary>Trees of each forest; 0 for none. Default 200.</summary>
    public int ForestTrees { get; init; } = 200;

    /// <summary>Most leaves of a forest's tree. Default 255.</summary>
    public int ForestLeaves { get; init; } = 255;

    /// <summary>Penalties that each line is tried with, beside a loss summed over rows. Default 0.3 – 300.</summary>
    public IReadOnlyList<double> LinePenalties { get; init; } = [0.3, 3, 30, 300];

    /// <summary>Most numbers in a line's design (rows × its columns); beyond, it learns from evenly chosen rows. Default 20 million.</summary>
    public long LineCells { get; init; } = 20_000_000;

    /// <summary>Threads used; no result depends on it. Default 2.</summary>
    public int SideBySide { get; init; } = 2;

    public int Seed { get; init; } = 1;

    /// <summary>Folds that <see cref="For"/> goes with.</summary>
    public static int FoldsFor(int rows, int columns) => ((long)rows * columns) switch { <= 3_000_000 => 5, <= 8_000_000 => 4, _ => 3 };

    /// <summary>Options for a table of this size.</summary>
    public static BlendOptions For(int rows, int columns)
    {
        var cells = (long)rows * columns;
        var defaults = new BlendOptions();
        return cells switch
        {
            // Small tables: slower steps, which cost little here.
            <= 300_000 => defaults with { Boosted = defaults.Boosted with { LearningRate = 0.03, Leaves = 8, Bins = 127 }, ForestTrees = 300 },
            <= 1_000_000 => defaults,
            <= 3_000_000 => defaults with { Trials = 8, Finalists = 2, Boosted = defaults.Boosted with { LearningRate = 0.08, Leaves = 31, Patience = 40 }, ForestTrees = 100 },
            <= 8_000_000 => defaults with { Trials = 5, Finalists = 2, Boosted = defaults.Boosted with { Trees = 800, LearningRate = 0.1, Leaves = 31, Patience = 30, Bins = 127 }, ForestTrees = 50, LinePenalties = [1, 30] },
            _ => defaults with { Trials = 3, Finalists = 1, Boosted = defaults.Boosted with { Trees = 400, LearningRate = 0.15, Leaves = 63, Patience = 20, Bins = 63 }, ForestTrees = 0, LinePenalties = [10], LineCells = 10_000_000 },
        };
    }
}
