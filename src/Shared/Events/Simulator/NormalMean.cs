namespace Media.Events.Simulator;

/// <summary>Means over a standard normal number, by the trapezoid rule, which converges as fast for it.</summary>
/// <remarks>17 nodes from −4 to 4: exact to some five digits for what is as smooth as the planted odds. Pure, thread-safe.</remarks>
internal static class NormalMean
{
    /// <summary>The weights sum to 1.</summary>
    public static readonly (double Node, double Weight)[] Nodes = Weighted([.. Enumerable.Range(-8, 17).Select(i => i * 0.5)]);

    public static double Of(Func<double, double> value)
    {
        var mean = 0.0;
        foreach (var (node, weight) in Nodes) mean += weight * value(node);
        return mean;
    }

    private static (double, double)[] Weighted(double[] nodes)
    {
        var whole = nodes.Sum(z => Math.Exp(-z * z / 2));
        return [.. nodes.Select(z => (z, Math.Exp(-z * z / 2) / whole))];
    }
}
