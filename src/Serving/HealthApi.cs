using Microsoft.AspNetCore.Http.HttpResults;

namespace Media.Serving;

/// <summary>Whether the server answers, and what it has loaded.</summary>
/// <param name="Status"><c>ok</c>, or <c>degraded</c> when something is missing, stale or cannot be written; the faults say what.</param>
/// <param name="FeaturesAsOf">Instant of the features served, null when there are none.</param>
/// <param name="Readers">Readers with features.</param>
/// <param name="BanditPolicy">Name of the policy that places ads.</param>
/// <param name="BanditPolicyVersion">Its version, for a reader of unknown segment where it knows segments.</param>
/// <param name="UnwrittenRows">Decisions and rewards that are not in the lake yet.</param>
public sealed record HealthAnswer(
    string Status, IReadOnlyList<ServedVersion> Models, DateTimeOffset? FeaturesAsOf, long FeaturesTableVersion, int Readers, string BanditPolicy, string BanditPolicyVersion, int UnwrittenRows,
    IReadOnlyList<string> Faults);

/// <summary>A model and the version served.</summary>
public sealed record ServedVersion(string Model, string Version);

internal static class HealthApi
{
    internal static void MapHealth(this IEndpointRouteBuilder routes) => routes.MapGet("/health", Health)
        .WithName("health").WithTags("Service").WithSummary("Whether the server answers, and what it has loaded.")
        .WithDescription("200 as long as the process can answer; status is 'degraded' when something is missing, and faults say what and the next step.");

    private static Ok<HealthAnswer> Health(ModelHost models, LatestFeatures features, AdSlotBandit bandit, DecisionLog log, Refresher refresher)
    {
        var (rows, policy) = (features.Rows, bandit.State);
        List<string> faults = [.. refresher.Faults];
        if (models.Models.Count == 0) faults.Add("No model is saved yet; run 'dotnet run --project src/Jobs' first.");
        if (rows.AsOf is null) faults.Add("The lake has no features yet; run 'dotnet run --project src/Jobs' first.");
        return TypedResults.Ok(new HealthAnswer(
            faults.Count == 0 ? "ok" : "degraded", [.. models.Models.Values.Select(m => new ServedVersion(m.Card.Name, m.Version))],
            rows.AsOf, rows.TableVersion, rows.Users.Count, policy.Policy, policy.PolicyVersion, log.Unwritten, faults));
    }
}
