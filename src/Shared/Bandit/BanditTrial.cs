using System.ComponentModel.DataAnnotations;

namespace Media.Bandit;

/// <summary>The true odds of one arm in one round: known in a simulated world only, never to a policy.</summary>
/// <param name="ClickProbability">In [0, 1].</param>
/// <param name="MeanRevenueUsd">Mean revenue of a click, USD, ≥ 0.</param>
public readonly record struct ArmOdds(double ClickProbability, double MeanRevenueUsd)
{
    /// <summary>Expected revenue of a decision, USD.</summary>
    public double Value => ClickProbability * MeanRevenueUsd;
}

/// <summary>The world that policies are tried in.</summary>
/// <param name="round">0 … Rounds − 1.</param>
/// <param name="arm">0 … arms − 1.</param>
/// <remarks>Must be a pure function: it is asked from several threads, and every policy must meet the same world.</remarks>
public delegate ArmOdds BanditEnvironment(int round, int arm);

/// <summary>How long and how often policies are tried.</summary>
public sealed record TrialOptions
{
    /// <summary>Decisions per run. Default 20,000, range 1 – 100,000,000.</summary>
    [Range(1, 100_000_000)]
    public int Rounds { get; init; } = 20_000;

    /// <summary>Runs, each with its own luck. Default 100, range 1 – 100,000.</summary>
    [Range(1, 100_000)]
    public int Seeds { get; init; } = 100;

    /// <summary>Run s takes its randomness from this + s. Default 1.</summary>
    public int FirstSeed { get; init; } = 1;

    /// <summary>A reward is learned this many rounds after its decision. Default 0, range 0 – 1,000,000.</summary>
    [Range(0, 1_000_000)]
    public int RewardDelayRounds { get; init; }

    /// <summary>Shape of the Gamma that a click's revenue is drawn from, around its mean. Default 2, range 0.1 – 1,000.</summary>
    [Range(0.1, 1000)]
    public double RevenueShape { get; init; } = 2;

    /// <summary>Points of the curves, evenly spaced, the last at the end. Default 100, range 1 – 10,000; never more than Rounds.</summary>
    [Range(1, 10_000)]
    public int CurvePoints { get; init; } = 100;
}

/// <summary>How one policy did.</summary>
/// <param name="Regret">Per point of <see cref="TrialResult.CurveRounds"/>: expected revenue lost so far against the best arm of each round, USD.</param>
/// <param name="RevenueUsd">Cumulative revenue at the end.</param>
/// <param name="MinusFirstUsd">Cumulative revenue minus the first policy's, paired by seed.</param>
/// <param name="BeatsFirst">Seeds in which it earned more than the first policy.</param>
/// <param name="RevenueBySeed">Shape: Seeds.</param>
public sealed record PolicyTrial(string Name, IReadOnlyList<MeanInterval> Regret, MeanInterval RevenueUsd, MeanInterval MinusFirstUsd, int BeatsFirst, IReadOnlyList<double> RevenueBySeed);

/// <summary>All policies over the same rounds.</summary>
/// <param name="CurveRounds">Rounds played at each point of the curves, ascending, the last = Rounds.</param>
/// <param name="Policies">In the order given; the first is what the others are compared with.</param>
public sealed record TrialResult(IReadOnlyList<int> CurveRounds, IReadOnlyList<PolicyTrial> Policies)
{
    /// <exception cref="ArgumentException">No such policy.</exception>
    public PolicyTrial this[string policy] => Policies.FirstOrDefault(p => p.Name == policy)
        ?? throw new ArgumentException($"The trial has no policy '{policy}' but {string.Join(", ", Policies.Select(p => p.Name))}.", nameof(policy));

    /// <summary>How much more one policy earned than another, USD, paired by seed.</summary>
    /// <exception cref="ArgumentException">No such policy.</exception>
    public MeanInterval Gain(string policy, string over) => MeanInterval.Of([.. this[policy].RevenueBySeed.Zip(this[over].RevenueBySeed, (a, b) => a - b)]);
}

/// <summary>Runs policies against each other in a world whose odds are known.</summary>
/// <remarks>
/// Common random numbers: in one seed every policy meets the same contexts and the same two draws per round, one deciding the click (u &lt; click probability), one the
/// revenue relative to its mean. A policy sees one arm a round, so sharing the draws between arms changes no policy's law; it takes the luck out of
/// the paired difference. Seeds run in parallel; the result depends on the options only.
/// </remarks>
public static class BanditTrial
{
    /// <param name="policies">Makes a fresh policy per seed; all with the same number of arms.</param>
    /// <exception cref="ArgumentException">No policy, other numbers of arms, or an option outside its range.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop.</exception>
    public static TrialResult Run(BanditEnvironment environment, IReadOnlyList<Func<IBanditPolicy>> policies, TrialOptions options, CancellationToken cancel) =>
        Run(new BanditWorld([new WorldContext("", 1)], (round, _, arm) => environment(round, arm)), [.. policies.Select(Blind)], options, cancel);

