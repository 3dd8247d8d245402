namespace Media.Evaluation;

/// <summary>Area under the precision–recall curve by steps: Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct scores, without interpolation.</summary>
/// <remarks>Range 0–1; chance is the base rate. Tied rows enter together, as in scikit-learn's average_precision_score. Pure, thread-safe.</remarks>
/// <seealso href="https://doi.org/10.1145/1143844.1143874">Davis &amp; Goadrich 2006, The relationship between precision-recall and ROC curves</seealso>
public static class AveragePrecision
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
        long positives = 0, seen = 0;
        double sum = 0;
        var start = 0;
        foreach (var end in rows.TieEnds)
        {
            var (p, n) = rows.Tally(counts, start, end);
            positives += p;
            seen += p + n;
            if (p > 0) sum += (double)p * positives / seen;
            start = end;
        }
        return sum / positives;
    }
}
