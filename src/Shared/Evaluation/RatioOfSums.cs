using Media.Models;

namespace Media.Evaluation;

/// <summary>A ratio of two sums over independent units, with its percentile bootstrap over the units: right pairs over pairs by test, regret by test.</summary>
/// <remarks>Units may weigh differently: they are drawn, not averaged. Same seed, same resamples for every ratio over as many units. Pure, thread-safe.</remarks>
/// <seealso href="https://doi.org/10.1111/j.1467-9868.2007.00593.x">Field, Welsh 2007, Bootstrapping clustered data</seealso>
public static class RatioOfSums
{
    /// <param name="above">One finite number per unit.</param>
    /// <param name="below">One finite number ≥ 0 per unit.</param>
    /// <returns>NaN where the numbers below sum to 0; resamples in which they do are left out.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or an option is out of range.</exception>
    public static Estimate Of(ReadOnlySpan<double> above, ReadOnlySpan<double> below, BootstrapOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        if (above.Length != below.Length) throw new ArgumentException($"above has {above.Length} units but below has {below.Length}.");
        var random = new Random(options.Seed);
        var ratios = new List<double>(options.Resamples);
        var (sumAbove, sumBelow) = (0.0, 0.0);
        for (var i = 0; i < above.Length; i++) (sumAbove, sumBelow) = (sumAbove + above[i], sumBelow + below[i]);
        for (var resample = 0; resample < options.Resamples && sumBelow > 0; resample++)
        {
            cancel.ThrowIfCancellationRequested();
            var (a, b) = (0.0, 0.0);
            for (var i = 0; i < above.Length; i++)
            {
                var unit = random.Next(above.Length);
                a += above[unit];
                b += below[unit];
            }
            if (b > 0) ratios.Add(a / b);
        }
        if (ratios.Count == 0) return new Estimate(double.NaN, double.NaN, double.NaN);
        ratios.Sort();
        return new Estimate(sumAbove / sumBelow, Quantile(ratios, (1 - options.Confidence) / 2), Quantile(ratios, (1 + options.Confidence) / 2));
    }

    private static double Quantile(List<double> sorted, double share)
    {
        var position = share * (sorted.Count - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
