using System.Text.Json;
using System.Text.Json.Serialization;

namespace Media.Bandit;

/// <summary>One arm's posterior under the arm's name.</summary>
public sealed record ArmSnapshot(string Name, BetaPosterior Click, GammaPosterior Revenue);

/// <summary>A Thompson policy at one instant, as it is kept in the registry: written by the bandit job, read by the API.</summary>
/// <remarks>JSON in UTF-8, snake_case. Immutable, thread-safe.</remarks>
/// <param name="Format">Version of this layout; <see cref="CurrentFormat"/>.</param>
/// <param name="Bandit">Which choice it makes, for example <c>ad_slot</c>; also its name in the registry.</param>
/// <param name="PolicyVersion">Version of the probabilities that these posteriors give.</param>
/// <param name="AsOf">UTC; the newest instant that it learned from.</param>
/// <param name="RewardsUpTo">UTC; every reward in the lake that was recorded before it is inside, none recorded at or after it. <c>null</c> = none is inside.</param>
/// <param name="Arms">In the order of the arm index.</param>
public sealed record BanditSnapshot(int Format, string Bandit, long PolicyVersion, DateTimeOffset AsOf, DateTimeOffset? RewardsUpTo, double MinPropensity, int UpdatesPerVersion, IReadOnlyList<ArmSnapshot> Arms)
{
    public const int CurrentFormat = 1;

    /// <summary>The bandit that places ads: the job saves it and the API asks for it under this name.</summary>
    public const string AdSlot = "ad_slot";

    /// <param name="policy">Refreshed by this call, so that the version stands for all that it has learned.</param>
    /// <exception cref="ArgumentException">Not one name per arm.</exception>
    public static BanditSnapshot Of(ThompsonSampling policy, string bandit, IReadOnlyList<string> arms, DateTimeOffset asOf, DateTimeOffset? rewardsUpTo)
    {
        if (arms.Count != policy.Arms) throw new ArgumentException($"arms has {arms.Count} names but the policy has {policy.Arms} arms.", nameof(arms));
        policy.Refresh();
        return new BanditSnapshot(CurrentFormat, bandit, policy.PolicyVersion, asOf, rewardsUpTo, policy.Options.MinPropensity, policy.Options.UpdatesPerVersion,
            [.. policy.Posteriors.Zip(arms, (posterior, name) => new ArmSnapshot(name, posterior.Click, posterior.Revenue))]);
    }

    /// <summary>The policy that goes on from here.</summary>
    public ThompsonSampling ToPolicy() => new([.. Arms.Select(a => new ArmPosterior(a.Click, a.Revenue))], PolicyVersion,
        new ThompsonOptions { MinPropensity = MinPropensity, UpdatesPerVersion = UpdatesPerVersion });

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, BanditJson.Default.BanditSnapshot);

    /// <exception cref="InvalidDataException">Not such JSON, another format, a name twice, or a number outside its range.</exception>
    public static BanditSnapshot FromJson(ReadOnlySpan<byte> json)
    {
        BanditSnapshot? snapshot;
        try
        {
            snapshot = JsonSerializer.Deserialize(json, BanditJson.Default.BanditSnapshot);
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"Not a bandit snapshot: {e.Message}", e);
        }
        if (snapshot is null) throw new InvalidDataException("Not a bandit snapshot: the JSON is null.");
        if (snapshot.Format != CurrentFormat) throw new InvalidDataException($"The bandit snapshot has format {snapshot.Format}; this program reads format {CurrentFormat}.");
        if (snapshot.Arms.Select(a => a.Name).Distinct(StringComparer.Ordinal).Count() != snapshot.Arms.Count) throw new InvalidDataException("The bandit snapshot names an arm twice.");
        try
        {
            snapshot.ToPolicy();
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"The bandit snapshot is out of range: {e.Message}", e);
        }
        return snapshot;
    }
}

[JsonSerializable(typeof(BanditSnapshot))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, IgnoreReadOnlyProperties = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class BanditJson : JsonSerializerContext;
