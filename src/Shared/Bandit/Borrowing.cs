namespace Media.Bandit;

/// <summary>How much a context believes of one arm from the other contexts, before its own rewards: the empirical-Bayes part of <see cref="ContextualThompson"/>.</summary>
/// <remarks>
/// The prior of a context is the base prior plus the other contexts' evidence, its weight cut so that it counts as at most so many decisions (and, for what a
/// click earns, as at most so many clicks). Both caps are those under which the contexts' own clicks and revenues are likeliest when each context is
/// foretold from the others: where contexts agree the caps rise until all is shared, where they differ they fall until nothing is.
/// </remarks>
/// <param name="MostDecisions">≥ 0; infinity = all.</param>
/// <param name="MostClicks">≥ 0; infinity = all.</param>
/// <seealso href="https://www.jstor.org/stable/2284155">Efron &amp; Morris 1975, Data Analysis Using Stein's Estimator and its Generalizations (shrinkage by the groups' own spread)</seealso>
public readonly record struct Borrowing(double MostDecisions, double MostClicks)
{
    // From all down to nothing: of caps that explain the evidence equally well, the one that shares most.
    private static readonly double[] DecisionCaps = [double.PositiveInfinity, 10_000, 3_000, 1_000, 300, 100, 30, 0];
    private static readonly double[] ClickCaps = [double.PositiveInfinity, 1_000, 300, 100, 30, 10, 3, 0];

    /// <summary>The prior of a context: base plus the others, within the caps.</summary>
    public ArmPosterior Prior(ArmPosterior basePrior, ArmEvidence others) => basePrior.Add(others, Weight(MostDecisions, others.Decisions), Weight(MostClicks, others.Clicks));

    /// <summary>The likeliest caps for one arm.</summary>
    /// <param name="contexts">The arm's evidence in each context.</param>
    public static Borrowing Likeliest(ArmPosterior basePrior, ReadOnlySpan<ArmEvidence> contexts)
    {
        var all = default(ArmEvidence);
        foreach (var context in contexts) all += context;
        var (decisions, clicks) = (DecisionCaps[0], ClickCaps[0]);
        var (bestClick, bestRevenue) = (double.NegativeInfinity, double.NegativeInfinity);
        for (var i = 0; i < DecisionCaps.Length; i++)
        {
            var (click, revenue) = (0.0, 0.0);
            var caps = new Borrowing(DecisionCaps[i], ClickCaps[i]);
            foreach (var own in contexts)
            {
                if (own.Decisions == 0) continue;
                var prior = caps.Prior(basePrior, all - own);
                click += LogLikelihood(prior.Click, own);
                revenue += LogLikelihood(prior.Revenue, own);
            }
            if (click > bestClick) (bestClick, decisions) = (click, caps.MostDecisions);
            if (revenue > bestRevenue) (bestRevenue, clicks) = (revenue, caps.MostClicks);
        }
        return new Borrowing(decisions, clicks);
    }

    private static double Weight(double most, long evidence) => evidence == 0 ? 0 : Math.Min(1, most / evidence);

    // Of the clicks one after another, the probability integrated out: B(α + clicks, β + misses) / B(α, β).
    private static double LogLikelihood(BetaPosterior prior, ArmEvidence own) =>
        LogBeta(prior.Alpha + own.Clicks, prior.Beta + own.Decisions - own.Clicks) - LogBeta(prior.Alpha, prior.Beta);

    // Of the revenues, the rate integrated out, but for a factor that is the same under every prior.
    private static double LogLikelihood(GammaPosterior prior, ArmEvidence own)
    {
        var shape = prior.Shape + own.Clicks * prior.RevenueShape;
        return prior.Shape * Math.Log(prior.Rate) - LogGamma.Of(prior.Shape) + LogGamma.Of(shape) - shape * Math.Log(prior.Rate + own.RevenueUsd);
    }

    private static double LogBeta(double a, double b) => LogGamma.Of(a) + LogGamma.Of(b) - LogGamma.Of(a + b);
}