    /// <param name="policies">Makes a fresh policy per seed; all with the same number of arms. A plain one takes part as <see cref="ContextBlind"/>.</param>
    /// <exception cref="ArgumentException">No policy, other numbers of arms, no context with a share, or an option outside its range.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop.</exception>
    public static TrialResult Run(BanditWorld world, IReadOnlyList<Func<IContextualPolicy>> policies, TrialOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        if (world.Contexts.Any(c => !(c.Share >= 0 && double.IsFinite(c.Share))) || !(world.Contexts.Sum(c => c.Share) > 0))
            throw new ArgumentException($"The shares of the contexts are {string.Join(", ", world.Contexts.Select(c => c.Share))} but must be finite, ≥ 0, and one above 0.", nameof(world));
        if (policies.Count == 0) throw new ArgumentException("A trial needs at least one policy.", nameof(policies));
        var made = policies.Select(p => p()).ToArray();
        if (made.Any(p => p.Arms != made[0].Arms))
            throw new ArgumentException($"The policies differ in arms: {string.Join(", ", made.Select(p => $"{p.Name} {p.Arms}"))}.", nameof(policies));

        var points = Math.Min(options.CurvePoints, options.Rounds);
        int[] curve = [.. Enumerable.Range(1, points).Select(i => (int)((long)options.Rounds * i / points))];
        var runs = new Played[options.Seeds, policies.Count];
        Parallel.For(0, options.Seeds, new ParallelOptions { CancellationToken = cancel }, seed =>
        {
            var luck = new Luck(options, world.Contexts, options.FirstSeed + seed);
            for (var p = 0; p < policies.Count; p++)
                runs[seed, p] = Play(world, policies[p](), luck, curve, options, new Random(unchecked((options.FirstSeed + seed) * 31 + p)), cancel);
        });

        return new TrialResult(curve, [.. made.Select((policy, p) => Summary(policy.Name, runs, p, curve.Length))]);
    }

    private static Func<IContextualPolicy> Blind(Func<IBanditPolicy> make) => () => new ContextBlind(make());

    private static Played Play(BanditWorld world, IContextualPolicy policy, Luck luck, int[] curve, TrialOptions options, Random random, CancellationToken cancel)
    {
        var regret = new double[curve.Length];
        var late = new Queue<(string Context, int Arm, bool Clicked, double Revenue)>(options.RewardDelayRounds + 1);
        var (lost, earned, point) = (0.0, 0.0, 0);
        for (var round = 0; round < options.Rounds; round++)
        {
            if ((round & 4095) == 0) cancel.ThrowIfCancellationRequested();
            var context = luck.Context[round];
            var name = world.Contexts[context].Name;
            var arm = policy.Choose(name, random).Arm;
            var odds = world.Odds(round, context, arm);
            var best = odds.Value;
            for (var other = 0; other < policy.Arms; other++) best = Math.Max(best, world.Odds(round, context, other).Value);
            lost += best - odds.Value;

            var clicked = luck.Click[round] < odds.ClickProbability;
            var revenue = clicked ? odds.MeanRevenueUsd * luck.Revenue[round] : 0;
            earned += revenue;
            late.Enqueue((name, arm, clicked, revenue));
            if (late.Count > options.RewardDelayRounds)
            {
                var due = late.Dequeue();
                policy.Update(due.Context, due.Arm, due.Clicked, due.Revenue);
            }
            if (round + 1 == curve[point]) regret[point++] = lost;
        }
        return new Played(regret, earned);
    }

    private static PolicyTrial Summary(string name, Played[,] runs, int policy, int points)
    {
        var seeds = runs.GetLength(0);
        var column = new double[seeds];
        var regret = new MeanInterval[points];
        for (var i = 0; i < points; i++)
        {
            for (var s = 0; s < seeds; s++) column[s] = runs[s, policy].Regret[i];
            regret[i] = MeanInterval.Of(column);
        }
        double[] revenue = [.. Enumerable.Range(0, seeds).Select(s => runs[s, policy].Revenue)];
        double[] minusFirst = [.. Enumerable.Range(0, seeds).Select(s => runs[s, policy].Revenue - runs[s, 0].Revenue)];
        return new PolicyTrial(name, regret, MeanInterval.Of(revenue), MeanInterval.Of(minusFirst), minusFirst.Count(d => d > 0), revenue);
    }

    private readonly record struct Played(double[] Regret, double Revenue);

    private sealed class Luck
    {
        internal Luck(TrialOptions options, IReadOnlyList<WorldContext> contexts, int seed)
        {
            var random = new Random(seed);
            (Click, Revenue, Context) = (new double[options.Rounds], new double[options.Rounds], new int[options.Rounds]);
            for (var i = 0; i < options.Rounds; i++)
            {
                Click[i] = random.NextDouble();
                Revenue[i] = Draw.Gamma(random, options.RevenueShape) / options.RevenueShape;
            }
            var shares = new PolicyState(0, [.. contexts.Select(c => c.Share / contexts.Sum(other => other.Share))]);
            for (var i = 0; i < options.Rounds; i++) Context[i] = shares.Draw(random).Arm;
        }

        internal double[] Click { get; }

        /// <summary>Index of the context that comes up.</summary>
        internal int[] Context { get; }

        /// <summary>Mean 1.</summary>
        internal double[] Revenue { get; }
    }
}
