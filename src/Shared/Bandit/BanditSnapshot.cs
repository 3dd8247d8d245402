using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Media.Bandit;

/// <summary>One arm's posterior under the arm's name.</summary>
public sealed record ArmSnapshot(string Name, BetaPosterior Click, GammaPosterior Revenue);

/// <summary>A Thompson policy without contexts at one instant.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
/// <param name="Format">Version of this layout; <see cref="CurrentFormat"/>. Format 1, which knew neither prior nor discount, is read too.</param>
/// <param name="Bandit">Which choice it makes, for example <c>ad_slot</c>; also its name in the registry.</param>
/// <param name="PolicyVersion">Version of the probabilities that these posteriors give.</param>
/// <param name="AsOf">UTC; the newest instant that it learned from.</param>
/// <param name="RewardsUpTo">UTC; every reward in the lake that was recorded before it is inside, none recorded at or after it. <c>null</c> = none is inside.</param>
/// <param name="Arms">In the order of the arm index.</param>
/// <param name="Prior">What the policy goes back to where it forgets; null in format 1 only: the default.</param>
/// <param name="Discount">Share of what was learned that an update leaves; 1 = nothing is forgotten.</param>
/// <param name="Reason">Why this policy serves and not another; null where nobody compared.</param>
public sealed record BanditSnapshot(
    int Format, string Bandit, long PolicyVersion, DateTimeOffset AsOf, DateTimeOffset? RewardsUpTo, double MinPropensity, int UpdatesPerVersion, IReadOnlyList<ArmSnapshot> Arms,
    ArmPosterior? Prior = null, double Discount = 1, string? Reason = null) : IBanditSnapshot
{
    public const int CurrentFormat = 2;

    /// <summary>The bandit that places ads: the job saves it and the API asks for it under this name.</summary>
    public const string AdSlot = "ad_slot";

    /// <param name="policy">Refreshed by this call, so that the version stands for all that it has learned.</param>
    /// <exception cref="ArgumentException">Not one name per arm.</exception>
    public static BanditSnapshot Of(ThompsonSampling policy, string bandit, IReadOnlyList<string> arms, DateTimeOffset asOf, DateTimeOffset? rewardsUpTo)
    {
        if (arms.Count != policy.Arms) throw new ArgumentException($"arms has {arms.Count} names but the policy has {policy.Arms} arms.", nameof(arms));
        policy.Refresh();
        return new BanditSnapshot(CurrentFormat, bandit, policy.PolicyVersion, asOf, rewardsUpTo, policy.Options.MinPropensity, policy.Options.UpdatesPerVersion,
            [.. policy.Posteriors.Zip(arms, (posterior, name) => new ArmSnapshot(name, posterior.Click, posterior.Revenue))], policy.Options.Prior, policy.Options.Discount);
    }

    /// <summary>The policy that goes on from here.</summary>
    public ThompsonSampling ToPolicy() => new([.. Arms.Select(a => new ArmPosterior(a.Click, a.Revenue))], PolicyVersion,
        new ThompsonOptions { MinPropensity = MinPropensity, UpdatesPerVersion = UpdatesPerVersion, Prior = Prior ?? ArmPosterior.Prior, Discount = Discount });

    IReadOnlyList<string> IBanditSnapshot.ArmNames => [.. Arms.Select(a => a.Name)];

    IContextualPolicy IBanditSnapshot.Open() => new ContextBlind(ToPolicy());

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, BanditJson.Default.BanditSnapshot);

    /// <exception cref="InvalidDataException">Not such JSON, another format, a name twice, or a number outside its range.</exception>
    public static BanditSnapshot FromJson(ReadOnlySpan<byte> json)
    {
        var snapshot = BanditJson.Read(json, BanditJson.Default.BanditSnapshot, "bandit snapshot");
        if (snapshot.Format is < 1 or > CurrentFormat) throw new InvalidDataException($"The bandit snapshot has format {snapshot.Format}; this program reads formats 1 to {CurrentFormat}.");
        if (snapshot.Format > 1 && snapshot.Prior is null) throw new InvalidDataException("The bandit snapshot lacks the prior.");
        if (snapshot.Arms.Select(a => a.Name).Distinct(StringComparer.Ordinal).Count() != snapshot.Arms.Count) throw new InvalidDataException("The bandit snapshot names an arm twice.");
        BanditJson.RequireInRange(() => snapshot.ToPolicy(), "bandit snapshot");
        return snapshot;
    }
}

[JsonSerializable(typeof(BanditSnapshot))]
[JsonSerializable(typeof(ContextualSnapshot))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true, IgnoreReadOnlyProperties = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
internal sealed partial class BanditJson : JsonSerializerContext
{
    /// <exception cref="InvalidDataException">Not such JSON.</exception>
    internal static T Read<T>(ReadOnlySpan<byte> json, JsonTypeInfo<T> type, string what)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new InvalidDataException($"Not a {what}: the JSON is null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"Not a {what}: {e.Message}", e);
        }
    }

    /// <summary>Tries what the caller would make of it, so that a damaged number is found here and not later.</summary>
    /// <exception cref="InvalidDataException">A number is outside its range.</exception>
    internal static void RequireInRange(Action use, string what)
    {
        try
        {
            use();
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException($"The {what} is out of range: {e.Message}", e);
        }
    }
}
