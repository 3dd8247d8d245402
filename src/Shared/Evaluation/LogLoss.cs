namespace Media.Evaluation;

/// <summary>Mean negative log likelihood of the labels under the predicted probabilities, in nats.</summary>
/// <remarks>
/// Range ≥ 0; the base rate alone gives −p ln p − (1−p) ln(1−p). A probability is kept 1e-15 away from 0 and 1, so that one certain
/// mistake costs 34.5 and not infinity. Pure, thread-safe.
/// </remarks>
public static class LogLoss
{
    private const double Margin = 1e-15;

    /// <exception cref="ArgumentException">As <see cref="RankedRows"/>, or a score is not a probability.</exception>
    public static double Of(ReadOnlySpan<double> probabilities, ReadOnlySpan<float> labels)
    {
        var rows = new RankedRows(probabilities, labels);
        return Of(rows, rows.Once);
    }

    /// <inheritdoc cref="Metric{TRows}"/>
    /// <exception cref="ArgumentException">A score is not a probability.</exception>
    public static double Of(RankedRows rows, ReadOnlySpan<int> counts)
    {
        if (rows.Scores[0] > 1 || rows.Scores[^1] < 0)
            throw new ArgumentException($"Scores reach from {rows.Scores[^1]} to {rows.Scores[0]}; log loss needs probabilities in [0, 1].");
        double loss = 0;
        long total = 0;
        for (var i = 0; i < rows.Count; i++)
        {
            if (counts[i] == 0) continue;
            var ofLabel = rows.IsPositive[i] ? rows.Scores[i] : 1 - rows.Scores[i];
            loss -= counts[i] * Math.Log(Math.Clamp(ofLabel, Margin, 1 - Margin));
            total += counts[i];
        }
        return loss / total;
    }
}
