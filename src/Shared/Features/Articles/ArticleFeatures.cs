namespace Media.Features.Articles;

/// <summary>Rows of articles: what was done with each before an instant, beside what its brand, the hour and its age let expect.</summary>
/// <remarks>Pure, thread-safe. One pass over the log for any number of rows.</remarks>
public static class ArticleFeatures
{
    /// <summary>All columns, in their order.</summary>
    public static IReadOnlyList<string> Names => ArticleTraffic.Names;

    /// <summary>The columns by what they tell.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> Groups { get; } = new Dictionary<string, IReadOnlyList<string>>
    {
        ["age_and_time"] = ["age_h", "age_published_h", "hour_of_day", "weekday", "hour_published", "weekday_published"],
        ["content"] = ["word_count", "is_video", "is_live", "title_words", "title_asks", "title_numbers", "title_colon", "titles"],
        ["offers_and_clicks"] = [.. Names.Where(n => n.StartsWith("article_impressions", StringComparison.Ordinal) || n.StartsWith("article_click", StringComparison.Ordinal) || n == "article_home_impressions")],
        ["views"] = [.. Names.Where(n => n.StartsWith("article_views", StringComparison.Ordinal)), "article_readers", "article_reactions", "article_dwell_log_s"],
        ["attention"] = ["views_level", "views_recent", "views_burst_probability", "attention_level", "attention_recent", "attention_burst_probability", "log_attention_level", "log_attention_recent", "log_click_ratio", "log_appeal"],
        ["season"] = ["log_usual_views_6h", "log_expected_views_6h", "log_usual_views_7d", "log_expected_views_7d"],
        ["brand"] = [.. Names.Where(n => n.Contains("brand_", StringComparison.Ordinal)), "log_trend_7d"],
    };

    /// <summary>The features of articles, each as of its own instant.</summary>
    /// <param name="articles">Indices into the log's articles, each first seen before its instant.</param>
    /// <param name="asOfMicros">µs since the Unix epoch, UTC; one per article, in any order.</param>
    /// <param name="items">What each row is about besides, or none.</param>
    /// <exception cref="ArgumentException">Lengths differ, or an article is not known yet at its instant.</exception>
    public static FeatureBatch Of(ArticleLog log, IReadOnlyList<int> articles, IReadOnlyList<long> asOfMicros, IReadOnlyList<string> items, CancellationToken cancel)
    {
        if (articles.Count != asOfMicros.Count) throw new ArgumentException($"asOfMicros has {asOfMicros.Count} entries but there are {articles.Count} articles.");
        var width = Names.Count;
        var values = new float[articles.Count * width];
        var latest = new long[articles.Count];
        if (articles.Count > 0)
        {
            int[] order = [.. Enumerable.Range(0, articles.Count).OrderBy(i => asOfMicros[i])];
            var traffic = new ArticleTraffic(log, asOfMicros[order[0]]);
            foreach (var i in order)
            {
                cancel.ThrowIfCancellationRequested();
                if (log.Articles[articles[i]].FirstSeenMicros >= asOfMicros[i]) throw new ArgumentException($"Article '{log.Articles[articles[i]].ArticleId}' is not known yet at {asOfMicros[i]} µs.");
                traffic.Advance(asOfMicros[i]);
                traffic.Write(articles[i], asOfMicros[i], values.AsSpan(i * width, width));
                latest[i] = traffic.LatestMicros;
            }
        }
        return new FeatureBatch(Names, [.. articles.Select(a => log.Articles[a].ArticleId)], [.. asOfMicros], latest, values, [.. items]);
    }

    /// <summary>The same for rows made before, from a log that may end earlier.</summary>
    /// <exception cref="ArgumentException">An article is not in the log.</exception>
    public static FeatureBatch Of(ArticleLog log, FeatureBatch rows, CancellationToken cancel)
    {
        int[] articles = [.. rows.Entities.Select(id => log.ArticleOf(id) is >= 0 and var index ? index : throw new ArgumentException($"Article '{id}' is not in the log."))];
        return Of(log, articles, rows.AsOfMicros, rows.Items, cancel);
    }

    /// <summary>Articles with an offer or a view in the day before an instant, first seen in the week before it.</summary>
    /// <param name="asOfMicros">µs since the Unix epoch, UTC; ascending.</param>
    /// <returns>Per instant, indices into the log's articles, ascending.</returns>
    public static IEnumerable<(long AsOfMicros, int[] Articles)> Active(ArticleLog log, IEnumerable<long> asOfMicros)
    {
        foreach (var asOf in asOfMicros)
        {
            var active = new SortedSet<int>();
            var events = log.Events;
            for (var i = log.IndexAt(asOf - Day); i < events.Length && events[i].TimeMicros < asOf; i++)
                if (log.Articles[events[i].Article].FirstSeenMicros >= asOf - 7 * Day) active.Add(events[i].Article);
            yield return (asOf, [.. active]);
        }
    }

    private const long Day = 86_400_000_000;
}
