namespace Media.Bandit;

/// <summary>Draws from the distributions that the bandit reasons with. Pure in the Random: same state, same draw.</summary>
internal static class Draw
{
    /// <summary>Standard normal by the polar method; the pair's second half is dropped, which keeps the draw without state.</summary>
    /// <seealso href="https://doi.org/10.1137/1006063">Marsaglia &amp; Bray 1964</seealso>
    internal static double Normal(Random random)
    {
        while (true)
        {
            var u = 2 * random.NextDouble() - 1;
            var v = 2 * random.NextDouble() - 1;
            var s = u * u + v * v;
            if (s is > 0 and < 1) return u * Math.Sqrt(-2 * Math.Log(s) / s);
        }
    }

    /// <summary>Gamma with this shape and rate 1.</summary>
    /// <remarks>shape &gt; 0. Below 1 a draw of shape + 1 is scaled by U^(1/shape).</remarks>
    /// <seealso href="https://doi.org/10.1145/358407.358414">Marsaglia &amp; Tsang 2000, A simple method for generating gamma variables</seealso>
    internal static double Gamma(Random random, double shape)
    {
        if (shape < 1) return Gamma(random, shape + 1) * Math.Pow(1 - random.NextDouble(), 1 / shape);
        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal(random);
            var v = 1 + c * x;
            if (v <= 0) continue;
            v = v * v * v;
            var u = 1 - random.NextDouble();
            // The squeeze accepts nineteen of twenty without a logarithm.
            if (u < 1 - 0.0331 * x * x * x * x || Math.Log(u) < 0.5 * x * x + d * (1 - v + Math.Log(v))) return d * v;
        }
    }

    /// <summary>Beta, as the share of one Gamma in two.</summary>
    internal static double Beta(Random random, double alpha, double beta)
    {
        var a = Gamma(random, alpha);
        return a / (a + Gamma(random, beta));
    }
}
