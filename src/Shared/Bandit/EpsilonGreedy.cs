using System.Globalization;

namespace Media.Bandit;

/// <summary>The arm with the highest mean revenue per decision so far; with probability ε any arm.</summary>
/// <remarks>Arms that tie share the greedy part evenly, so the first choices are uniform. A new version starts when the set of best arms changes. Thread-safe.</remarks>
/// <seealso href="http://incompleteideas.net/book/the-book-2nd.html">Sutton &amp; Barto 2018, Reinforcement Learning, section 2.2</seealso>
public sealed class EpsilonGreedy : IBanditPolicy
{
    private readonly Lock _learning = new();
    private readonly double[] _revenue;
    private readonly long[] _decisions;
    private readonly bool[] _best;
    private PolicyState _state;

    /// <param name="arms">≥ 1.</param>
    /// <param name="epsilon">Share of choices that explore, in [0, 1].</param>
    public EpsilonGreedy(int arms, double epsilon = 0.1)
    {
        if (!(epsilon is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, $"epsilon is {epsilon} but must be in [0, 1].");
        (_state, Epsilon) = (PolicyState.Uniform(arms), epsilon);
        (_revenue, _decisions, _best) = (new double[arms], new long[arms], new bool[arms]);
        Array.Fill(_best, true);
    }

    public double Epsilon { get; }
    public string Name => string.Create(CultureInfo.InvariantCulture, $"epsilon_greedy_{Epsilon:0.###}");
    public int Arms => _revenue.Length;
    public IReadOnlyList<double> Propensities => Volatile.Read(ref _state).Probabilities;
    public Decision Choose(Random random) => Volatile.Read(ref _state).Draw(random);

    public void Update(int arm, bool clicked, double revenueUsd)
    {
        PolicyState.CheckReward(Arms, arm, clicked, revenueUsd);
        lock (_learning)
        {
            _revenue[arm] += revenueUsd;
            _decisions[arm]++;
            if (!BestArmsChanged()) return;
            var share = (1 - Epsilon) / _best.Count(b => b);
            Volatile.Write(ref _state, new PolicyState(_state.Version + 1, [.. _best.Select(b => Epsilon / Arms + (b ? share : 0))]));
        }
    }

    private bool BestArmsChanged()
    {
        var top = double.NegativeInfinity;
        for (var i = 0; i < _revenue.Length; i++) top = Math.Max(top, Mean(i));
        var changed = false;
        for (var i = 0; i < _revenue.Length; i++)
        {
            var isBest = Mean(i) == top;
            changed |= isBest != _best[i];
            _best[i] = isBest;
        }
        return changed;
    }

    private double Mean(int arm) => _decisions[arm] == 0 ? 0 : _revenue[arm] / _decisions[arm];
}
