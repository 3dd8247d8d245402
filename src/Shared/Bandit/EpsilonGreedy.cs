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
    private readonly double[] _means;
    private readonly LeadingArms _leading;

    /// <param name="arms">≥ 1.</param>
    /// <param name="epsilon">Share of choices that explore, in [0, 1].</param>
    public EpsilonGreedy(int arms, double epsilon = 0.1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(arms);
        if (!(epsilon is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, $"epsilon is {epsilon} but must be in [0, 1].");
        (_leading, Epsilon) = (new LeadingArms(arms, epsilon / arms), epsilon);
        (_revenue, _decisions, _means) = (new double[arms], new long[arms], new double[arms]);
    }

    public double Epsilon { get; }
    public string Name => string.Create(CultureInfo.InvariantCulture, $"epsilon_greedy_{Epsilon:0.###}");
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
            _means[arm] = _revenue[arm] / ++_decisions[arm];
            _leading.Lead(_means);
        }
    }
}
