using System.Text.Json;

namespace Media.Bandit;

/// <summary>A policy at one instant, as it is kept in the registry: written by the bandit job, read by the API.</summary>
/// <remarks>JSON in UTF-8, snake_case; the two layouts are told apart by the contexts that only one of them has. Immutable, thread-safe.</remarks>
public interface IBanditSnapshot
{
    /// <summary>Which choice it makes, for example <c>ad_slot</c>; also its name in the registry.</summary>
    string Bandit { get; }

    /// <summary>UTC; the newest instant that it learned from.</summary>
    DateTimeOffset AsOf { get; }

    /// <summary>UTC; every reward in the lake that was recorded before it is inside, none recorded at or after it. <c>null</c> = none is inside.</summary>
    DateTimeOffset? RewardsUpTo { get; }

    /// <summary>Why this policy serves and not another, a sentence; null where nobody compared.</summary>
    string? Reason { get; }

    /// <summary>In the order of the arm index.</summary>
    IReadOnlyList<string> ArmNames { get; }

    /// <summary>The policy that goes on from here; one that knows no contexts answers every one alike.</summary>
    IContextualPolicy Open();

    byte[] ToJson();

    /// <summary>What is kept of a policy: its posteriors, or its evidence in every context.</summary>
    /// <param name="policy">A <see cref="ContextualThompson"/> or a blind <see cref="ThompsonSampling"/>; refreshed by this call, so that its version stands for all that it has learned.</param>
    /// <exception cref="ArgumentException">Not one name per arm, or a policy of another kind.</exception>
    static IBanditSnapshot Of(IContextualPolicy policy, string bandit, IReadOnlyList<string> arms, DateTimeOffset asOf, DateTimeOffset? rewardsUpTo, string? reason) => policy switch
    {
        ContextualThompson contextual => ContextualSnapshot.Of(contextual, bandit, arms, asOf, rewardsUpTo) with { Reason = reason },
        ContextBlind { Policy: ThompsonSampling plain } => BanditSnapshot.Of(plain, bandit, arms, asOf, rewardsUpTo) with { Reason = reason },
        _ => throw new ArgumentException($"'{policy.Name}' cannot be kept; Thompson sampling can, with or without contexts.", nameof(policy)),
    };

    /// <summary>Reads either layout.</summary>
    /// <exception cref="InvalidDataException">Neither of them, another format, or a number outside its range.</exception>
    static IBanditSnapshot FromJson(ReadOnlySpan<byte> json) => HasContexts(json) ? ContextualSnapshot.FromJson(json) : BanditSnapshot.FromJson(json);

    // Only the names of the outermost object are looked at; what is no JSON at all is refused by whoever reads it whole.
    private static bool HasContexts(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName || reader.CurrentDepth != 1) continue;
                if (reader.ValueTextEquals("contexts"u8)) return true;
                reader.Skip();
            }
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"Not a bandit snapshot: {e.Message}", e);
        }
        return false;
    }
}
