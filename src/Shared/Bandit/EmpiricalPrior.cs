namespace Media.Bandit;

/// <summary>What the arms of the past say of an arm not yet tried: empirical Bayes.</summary>
/// <seealso href="https://doi.org/10.1080/01621459.1983.10477920">Morris 1983, Parametric Empirical Bayes Inference</seealso>
public static class EmpiricalPrior
{
    // Rates that differ no more than chance would make the prior infinitely sure.
    private const double MostConcentration = 1e6;

    /// <summary>The Beta whose mean and variance are those of the arms' rates, the variance less what counting adds. Pure, thread-safe.</summary>
    /// <param name="arms">At least one that was shown; others are passed over.</param>
    /// <returns>Beta(1, 1) when nothing was ever clicked, or everything.</returns>
    /// <exception cref="ArgumentException">No arm was shown, or clicks are not within impressions.</exception>
    public static BetaPosterior Of(IReadOnlyList<(long Clicks, long Impressions)> arms)
    {
        foreach (var (clicks, impressions) in arms)
            if (clicks < 0 || clicks > impressions) throw new ArgumentException($"An arm has {clicks} clicks of {impressions} impressions.", nameof(arms));
        var shown = arms.Where(a => a.Impressions > 0).ToList();
        if (shown.Count == 0) throw new ArgumentException("No arm was ever shown: there is nothing to believe from.", nameof(arms));
        var mean = shown.Average(a => (double)a.Clicks / a.Impressions);
        if (mean is 0 or 1) return BetaPosterior.Prior;
        var variance = shown.Average(a => Math.Pow((double)a.Clicks / a.Impressions - mean, 2));
        var counting = shown.Average(a => mean * (1 - mean) / a.Impressions);
        var concentration = variance > counting ? Math.Min(mean * (1 - mean) / (variance - counting) - 1, MostConcentration) : MostConcentration;
        // A variance above that of a coin can only be chance of few arms.
        return concentration > 0 ? new BetaPosterior(mean * concentration, (1 - mean) * concentration) : BetaPosterior.Prior;
    }
}
