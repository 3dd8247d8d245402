using System.Globalization;
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

/// <summary>How each policy did on the simulated ad slots, and what the lake's log says of the learned ones.</summary>
/// <param name="Served">The policy that was saved for serving.</param>
/// <param name="Version">Of its snapshot in the registry.</param>
/// <param name="Reason">Why that one, a sentence.</param>
/// <param name="Policies">Empty for real data: without known odds there is no regret.</param>
/// <param name="ContextualGainUsd">How much more the contextual policy earned than Thompson in the same rounds; null for real data.</param>
/// <param name="Drift">The same slots when they change places; null for real data.</param>
internal sealed record BanditResult(
    long Decisions, string Served, int Version, string Reason, IReadOnlyList<SlotResult> Slots, IReadOnlyList<SegmentSlotsResult> Segments, IReadOnlyList<ValueResult> OffPolicy, int Rounds, int Seeds,
    IReadOnlyList<PolicyResult> Policies, Estimate? ContextualGainUsd, DriftResult? Drift)
{
    /// <summary>Plain Thompson sampling, as tried; null for real data.</summary>
    [JsonIgnore]
    public PolicyResult? Thompson => Policies.FirstOrDefault(p => p.Name == "thompson_sampling");

    /// <summary>What the trials say beyond their table, a sentence each.</summary>
    [JsonIgnore]
    public IEnumerable<string> Findings
    {
        get
        {
            if (ContextualGainUsd is { } gain)
                yield return F($"Per segment, Thompson earns ${gain.Value:0.00} more than without (95 % CI {gain.Low:0.00} – {gain.High:0.00}) in the same rounds.");
            if (Drift is { } drift)
                yield return F($"Where the slots change places every {drift.EveryRounds:N0} rounds, Thompson that forgets (discount {drift.Discount}) earns ${drift.DiscountedGainUsd.Value:0.00} more than the ${drift.ThompsonUsd:0.00} of one that does not (95 % CI {drift.DiscountedGainUsd.Low:0.00} – {drift.DiscountedGainUsd.High:0.00}, {drift.Seeds} runs).");
        }
    }

    private static string F(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <param name="Propensities">with which the policy learned per segment shows each slot, in the order of the slots</param>
internal sealed record SegmentSlotsResult(string Segment, long Decisions, IReadOnlyList<double> Propensities);

/// <param name="Discount">of the policy that forgets</param>
/// <param name="ThompsonUsd">revenue of the policy that does not</param>
/// <param name="DiscountedGainUsd">what the one that forgets earned more, paired by seed</param>
internal sealed record DriftResult(int EveryRounds, int Seeds, double Discount, double ThompsonUsd, Estimate DiscountedGainUsd);

/// <param name="MeanRevenueUsd">per click</param>
/// <param name="Propensity">with which plain Thompson sampling shows this slot</param>
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
