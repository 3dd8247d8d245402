namespace Media.Evaluation;

/// <summary>Whether a predicted probability of 0.3 comes true three times in ten.</summary>
/// <remarks>
/// Rows are cut into <see cref="DefaultBins"/> bins of equal mass along the ranking; rows of one score are never parted, so there may be
/// fewer. Pure, thread-safe.
/// </remarks>
/// <seealso href="https://proceedings.mlr.press/v70/guo17a.html">Guo et al. 2017, On calibration of modern neural networks</seealso>
public static class Calibration
{
    public const int DefaultBins = 10;

    // The 97.5 % point of the standard normal distribution.
    private const double Z = 1.959963984540054;

    /// <summary>Expected calibration error over ten bins: the mean over rows of |mean score − observed rate| of their bin, 0–1.</summary>
    /// <remarks>Never below 0, so sampling noise alone lifts it: compare it with <see cref="NoiseFloor"/>. Resampling adds noise once more, so a
    /// bootstrap interval lies high and may exclude the value itself.</remarks>
    /// <exception cref="ArgumentException">A score is not a probability.</exception>
    public static double Error(RankedRows rows, ReadOnlySpan<int> counts)
    {
        double error = 0;
        long total = 0;
        foreach (var bin in Curve(rows, counts, DefaultBins))
        {
            error += bin.Rows * Math.Abs(bin.MeanScore - bin.ObservedRate);
            total += bin.Rows;
        }
        return error / total;
    }

    /// <summary>The error that scores equal to the true probabilities would show on as many rows, on average.</summary>
    /// <remarks>The mean of |Σ(y − p)| in each bin, by the normal approximation √(2/π · Σ p(1−p)).</remarks>
    public static double NoiseFloor(RankedRows rows)
    {
        double error = 0;
        var row = 0;
        foreach (var bin in Curve(rows, rows.Once, DefaultBins).Reverse())
        {
            double variance = 0;
            for (var end = row + bin.Rows; row < end; row++) variance += rows.Scores[row] * (1 - rows.Scores[row]);
            error += Math.Sqrt(2 / Math.PI * variance);
        }
        return error / rows.Count;
    }

    /// <summary>The reliability curve, rising in score.</summary>
    /// <param name="bins">At most this many, ≥ 1.</param>
    /// <exception cref="ArgumentException">A score is not a probability.</exception>
    public static IReadOnlyList<CalibrationBin> Curve(RankedRows rows, ReadOnlySpan<int> counts, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        if (rows.Scores[0] > 1 || rows.Scores[^1] < 0)
            throw new ArgumentException($"Scores reach from {rows.Scores[^1]} to {rows.Scores[0]}; calibration needs probabilities in [0, 1].");
        var (allPositives, allNegatives) = rows.Tally(counts, 0, rows.Count);
        var curve = new List<CalibrationBin>(bins);
        long size = 0, positives = 0, before = 0;
        double scores = 0;
        var start = 0;
        foreach (var end in rows.TieEnds)
        {
            var (p, n) = rows.Tally(counts, start, end);
            positives += p;
            size += p + n;
            scores += (p + n) * rows.Scores[start];
            start = end;
            // Bin b is full once the ranking has passed (b + 1) / bins of the mass; one long tie may fill several at once.
            var passed = (before + size) * bins / (allPositives + allNegatives);
            if (size == 0 || passed == before * bins / (allPositives + allNegatives)) continue;
            var (low, high) = Wilson(positives, size);
            curve.Add(new CalibrationBin((int)size, scores / size, (double)positives / size, low, high));
            before += size;
            (size, positives, scores) = (0, 0, 0);
        }
        curve.Reverse();
        return curve;
    }

    /// <summary>Wilson's 95 % score interval of a proportion.</summary>
    /// <seealso href="https://doi.org/10.1080/01621459.1927.10502953">Wilson 1927, Probable inference, the law of succession, and statistical inference</seealso>
    public static (double Low, double High) Wilson(long successes, long trials)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(trials);
        double n = trials, rate = successes / n, spread = Z * Z / n;
        var centre = (rate + spread / 2) / (1 + spread);
        var half = Z / (1 + spread) * Math.Sqrt(rate * (1 - rate) / n + spread / (4 * n));
        return (Math.Max(0, centre - half), Math.Min(1, centre + half));
    }
}

/// <summary>One bin of the reliability curve.</summary>
/// <param name="MeanScore">Mean predicted probability, 0–1.</param>
/// <param name="ObservedRate">Share of positives, 0–1.</param>
/// <param name="Low">Lower end of the rate's 95 % Wilson interval.</param>
/// <param name="High">Upper end of the rate's 95 % Wilson interval.</param>
public readonly record struct CalibrationBin(int Rows, double MeanScore, double ObservedRate, double Low, double High);
