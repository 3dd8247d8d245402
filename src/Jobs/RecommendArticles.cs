using System.CommandLine;
using System.Globalization;
using Media.Events;
using Media.Features;
using Media.Models.NextReads;
using Media.Registry;

namespace Media.Jobs;

/// <summary>The verb <c>recommend</c>: articles for readers as of the newest event in the lake, by the current recommendation model, each with what speaks for it.</summary>
internal static class RecommendArticles
{
    private static readonly Argument<string[]> Readers = new("reader") { Arity = ArgumentArity.OneOrMore, Description = "Readers' ids; one whom nobody knows gets what suits a new one." };
    private static readonly Option<int> Places = JobOptions.Number("--places", 10, 1, 100, "Articles in a list.");
    private static readonly Option<double> Diversity = new("--diversity")
    {
        Description = "How much a place counts an article's unlikeness to those above it rather than its own score: 0 orders by score alone, 1 by unlikeness alone.",
        DefaultValueFactory = _ => 0,
    };

    static RecommendArticles() => Diversity.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<double>() is not (>= 0 and <= 1)) result.AddError("--diversity takes a number from 0 to 1.");
    });

    public static Command Command(JobConsole console, TimeProvider time)
    {
        var verb = new Command("recommend", "Lists articles for readers as of the newest event, best first, with the article of the reader's own that speaks for each.") { Readers, Places, Diversity, JobOptions.Out };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            var saved = await new ModelRegistry(folder.OpenRegistry(), time).LoadAsync("recommendation", version: null, cancel);
            var log = await new LakeArticles(folder.OpenLake(), console).ReadAsync(cancel);
            if (log.Count == 0) throw new JobException("The lake has no event about an article yet.");
            // The instant after the newest event: all of the log is known, nothing of what follows.
            var now = log.Events[^1].TimeMicros + 1;
            var lists = new ReadingLists(log, now, saved.Open(), new ReadingListOptions { Places = parsed.GetValue(Places), Diversity = parsed.GetValue(Diversity) });
            var titleOf = Titles(log);
            foreach (var reader in parsed.GetRequiredValue(Readers).Distinct(StringComparer.Ordinal))
            {
                console.Heading($"{reader}{(log.ReaderOf(reader) < 0 ? ", whom nobody knows yet" : "")}, as of {EpochMicros.Instant(now).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC");
                console.Table(["place", "article", "title", "category", "score", "because you read"],
                    lists.Of(reader, cancel).Select((a, place) => (IReadOnlyList<string>)
                    [
                        (place + 1).ToString(CultureInfo.InvariantCulture), a.ArticleId, Shown(a.ArticleId), log.Articles[log.ArticleOf(a.ArticleId)].Category ?? "", a.Score.ToString("0.000", CultureInfo.InvariantCulture),
                        a.BecauseOf is { } own ? Shown(own) : "",
                    ]));
            }
            return 0;

            string Shown(string article) => titleOf.TryGetValue(log.ArticleOf(article), out var title) ? title : article;
        });
        return verb;
    }

    /// <summary>The newest title of each article that has one, by its index in the log.</summary>
    private static Dictionary<int, string> Titles(ArticleLog log)
    {
        var titles = new Dictionary<int, string>();
        foreach (ref readonly var e in log.Events)
            if (e.Title >= 0) titles[e.Article] = log.Titles[e.Title];
        return titles;
    }
}
