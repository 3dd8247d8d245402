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
public sealed record TrialResult(IReadOnlyList<int> CurveRounds, IReadOnlyList<PolicyTrial> Policies);

/// <summary>Runs policies against each other in a world whose odds are known.</summary>
/// <remarks>
/// Common random numbers: in one seed every policy meets the same two draws per round, one deciding the click (u &lt; click probability), one the
/// revenue relative to its mean. A policy sees one arm a round, so sharing the draws between arms changes no policy's law; it takes the luck out of
/// the paired difference. Seeds run in parallel; the result depends on the options only.
/// </remarks>
public static class BanditTrial
{
    /// <param name="policies">Makes a fresh policy per seed; all with the same number of arms.</param>
    /// <exception cref="ArgumentException">No policy, other numbers of arms, or an option outside its range.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop.</exception>
    public static TrialResult Run(BanditEnvironment environment, IReadOnlyList<Func<IBanditPolicy>> policies, TrialOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        if (policies.Count == 0) throw new ArgumentException("A trial needs at least one policy.", nameof(policies));
        var made = policies.Select(p => p()).ToArray();
        if (made.Any(p => p.Arms != made[0].Arms))
            throw new ArgumentException($"The policies differ in arms: {string.Join(", ", made.Select(p => $"{p.Name} {p.Arms}"))}.", nameof(policies));

        var points = Math.Min(options.CurvePoints, options.Rounds);
        int[] curve = [.. Enumerable.Range(1, points).Select(i => (int)((long)options.Rounds * i / points))];
        var runs = new Played[options.Seeds, policies.Count];
        Parallel.For(0, options.Seeds, new ParallelOptions { CancellationToken = cancel }, seed =>
        {
            var luck = new Luck(options, options.FirstSeed + seed);
            for (var p = 0; p < policies.Count; p++)
                runs[seed, p] = Play(environment, policies[p](), luck, curve, options, new Random(unchecked((options.FirstSeed + seed) * 31 + p)), cancel);
        });

        return new TrialResult(curve, [.. made.Select((policy, p) => Summary(policy.Name, runs, p, curve.Length))]);
    }

    private static Played Play(BanditEnvironment environment, IBanditPolicy policy, Luck luck, int[] curve, TrialOptions options, Random random, CancellationToken cancel)
    {
        var regret = new double[curve.Length];
        var late = new Queue<(int Arm, bool Clicked, double Revenue)>(options.RewardDelayRounds + 1);
        var (lost, earned, point) = (0.0, 0.0, 0);
        for (var round = 0; round < options.Rounds; round++)
        {
            if ((round & 4095) == 0) cancel.ThrowIfCancellationRequested();
            var arm = policy.Choose(random).Arm;
            var odds = environment(round, arm);
            var best = odds.Value;
            for (var other = 0; other < policy.Arms; other++) best = Math.Max(best, environment(round, other).Value);
            lost += best - odds.Value;

            var clicked = luck.Click[round] < odds.ClickProbability;
            var revenue = clicked ? odds.MeanRevenueUsd * luck.Revenue[round] : 0;
            earned += revenue;
            late.Enqueue((arm, clicked, revenue));
            if (late.Count > options.RewardDelayRounds)
            {
                var due = late.Dequeue();
                policy.Update(due.Arm, due.Clicked, due.Revenue);
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
        internal Luck(TrialOptions options, int seed)
        {
            var random = new Random(seed);
            (Click, Revenue) = (new double[options.Rounds], new double[options.Rounds]);
            for (var i = 0; i < options.Rounds; i++)
            {
                Click[i] = random.NextDouble();
                Revenue[i] = Draw.Gamma(random, options.RevenueShape) / options.RevenueShape;
            }
        }

        internal double[] Click { get; }

        /// <summary>Mean 1.</summary>
        internal double[] Revenue { get; }
    }
}
