namespace Media.Models;

/// <summary>Words for what sets a segment apart from all readers.</summary>
internal static class SegmentName
{
    // Below half a standard deviation a segment is like everybody in that respect.
    private const double Least = 0.5;

    /// <summary>The features that segments are made of, each with a word for readers far above and far below the mean.</summary>
    /// <remarks>How often a reader comes stands once: totals over the same visits would count it again and rule every distance.</remarks>
    internal static IReadOnlyList<(string Feature, string High, string Low)> Words { get; } =
    [
        ("sessions_28d", "frequent", "infrequent"),
        ("days_since_last_session", "lapsing", "recent"),
        ("avg_session_duration_s", "long-staying", "brief"),
        ("avg_article_views", "much-reading", "little-reading"),
        ("click_through_rate", "often-clicking", "seldom-clicking"),
        ("avg_video_plays", "video-watching", "video-skipping"),
        ("avg_searches", "searching", "never-searching"),
        ("newsletter_signup_rate", "newsletter-taking", "newsletter-free"),
        ("content_diversity", "wide-ranging", "single-topic"),
        ("brand_loyalty", "one-brand", "brand-hopping"),
    ];

    /// <summary>One name per segment, all different: its two strongest traits in words, more where two segments share those.</summary>
    /// <param name="zScores">Per segment one per <see cref="Words"/>.</param>
    internal static string[] Of(IReadOnlyList<IReadOnlyList<double>> zScores)
    {
        var traits = zScores.Select(z => Enumerable.Range(0, z.Count).Where(f => Math.Abs(z[f]) >= Least).OrderByDescending(f => Math.Abs(z[f]))
            .Select(f => z[f] > 0 ? Words[f].High : Words[f].Low).ToList()).ToList();
        var names = new string[zScores.Count];
        int[] shared = [.. Enumerable.Range(0, names.Length)];
        for (var length = 2; length <= Words.Count && shared.Length > 0; length++)
        {
            foreach (var s in shared) names[s] = Phrase(traits[s].Take(length));
            // A name that is unique already is left short.
            shared = [.. shared.Where(s => names.Count(n => n == names[s]) > 1)];
        }
        // Segments that differ in strength only.
        for (var s = 0; s < names.Length; s++)
            if (names.Take(s).Contains(names[s])) names[s] = $"{names[s]}, group {s + 1}";
        return names;
    }

    private static string Phrase(IEnumerable<string> traits) => string.Join(", ", traits) is { Length: > 0 } words ? $"{words} readers" : "average readers";
}
