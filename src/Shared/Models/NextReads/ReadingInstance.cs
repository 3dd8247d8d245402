using Media.Events;
using Media.Features;

namespace Media.Models.NextReads;

// Which of the articles that are out will a reader turn to next? In order of time that is mostly a question of freshness; taste decides among the fresh.
//   ReadingInstance (this file: who reads what after which instant) · ReadingState (what was known just before) · ReadingFactors (taste, by factors) →
//   CandidateBuilder (one reader's unread articles, narrowed to those worth ranking) → CandidateFeatures (one line a feature)
//   → CandidateRanker (trees that order them), and RecommendationModel.cs in the folder above (the catalogue's model, a brand's articles at a time) → ReadingLists (for serving).

/// <summary>A reader and an instant, with the articles that the reader turns to for the first time in the horizon that begins there.</summary>
/// <param name="CutMicros">µs since the Unix epoch, UTC: nothing from then on is known.</param>
/// <param name="Reader">Index into <see cref="ArticleLog.Readers"/>.</param>
/// <param name="Relevant">Indices into <see cref="ArticleLog.Articles"/>, in the order of their first reading; at least one.</param>
public sealed record ReadingInstance(long CutMicros, int Reader, IReadOnlyList<int> Relevant)
{
    /// <summary>All instances of these cuts: readers who had an event before the cut, and the articles with an event before it that they turn to first in [cut, cut + horizon).</summary>
    /// <remarks>Any act but an impression counts as turning to an article. Ordered by cut, then by reader.</remarks>
    /// <param name="cuts">µs since the Unix epoch, UTC; strictly ascending.</param>
    /// <exception cref="ArgumentException">The cuts do not ascend, or the horizon is not positive.</exception>
    public static IReadOnlyList<ReadingInstance> Of(ArticleLog log, IReadOnlyList<long> cuts, TimeSpan horizon, CancellationToken cancel)
    {
        if (horizon <= TimeSpan.Zero) throw new ArgumentException($"The horizon is {horizon}; it must be positive.");
        for (var c = 1; c < cuts.Count; c++)
            if (cuts[c] <= cuts[c - 1]) throw new ArgumentException($"The cuts must ascend, but {EpochMicros.Instant(cuts[c]):O} follows {EpochMicros.Instant(cuts[c - 1]):O}.");
        var length = EpochMicros.Of(horizon);
        var (firstOfArticle, firstOfReader) = (new long[log.Articles.Count], new long[log.Readers.Count]);
        Array.Fill(firstOfArticle, long.MaxValue);
        Array.Fill(firstOfReader, long.MaxValue);
        var turnedTo = new HashSet<(int, int)>();
        var relevant = new SortedDictionary<(int Cut, int Reader), List<int>>();
        foreach (var e in log.Events)
        {
            if (e.Act == ArticleAct.Impression) continue;
            if (firstOfArticle[e.Article] == long.MaxValue) firstOfArticle[e.Article] = e.TimeMicros;
            if (firstOfReader[e.Reader] == long.MaxValue) firstOfReader[e.Reader] = e.TimeMicros;
            if (!turnedTo.Add((e.Reader, e.Article))) continue;
            cancel.ThrowIfCancellationRequested();
            var known = Math.Max(firstOfArticle[e.Article], firstOfReader[e.Reader]);
            for (var cut = FirstAbove(cuts, Math.Max(known, e.TimeMicros - length)); cut < cuts.Count && cuts[cut] <= e.TimeMicros; cut++)
            {
                if (!relevant.TryGetValue((cut, e.Reader), out var articles)) relevant.Add((cut, e.Reader), articles = []);
                articles.Add(e.Article);
            }
        }
        return [.. relevant.Select(r => new ReadingInstance(cuts[r.Key.Cut], r.Key.Reader, r.Value))];
    }

    /// <summary>At most so many: a sample that depends on cut and reader only, in the order given.</summary>
    internal static IEnumerable<ReadingInstance> Sample(IReadOnlyList<ReadingInstance> instances, int most) => instances.Count <= most
        ? instances
        : Enumerable.Range(0, instances.Count).OrderBy(i => instances[i].Mixed).Take(most).Order().Select(i => instances[i]);

    /// <summary>Evenly spread in [0, 1); depends on cut, reader and article only.</summary>
    internal double Draw(int article) => (Mix(Mixed ^ (ulong)article) >> 11) / (double)(1UL << 53);

    private ulong Mixed => Mix((ulong)CutMicros ^ Mix((ulong)Reader));

    /// <seealso href="https://prng.di.unimi.it/splitmix64.c">Vigna, SplitMix64</seealso>
    private static ulong Mix(ulong bits)
    {
        bits += 0x9E3779B97F4A7C15;
        bits = (bits ^ bits >> 30) * 0xBF58476D1CE4E5B9;
        bits = (bits ^ bits >> 27) * 0x94D049BB133111EB;
        return bits ^ bits >> 31;
    }

    private static int FirstAbove(IReadOnlyList<long> cuts, long micros)
    {
        var (low, high) = (0, cuts.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (cuts[middle] <= micros) low = middle + 1;
            else high = middle;
        }
        return low;
    }
}
