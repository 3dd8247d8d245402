namespace Media.Bandit;

// The bandit's way, a file a step:
//   1 IBanditPolicy      choose an arm, log the decision with its propensity
//   2 RewardLedger       the click comes late, twice or never: one settled reward per decision
//   3 ArmPosterior       what is known of an arm: BetaPosterior (clicks) × GammaPosterior (revenue per click)
//   4 BestArm            posteriors → the probability that each arm is the best
//   5 ThompsonSampling   draws from these; UniformPolicy, EpsilonGreedy, Ucb1 and BayesUcb stand beside it
//   6 ContextualThompson the same in every context (IContextualPolicy), borrowing between contexts (Borrowing)
//   7 IBanditSnapshot    the posterior as JSON, for the registry and the API: BanditSnapshot, or ContextualSnapshot
//   8 BanditTrial        policies against each other in a known BanditWorld; OffPolicy values one from another's log
//   9 AdLog              ads shown and clicked, joined: what the ad slots are learned from (AdSlotLearning)
//  10 AdSlotComparison   which of the learned policies is to serve, by that log

/// <summary>One choice: what a log needs to learn from it and to value other policies by it.</summary>
/// <param name="Arm">0 … arms − 1.</param>
/// <param name="Propensity">The very probability with which this arm was drawn, in (0, 1].</param>
/// <param name="PolicyVersion">Which state of the policy chose; propensities are constant within a version.</param>
public readonly record struct Decision(int Arm, double Propensity, long PolicyVersion);

/// <summary>Chooses one of several arms and learns from what the choice brought.</summary>
/// <remarks>
/// <see cref="Choose"/> and <see cref="Propensities"/> may run beside <see cref="Update"/> on other threads (each thread with its own Random).
/// Choices depend on the Random and the updates so far only.
/// </remarks>
public interface IBanditPolicy
{
    /// <summary>snake_case, with the setting that tells it from its siblings.</summary>
    string Name { get; }

    int Arms { get; }

    /// <summary>Probability of each arm now. Shape: Arms; sums to 1.</summary>
    IReadOnlyList<double> Propensities { get; }

    /// <summary>Version of <see cref="Propensities"/>, from 0, rising.</summary>
    long PolicyVersion { get; }

    Decision Choose(Random random);

    /// <summary>Learns the settled reward of one earlier decision.</summary>
    /// <param name="arm">The arm of that decision.</param>
    /// <param name="clicked">False also when no click came within the reward window.</param>
    /// <param name="revenueUsd">USD, finite, ≥ 0; 0 without a click.</param>
    /// <exception cref="ArgumentException">The arm or the revenue is out of range, or there is revenue without a click.</exception>
    void Update(int arm, bool clicked, double revenueUsd);
}
