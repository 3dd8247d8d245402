namespace Media.Models;

/// <summary>Turns a score into a probability: σ(Slope · score + Intercept).</summary>
/// <remarks>
/// Immutable, thread-safe. Slope is at least 0: scores that order held-out rows the wrong way round say nothing, and every row gets the base rate; to turn them round would be to
/// learn the luck of few rows.
/// </remarks>
/// <seealso href="https://home.cs.colorado.edu/~mozer/Teaching/syllabi/6622/papers/Platt1999.pdf">Platt 1999, Probabilistic Outputs for Support Vector Machines</seealso>
/// <seealso href="https://www.csie.ntu.edu.tw/~cjlin/papers/plattprob.pdf">Lin, Lin, Weng 2007, A Note on Platt's Probabilistic Outputs</seealso>
public readonly record struct PlattCalibration(double Slope, double Intercept)
{
    private const int MostIterations = 100;
    private const double ShortestStep = 1e-10;
    private const double Ridge = 1e-12;
    private const double SmallGradient = 1e-9;

    /// <summary>Probability for a score, in [0, 1].</summary>
    public double Apply(double score) => LogOdds.ToProbability(Slope * score + Intercept);

    /// <summary>Fits on scores of rows that the score was not fitted on.</summary>
    /// <param name="scores">Any finite scale.</param>
    /// <param name="labels">0 or 1, one per score, both present.</param>
    /// <exception cref="ArgumentException">Lengths differ, a score is not finite, or not both classes are there.</exception>
    public static PlattCalibration Fit(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels)
    {
        if (scores.Length != labels.Length) throw new ArgumentException($"labels has {labels.Length} entries but scores has {scores.Length}.");
        BinaryLabels.RequireBoth(labels);
        for (var i = 0; i < scores.Length; i++)
            if (!double.IsFinite(scores[i])) throw new ArgumentException($"The score of row {i} is {scores[i]}; scores are finite.");

        // Platt's targets: the posterior mean under a uniform prior, so that separable scores do not run off to infinity.
        double positives = labels.Length - labels.Count(0f), negatives = labels.Length - positives;
        var high = (positives + 1) / (positives + 2);
        var low = 1 / (negatives + 2);
        var (slope, intercept) = (0.0, LogOdds.FromProbability((positives + 1) / (labels.Length + 2)));
        var loss = Loss(scores, labels, high, low, slope, intercept);
        for (var iteration = 0; iteration < MostIterations; iteration++)
        {
            double gradientSlope = 0, gradientIntercept = 0, h11 = Ridge, h12 = 0, h22 = Ridge;
            for (var i = 0; i < scores.Length; i++)
            {
                var p = LogOdds.ToProbability(slope * scores[i] + intercept);
                var residual = p - (labels[i] == 1 ? high : low);
                var weight = p * (1 - p);
                gradientSlope += residual * scores[i];
                gradientIntercept += residual;
                h11 += weight * scores[i] * scores[i];
                h12 += weight * scores[i];
                h22 += weight;
            }
            if (Math.Abs(gradientSlope) < SmallGradient && Math.Abs(gradientIntercept) < SmallGradient) break;

            var determinant = h11 * h22 - h12 * h12;
            var stepSlope = -(h22 * gradientSlope - h12 * gradientIntercept) / determinant;
            var stepIntercept = -(h11 * gradientIntercept - h12 * gradientSlope) / determinant;
            var descent = gradientSlope * stepSlope + gradientIntercept * stepIntercept;
            var step = 1.0;
            for (; step >= ShortestStep; step /= 2)
            {
                var tried = Loss(scores, labels, high, low, slope + step * stepSlope, intercept + step * stepIntercept);
                if (tried >= loss + 1e-4 * step * descent) continue;
                (slope, intercept, loss) = (slope + step * stepSlope, intercept + step * stepIntercept, tried);
                break;
            }
            // No step lowers the loss any more: the optimum, as far as doubles tell.
            if (step < ShortestStep) break;
        }
        // The loss is convex, so where its optimum has a negative slope the best slope that is not negative is 0.
        return slope >= 0 ? new PlattCalibration(slope, intercept) : new PlattCalibration(0, LogOdds.FromProbability((positives * high + negatives * low) / labels.Length));
    }

    private static double Loss(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels, double high, double low, double slope, double intercept)
    {
        var sum = 0.0;
        for (var i = 0; i < scores.Length; i++) sum += LogOdds.Loss(slope * scores[i] + intercept, labels[i] == 1 ? high : low);
        return sum;
    }
}
