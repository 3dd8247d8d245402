using System.ComponentModel.DataAnnotations;
using System.Globalization;

namespace Media.Bandit;

/// <summary>What Bayes-UCB believes at first and how optimistic it is.</summary>
public sealed record BayesUcbOptions
{
    /// <summary>Standard deviations added to the mean. Default 1.5, range 0 – 10.</summary>
    [Range(0.0, 10)]
    public double Deviations { get; init; } = 1.5;

    /// <summary>Least probability of any arm. Default 0, the plain policy, which leaves a log that can value no other policy; range 0 – 0.1, and below 1 / arms.</summary>
    [Range(0, 0.1)]
    public double MinPropensity { get; init; }

    /// <summary>What is believed of every arm before the first reward; its revenue needs a variance, shape &gt; 2. Default Beta(1, 1) × Gamma(3, 2): 1 ± 1 USD a click. For clicks alone: <see cref="GammaPosterior.Known"/>.</summary>
    public ArmPosterior Prior { get; init; } = new(BetaPosterior.Prior, new GammaPosterior(3, 2, 1));
}

/// <summary>Optimism by the posterior: the arm whose value has the highest mean + c standard deviations.</summary>
/// <remarks>
/// Arms that tie share the choice evenly; otherwise it is certain, propensity 1, until a reward changes the leader: rewards that come late or in
/// batches leave it at one arm meanwhile. Thread-safe.
/// </remarks>
/// <seealso href="https://proceedings.mlr.press/v22/kaufmann12.html">Kaufmann, Cappé, Garivier 2012, On Bayesian Upper Confidence Bounds for Bandit Problems (there by a quantile)</seealso>
public sealed class BayesUcb : IBanditPolicy
{
    private readonly Lock _learning = new();
    private readonly ArmPosterior[] _posteriors;
    private readonly double[] _bounds;
    private readonly LeadingArms _leading;

    /// <exception cref="ArgumentException">No arm, or an option outside its range.</exception>
    public BayesUcb(int arms, BayesUcbOptions options) : this(options.Prior.Repeated(arms), options) { }

    /// <param name="posteriors">What is believed of each arm at first, in place of <see cref="BayesUcbOptions.Prior"/>; copied.</param>
    /// <param name="options">How optimistic to be.</param>
    /// <exception cref="ArgumentException">No arm, or a posterior or option outside its range.</exception>
    public BayesUcb(IReadOnlyList<ArmPosterior> posteriors, BayesUcbOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfZero(posteriors.Count, nameof(posteriors));
        Media.Options.Check(options, PolicyState.FloorFault(options.MinPropensity, posteriors.Count));
        for (var arm = 0; arm < posteriors.Count; arm++)
        {
            posteriors[arm].Check($"Arm {arm}");
            if (!double.IsFinite(posteriors[arm].ValueDeviation))
                throw new ArgumentException($"Arm {arm}: revenue has shape {posteriors[arm].Revenue.Shape} but needs shape > 2, so that it has a variance.", nameof(posteriors));
        }
        (Options, _leading, _posteriors) = (options, new LeadingArms(posteriors.Count, options.MinPropensity), [.. posteriors]);
        _bounds = [.. _posteriors.Select(Bound)];
        _leading.Lead(_bounds);
    }

    public BayesUcbOptions Options { get; }
    public string Name => string.Create(CultureInfo.InvariantCulture, $"bayes_ucb_{Options.Deviations:0.###}");
    public int Arms => _posteriors.Length;
    public IReadOnlyList<double> Propensities => _leading.State.Probabilities;
    public long PolicyVersion => _leading.State.Version;
    public Decision Choose(Random random) => _leading.State.Draw(random);

    public void Update(int arm, bool clicked, double revenueUsd)
    {
        PolicyState.CheckReward(Arms, arm, clicked, revenueUsd);
        lock (_learning)
        {
            _posteriors[arm] = _posteriors[arm].Update(clicked, revenueUsd);
            _bounds[arm] = Bound(_posteriors[arm]);
            _leading.Lead(_bounds);
        }
    }

    private double Bound(ArmPosterior posterior) => posterior.MeanValue + Options.Deviations * posterior.ValueDeviation;
}
