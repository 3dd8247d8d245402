namespace Media.Evaluation;

/// <summary>How far predictions lie from what came, in the amounts' own unit.</summary>
/// <remarks>≥ 0, 0 is perfect. Pure, thread-safe.</remarks>
public static class PredictionError
{
    /// <summary>Mean absolute error; least for the median of what may come.</summary>
    /// <exception cref="ArgumentException">As <see cref="PredictedAmounts"/>.</exception>
    public static double MeanAbsolute(ReadOnlySpan<double> predictions, ReadOnlySpan<float> observed)
    {
        var rows = new PredictedAmounts(predictions, observed);
        return MeanAbsolute(rows, rows.Once);
    }

    /// <inheritdoc cref="Metric{TRows}"/>
    public static double MeanAbsolute(PredictedAmounts rows, ReadOnlySpan<int> counts)
    {
        double sum = 0;
        long total = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            sum += counts[i] * Math.Abs(rows.Observed[i] - rows.Predictions[i]);
            total += counts[i];
        }
        return sum / total;
    }

    /// <summary>Root of the mean squared error; least for the mean of what may come.</summary>
    /// <exception cref="ArgumentException">As <see cref="PredictedAmounts"/>.</exception>
    public static double RootMeanSquare(ReadOnlySpan<double> predictions, ReadOnlySpan<float> observed)
    {
        var rows = new PredictedAmounts(predictions, observed);
        return RootMeanSquare(rows, rows.Once);
    }

    /// <inheritdoc cref="Metric{TRows}"/>
    public static double RootMeanSquare(PredictedAmounts rows, ReadOnlySpan<int> counts)
    {
        double sum = 0;
        long total = 0;
        for (var i = 0; i < counts.Length; i++)
        {
            var error = rows.Observed[i] - rows.Predictions[i];
            sum += counts[i] * error * error;
            total += counts[i];
        }
        return Math.Sqrt(sum / total);
    }
}
