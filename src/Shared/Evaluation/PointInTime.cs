using Media.Features;
using Media.Models;

namespace Media.Evaluation;

/// <summary>Rows built anew as they could have been at the time: what the leak gate holds the given rows against.</summary>
public static class PointInTime
{
    /// <summary>The rows' features, each from the history cut at its own as-of.</summary>
    /// <remarks>Same rows, same order. One cut per distinct as-of. Pure, thread-safe.</remarks>
    /// <param name="rows">As <see cref="ILabelledEstimator.FeaturesOf"/> takes them, of any as-of instants.</param>
    public static FeatureBatch Rebuild(ILabelledEstimator estimator, History history, FeatureBatch rows, CancellationToken cancel)
    {
        var order = new List<int>(rows.Rows);
        var parts = new List<FeatureBatch>();
        foreach (var instant in Enumerable.Range(0, rows.Rows).GroupBy(row => rows.AsOfMicros[row]))
        {
            cancel.ThrowIfCancellationRequested();
            int[] at = [.. instant];
            order.AddRange(at);
            parts.Add(estimator.FeaturesOf(history.Before(instant.Key), rows.Take(at), cancel));
        }
        var back = new int[order.Count];
        for (var i = 0; i < back.Length; i++) back[order[i]] = i;
        return FeatureBatch.Concat(parts).Take(back);
    }
}
