using System.Text.Json;
using Media.Events;
using Media.Features;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Media.Serving;

/// <summary>Exactly one of both: a known reader, or all features by name.</summary>
/// <param name="UserId">1–64 characters.</param>
/// <param name="Features">Every feature that the model reads, of the catalogue's names; null = absent in the data.</param>
public sealed record PredictRequest(string? UserId = null, IReadOnlyDictionary<string, JsonElement>? Features = null);

/// <summary>A model's answer for one row.</summary>
/// <param name="ModelVersion">The registry's version that answered.</param>
/// <param name="ModelAsOf">Newest instant the model learned from.</param>
/// <param name="AsOf">Instant of the reader's features; absent when the features came with the request.</param>
/// <param name="Score">The score, when the model gives one number; absent otherwise.</param>
/// <param name="Scores">All numbers the model gives, in its order.</param>
public sealed record PredictAnswer(string Model, string ModelVersion, DateTimeOffset ModelAsOf, string? UserId, DateTimeOffset? AsOf, double? Score, IReadOnlyList<double> Scores);

internal static class PredictApi
{
    internal static void MapPredict(this IEndpointRouteBuilder routes) => routes.MapPost("/predict/{model}", Predict)
        .WithName("predict").WithTags("Models").WithSummary("Scores one reader, by id or by features.")
        .WithDescription("""
            Body: {"user_id": "…"} for a reader in the lake, or {"features": {"total_sessions": 12, …}} with every feature the model reads; exactly one of both.
            null stands for a feature that is absent in the data. A reader without a session before the as-of instant is unknown (404): nothing can be
            said of him beyond the model's base rate, which the problem carries as base_rate.
            """)
        .ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415);

    private static Results<Ok<PredictAnswer>, ProblemHttpResult> Predict(string model, PredictRequest request, ModelHost models, LatestFeatures features)
    {
        if (!models.Models.TryGetValue(model, out var served))
            return Problems.NotFound($"There is no model '{model}' here{(models.Models.Count == 0 ? "; none is saved yet, run 'dotnet run --project src/Jobs' first." : ".")}", "known_models", [.. models.Models.Keys]);
        if (request.UserId is null == request.Features is null) return Problems.BadRequest("Give exactly one of user_id and features.");
        return request.UserId is { } userId ? ByUser(served, userId, features.Rows) : ByFeatures(served, request.Features!);
    }

    private static Results<Ok<PredictAnswer>, ProblemHttpResult> ByUser(ServedModel served, string userId, FeatureRows rows)
    {
        if (userId.Length is 0 or > UserId.MaxLength) return Problems.BadRequest($"user_id has {userId.Length} characters but must have 1 to {UserId.MaxLength}.");
        if (rows.Users.TryGetValue(userId, out var row)) return Answer(served, row, userId, rows.AsOf);
        var unknown = Problems.NotFound($"Reader '{userId}' has no session before {rows.AsOf?.ToString("u") ?? "now"}, so there is no row to score.");
        if (served.Card.TrainBaseRate is { } rate) unknown.ProblemDetails.Extensions["base_rate"] = rate;
        return unknown;
    }

    private static Results<Ok<PredictAnswer>, ProblemHttpResult> ByFeatures(ServedModel served, IReadOnlyDictionary<string, JsonElement> given)
    {
        List<string> unknown = [.. given.Keys.Where(name => !KnownFeatures.Contains(name))];
        if (unknown.Count > 0) return Problems.BadRequest($"{unknown.Count} of the features are none of the catalogue's.", "unknown_features", unknown);
        var names = served.Model.Features;
        List<string> missing = [.. names.Where(name => !given.ContainsKey(name))];
        if (missing.Count > 0) return Problems.BadRequest($"{missing.Count} of the {names.Count} features that {served.Card.Name} reads are missing.", "missing_features", missing);

        var values = new float[names.Count];
        var unreadable = new List<string>();
        for (var i = 0; i < values.Length; i++)
            if (!TryRead(given[names[i]], out values[i])) unreadable.Add(names[i]);
        if (unreadable.Count > 0) return Problems.BadRequest("A feature is a finite number within ±3.4e38, or null where it is absent.", "unreadable_features", unreadable);
        return Answer(served, new FeatureBatch(names, [""], [0], [0], values), null, null);
    }

    private static Ok<PredictAnswer> Answer(ServedModel served, FeatureBatch row, string? userId, DateTimeOffset? asOf)
    {
        var scores = new double[served.Model.Outputs];
        served.Model.Predict(row, scores);
        return TypedResults.Ok(new PredictAnswer(served.Card.Name, served.Version, served.AsOf, userId, asOf, scores.Length == 1 ? scores[0] : null, scores));
    }

    private static bool TryRead(JsonElement json, out float value)
    {
        value = float.NaN;
        if (json.ValueKind == JsonValueKind.Null) return true;
        return json.ValueKind == JsonValueKind.Number && json.TryGetSingle(out value) && float.IsFinite(value);
    }

    private static readonly HashSet<string> KnownFeatures = new(FeatureCatalog.Names, StringComparer.Ordinal);
}
