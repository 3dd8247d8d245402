namespace Media.Bandit;

/// <summary>What a policy would have earned per decision, judged from another policy's log.</summary>
/// <param name="Value">USD (or whatever the rewards are in) per decision.</param>
/// <param name="StandardError">Of the value.</param>
/// <param name="EffectiveSampleSize">(Σw)² / Σw²: how many equally weighted rows the log is worth for this policy.</param>
public readonly record struct OffPolicyEstimate(double Value, double StandardError, double EffectiveSampleSize)
{
    /// <summary>Lower end of the normal 95 % confidence interval.</summary>
    public double Low => Value - 1.959963985 * StandardError;

    /// <summary>Upper end of the normal 95 % confidence interval.</summary>
    public double High => Value + 1.959963985 * StandardError;
}

/// <summary>Values a policy from a log that another policy made, through the logged propensities.</summary>
/// <remarks>
/// One entry per logged decision, all spans of equal length: reward · the probability with which the logging policy drew that arm, in (0, 1] ·
/// the probability with which the policy to be valued would have drawn the same arm, in [0, 1]. Pure, thread-safe.
/// </remarks>
/// <exception cref="ArgumentException">No row, other lengths, or a probability outside its range.</exception>
public static class OffPolicy
{
    /// <summary>Inverse propensity scoring: mean of reward × target / logged. Unbiased; wide where the policies differ.</summary>
    /// <seealso href="https://doi.org/10.1080/01621459.1952.10483446">Horvitz &amp; Thompson 1952</seealso>
    public static OffPolicyEstimate Ips(ReadOnlySpan<double> rewards, ReadOnlySpan<double> logged, ReadOnlySpan<double> target)
    {
        var (weights, size) = Weights(rewards.Length, logged, target);
        var n = rewards.Length;
        var value = 0.0;
        for (var i = 0; i < n; i++) value += weights[i] * rewards[i];
        value /= n;
        var squares = 0.0;
        for (var i = 0; i < n; i++) squares += Square(weights[i] * rewards[i] - value);
        return new OffPolicyEstimate(value, Math.Sqrt(squares / n / Math.Max(1, n - 1)), size);
    }

    /// <summary>Self-normalised: Σ weight × reward / Σ weight. Slightly biased, mostly narrower, and unmoved when all rewards shift.</summary>
    /// <remarks>Standard error by the delta method. NaN when no logged decision has weight.</remarks>
    /// <seealso href="https://papers.nips.cc/paper/5748-the-self-normalized-estimator-for-counterfactual-learning">Swaminathan &amp; Joachims 2015</seealso>
    public static OffPolicyEstimate Snips(ReadOnlySpan<double> rewards, ReadOnlySpan<double> logged, ReadOnlySpan<double> target)
    {
        var (weights, size) = Weights(rewards.Length, logged, target);
        var (value, total) = (0.0, 0.0);
        for (var i = 0; i < rewards.Length; i++)
        {
            value += weights[i] * rewards[i];
            total += weights[i];
        }
        value /= total;
        var squares = 0.0;
        for (var i = 0; i < rewards.Length; i++) squares += Square(weights[i] * (rewards[i] - value));
        return new OffPolicyEstimate(value, Math.Sqrt(squares) / total, size);
    }

    private static (double[] Weights, double EffectiveSize) Weights(int rows, ReadOnlySpan<double> logged, ReadOnlySpan<double> target)
    {
        if (rows == 0) throw new ArgumentException("An off-policy value needs at least one logged decision.");
        if (logged.Length != rows) throw new ArgumentException($"logged has {logged.Length} entries but rewards has {rows}.", nameof(logged));
        if (target.Length != rows) throw new ArgumentException($"target has {target.Length} entries but rewards has {rows}.", nameof(target));
        var weights = new double[rows];
        var (sum, squares) = (0.0, 0.0);
        for (var i = 0; i < rows; i++)
        {
            if (!(logged[i] is > 0 and <= 1)) throw new ArgumentException($"logged[{i}] is {logged[i]} but must be in (0, 1].", nameof(logged));
            if (!(target[i] is >= 0 and <= 1)) throw new ArgumentException($"target[{i}] is {target[i]} but must be in [0, 1].", nameof(target));
            weights[i] = target[i] / logged[i];
            sum += weights[i];
            squares += Square(weights[i]);
        }
        return (weights, squares == 0 ? 0 : sum * sum / squares);
    }

    private static double Square(double x) => x * x;
}
