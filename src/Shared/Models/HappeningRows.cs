using Media.Events;
using Media.Features;
using Media.Features.Offers;

namespace Media.Models;

/// <summary>Rows of models about single happenings between a reader and an article: which of them are taken.</summary>
internal static class HappeningRows
{
    /// <summary>Of each instant's happenings about <paramref name="most"/>, those of one reader at one time together; the choice depends on who and when alone.</summary>
    internal static List<T> Sample<T>(IReadOnlyList<List<T>> byInstant, int most, Func<T, (string Reader, long Micros)> keyOf)
    {
        var kept = new List<T>();
        foreach (var all in byInstant)
        {
            var share = most / (double)Math.Max(1, all.Count);
            foreach (var one in all)
                if (share >= 1 || Draw(keyOf(one)) < share) kept.Add(one);
        }
        return kept;
    }

    /// <summary>A number in [0, 1) that is always the same for a reader at a time.</summary>
    private static double Draw((string Reader, long Micros) key)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in key.Reader) hash = (hash ^ c) * 1099511628211UL;
        hash ^= (ulong)key.Micros * 0x9E3779B97F4A7C15UL;
        hash = (hash ^ (hash >> 30)) * 0xBF58476D1CE4E5B9UL;
        hash = (hash ^ (hash >> 27)) * 0x94D049BB133111EBUL;
        return ((hash ^ (hash >> 31)) >> 11) * (1.0 / (1UL << 53));
    }

    /// <summary>What is seen of the article where it is offered.</summary>
    internal static Look LookOf(ArticleLog log, int article, int title, Surface? surface, int position, long atMicros)
    {
        var known = log.Articles[article];
        return new Look(position, surface, title >= 0, title >= 0 ? TitleForm.Of(log.Titles[title]) : default, known.WordCount ?? double.NaN, ReadingBelief.IsVideo(known),
            known.PublishedAtMicros is { } published ? ReadingFeatures.Hours(published, atMicros) : double.NaN);
    }
}
