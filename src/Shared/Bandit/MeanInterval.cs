namespace Media.Bandit;

/// <summary>A mean over independent repetitions with its 95 % confidence interval.</summary>
public readonly record struct MeanInterval(double Mean, double Low, double High)
{
    /// <summary>Student's interval; infinitely wide for one value.</summary>
    /// <exception cref="ArgumentException">No value.</exception>
    public static MeanInterval Of(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty) throw new ArgumentException("A mean needs at least one value.", nameof(values));
        var mean = 0.0;
        foreach (var value in values) mean += value;
        mean /= values.Length;
        if (values.Length == 1) return new MeanInterval(mean, double.NegativeInfinity, double.PositiveInfinity);
        var squares = 0.0;
        foreach (var value in values) squares += (value - mean) * (value - mean);
        var half = StudentQuantile975(values.Length - 1) * Math.Sqrt(squares / (values.Length - 1) / values.Length);
        return new MeanInterval(mean, mean - half, mean + half);
    }

    /// <summary>The 97.5 % quantile of Student's t: exact for 1 and 2 degrees of freedom, else an expansion good to 0.01 from 3 on.</summary>
    /// <seealso href="https://personal.math.ubc.ca/~cbm/aands/page_949.htm">Abramowitz &amp; Stegun 26.7.5</seealso>
    internal static double StudentQuantile975(int degrees)
    {
        if (degrees == 1) return 12.706204736;
        if (degrees == 2) return 4.302652730;
        const double z = 1.959963985;
        const double z3 = z * z * z, z5 = z3 * z * z, z7 = z5 * z * z, z9 = z7 * z * z;
        double n = degrees;
        return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n) + (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / (384 * n * n * n)
            + (79 * z9 + 776 * z7 + 1482 * z5 - 1920 * z3 - 945 * z) / (92160 * n * n * n * n);
    }
}
