using Media.Models;

namespace Media.Evaluation;

/// <summary>How models of one label are judged.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record Judging
{
    public required LabelKind Kind { get; init; }

    /// <summary>The metric in which the gain over the baselines and the share of the ceiling are stated; one with a known value of chance (<see cref="ModelEvaluation.Leads"/>).
    /// Default: auc for yes or no, r2 for amounts.</summary>
    public string? Lead { get; init; }

    /// <summary>The list in which each test row competes with others, one per row; null: rows of one entity as of one instant are a list.</summary>
    public IReadOnlyList<string>? Lists { get; init; }

    /// <summary>What was to be known of each test label beforehand (<see cref="ILabelledEstimator.KnowableOf"/>), one per row; null where nobody has worked it out.</summary>
    public double[]? Knowable { get; init; }

    /// <summary>Unless it names clusters, the lists given are resampled whole, or else the rows of each entity.</summary>
    public BootstrapOptions Bootstrap { get; init; } = new();
}
