using System.Globalization;
using Media.Evaluation;
using Media.Events;
using Media.Events.Archives;
using Media.Features;
using Media.Models.NextReads;

namespace Media.Jobs;

/// <summary>The protocols <c>static</c> and <c>daily</c>: what known readers turn to next among the articles that are out, recommended without a look ahead.</summary>
internal static class RecommendationByTime
{
    private const int Places = RecommendationInTime.Places;

    public static EvaluationLine Evaluate(TimeProtocol protocol, string path, string? articlesPath, DateTimeOffset from, DateTimeOffset to, TextWriter remarks, CancellationToken cancel)
    {
        var log = Read(path, articlesPath, remarks, cancel);
        if (log.Count > 0 && EpochMicros.Instant(log.Events[^1].TimeMicros) < to - TimeSpan.FromDays(1))
            remarks.WriteLine($"{Path.GetFileName(path)} ends at {EpochMicros.Instant(log.Events[^1].TimeMicros):yyyy-MM-dd HH:mm}, before the window does.");
        var result = RecommendationInTime.Run(log, protocol, from, to, IdOrder.Instance, new CandidateRankerOptions(), remarks.WriteLine, cancel);
        var known = log.Before(EpochMicros.Of(to));
        var readersOf = ReadersOf(known);
        var (first, end) = (log.IndexAt(EpochMicros.Of(from)), log.IndexAt(EpochMicros.Of(to)));
        return Judge(r => r.Best).Add("instances", (long)result.Ranked.Count).Add("pairs", result.Ranked.Sum(r => (long)r.Instance.Relevant.Count))
            .Add("rows_train", (long)first).Add("rows_test", (long)(end - first)).Add("offers_train", (long)result.RowsLearnt)
            .Add("checksum", RowChecksum.Of(result.Ranked.SelectMany(r => Pairs(log, r.Instance, protocol)).Order(StringComparer.Ordinal)))
            .Add("baseline", Judge(r => r.Plain));

        EvaluationLine Judge(Func<RankedCandidates, IReadOnlyList<int>> listOf)
        {
            double[] Each(Func<bool[], int, double> metric) => [.. result.Ranked.Select(r => metric(RecommendationInTime.Hits(r.Instance, listOf(r)), r.Instance.Relevant.Count))];
            return EvaluateRecommendation.Metrics(
            [
                ("recall_at_10", Each((hits, relevant) => RankingMetrics.Recall(hits, relevant, Places))),
                ("ndcg_at_10", Each((hits, relevant) => RankingMetrics.Ndcg(hits, relevant, Places))),
                ("map_at_10", Each((hits, relevant) => RankingMetrics.AveragePrecision(hits, relevant, Places))),
            ], [.. result.Ranked.Select(r => log.Readers[r.Instance.Reader])], cancel).AddBreadth([.. result.Ranked.Select(listOf)], readersOf, known.Readers.Count);
        }
    }

    private static ArticleLog Read(string path, string? articlesPath, TextWriter remarks, CancellationToken cancel)
    {
        using var file = SourceFile.Open(path);
        var events = DeskdropArchive.Read(file, Path.GetFileName(path), remarks.WriteLine, cancel);
        if (articlesPath is null) return ArticleLog.Of(events);
        var texts = ArticleTexts.Read(articlesPath, remarks, cancel);
        return ArticleLog.Of(events.Select(e => e.Article is { } article && texts.TryGetValue(article.ArticleId, out var text) ? e with { Article = article with { Title = text.Title, Category = text.Category } } : e));
    }

    /// <summary>How many readers turned to each article, by its index.</summary>
    private static int[] ReadersOf(ArticleLog log)
    {
        var (readers, turned) = (new int[log.Articles.Count], new HashSet<(int, int)>());
        foreach (ref readonly var e in log.Events)
            if (e.Act != ArticleAct.Impression && turned.Add((e.Article, e.Reader))) readers[e.Article]++;
        return readers;
    }

    private static IEnumerable<string> Pairs(ArticleLog log, ReadingInstance instance, TimeProtocol protocol)
    {
        var day = protocol == TimeProtocol.Daily ? EpochMicros.Instant(instance.CutMicros).ToString("yyyy-MM-dd,", CultureInfo.InvariantCulture) : "";
        return instance.Relevant.Select(article => $"{day}{log.Readers[instance.Reader]},{log.Articles[article].ArticleId}");
    }

    /// <summary>Whole numbers by value, as the archive's signed 64-bit ids are ordered; other ids after them, ordinally.</summary>
    private sealed class IdOrder : IComparer<string>
    {
        public static readonly IdOrder Instance = new();

        public int Compare(string? x, string? y) => (long.TryParse(x, CultureInfo.InvariantCulture, out var a), long.TryParse(y, CultureInfo.InvariantCulture, out var b)) switch
        {
            (true, true) => a.CompareTo(b),
            (true, false) => -1,
            (false, true) => 1,
            _ => string.CompareOrdinal(x, y),
        };
    }
}
