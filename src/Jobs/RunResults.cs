using System.Text.Json;
using System.Text.Json.Serialization;
using Media.Models;

namespace Media.Jobs;

/// <summary>What a lake was filled from: kept beside it, so that a later verb knows the world its rows come from.</summary>
/// <param name="Users">Simulated readers; 0 for real data.</param>
/// <param name="Days">Simulated days; 0 for real data.</param>
internal sealed record SourceResult(string Source, string? Path, int Users, int Days, int Seed, double Signal);

/// <summary>What came in and what became of it: the counts that must add up.</summary>
internal sealed record IngestResult(PipelineCounts Counts, double Seconds, long EventRows, long BadEventRows, long SessionRows, long EventBytes);

/// <summary>How each policy did on the simulated ad slots, and what the lake's log says of the learned policy.</summary>
/// <param name="Policies">Empty for real data: without known odds there is no regret.</param>
internal sealed record BanditResult(long Decisions, IReadOnlyList<SlotResult> Slots, IReadOnlyList<ValueResult> OffPolicy, int Rounds, int Seeds, IReadOnlyList<PolicyResult> Policies);

/// <param name="MeanRevenueUsd">per click</param>
/// <param name="Propensity">with which the learned policy shows this slot</param>
internal sealed record SlotResult(string Slot, long Decisions, long Clicks, double MeanRevenueUsd, double Propensity);

/// <param name="UsdPerThousand">USD per thousand decisions</param>
internal sealed record ValueResult(string Estimator, double UsdPerThousand, double Low, double High);

/// <param name="MinusUniformUsd">revenue minus the uniform policy's, paired by seed</param>
internal sealed record PolicyResult(string Name, double RevenueUsd, Estimate MinusUniformUsd, int BeatsUniform, IReadOnlyList<double> Round, IReadOnlyList<double> Regret, IReadOnlyList<double> Low, IReadOnlyList<double> High);

/// <summary>Results as one JSON file each: what one verb found and another shows.</summary>
internal static class RunResults
{
    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        WriteIndented = true,
    };

    public static async Task SaveAsync<T>(JourneyFolder folder, string name, T result, CancellationToken cancel)
    {
        folder.Create();
        await File.WriteAllBytesAsync(PathOf(folder, name), JsonSerializer.SerializeToUtf8Bytes(result, Json), cancel);
    }

    /// <summary>The result, or null when the verb that makes it has not run.</summary>
    /// <exception cref="InvalidDataException">The file is not such a result.</exception>
    public static async Task<T?> FindAsync<T>(JourneyFolder folder, string name, CancellationToken cancel) where T : class
    {
        var path = PathOf(folder, name);
        if (!File.Exists(path)) return null;
        try { return JsonSerializer.Deserialize<T>(await File.ReadAllBytesAsync(path, cancel), Json); }
        catch (JsonException e) { throw new InvalidDataException($"The result file '{path}' cannot be read: {e.Message}", e); }
    }

    private static string PathOf(JourneyFolder folder, string name) => Path.Combine(folder.Results, $"{name}.json");
}
