using Media.Events.Simulator;
using Media.Features;

namespace Media.Models;

/// <summary>What a label is: and so how a model of it is fitted and judged.</summary>
public enum LabelKind
{
    /// <summary>0 or 1; the model gives the probability of 1.</summary>
    YesNo,
    /// <summary>Any finite number; the model gives its expected value.</summary>
    Amount,
}

/// <summary>A model of the future: besides how to fit, it says what its rows are, what came of them, and how its features follow from what was known.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public interface ILabelledEstimator : IEstimator
{
    LabelKind Kind { get; }

    /// <summary>What is a row and what its label means, in a sentence or two, for the model's card.</summary>
    string LabelDefinition { get; }

    /// <summary>How far after a grid instant its rows' labels look: everything must be known that far.</summary>
    TimeSpan Horizon { get; }

    /// <summary>The metric in which it is compared with its baselines and with the ceiling.</summary>
    string LeadMetric => Kind == LabelKind.YesNo ? "auc" : "r2";

    /// <summary>The feature that one would go by without any model: the baseline single_feature reads it, where it is among the features.</summary>
    string RuleOfThumb => "days_since_last_session";

    /// <summary>Whether its rows come from what was done with articles (<see cref="History.Articles"/>), not from sessions alone.</summary>
    bool ReadsArticles => false;

    /// <summary>Features that belong to the row itself and are known at its as-of without any history: the position of an offer, the length of a headline.</summary>
    IReadOnlyList<string> RowFeatures => [];

    /// <summary>Features by group, to ask what leaving a group out costs.</summary>
    IReadOnlyDictionary<string, IReadOnlyList<string>> FeatureGroups => FeatureCatalog.Groups;

    /// <summary>Features that may tell the label almost alone, each with the reason why that is no leak; the leak gate excuses these.</summary>
    IReadOnlyDictionary<string, string> LeakExceptions => NoExceptions;

    /// <summary>The same estimator looking this far; one whose label has a length of its own answers itself.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The horizon is not positive.</exception>
    ILabelledEstimator WithHorizon(TimeSpan horizon) => this;

    /// <summary>The rows of these grid instants, with their labels.</summary>
    /// <remarks>
    /// A row's as-of is its grid instant, or lies between it and the next where rows are single happenings (an offer, a visit). All labels lie within
    /// <see cref="Horizon"/> after the grid instant. Ordered by as-of; the same rows whatever other instants are asked for.
    /// </remarks>
    /// <param name="asOfs">µs since the Unix epoch, UTC; strictly ascending. Give only instants whose horizon lies within the data.</param>
    /// <exception cref="ArgumentException">No instant, or they do not ascend.</exception>
    LabelledRows RowsOf(History history, IReadOnlyList<long> asOfs, CancellationToken cancel);

    /// <summary>The same rows' features, in the same order, from a history that ends before the rows' as-of: what serving can know, and what the leak gate compares with.</summary>
    /// <param name="known">Cut at or before the as-of of every row (<see cref="History.Before"/>).</param>
    /// <param name="rows">Entities, items and as-of instants, and the values of <see cref="RowFeatures"/>; others are not there.</param>
    FeatureBatch FeaturesOf(History known, FeatureBatch rows, CancellationToken cancel);

    /// <summary>The true expected value of each label where readers are simulated: the best that any model can answer; null where the simulator does not know it.</summary>
    double[]? TruthOf(SimulatedTruth truth, LabelledRows rows, History history) => null;

    /// <summary>
    /// The expected value of each label to one who knows how readers are simulated, but of each reader no more than was seen before the row's as-of: the best that a model can answer,
    /// where <see cref="TruthOf"/> knows hidden traits too. null where nobody has worked it out.
    /// </summary>
    double[]? KnowableOf(SimulatedTruth truth, LabelledRows rows, History history) => null;

    private static readonly IReadOnlyDictionary<string, string> NoExceptions = new Dictionary<string, string>();
}
