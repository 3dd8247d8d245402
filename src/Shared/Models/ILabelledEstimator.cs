using Media.Sessions;

namespace Media.Models;

/// <summary>A model of one reader's future: besides how to fit, it says which readers are rows and what came of them.</summary>
public interface ILabelledEstimator : IEstimator
{
    /// <summary>Who is a row and what a label 1 means, in one sentence, for the model's card.</summary>
    string LabelDefinition { get; }

    /// <summary>How far after the as-of instant the label looks: the events must be known that far.</summary>
    TimeSpan Horizon { get; }

    /// <summary>Features that may separate the classes almost alone, each with the reason why that is no leak; the leak gate excuses these.</summary>
    IReadOnlyDictionary<string, string> LeakExceptions { get; }

    /// <summary>The same estimator looking this far.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The horizon is not positive.</exception>
    ILabelledEstimator WithHorizon(TimeSpan horizon);

    /// <summary>The label of one reader, from what came at or after the instant; <c>null</c> when the reader is no row then.</summary>
    /// <param name="asOfMicros">µs since the Unix epoch, UTC.</param>
    float? LabelOf(UserTimeline timeline, long asOfMicros);
}
