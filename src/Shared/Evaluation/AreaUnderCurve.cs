namespace Media.Evaluation;

/// <summary>Area under the ROC curve: the chance that a random positive row scores above a random negative one, ties counting half.</summary>
/// <remarks>Range 0–1, chance 0.5. Depends on the order of the scores only. Pure, thread-safe.</remarks>
/// <seealso href="https://doi.org/10.1016/j.patrec.2005.10.010">Fawcett 2006, An introduction to ROC analysis</seealso>
public static class AreaUnderCurve
{
    /// <exception cref="ArgumentException">As <see cref="RankedRows"/>.</exception>
    public static double Of(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels)
    {
        var rows = new RankedRows(scores, labels);
        return Of(rows, rows.Once);
    }

    /// <inheritdoc cref="Metric{TRows}"/>
    public static double Of(RankedRows rows, ReadOnlySpan<int> counts)
    {
        long above = 0, negatives = 0;
        double wins = 0;
        var start = 0;
        foreach (var end in rows.TieEnds)
        {
            var (p, n) = rows.Tally(counts, start, end);
            wins += n * (above + 0.5 * p);
            above += p;
            negatives += n;
            start = end;
        }
        return wins / above / negatives;
    }

    /// <summary>The ROC curve from (0, 0) to (1, 1), one point per distinct score.</summary>
    /// <param name="limit">At most this many points, ≥ 2; evenly chosen along the ranking. Default 500.</param>
    public static IReadOnlyList<RocPoint> Curve(RankedRows rows, int limit = 500)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 2);
        var points = new List<RocPoint> { new(0, 0, double.PositiveInfinity) };
        long positives = 0, negatives = 0;
        var start = 0;
        for (var tie = 0; tie < rows.TieEnds.Length; tie++)
        {
            var (p, n) = rows.Tally(rows.Once, start, start = rows.TieEnds[tie]);
            positives += p;
            negatives += n;
            // A point is kept when it enters the next of limit − 1 equal stretches of the ranking; the last one always does.
            if (points.Count - 1 < (long)(tie + 1) * (limit - 1) / rows.TieEnds.Length || tie + 1 == rows.TieEnds.Length)
                points.Add(new RocPoint((double)negatives / (rows.Count - rows.Positives), (double)positives / rows.Positives, rows.Scores[start - 1]));
        }
        return points;
    }
}

/// <summary>What calling every score ≥ Threshold positive gets right and wrong.</summary>
/// <param name="FalsePositiveRate">Share of the negatives called positive, 0–1.</param>
/// <param name="TruePositiveRate">Share of the positives called positive, 0–1.</param>
public readonly record struct RocPoint(double FalsePositiveRate, double TruePositiveRate, double Threshold);
