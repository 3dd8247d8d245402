using Media.Models;

namespace Media.Evaluation;

/// <summary>How uncertain a ROC curve is: at each false positive rate, the interval of the true positive rate over resampled rows.</summary>
/// <remarks>Vertical averaging: pointwise intervals, each at its own false positive rate; not a band for the whole curve at once. Pure, thread-safe.</remarks>
/// <seealso href="https://doi.org/10.1016/j.patrec.2005.10.010">Fawcett 2006, An introduction to ROC analysis, section 8</seealso>
public static class RocBand
{
    /// <param name="steps">Equal steps of the false positive rate from 0 to 1, ≥ 1. Default 40.</param>
    /// <returns>Shape: steps + 1, the false positive rate rising from 0 to 1.</returns>
    public static IReadOnlyList<RocBandPoint> Of(RankedRows rows, BootstrapOptions options, CancellationToken cancel, int steps = 40)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var rates = Enumerable.Range(0, steps + 1).Select(i => (double)i / steps).ToArray();
        var draws = Bootstrap.Draw([rows], [.. rates.Select(rate => (Metric<RankedRows>)((ranked, counts) => TruePositiveRateAt(ranked, counts, rate)))], options, cancel);
        return [.. rates.Select((rate, i) => new RocBandPoint(rate, draws.Estimate(0, i)))];
    }

    /// <summary>The curve's height at a false positive rate, on the straight line between its two nearest points; a step upwards counts as its top.</summary>
    internal static double TruePositiveRateAt(RankedRows rows, ReadOnlySpan<int> counts, double falsePositiveRate)
    {
        var (positives, negatives) = rows.Tally(counts, 0, rows.Count);
        double wanted = falsePositiveRate * negatives, found = 0, alarms = 0;
        var start = 0;
        foreach (var end in rows.TieEnds)
        {
            var (p, n) = rows.Tally(counts, start, end);
            start = end;
            if (alarms + n > wanted) return (found + p * (wanted - alarms) / n) / positives;
            found += p;
            alarms += n;
        }
        return found / positives;
    }
}

/// <param name="FalsePositiveRate">0–1.</param>
/// <param name="TruePositiveRate">0–1, with its interval.</param>
public readonly record struct RocBandPoint(double FalsePositiveRate, Estimate TruePositiveRate);
