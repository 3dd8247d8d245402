namespace Media.Bandit;

/// <summary>What a policy would have earned per decision, judged from another policy's log.</summary>
/// <remarks>Keeps what each row contributed, for <see cref="Percentiles"/>. Immutable, thread-safe.</remarks>
public sealed class OffPolicyEstimate
{
    private readonly double[] _terms;
    private readonly double[]? _weights;

    private OffPolicyEstimate(double[] terms, double[]? weights, double value, double standardError, double effectiveSampleSize) =>
        (_terms, _weights, Value, StandardError, EffectiveSampleSize) = (terms, weights, value, standardError, effectiveSampleSize);

    /// <summary>USD (or whatever the rewards are in) per decision.</summary>
    public double Value { get; }

    /// <summary>Of the value.</summary>
    public double StandardError { get; }

    /// <summary>(Σw)² / Σw²: how many equally weighted rows the log is worth for this policy.</summary>
    public double EffectiveSampleSize { get; }

    /// <summary>Lower end of the normal 95 % confidence interval.</summary>
    public double Low => Value - 1.959963985 * StandardError;

    /// <summary>Upper end of the normal 95 % confidence interval.</summary>
    public double High => Value + 1.959963985 * StandardError;

    /// <summary>How much more this policy earns than another, from the same log: row by row, so that what both share cancels out.</summary>
    /// <exception cref="ArgumentException">The other is of another number of rows, or one of both is a ratio, whose rows do not add up.</exception>
    public OffPolicyEstimate Minus(OffPolicyEstimate other)
    {
        if (_terms.Length != other._terms.Length) throw new ArgumentException($"The estimates are of {_terms.Length} and {other._terms.Length} rows, so of different logs.", nameof(other));
        if (_weights is not null || other._weights is not null) throw new ArgumentException("A self-normalised estimate is a ratio of sums and has no difference row by row.", nameof(other));
        return Mean([.. _terms.Zip(other._terms, (mine, theirs) => mine - theirs)], Math.Min(EffectiveSampleSize, other.EffectiveSampleSize));
    }

    /// <summary>The 95 % percentile-bootstrap interval of each estimate, all on the same resamples of the logged rows.</summary>
    /// <param name="estimates">Of the same log.</param>
    /// <param name="resamples">≥ 100; 1,000 is usual.</param>
    /// <param name="seed">Same seed, same intervals, whatever the number of cores.</param>
    /// <exception cref="ArgumentException">No estimate, estimates of other numbers of rows, or too few resamples.</exception>
    /// <seealso href="https://doi.org/10.1214/aos/1176344552">Efron 1979, Bootstrap methods: another look at the jackknife</seealso>
    public static MeanInterval[] Percentiles(IReadOnlyList<OffPolicyEstimate> estimates, int resamples, int seed, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(resamples, 100);
        if (estimates.Count == 0) throw new ArgumentException("No estimate to resample.", nameof(estimates));
        var (count, rows) = (estimates.Count, estimates[0]._terms.Length);
        if (estimates.Any(e => e._terms.Length != rows)) throw new ArgumentException($"The estimates are of {string.Join(", ", estimates.Select(e => e._terms.Length))} rows, so of different logs.", nameof(estimates));

        // One row's terms lie side by side: a draw touches one or two cache lines, whatever the number of estimates.
        var width = 2 * count;
        var table = new double[rows * width];
        for (var e = 0; e < count; e++)
            for (var row = 0; row < rows; row++)
            {
                table[row * width + 2 * e] = estimates[e]._terms[row];
                table[row * width + 2 * e + 1] = estimates[e]._weights is { } weights ? weights[row] : 1;
            }
        var draws = new double[count][];
        for (var e = 0; e < count; e++) draws[e] = new double[resamples];
        Parallel.For(0, resamples, new ParallelOptions { CancellationToken = cancel }, () => new double[width], (resample, _, sums) =>
        {
            Array.Clear(sums);
            var random = new RowDraws(seed, resample);
            for (var i = 0; i < rows; i++)
            {
                var drawn = table.AsSpan(random.Next(rows) * width, width);
                for (var c = 0; c < drawn.Length; c++) sums[c] += drawn[c];
            }
            for (var e = 0; e < count; e++) draws[e][resample] = sums[2 * e] / sums[2 * e + 1];
            return sums;
        }, _ => { });
        return [.. estimates.Select((estimate, e) => Interval(estimate.Value, draws[e]))];
    }

    internal static OffPolicyEstimate Mean(double[] terms, double effectiveSampleSize)
    {
        var value = terms.Sum() / terms.Length;
        var squares = 0.0;
        foreach (var term in terms) squares += (term - value) * (term - value);
        return new OffPolicyEstimate(terms, null, value, Math.Sqrt(squares / terms.Length / Math.Max(1, terms.Length - 1)), effectiveSampleSize);
    }

    internal static OffPolicyEstimate Ratio(double[] terms, double[] weights, double effectiveSampleSize)
    {
        var total = weights.Sum();
        var value = terms.Sum() / total;
        var squares = 0.0;
        for (var i = 0; i < terms.Length; i++) squares += (terms[i] - weights[i] * value) * (terms[i] - weights[i] * value);
        return new OffPolicyEstimate(terms, weights, value, Math.Sqrt(squares) / total, effectiveSampleSize);
    }

    private static MeanInterval Interval(double value, double[] draws)
    {
        Array.Sort(draws);
        return new MeanInterval(value, Quantile(draws, 0.025), Quantile(draws, 0.975));
    }

    // Linear between order statistics: type 7 of Hyndman & Fan 1996, the default of R and NumPy.
    private static double Quantile(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }

    /// <summary>Row numbers of one resample: a billion are drawn for a million rows, so a few ns each matter.</summary>
    /// <seealso href="https://doi.org/10.1145/2660193.2660195">Steele, Lea, Flood 2014, Fast Splittable Pseudorandom Number Generators (SplitMix64)</seealso>
    private struct RowDraws(int seed, int resample)
    {
        private ulong _state = Mixed(((ulong)(uint)seed << 32) | (uint)resample);

        internal int Next(int rows)
        {
            _state += 0x9E3779B97F4A7C15;
            return (int)(((Mixed(_state) >> 32) * (ulong)rows) >> 32);
        }

        private static ulong Mixed(ulong z)
        {
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }
}
