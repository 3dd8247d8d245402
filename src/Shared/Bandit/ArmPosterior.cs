namespace Media.Bandit;

/// <summary>What is known of one arm: how often it is clicked and what a click earns. The arm's value is the product, USD per decision.</summary>
public readonly record struct ArmPosterior(BetaPosterior Click, GammaPosterior Revenue)
{
    public static ArmPosterior Prior { get; } = new(BetaPosterior.Prior, GammaPosterior.Prior);

    /// <summary>Posterior mean of the value; the two factors are independent.</summary>
    public double MeanValue => Click.Mean * Revenue.Mean;

    /// <summary>Posterior standard deviation of the value; infinite while the revenue's variance is.</summary>
    public double ValueDeviation => Math.Sqrt(Click.Variance * (Revenue.Variance + Revenue.Mean * Revenue.Mean) + Click.Mean * Click.Mean * Revenue.Variance);

    public ArmPosterior Update(bool clicked, double revenueUsd) =>
        new(Click.Update(clicked), clicked ? Revenue.Update(revenueUsd) : Revenue);

    /// <summary>This posterior as a prior, and evidence on top of it.</summary>
    /// <param name="clickWeight">How much of a decision one decision of the evidence counts, in [0, 1].</param>
    /// <param name="revenueWeight">The same for what the clicks earned.</param>
    public ArmPosterior Add(ArmEvidence evidence, double clickWeight = 1, double revenueWeight = 1) => new(
        new BetaPosterior(Click.Alpha + clickWeight * evidence.Clicks, Click.Beta + clickWeight * (evidence.Decisions - evidence.Clicks)),
        Revenue with { Shape = Revenue.Shape + revenueWeight * Revenue.RevenueShape * evidence.Clicks, Rate = Revenue.Rate + revenueWeight * evidence.RevenueUsd });

    /// <summary>Goes back towards the prior: of what was learned since, this share stays.</summary>
    /// <param name="kept">In [0, 1].</param>
    public ArmPosterior Forget(double kept, ArmPosterior prior) => new(
        new BetaPosterior(Toward(prior.Click.Alpha, Click.Alpha, kept), Toward(prior.Click.Beta, Click.Beta, kept)),
        Revenue with { Shape = Toward(prior.Revenue.Shape, Revenue.Shape, kept), Rate = Toward(prior.Revenue.Rate, Revenue.Rate, kept) });

    /// <summary>A value drawn from both posteriors, USD a decision: the arm of the highest draw is Thompson sampling's choice, and <see cref="BestArm"/> works out how likely each is.</summary>
    public double SampleValue(Random random) => Click.Sample(random) * Revenue.Sample(random);

    /// <exception cref="ArgumentException">A parameter is outside its range.</exception>
    internal void Check(string what)
    {
        if (!(Positive(Click.Alpha) && Positive(Click.Beta)))
            throw new ArgumentException($"{what}: click is Beta({Click.Alpha}, {Click.Beta}) but both must be finite and > 0.");
        if (!(Revenue.Shape > 1 && double.IsFinite(Revenue.Shape) && Positive(Revenue.Rate) && Positive(Revenue.RevenueShape)))
            throw new ArgumentException($"{what}: revenue has shape {Revenue.Shape}, rate {Revenue.Rate}, revenue shape {Revenue.RevenueShape} but needs shape > 1, the others > 0, all finite.");
    }

    /// <summary>One for each of several arms.</summary>
    internal ArmPosterior[] Repeated(int arms)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(arms);
        var posteriors = new ArmPosterior[arms];
        Array.Fill(posteriors, this);
        return posteriors;
    }

    private static double Toward(double prior, double now, double kept) => prior + kept * (now - prior);

    private static bool Positive(double x) => x > 0 && double.IsFinite(x);
}
