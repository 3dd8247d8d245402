using Media.Events;
using Media.Events.Simulator;

namespace Media.Bandit;

/// <summary>Every policy on the simulated ad slots: while their odds stand still, and while they drift.</summary>
/// <param name="Steady">Uniform first, then ε-greedy, Thompson, UCB1, Bayes-UCB, Thompson that forgets, Thompson per segment.</param>
/// <param name="Drift">Thompson first, then Thompson that forgets, where the slots change places.</param>
/// <param name="DriftEveryRounds">How often they do.</param>
/// <param name="DriftSeeds">Runs of the drifting world: fewer, the difference is large.</param>
/// <param name="DriftDiscount">Of the policy that forgets.</param>
public sealed record BanditTrials(TrialResult Steady, TrialResult Drift, int DriftEveryRounds, int DriftSeeds, double DriftDiscount)
{
    /// <summary>Rewards that a forgetting policy remembers, as a share of the rounds between two changes.</summary>
    private const double Memory = 0.4;

    /// <summary>Name of the policy that neither forgets nor knows segments.</summary>
    public string Plain => Drift.Policies[0].Name;

    /// <summary>What knowing the segment earned in the steady world, USD, paired by seed.</summary>
    public MeanInterval ContextualGain => Steady.Gain(Steady.Policies[^1].Name, Plain);

    /// <summary>What forgetting earned in the drifting world, USD, paired by seed.</summary>
    public MeanInterval DiscountedGain => Drift.Gain(Drift.Policies[^1].Name, Plain);

    /// <param name="rounds">Decisions per run; the drifting world changes after every quarter of them.</param>
    /// <param name="seeds">Runs of the steady world.</param>
    /// <exception cref="ArgumentException">Too few rounds or seeds for a trial.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop.</exception>
    public static BanditTrials Run(SimulatedTruth truth, int rounds, int seeds, int firstSeed, CancellationToken cancel)
    {
        var arms = Vocabulary<AdSlot>.Names.Count;
        var world = BanditWorld.AdSlots(truth);
        var every = Math.Max(1, rounds / 4);
        // A hundred versions a run: finer steps change a run's revenue by less than its noise and cost their time.
        var plain = new ThompsonOptions { UpdatesPerVersion = Math.Max(1, rounds / 100) };
        var forgetting = plain with { Discount = Math.Max(0.5, Math.Round(1 - 1 / Math.Max(2, Memory * every), 6)) };
        Func<IContextualPolicy> thompson = () => new ContextBlind(new ThompsonSampling(arms, plain)), discounted = () => new ContextBlind(new ThompsonSampling(arms, forgetting));
        var steady = BanditTrial.Run(world,
            [
                () => new ContextBlind(new UniformPolicy(arms)), () => new ContextBlind(new EpsilonGreedy(arms)), thompson, () => new ContextBlind(new Ucb1(arms, new Ucb1Options())),
                () => new ContextBlind(new BayesUcb(arms, new BayesUcbOptions())), discounted, () => new ContextualThompson(arms, plain),
            ],
            new TrialOptions { Rounds = rounds, Seeds = seeds, FirstSeed = firstSeed }, cancel);
        var driftSeeds = Math.Min(seeds, 20);
        var drift = BanditTrial.Run(world.Drifting(arms, every), [thompson, discounted], new TrialOptions { Rounds = rounds, Seeds = driftSeeds, FirstSeed = firstSeed }, cancel);
        return new BanditTrials(steady, drift, every, driftSeeds, forgetting.Discount);
    }
}
