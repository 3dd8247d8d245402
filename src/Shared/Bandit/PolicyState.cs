namespace Media.Bandit;

/// <summary>A fixed distribution over arms with its version: the part of a policy that a decision reads.</summary>
/// <remarks>Immutable, thread-safe: a policy swaps one reference when it has learned, so a decision never mixes two versions.</remarks>
internal sealed class PolicyState
{
    private readonly double[] _probabilities;

    internal PolicyState(long version, double[] probabilities) => (Version, _probabilities) = (version, probabilities);

    internal long Version { get; }
    internal IReadOnlyList<double> Probabilities => _probabilities;

    internal static PolicyState Uniform(int arms)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(arms);
        var probabilities = new double[arms];
        Array.Fill(probabilities, 1.0 / arms);
        return new PolicyState(0, probabilities);
    }

    /// <summary>Each arm as often as it is believed to be the best, above a floor that every arm keeps.</summary>
    internal static PolicyState Thompson(long version, ReadOnlySpan<ArmPosterior> posteriors, double minPropensity)
    {
        var probabilities = BestArm.Probabilities(posteriors);
        for (var i = 0; i < probabilities.Length; i++) probabilities[i] = minPropensity + (1 - probabilities.Length * minPropensity) * probabilities[i];
        return new PolicyState(version, probabilities);
    }

    internal Decision Draw(Random random)
    {
        var left = random.NextDouble();
        var arm = 0;
        // The last arm with any probability takes what rounding left over, so an impossible arm is never drawn.
        for (var i = 0; i < _probabilities.Length; i++)
        {
            if (_probabilities[i] <= 0) continue;
            arm = i;
            left -= _probabilities[i];
            if (left < 0) break;
        }
        return new Decision(arm, _probabilities[arm], Version);
    }

    /// <summary>What is wrong with a floor that leaves nothing to choose by, or null.</summary>
    internal static string? FloorFault(double minPropensity, int arms) =>
        minPropensity * arms >= 1 ? $"MinPropensity {minPropensity} × {arms} arms must stay below 1." : null;

    /// <exception cref="ArgumentException">Not a reward that a decision can bring.</exception>
    internal static void CheckReward(int arms, int arm, bool clicked, double revenueUsd)
    {
        if ((uint)arm >= (uint)arms) throw new ArgumentOutOfRangeException(nameof(arm), arm, $"arm is {arm} but must be in 0 … {arms - 1}.");
        if (!(revenueUsd >= 0 && double.IsFinite(revenueUsd)))
            throw new ArgumentOutOfRangeException(nameof(revenueUsd), revenueUsd, $"revenueUsd is {revenueUsd} but must be finite and ≥ 0.");
        if (!clicked && revenueUsd > 0) throw new ArgumentException($"revenueUsd is {revenueUsd} without a click; only a click earns.", nameof(revenueUsd));
    }
}
