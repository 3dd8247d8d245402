namespace Media.Evaluation;

/// <summary>Calibration of amounts: the sum of the predictions over the sum of what came.</summary>
/// <remarks>1 is right, 1.1 promises a tenth too much; NaN where the amounts observed sum to 0. Pure, thread-safe.</remarks>
public static class SumRatio
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
        double predicted = 0, observed = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            predicted += counts[i] * rows.Predictions[i];
            observed += counts[i] * rows.Observed[i];
        }
        return observed == 0 ? double.NaN : predicted / observed;
    }
}
