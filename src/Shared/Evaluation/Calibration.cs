namespace Media.Evaluation;

/// <summary>Whether what is predicted comes true: a probability of 0.3 three times in ten, an amount of 5 as 5 on average.</summary>
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
            error += bin.Rows * Math.Abs(bin.MeanScore - bin.Observed);
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

    /// <summary>The reliability curve of amounts, rising in prediction.</summary>
    /// <param name="bins">At most this many, ≥ 1.</param>
    /// <param name="clusters">Rows that are not independent; null takes each for itself.</param>
    /// <returns>Each with the 95 % interval of the observed mean by its cluster-robust standard error, symmetric: of a few rows with rare large amounts it says little.</returns>
    /// <seealso href="https://doi.org/10.1093/biomet/73.1.13">Liang, Zeger 1986, Longitudinal data analysis using generalized linear models</seealso>
    public static IReadOnlyList<CalibrationBin> Curve(PredictedAmounts rows, Clusters? clusters, int bins)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bins, 1);
        var units = clusters is null ? rows.OwnUnits : rows.UnitsOf(clusters.OfRow);
        var residuals = new Dictionary<int, double>();
        var curve = new List<CalibrationBin>(bins);
        var start = 0;
        foreach (var end in rows.TieEnds)
        {
            if ((long)end * bins / rows.Count == (long)start * bins / rows.Count) continue;
            var (predicted, observed) = (rows.Predictions[start..end].Average(), rows.Observed[start..end].Average());
            residuals.Clear();
            for (var i = start; i < end; i++) residuals[units[i]] = residuals.GetValueOrDefault(units[i]) + rows.Observed[i] - observed;
            var half = Z * Math.Sqrt(residuals.Values.Sum(r => r * r)) / (end - start);
            curve.Add(new CalibrationBin(end - start, predicted, observed, observed - half, observed + half));
            start = end;
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
/// <param name="MeanScore">Mean prediction: a probability 0–1, or an amount.</param>
/// <param name="Observed">Share of positives 0–1, or mean amount.</param>
/// <param name="Low">Lower end of the 95 % interval of what was observed: Wilson's for a share, by the standard error for an amount.</param>
/// <param name="High">Its upper end.</param>
public readonly record struct CalibrationBin(int Rows, double MeanScore, double Observed, double Low, double High);
