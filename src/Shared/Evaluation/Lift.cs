namespace Media.Evaluation;

/// <summary>How many times more positives the best-scored share of rows holds than as many rows taken at random.</summary>
/// <remarks>Range 0 … min(1/share, 1/base rate), chance 1. A run of equal scores cut by the limit counts pro rata, the mean over all its orders. Pure, thread-safe.</remarks>
public static class Lift
{
    /// <summary>Lift of the best-scored tenth.</summary>
    public static double AtTenPercent(RankedRows rows, ReadOnlySpan<int> counts) => At(rows, counts, 0.1);

    /// <param name="share">Share of rows taken from the top, in (0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is outside (0, 1].</exception>
    public static double At(RankedRows rows, ReadOnlySpan<int> counts, double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        var (positives, negatives) = rows.Tally(counts, 0, rows.Count);
        double total = positives + negatives, wanted = share * total, taken = 0, found = 0;
        var start = 0;
        foreach (var end in rows.TieEnds)
        {
            var (p, n) = rows.Tally(counts, start, end);
            start = end;
            if (p + n == 0) continue;
            var take = Math.Min(p + n, wanted - taken);
            found += p * take / (p + n);
            taken += take;
            if (taken >= wanted) break;
        }
        return found / wanted / (positives / total);
    }

    /// <summary>The cumulative gains curve from (0, 0) to (1, 1): the share of all positives found in the best-scored share of rows.</summary>
    /// <param name="steps">Equal steps of the share of rows, ≥ 1. Default 100.</param>
    public static IReadOnlyList<GainPoint> GainsCurve(RankedRows rows, int steps = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var points = new GainPoint[steps + 1];
        for (var step = 1; step <= steps; step++)
        {
            var share = (double)step / steps;
            points[step] = new GainPoint(share, At(rows, rows.Once, share) * share);
        }
        return points;
    }
}

/// <summary>Taking the best-scored RowShare of rows finds PositiveShare of all positives, or of the sum of all amounts; both 0–1.</summary>
public readonly record struct GainPoint(double RowShare, double PositiveShare);
