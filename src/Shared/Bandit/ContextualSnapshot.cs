using System.Text.Json;

namespace Media.Bandit;

/// <summary>A contextual Thompson policy at one instant.</summary>
/// <remarks>Kept are the evidence per context and the prior; what is borrowed follows from them. Immutable, thread-safe.</remarks>
/// <param name="Format">Version of this layout; <see cref="CurrentFormat"/>.</param>
/// <param name="Bandit">Which choice it makes in which contexts, for example <c>ad_slot</c>; also its name in the registry.</param>
/// <param name="AsOf">UTC; the newest instant that it learned from.</param>
/// <param name="RewardsUpTo">UTC; every reward in the lake that was recorded before it is inside, none recorded at or after it. <c>null</c> = none is inside.</param>
/// <param name="Prior">Believed of every arm before the first reward of any context.</param>
/// <param name="Arms">Names in the order of the arm index.</param>
/// <param name="ElsewherePolicyVersion">Version of the probabilities in a context that has brought nothing yet.</param>
/// <param name="Contexts">In the order of their names.</param>
/// <param name="Reason">Why this policy serves and not another; null where nobody compared.</param>
public sealed record ContextualSnapshot(
    int Format, string Bandit, DateTimeOffset AsOf, DateTimeOffset? RewardsUpTo, double MinPropensity, int UpdatesPerVersion, ArmPosterior Prior,
    IReadOnlyList<string> Arms, long ElsewherePolicyVersion, IReadOnlyList<ContextEvidence> Contexts, string? Reason = null) : IBanditSnapshot
{
    public const int CurrentFormat = 1;

    /// <param name="policy">Refreshed by this call, so that the versions stand for all that it has learned.</param>
    /// <exception cref="ArgumentException">Not one name per arm.</exception>
    public static ContextualSnapshot Of(ContextualThompson policy, string bandit, IReadOnlyList<string> arms, DateTimeOffset asOf, DateTimeOffset? rewardsUpTo)
    {
        if (arms.Count != policy.Arms) throw new ArgumentException($"arms has {arms.Count} names but the policy has {policy.Arms} arms.", nameof(arms));
        policy.Refresh();
        return new ContextualSnapshot(CurrentFormat, bandit, asOf, rewardsUpTo, policy.Options.MinPropensity, policy.Options.UpdatesPerVersion, policy.Options.Prior,
            arms, policy.ElsewhereVersion, policy.Contexts);
    }

    /// <summary>The policy that goes on from here.</summary>
    public ContextualThompson ToPolicy() => new(Arms.Count, Contexts, ElsewherePolicyVersion,
        new ThompsonOptions { MinPropensity = MinPropensity, UpdatesPerVersion = UpdatesPerVersion, Prior = Prior });

    IReadOnlyList<string> IBanditSnapshot.ArmNames => Arms;

    IContextualPolicy IBanditSnapshot.Open() => ToPolicy();

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, BanditJson.Default.ContextualSnapshot);

    /// <exception cref="InvalidDataException">Not such JSON, another format, an arm or a context twice, or a number outside its range.</exception>
    public static ContextualSnapshot FromJson(ReadOnlySpan<byte> json)
    {
        var snapshot = BanditJson.Read(json, BanditJson.Default.ContextualSnapshot, "contextual bandit snapshot");
        if (snapshot.Format != CurrentFormat) throw new InvalidDataException($"The contextual bandit snapshot has format {snapshot.Format}; this program reads format {CurrentFormat}.");
        if (snapshot.Arms.Distinct(StringComparer.Ordinal).Count() != snapshot.Arms.Count) throw new InvalidDataException("The contextual bandit snapshot names an arm twice.");
        BanditJson.RequireInRange(() => snapshot.ToPolicy(), "contextual bandit snapshot");
        return snapshot;
    }
}
