using Media.Features;
using Media.Sessions;

namespace Media.Models;

/// <summary>Rows and what came of them: features from before each instant, labels from after it.</summary>
/// <param name="X">Every feature of <see cref="FeatureCatalog"/>; instants in ascending order, within one the timelines' order.</param>
/// <param name="Y">One per row of X.</param>
public sealed record TrainingSet(FeatureBatch X, float[] Y)
{
    /// <summary>Every reader at every instant at which the estimator gives a label and a session ended before.</summary>
    /// <param name="asOfs">µs since the Unix epoch, UTC; strictly ascending. Give only instants whose horizon lies within the data.</param>
    /// <exception cref="ArgumentException">No instant, or they do not ascend.</exception>
    public static TrainingSet Build(ILabelledEstimator estimator, IReadOnlyList<UserTimeline> timelines, IReadOnlyList<long> asOfs)
    {
        if (asOfs.Count == 0) throw new ArgumentException("There is no as-of instant to take rows at.");
        var timelineOf = timelines.ToDictionary(t => t.UserId);
        var parts = new List<FeatureBatch>();
        var labels = new List<float>();
        foreach (var batch in FeatureCatalog.BuildMany(timelines, asOfs))
        {
            var rows = new List<int>();
            for (var row = 0; row < batch.Rows; row++)
            {
                if (estimator.LabelOf(timelineOf[batch.Users[row]], batch.AsOfMicros[row]) is not { } label) continue;
                rows.Add(row);
                labels.Add(label);
            }
            parts.Add(batch.Take([.. rows]));
        }
        return new TrainingSet(FeatureBatch.Concat(parts), [.. labels]);
    }
}
