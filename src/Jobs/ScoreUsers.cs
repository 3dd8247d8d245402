using System.CommandLine;
using System.Globalization;
using Media.Events;
using Media.Features;
using Media.Lake;
using Media.Models;
using Media.Registry;
using Media.Warehouse;

namespace Media.Jobs;

/// <summary>The verb <c>score</c>: every current model of readers over the latest features, and what to do about the scores; both kept in the lake.</summary>
internal static class ScoreUsers
{
    public static Command Command(JobConsole console, TimeProvider time)
    {
        var verb = new Command("score", "Scores every reader of the latest features with the current models, suggests actions with their reasons, and keeps both in the lake.") { JobOptions.Out };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            var lake = folder.OpenLake();
            var features = await LatestFeaturesAsync(lake, cancel);
            var registry = new ModelRegistry(folder.OpenRegistry(), time);
            var models = await CurrentModelsAsync(registry, cancel);
            await RunAsync(lake, models, features, console, time, cancel);
            await SuggestActions.RunAsync(lake, models, features, new LakeArticles(lake, console), console, time, cancel);
            await RefreshWarehouse.RunAsync(folder, [WarehouseTables.Predictions, WarehouseTables.Actions], console, cancel);
            return 0;
        });
        return verb;
    }

    /// <summary>The current version of every model that was saved.</summary>
    public static async Task<IReadOnlyList<CurrentModel>> CurrentModelsAsync(ModelRegistry registry, CancellationToken cancel)
    {
        var models = new List<CurrentModel>();
        foreach (var name in await registry.ModelsAsync(cancel))
        {
            var saved = await registry.LoadAsync(name, version: null, cancel);
            models.Add(new CurrentModel(saved.Card, saved.Open()));
        }
        return models;
    }

    public static async Task<IReadOnlyList<Prediction>> RunAsync(IObjectStore lake, IReadOnlyList<CurrentModel> models, FeatureBatch features, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var scoredAt = EpochMicros.Of(time.GetUtcNow());
        var predictions = await console.StepAsync("score", async () =>
        {
            var all = new List<Prediction>();
            foreach (var (card, model) in models)
            {
                var estimator = EstimatorOf(card);
                if (!ModelCatalog.IsOfReaders(estimator)) continue;
                // Others than those it learned from get no score: it would mean nothing.
                var asked = estimator is IAsksReaders some ? features.Take(some.Population(features)) : features;
                var scores = new double[asked.Rows * model.Outputs];
                model.Predict(asked, scores);
                var version = card.Version.ToString(CultureInfo.InvariantCulture);
                for (var row = 0; row < asked.Rows; row++)
                    for (var output = 0; output < model.Outputs; output++)
                        all.Add(new Prediction(card.Name, version, new UserId(asked.Entities[row]), asked.AsOfMicros[row], output, scores[row * model.Outputs + output], scoredAt));
            }
            if (all.Count == 0) throw new JobException("The registry holds no model yet; run 'jobs train' first.");
            var table = await DeltaTable.CreateOrOpenAsync(lake, Tables.Predictions.Name, Tables.Predictions, time, cancel);
            await table.ReplacePartitionsAsync([PredictionColumns.From(all)], [], cancel);
            return all;
        });
        console.Line($"  {JobConsole.Count(predictions.Count)} predictions by {string.Join(", ", predictions.Select(p => $"{p.Model} v{p.Version}").Distinct())}");
        return predictions;
    }

    /// <summary>The catalogue's estimator of a saved model, looking as far ahead as that was trained to.</summary>
    public static IEstimator EstimatorOf(ModelCard card) =>
        ModelCatalog.Get(card.Name) is ILabelledEstimator labelled && card.HorizonDays is { } days ? labelled.WithHorizon(TimeSpan.FromDays(days)) : ModelCatalog.Get(card.Name);

    /// <summary>The features of the newest instant in the lake.</summary>
    /// <exception cref="JobException">There are none yet.</exception>
    public static async Task<FeatureBatch> LatestFeaturesAsync(IObjectStore lake, CancellationToken cancel)
    {
        var table = await LakeSessions.OpenAsync(lake, Tables.Features, cancel);
        var batches = new List<FeatureBatch>();
        await foreach (var batch in table.ReadAsync(cancel))
            using (batch)
                batches.Add(FeatureColumns.Read(batch));
        if (batches.Sum(b => b.Rows) == 0) throw new JobException("The lake holds no features yet; run 'jobs features' first.");
        var latest = batches.SelectMany(b => b.AsOfMicros).Max();
        return FeatureBatch.Concat([.. batches.Select(b => b.Take([.. Enumerable.Range(0, b.Rows).Where(row => b.AsOfMicros[row] == latest)]))]);
    }
}

/// <summary>A model as the registry has it now.</summary>
internal sealed record CurrentModel(ModelCard Card, IModel Model);
