namespace Media.Evaluation;

/// <summary>Share of the amounts' variance that the predictions explain: 1 − Σ(y − p)² / Σ(y − ȳ)², ȳ being the mean of the very rows judged.</summary>
/// <remarks>At most 1; 0 for the mean of the rows judged, below 0 for anything worse. The squares weigh the largest amounts most. Pure, thread-safe.</remarks>
/// <seealso href="https://doi.org/10.1080/00031305.1985.10479448">Kvålseth 1985, Cautionary note about R²</seealso>
public static class RSquared
{
    /// <exception cref="ArgumentException">As <see cref="PredictedAmounts"/>.</exception>
    public static double Of(ReadOnlySpan<double> predictions, ReadOnlySpan<float> observed)
    {
        var rows = new PredictedAmounts(predictions, observed);
        return Of(rows, rows.Once);
    }

    /// <inheritdoc cref="Metric{TRows}"/>
    public static double Of(PredictedAmounts rows, ReadOnlySpan<int> counts)
    {
        double sum = 0;
        long total = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            sum += counts[i] * rows.Observed[i];
            total += counts[i];
        }
        var mean = sum / total;
        double left = 0, all = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            var (error, distance) = (rows.Observed[i] - rows.Predictions[i], rows.Observed[i] - mean);
            left += counts[i] * error * error;
            all += counts[i] * distance * distance;
        }
        return 1 - left / all;
    }
}
