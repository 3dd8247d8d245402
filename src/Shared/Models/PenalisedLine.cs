using System.Numerics.Tensors;

namespace Media.Models;

/// <summary>What a line is fitted to.</summary>
internal enum LineFamily
{
    /// <summary>Labels 0 and 1 by log loss; the line is the log-odds.</summary>
    Logistic,
    /// <summary>Amounts by squared error; the line is the mean.</summary>
    Gaussian,
    /// <summary>Amounts ≥ 0 by Poisson's deviance, which finds the mean whatever their distribution; the line is its logarithm.</summary>
    Poisson,
}

/// <summary>The weights of least penalised loss over a design whose last column is the unpenalised intercept; by Newton's method.</summary>
/// <param name="design">rows × width, row-major, finite; the last column all ones.</param>
/// <param name="labels">One per row, of the family's kind.</param>
/// <param name="l2">Penalty ½ · l2 · Σ weight², > 0, beside a loss summed over rows.</param>
/// <param name="free">Column whose weight costs next to nothing; −1 = none but the intercept.</param>
internal sealed class PenalisedLine(double[] design, float[] labels, int width, double l2, LineFamily family, int free = -1)
{
    private const int MostSteps = 50;
    private const double SmallStep = 1e-8;

    /// <summary>The penalty of the free column: nothing beside any row, but enough that a column without any value has one best weight, 0.</summary>
    private const double TokenL2 = 1e-3;

    public double[] Minimise(CancellationToken cancel)
    {
        var weights = new double[width];
        var mean = labels.Average(l => (double)l);
        weights[^1] = family switch { LineFamily.Logistic => LogOdds.FromProbability(mean), LineFamily.Poisson => Math.Log(mean), _ => mean };
        var loss = Loss(weights);
        for (var iteration = 0; iteration < MostSteps; iteration++)
        {
            cancel.ThrowIfCancellationRequested();
            var step = NewtonStep(weights);
            var scale = 1.0;
            var next = Moved(weights, step, scale);
            var nextLoss = Loss(next);
            while (nextLoss > loss && scale > SmallStep)
            {
                next = Moved(weights, step, scale /= 2);
                nextLoss = Loss(next);
            }
            if (nextLoss > loss) break;
            (weights, loss) = (next, nextLoss);
            if (Math.Abs(TensorPrimitives.MaxMagnitude<double>(step)) * scale < SmallStep) break;
        }
        return weights;
    }

    private static double[] Moved(double[] from, double[] step, double scale)
    {
        var to = new double[from.Length];
        TensorPrimitives.MultiplyAdd(step, scale, from, to);
        return to;
    }

    private double Loss(double[] weights)
    {
        var penalised = weights.AsSpan(0, width - 1);
        var sum = (l2 * TensorPrimitives.SumOfSquares<double>(penalised) + (free >= 0 ? (TokenL2 - l2) * weights[free] * weights[free] : 0)) / 2;
        for (var row = 0; row < labels.Length; row++) sum += LossOf(TensorPrimitives.Dot<double>(Row(row), weights), labels[row]);
        return sum;
    }

    private double[] NewtonStep(double[] weights)
    {
        var downhill = new double[width];
        var hessian = new double[width * width];
        for (var c = 0; c < width - 1; c++)
        {
            var penalty = c == free ? TokenL2 : l2;
            downhill[c] = -penalty * weights[c];
            hessian[c * width + c] = penalty;
        }
        for (var row = 0; row < labels.Length; row++)
        {
            var x = Row(row);
            var (mean, curvature) = MeanAndCurvature(TensorPrimitives.Dot<double>(x, weights));
            TensorPrimitives.MultiplyAdd(x, labels[row] - mean, downhill, downhill);
            for (var c = 0; c < width; c++)
                if (x[c] != 0)
                {
                    var lower = hessian.AsSpan(c * width, c + 1);
                    TensorPrimitives.MultiplyAdd(x[..(c + 1)], curvature * x[c], lower, lower);
                }
        }
        Cholesky.SolveInPlace(hessian, downhill);
        return downhill;
    }

    private double LossOf(double score, double label) => family switch
    {
        LineFamily.Logistic => LogOdds.Loss(score, label),
        LineFamily.Poisson => Math.Exp(score) - label * score,
        _ => (score - label) * (score - label) / 2,
    };

    /// <summary>The expected label at a score, and the loss's second derivative there.</summary>
    private (double Mean, double Curvature) MeanAndCurvature(double score)
    {
        if (family == LineFamily.Gaussian) return (score, 1);
        var mean = family == LineFamily.Logistic ? LogOdds.ToProbability(score) : Math.Exp(score);
        return (mean, Math.Max(family == LineFamily.Logistic ? mean * (1 - mean) : mean, 1e-12));
    }

    private ReadOnlySpan<double> Row(int row) => design.AsSpan(row * width, width);
}
