namespace Media.Evaluation;

/// <summary>How well predictions find the largest amounts.</summary>
/// <remarks>A run of equal numbers cut by the limit counts pro rata, the mean over all its orders. Pure, thread-safe.</remarks>
public static class TopShare
{
    /// <summary>Of the tenth with the highest predictions, the share that belongs to the tenth with the highest amounts observed: 0–1, chance 0.1.</summary>
    /// <inheritdoc cref="Metric{TRows}"/>
    public static double PrecisionAtDecile(PredictedAmounts rows, ReadOnlySpan<int> counts) => Precision(rows, counts, 0.1);

    /// <summary>Of the share of rows with the highest predictions, the part that belongs to the same share with the highest amounts: 0–1, chance is the share.</summary>
    /// <param name="share">In (0, 1].</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is outside (0, 1].</exception>
    public static double Precision(PredictedAmounts rows, ReadOnlySpan<int> counts, double share)
    {
        var wanted = Wanted(counts, share);
        // The amount at which the true top ends, and how much of the rows that have exactly it belongs there.
        double passed = 0, limit = 0, belongs = 0;
        var start = 0;
        foreach (var end in rows.ObservedTieEnds)
        {
            long tied = 0;
            for (var i = start; i < end; i++) tied += counts[rows.ByObserved[i]];
            (limit, start) = (rows.Observed[rows.ByObserved[start]], end);
            if (passed + tied >= wanted)
            {
                belongs = tied == 0 ? 0 : (wanted - passed) / tied;
                break;
            }
            passed += tied;
        }
        return Taken(rows, counts, wanted, i => rows.Observed[i] > limit ? 1 : rows.Observed[i] == limit ? belongs : 0) / wanted;
    }

    /// <summary>The cumulative gains curve from (0, 0) to (1, 1): the share of the sum of all amounts found in the share of rows with the highest predictions.</summary>
    /// <param name="steps">Equal steps of the share of rows, ≥ 1. Default 100.</param>
    /// <returns>Empty where an amount is negative or all sum to 0: then shares of the sum mean nothing.</returns>
    public static IReadOnlyList<GainPoint> GainsCurve(PredictedAmounts rows, int steps = 100)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        var sum = rows.Observed.Sum();
        if (sum <= 0 || rows.Observed[rows.ByObserved[^1]] < 0) return [];
        var points = new GainPoint[steps + 1];
        for (var step = 1; step <= steps; step++)
        {
            var share = (double)step / steps;
            points[step] = new GainPoint(share, Taken(rows, rows.Once, Wanted(rows.Once, share), i => rows.Observed[i]) / sum);
        }
        return points;
    }

    private static double Wanted(ReadOnlySpan<int> counts, double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        long total = 0;
        foreach (var count in counts) total += count;
        return share * total;
    }

    private static double Taken(PredictedAmounts rows, ReadOnlySpan<int> counts, double wanted, Func<int, double> worth)
    {
        double taken = 0, found = 0;
        var start = 0;
        foreach (var end in rows.TieEnds)
        {
            long tied = 0;
            double ofTie = 0;
            for (var i = start; i < end; i++)
                if (counts[i] > 0)
                {
                    tied += counts[i];
                    ofTie += counts[i] * worth(i);
                }
            start = end;
            if (tied == 0) continue;
            var take = Math.Min(tied, wanted - taken);
            found += ofTie * take / tied;
            taken += take;
            if (taken >= wanted) break;
        }
        return found;
    }
}
