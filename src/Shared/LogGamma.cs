namespace Media;

/// <summary>The logarithm of the Gamma function, for likelihoods and tails; no room of the library is nearer to it than another.</summary>
internal static class LogGamma
{
    private const double HalfLogTwoPi = 0.91893853320467274178;

    /// <param name="x">&gt; 0. Relative error below 1e-12 where the value is not near its zeros 1 and 2, absolute below 1e-12 there.</param>
    /// <seealso href="https://dlmf.nist.gov/5.11#E1">DLMF 5.11.1, Stirling's series; smaller x are led up to 10 by Γ(x + 1) = x Γ(x)</seealso>
    internal static double Of(double x)
    {
        var product = 1.0;
        for (; x < 10; x++) product *= x;
        var y = 1 / (x * x);
        var series = (1 / 12.0 - y * (1 / 360.0 - y * (1 / 1260.0 - y * (1 / 1680.0 - y * (1 / 1188.0 - y * (691 / 360_360.0)))))) / x;
        return (x - 0.5) * Math.Log(x) - x + HalfLogTwoPi + series - Math.Log(product);
    }
}
