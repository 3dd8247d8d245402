using System.Globalization;

namespace Media.Bandit;

/// <summary>The arm with the highest mean revenue per decision so far; with probability ε any arm.</summary>
/// <remarks>Arms that tie share the greedy part evenly, so the first choices are uniform. A new version starts when the set of best arms changes. Thread-safe.</remarks>
/// <seealso href="http://incompleteideas.net/book/the-book-2nd.html">Sutton &amp; Barto 2018, Reinforcement Learning, section 2.2</seealso>
public sealed class EpsilonGreedy : IBanditPolicy
{
    private readonly Lock learning = new();
    private readonly double[] revenue;
    private readonly long[] decisions;
    private readonly bool[] best;
    private PolicyState state;

    /// <param name="arms">≥ 1.</param>
    /// <param name="epsilon">Share of choices that explore, in [0, 1].</param>
    public EpsilonGreedy(int arms, double epsilon = 0.1)
    {
        if (!(epsilon is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, $"epsilon is {epsilon} but must be in [0, 1].");
        (state, Epsilon) = (PolicyState.Uniform(arms), epsilon);
        (revenue, decisions, best) = (new double[arms], new long[arms], new bool[arms]);
        Array.Fill(best, true);
    }

    public double Epsilon { get; }
    public string Name => string.Create(CultureInfo.InvariantCulture, $"epsilon_greedy_{Epsilon:0.###}");
    public int Arms => revenue.Length;
    public IReadOnlyList<double> Propensities => Volatile.Read(ref state).Probabilities;
    public Decision Choose(Random random) => Volatile.Read(ref state).Draw(random);

    public void Update(int arm, bool clicked, double revenueUsd)
    {
        PolicyState.CheckReward(Arms, arm, clicked, revenueUsd);
        lock (learning)
        {
            revenue[arm] += revenueUsd;
            decisions[arm]++;
            if (!BestArmsChanged()) return;
            var share = (1 - Epsilon) / best.Count(b => b);
            Volatile.Write(ref state, new PolicyState(state.Version + 1, [.. best.Select(b => Epsilon / Arms + (b ? share : 0))]));
        }
    }

    private bool BestArmsChanged()
    {
        var top = double.NegativeInfinity;
        for (var i = 0; i < revenue.Length; i++) top = Math.Max(top, Mean(i));
        var changed = false;
        for (var i = 0; i < revenue.Length; i++)
        {
            var isBest = Mean(i) == top;
            changed |= isBest != best[i];
            best[i] = isBest;
        }
        return changed;
    }

    private double Mean(int arm) => decisions[arm] == 0 ? 0 : revenue[arm] / decisions[arm];
}
