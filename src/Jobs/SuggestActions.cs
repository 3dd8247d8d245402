using Media.Actions;
using Media.Events;
using Media.Features;
using Media.Features.Articles;
using Media.Lake;
using Media.Models;
using Media.Models.NextReads;

namespace Media.Jobs;

/// <summary>The second half of the verb <c>score</c>: what to do about the scores, kept in the lake.</summary>
internal static class SuggestActions
{
    /// <summary>The models that read what was done with articles.</summary>
    private static readonly string[] OfArticles = ["recommendation", "headline", "trending"];

    public static async Task<IReadOnlyList<SuggestedAction>> RunAsync(IObjectStore lake, IReadOnlyList<CurrentModel> models, FeatureBatch features, LakeArticles articles, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var log = features.Rows > 0 && models.Any(m => OfArticles.Contains(m.Card.Name)) ? await articles.ReadAsync(cancel) : ArticleLog.Empty;
        var actions = await console.StepAsync("actions", async () =>
        {
            var all = new List<SuggestedAction>();
            if (Find(models, "churn") is { } churn)
            {
                var (articleFor, model) = Articles();
                all.AddRange(ReaderActions.WinBack(churn, features, articleFor, model, new ActionOptions()));
            }
            if (Find(models, "conversion") is { } conversion) all.AddRange(ReaderActions.Offer(conversion, features, new ActionOptions()));
            if (models.FirstOrDefault(m => m.Card.Name == "headline") is var (card, headline) && features.Rows > 0)
                all.AddRange(HeadlineActions.Better($"{card.Name} v{card.Version}", headline, log, features.AsOfMicros.Max(), new ActionOptions(), cancel));
            if (models.FirstOrDefault(m => m.Card.Name == "trending") is var (trendingCard, trending) && features.Rows > 0)
            {
                var (asOf, active) = ArticleFeatures.Active(log, [features.AsOfMicros.Max()]).Single();
                all.AddRange(EditorActions.Of(trending, $"{trendingCard.Name} v{trendingCard.Version}", ArticleFeatures.Of(log, active, [.. active.Select(_ => asOf)], [], cancel)));
            }
            var table = await DeltaTable.CreateOrOpenAsync(lake, Tables.Actions.Name, Tables.Actions, time, cancel);
            await table.ReplacePartitionsAsync([ActionColumns.From(all, EpochMicros.Of(time.GetUtcNow()))], [], cancel);
            return all;
        });
        foreach (var kind in actions.GroupBy(a => a.Kind))
        {
            var first = kind.First();
            console.Line($"  {JobConsole.Count(kind.Count())} × {Vocabulary<ActionKind>.Name(kind.Key)}; first: {first.UserId?.Value ?? first.ArticleId}, {first.Score:0.000}: {first.Suggestion} {string.Join("; ", first.Reasons)}");
        }
        return actions;

        // The article that suits a reader best, where a model says so.
        (Func<string, ArticleForReader?> For, string Model) Articles()
        {
            if (models.FirstOrDefault(m => m.Card.Name == "recommendation") is not var (card, model) || features.Rows == 0) return (_ => null, "");
            var lists = new ReadingLists(log, features.AsOfMicros.Max(), model, new ReadingListOptions { Places = 1 });
            var titles = LatestTitles(log);
            return (reader => lists.Of(reader, cancel) is [var best, ..] ? new ArticleForReader(best.ArticleId, best.BecauseOf is { } read ? titles.GetValueOrDefault(read) : null) : null, $"{card.Name} v{card.Version}");
        }
    }

    /// <summary>The title under which each article was last offered or read, where it has one.</summary>
    private static Dictionary<string, string> LatestTitles(ArticleLog log)
    {
        var titles = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (ref readonly var e in log.Events)
            if (e.Title >= 0) titles[log.Articles[e.Article].ArticleId] = log.Titles[e.Title];
        return titles;
    }

    /// <summary>A model of readers, or null when none was saved.</summary>
    private static ScoringModel? Find(IReadOnlyList<CurrentModel> models, string name)
    {
        if (models.FirstOrDefault(m => m.Card.Name == name) is not var (card, model)) return null;
        return new ScoringModel($"{name} v{card.Version}", model, card.TrainBaseRate ?? throw new InvalidDataException($"The card of '{name}' version {card.Version} has no base rate."), (IAsksReaders)ScoreUsers.EstimatorOf(card));
    }
}
