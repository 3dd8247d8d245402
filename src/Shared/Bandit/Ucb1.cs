using System.ComponentModel.DataAnnotations;

namespace Media.Bandit;

/// <summary>How UCB1 weighs what it has not seen.</summary>
public sealed record Ucb1Options
{
    /// <summary>What a decision can earn at most, USD: the scale of the uncertainty. Default 1, range 1e-6 – 1,000,000.</summary>
    [Range(1e-6, 1e6)]
    public double MostRevenueUsd { get; init; } = 1;

    /// <summary>Least probability of any arm. Default 0, the policy of the paper, which leaves a log that can value no other policy; range 0 – 0.1, and below 1 / arms.</summary>
    [Range(0, 0.1)]
    public double MinPropensity { get; init; }
}

/// <summary>Optimism by a bound that holds for any distribution: the arm with the highest mean + most · √(2 ln t / n), t decisions of which n of this arm.</summary>
/// <remarks>
/// An arm without a reward comes first; arms that tie share the choice evenly. Otherwise the choice is certain, propensity 1, until a reward
/// changes the leader: rewards that come late or in batches leave it at one arm meanwhile. The bound is wide: at click rates of a few percent it explores for long. Thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1023/A:1013689704352">Auer, Cesa-Bianchi, Fischer 2002, Finite-time Analysis of the Multiarmed Bandit Problem, figure 1</seealso>
public sealed class Ucb1 : IBanditPolicy
{
    private readonly Lock _learning = new();
    private readonly double[] _revenue;
    private readonly long[] _decisions;
    private readonly double[] _bounds;
    private readonly LeadingArms _leading;
    private long _allDecisions;

    /// <exception cref="ArgumentException">No arm, or an option outside its range.</exception>
    public Ucb1(int arms, Ucb1Options options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(arms);
        Media.Options.Check(options, PolicyState.FloorFault(options.MinPropensity, arms));
        (Options, _leading) = (options, new LeadingArms(arms, options.MinPropensity));
        (_revenue, _decisions, _bounds) = (new double[arms], new long[arms], new double[arms]);
        Array.Fill(_bounds, double.PositiveInfinity);
    }

    public Ucb1Options Options { get; }
    public string Name => "ucb1";
    public int Arms => _revenue.Length;
    public IReadOnlyList<double> Propensities => _leading.State.Probabilities;
    public long PolicyVersion => _leading.State.Version;
    public Decision Choose(Random random) => _leading.State.Draw(random);

    public void Update(int arm, bool clicked, double revenueUsd)
    {
        PolicyState.CheckReward(Arms, arm, clicked, revenueUsd);
        lock (_learning)
        {
            _revenue[arm] += revenueUsd;
            _decisions[arm]++;
            var width = 2 * Math.Log(++_allDecisions);
            for (var a = 0; a < _bounds.Length; a++)
                if (_decisions[a] > 0) _bounds[a] = _revenue[a] / _decisions[a] + Options.MostRevenueUsd * Math.Sqrt(width / _decisions[a]);
            _leading.Lead(_bounds);
        }
    }
}
