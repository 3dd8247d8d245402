namespace Media.Bandit;

/// <summary>Chooses one of several arms in a context that is known before the choice, such as the reader's segment, and learns from what the choice brought there.</summary>
/// <remarks>
/// The same promises as <see cref="IBanditPolicy"/>, context by context: <see cref="Decision.PolicyVersion"/> counts within its context.
/// A context needs no announcing; one that has brought no reward yet is answered by what the others taught.
/// </remarks>
public interface IContextualPolicy
{
    /// <summary>snake_case, with the setting that tells it from its siblings.</summary>
    string Name { get; }

    int Arms { get; }

    /// <summary>Probability of each arm in this context now. Shape: Arms; sums to 1.</summary>
    IReadOnlyList<double> Propensities(string context);

    /// <summary>Version of the context's <see cref="Propensities"/>, from 0, rising.</summary>
    long PolicyVersion(string context);

    Decision Choose(string context, Random random);

    /// <summary>Learns the settled reward of one earlier decision.</summary>
    /// <param name="context">The context of that decision.</param>
    /// <param name="arm">The arm of that decision.</param>
    /// <param name="clicked">False also when no click came within the reward window.</param>
    /// <param name="revenueUsd">USD, finite, ≥ 0; 0 without a click.</param>
    /// <exception cref="ArgumentException">The arm or the revenue is out of range, or there is revenue without a click.</exception>
    void Update(string context, int arm, bool clicked, double revenueUsd);
}

/// <summary>A policy that treats every context alike: how a plain one stands beside contextual ones.</summary>
/// <remarks>Thread-safe as the policy is.</remarks>
public sealed class ContextBlind(IBanditPolicy policy) : IContextualPolicy
{
    public string Name => policy.Name;
    public int Arms => policy.Arms;

    /// <summary>The plain one.</summary>
    public IBanditPolicy Policy => policy;

    public IReadOnlyList<double> Propensities(string context) => policy.Propensities;
    public long PolicyVersion(string context) => policy.PolicyVersion;
    public Decision Choose(string context, Random random) => policy.Choose(random);
    public void Update(string context, int arm, bool clicked, double revenueUsd) => policy.Update(arm, clicked, revenueUsd);
}
