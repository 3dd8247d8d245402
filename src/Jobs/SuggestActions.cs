using Media.Actions;
using Media.Events;
using Media.Features;
using Media.Lake;
using Media.Models;
using Media.Registry;

namespace Media.Jobs;

/// <summary>The second half of the verb <c>score</c>: what to do about the scores, kept in the lake.</summary>
internal static class SuggestActions
{
    public static async Task<IReadOnlyList<SuggestedAction>> RunAsync(IObjectStore lake, ModelRegistry registry, FeatureBatch features, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var actions = await console.StepAsync("actions", async () =>
        {
            var all = new List<SuggestedAction>();
            if (await FindAsync(registry, "churn", cancel) is { } churn) all.AddRange(ReaderActions.WinBack(churn, features, new Dictionary<string, string>(), "", new ActionOptions()));
            if (await FindAsync(registry, "conversion", cancel) is { } conversion) all.AddRange(ReaderActions.Offer(conversion, features, new ActionOptions()));
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
    }

    /// <summary>The current version of a model of readers, or null when none was saved.</summary>
    private static async Task<ScoringModel?> FindAsync(ModelRegistry registry, string name, CancellationToken cancel)
    {
        if (await registry.CurrentVersionAsync(name, cancel) is not { } version) return null;
        var saved = await registry.LoadAsync(name, version, cancel);
        var model = ModelCatalog.Get(name).Load(new MemoryStream(saved.Model, writable: false));
        return new ScoringModel($"{name} v{version}", model, saved.Card.TrainBaseRate ?? throw new InvalidDataException($"The card of '{name}' version {version} has no base rate."), saved.Card.HorizonDays ?? throw new InvalidDataException($"The card of '{name}' version {version} has no horizon."));
    }
}
