using Media.Events;
using Media.Features;
using Media.Sessions;

namespace Media.Models;

/// <summary>The label of one reader, from what came at or after the instant; <c>null</c> when the reader is no row then.</summary>
/// <param name="asOfMicros">µs since the Unix epoch, UTC.</param>
internal delegate float? ReaderLabel(UserTimeline timeline, long asOfMicros);

/// <summary>Rows of models about readers: the 59 features as of each grid instant.</summary>
internal static class ReaderRows
{
    /// <summary>Every reader at every instant who has a label and a session that ended before.</summary>
    internal static LabelledRows Of(History history, IReadOnlyList<long> asOfs, TimeSpan horizon, ReaderLabel labelOf, CancellationToken cancel)
    {
        AsOfInstants.Check(asOfs);
        var timelineOf = history.Timelines.ToDictionary(t => t.UserId.Value, StringComparer.Ordinal);
        var parts = new List<FeatureBatch>();
        var labels = new List<float>();
        foreach (var batch in FeatureCatalog.BuildMany(history.Timelines, asOfs))
        {
            cancel.ThrowIfCancellationRequested();
            var rows = new List<int>();
            for (var row = 0; row < batch.Rows; row++)
            {
                if (labelOf(timelineOf[batch.Entities[row]], batch.AsOfMicros[row]) is not { } label) continue;
                rows.Add(row);
                labels.Add(label);
            }
            parts.Add(batch.Take([.. rows]));
        }
        return LabelledRows.Of(FeatureBatch.Concat(parts), [.. labels], horizon);
    }

    /// <summary>The 59 features of the rows' readers.</summary>
    internal static FeatureBatch Features(History known, FeatureBatch rows)
    {
        var parts = new List<FeatureBatch>(rows.Rows);
        for (var row = 0; row < rows.Rows; row++)
            parts.Add(FeatureCatalog.Build([new UserTimeline(new UserId(rows.Entities[row]), known.SessionsOf(rows.Entities[row]))], rows.AsOfMicros[row]));
        return FeatureBatch.Concat(parts);
    }

    /// <summary>Starts of the reader's sessions before an instant, rising.</summary>
    internal static long[] Starts(History history, string reader, long asOfMicros) =>
        [.. history.SessionsOf(reader).TakeWhile(s => s.SessionStartMicros < asOfMicros).Select(s => s.SessionStartMicros)];

    /// <summary>The rows of readers whose latest session ended within this time before as-of.</summary>
    internal static int[] LatelyHere(FeatureBatch readers, TimeSpan within)
    {
        var daysAway = readers.Column("days_since_last_session");
        return [.. Enumerable.Range(0, readers.Rows).Where(row => daysAway[row] <= within.TotalDays)];
    }
}
