namespace Media.Models;

/// <summary>The expected logarithm of a count: what a model of ln(1 + views) answers that knows the mean of the views to come.</summary>
internal static class PoissonLog
{
    /// <summary>E[ln(1 + known + N)], N Poisson of this mean.</summary>
    /// <param name="mean">≥ 0.</param>
    internal static double Expected(int known, double mean)
    {
        if (mean <= 0) return Math.Log(1 + known);
        // Twelve standard deviations hold all but nothing of the mass.
        var (from, to) = ((int)Math.Max(0, mean - 12 * Math.Sqrt(mean)), (int)(mean + 12 * Math.Sqrt(mean) + 12));
        var (sum, mass) = (0.0, 0.0);
        for (var n = from; n <= to; n++)
        {
            var p = Math.Exp(n * Math.Log(mean) - mean - LogGamma.Of(n + 1));
            (sum, mass) = (sum + p * Math.Log(1 + known + n), mass + p);
        }
        return sum / mass;
    }
}
