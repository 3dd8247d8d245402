using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Media.Bandit;

/// <summary>How a Thompson policy explores and how often it learns.</summary>
public sealed record ThompsonOptions
{
    /// <summary>Least probability of any arm: the safe exploration floor, which also bounds off-policy weights by its inverse. Default 0.01, range 0 – 0.1, and below 1 / arms.</summary>
    [Range(0, 0.1)]
    public double MinPropensity { get; init; } = 0.01;

    /// <summary>Updates after which the probabilities are computed anew and a version begins. Default 100, range 1 – 1,000,000.</summary>
    [Range(1, 1_000_000)]
    public int UpdatesPerVersion { get; init; } = 100;

    /// <summary>What is believed of every arm before the first reward. Default Beta(1, 1) × Gamma(2, 1).</summary>
    public ArmPosterior Prior { get; init; } = ArmPosterior.Prior;

    /// <summary>Share of what was learned that one more update leaves of every arm, γ: about the last 1 / (1 − γ) decisions count, for a world that drifts. Default 1, nothing is forgotten; range 0.5 – 1.</summary>
    [Range(0.5, 1)]
    public double Discount { get; init; } = 1;
}

/// <summary>Thompson sampling for clicks that earn: each arm as often as it is believed to be the best.</summary>
/// <remarks>
/// Updates enter the posterior at once, the probabilities follow every <see cref="ThompsonOptions.UpdatesPerVersion"/> updates:
/// between, the policy is one fixed vector and an arm is drawn from that very vector, so the logged propensity is exact, not estimated.
/// p = floor + (1 − arms·floor) · P(arm is best), the latter from <see cref="BestArm"/>. With a discount below 1 every update first takes all arms
/// a step back to the prior, so an arm that was not chosen for long is uncertain again and is tried anew; the order of rewards matters then. Thread-safe.
/// </remarks>
/// <seealso href="https://arxiv.org/abs/1707.09727">Raj &amp; Kalyani 2017, Taming Non-stationary Bandits: A Bayesian Approach (discounted Thompson sampling)</seealso>
/// <seealso href="https://arxiv.org/abs/0805.3415">Garivier &amp; Moulines 2011, On Upper-Confidence Bound Policies for Switching Bandit Problems (the discount)</seealso>
/// <seealso href="https://arxiv.org/abs/1707.02038">Russo et al. 2018, A Tutorial on Thompson Sampling</seealso>
public sealed class ThompsonSampling : IBanditPolicy
{
    private readonly Lock _learning = new();
    private readonly ArmPosterior[] _posteriors;
    private PolicyState _state;
    private int _updatesSinceVersion;

    /// <exception cref="ArgumentException">No arm, or an option outside its range.</exception>
    public ThompsonSampling(int arms, ThompsonOptions options) : this(options.Prior.Repeated(arms), 0, options) { }

    /// <param name="posteriors">One per arm; copied.</param>
    /// <param name="policyVersion">The version that these posteriors begin.</param>
    /// <exception cref="ArgumentException">No arm, or a posterior or option outside its range.</exception>
    public ThompsonSampling(IReadOnlyList<ArmPosterior> posteriors, long policyVersion, ThompsonOptions options)
    {
        if (posteriors.Count == 0) throw new ArgumentException("A bandit needs at least one arm.", nameof(posteriors));
        Media.Options.Check(options, PolicyState.FloorFault(options.MinPropensity, posteriors.Count));
        options.Prior.Check("Prior");
        for (var i = 0; i < posteriors.Count; i++) posteriors[i].Check($"Arm {i}");
        (_posteriors, Options) = ([.. posteriors], options);
        Name = options.Discount < 1 ? string.Create(CultureInfo.InvariantCulture, $"discounted_thompson_{options.Discount:0.######}") : "thompson_sampling";
        _state = Compute(policyVersion);
    }

    public ThompsonOptions Options { get; }
    public string Name { get; }
    public int Arms => _posteriors.Length;
    public IReadOnlyList<double> Propensities => Volatile.Read(ref _state).Probabilities;
    public long PolicyVersion => Volatile.Read(ref _state).Version;

    /// <summary>A copy, one per arm, of what has been learned up to now.</summary>
    public IReadOnlyList<ArmPosterior> Posteriors
    {
        get { lock (_learning) return [.. _posteriors]; }
    }

    public Decision Choose(Random random) => Volatile.Read(ref _state).Draw(random);

    public void Update(int arm, bool clicked, double revenueUsd)
    {
        PolicyState.CheckReward(Arms, arm, clicked, revenueUsd);
        lock (_learning)
        {
            if (Options.Discount < 1)
                for (var i = 0; i < _posteriors.Length; i++) _posteriors[i] = _posteriors[i].Forget(Options.Discount, Options.Prior);
            _posteriors[arm] = _posteriors[arm].Update(clicked, revenueUsd);
            if (++_updatesSinceVersion >= Options.UpdatesPerVersion) BeginVersion();
        }
    }

    /// <summary>Brings the probabilities up to the posterior now; nothing happens when nothing was learned since the last version.</summary>
    public void Refresh()
    {
        lock (_learning)
            if (_updatesSinceVersion > 0) BeginVersion();
    }

    private void BeginVersion()
    {
        Volatile.Write(ref _state, Compute(_state.Version + 1));
        _updatesSinceVersion = 0;
    }

    private PolicyState Compute(long version) => PolicyState.Thompson(version, _posteriors, Options.MinPropensity);
}
