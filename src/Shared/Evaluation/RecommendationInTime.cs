using Media.Events;
using Media.Features;
using Media.Models.NextReads;

namespace Media.Evaluation;

/// <summary>How recommendations are judged in the order of time.</summary>
public enum TimeProtocol
{
    /// <summary>One list per reader as of the start, judged by all that follows in the window.</summary>
    Static,
    /// <summary>One list per reader and day (UTC), from all that was known when the day began, judged by that day.</summary>
    Daily,
}

/// <summary>Lists of recommendations made as of instants of a window, with what the readers turned to.</summary>
/// <param name="Ranked">One per instance, ordered by instant, then by reader.</param>
/// <param name="RowsLearnt">Offers that the last ranker learnt from; 0: there was nothing to learn from, and <see cref="CandidateRanker.PlainOrder"/> decided.</param>
public sealed record RecommendationInTimeResult(IReadOnlyList<RankedCandidates> Ranked, int RowsLearnt);

/// <summary>Recommends in the order of time: learns from the instants before a window, recommends within it, and never looks ahead.</summary>
/// <remarks>
/// An instance is a reader with an earlier event who turns for the first time to at least one article that was out before the instant; all such articles are relevant, and all articles
/// that were out and that the reader had not turned to are candidates. The same questions, asked of earlier instants and answered by then, are what is learnt from. Thread-safe.
/// </remarks>
public static class RecommendationInTime
{
    /// <summary>Places of a list.</summary>
    public const int Places = 10;

    private const int DaysLearntFrom = 180;
    private const int DaysBetweenStaticCuts = 3;

    // Traffic before that is too thin for a state to say anything.
    private const int WarmUpDays = 21;

    // A ranker of last month's ways is still good; of last quarter's no longer.
    private const int DaysBetweenFits = 31;

    private static readonly long DayMicros = EpochMicros.Of(TimeSpan.FromDays(1));

    /// <summary>The instances of a window.</summary>
    /// <exception cref="ArgumentException">The window is empty, or not of whole days.</exception>
    public static IReadOnlyList<ReadingInstance> Instances(ArticleLog log, TimeProtocol protocol, DateTimeOffset from, DateTimeOffset to, CancellationToken cancel)
    {
        if (to <= from) throw new ArgumentException($"The window ends at {to:yyyy-MM-dd}, not after its start {from:yyyy-MM-dd}.");
        if ((to - from).Ticks % TimeSpan.TicksPerDay != 0) throw new ArgumentException($"The window is {to - from} long; expected whole days.");
        var start = EpochMicros.Of(from);
        return protocol == TimeProtocol.Static
            ? ReadingInstance.Of(log, [start], to - from, cancel)
            : ReadingInstance.Of(log, [.. Enumerable.Range(0, (int)(to - from).TotalDays).Select(day => start + day * DayMicros)], TimeSpan.FromDays(1), cancel);
    }

    /// <param name="ties">Of equal scores, the article whose id comes first in this order.</param>
    /// <param name="progress">Told what is under way, a line a time.</param>
    /// <exception cref="ArgumentException">The window is empty, nobody turned to anything in it, or the log has no event before it.</exception>
    public static RecommendationInTimeResult Run(ArticleLog log, TimeProtocol protocol, DateTimeOffset from, DateTimeOffset to, IComparer<string> ties, CandidateRankerOptions options,
        Action<string> progress, CancellationToken cancel)
    {
        var instances = Instances(log, protocol, from, to, cancel);
        if (log.IndexAt(EpochMicros.Of(from)) == 0) throw new ArgumentException($"There is no event before {from:yyyy-MM-dd} to recommend from.");
        if (instances.Count == 0) throw new ArgumentException($"No known reader turns to a known article for the first time between {from:yyyy-MM-dd} and {to:yyyy-MM-dd}.");
        var horizon = protocol == TimeProtocol.Static ? to - from : TimeSpan.FromDays(1);
        // The windows of a static protocol overlap, so each says less and trees overfit sooner.
        var fitted = protocol == TimeProtocol.Static ? options with { Trees = options.Trees with { Trees = Math.Max(1, options.Trees.Trees / 2), RowsPerLeaf = 2 * options.Trees.RowsPerLeaf } } : options;
        var ranked = new List<RankedCandidates>(instances.Count);
        var rows = 0;
        foreach (var part in instances.GroupBy(i => (i.CutMicros - EpochMicros.Of(from)) / (DaysBetweenFits * DayMicros)))
        {
            var start = EpochMicros.Of(from) + part.Key * DaysBetweenFits * DayMicros;
            var known = log.Before(start);
            var past = ReadingInstance.Of(known, PastCuts(known, start, horizon, protocol == TimeProtocol.Static ? DaysBetweenStaticCuts : 1), horizon, cancel);
            var ranker = CandidateRanker.Fit(known, past, (hits, relevant) => RankingMetrics.Ndcg(hits, relevant, Places), fitted, cancel);
            rows = ranker.RowsLearnt;
            progress(rows > 0 ? $"{Day(start)}: learnt from {rows:N0} offers of {past.Count:N0} earlier instances, to be judged beside {ranker.PlainOrder}" : $"{Day(start)}: nothing to learn from yet, so by {ranker.PlainOrder}");
            ranked.AddRange(ranker.Rank(log, [.. part], Places, ties, cut => progress($"{Day(cut)}: ranked"), cancel));
        }
        return new RecommendationInTimeResult(ranked, rows);
    }

    /// <summary>Where a list's places hold what the reader turned to.</summary>
    public static bool[] Hits(ReadingInstance instance, IReadOnlyList<int> list) => [.. list.Select(instance.Relevant.Contains)];

    /// <summary>Instants whose horizon is over at the start, the latest exactly then; ascending.</summary>
    private static List<long> PastCuts(ArticleLog known, long startMicros, TimeSpan horizon, int daysBetween)
    {
        var cuts = new List<long>();
        var latest = startMicros - EpochMicros.Of(horizon);
        var earliest = Math.Max(latest - DaysLearntFrom * DayMicros, (known.Count > 0 ? known.Events[0].TimeMicros : latest) + WarmUpDays * DayMicros);
        for (var cut = latest; cut >= earliest; cut -= daysBetween * DayMicros) cuts.Add(cut);
        cuts.Reverse();
        return cuts;
    }

    private static string Day(long micros) => EpochMicros.Instant(micros).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
