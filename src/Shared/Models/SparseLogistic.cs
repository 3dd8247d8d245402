using System.Numerics.Tensors;

namespace Media.Models;

/// <summary>Logistic regression over sparse columns: log-odds = intercept + Σ weight × value.</summary>
/// <remarks>
/// The one optimum of log loss summed over rows + ½ · l2 · Σ weight²; the intercept is not penalised. Found by L-BFGS: no seed, no learning rate.
/// Where all labels are alike the probability is theirs, 0 or 1. Immutable, thread-safe.
/// </remarks>
/// <param name="Weights">One per column.</param>
/// <seealso href="https://doi.org/10.1007/BF01589116">Liu &amp; Nocedal 1989, On the limited memory BFGS method for large scale optimization</seealso>
public sealed record SparseLogistic(double[] Weights, double Intercept)
{
    private const int MostSteps = 500;
    private const int Memory = 10;

    /// <summary>Probability of label 1, in [0, 1].</summary>
    public double Predict(SparseRows rows, int row) => LogOdds.ToProbability(Intercept + rows.Dot(row, Weights));

    /// <summary>Fits to labels 0 and 1.</summary>
    /// <param name="rows">All rows, also those not to be learned from.</param>
    /// <param name="labels">One per row.</param>
    /// <param name="learned">Numbers of the rows to learn from; not empty.</param>
    /// <param name="l2">&gt; 0.</param>
    /// <exception cref="ArgumentException">l2 is not positive, nothing to learn from, other lengths, or a label that is neither 0 nor 1.</exception>
    public static SparseLogistic Fit(SparseRows rows, ReadOnlySpan<float> labels, ReadOnlySpan<int> learned, double l2, CancellationToken cancel)
    {
        if (!(l2 > 0 && double.IsFinite(l2))) throw new ArgumentException($"l2 is {l2}; it must be positive.", nameof(l2));
        if (learned.IsEmpty) throw new ArgumentException("There is no row to learn from.", nameof(learned));
        if (labels.Length != rows.Rows) throw new ArgumentException($"labels has {labels.Length} entries but there are {rows.Rows} rows.", nameof(labels));
        var ones = 0L;
        foreach (var row in learned)
        {
            if (labels[row] is not (0 or 1)) throw new ArgumentException($"labels[{row}] is {labels[row]}; it must be 0 or 1.", nameof(labels));
            if (labels[row] == 1) ones++;
        }
        if (ones == 0 || ones == learned.Length) return new SparseLogistic(new double[rows.Columns], ones == 0 ? double.NegativeInfinity : double.PositiveInfinity);

        var (position, gradient) = (new double[rows.Columns + 1], new double[rows.Columns + 1]);
        position[^1] = LogOdds.FromProbability((double)ones / learned.Length);
        var loss = Loss(rows, labels, learned, l2, position, gradient);
        var (moves, bends) = (new LinkedList<double[]>(), new LinkedList<double[]>());
        for (var step = 0; step < MostSteps && Math.Abs(TensorPrimitives.MaxMagnitude<double>(gradient)) > 1e-8 * learned.Length; step++)
        {
            cancel.ThrowIfCancellationRequested();
            var direction = Direction(gradient, moves, bends);
            var slope = TensorPrimitives.Dot<double>(gradient, direction);
            var (next, nextGradient) = (new double[position.Length], new double[position.Length]);
            var (scale, nextLoss) = (1.0, 0.0);
            // Backtracking until the loss falls by a part of what the slope promises (Armijo).
            while (true)
            {
                TensorPrimitives.MultiplyAdd(direction, scale, position, next);
                nextLoss = Loss(rows, labels, learned, l2, next, nextGradient);
                if (nextLoss <= loss + 1e-4 * scale * slope || scale < 1e-10) break;
                scale /= 2;
            }
            // Nothing left to gain but rounding.
            if (nextLoss >= loss) break;
            Remember(moves, bends, position, gradient, next, nextGradient);
            (position, gradient, loss) = (next, nextGradient, nextLoss);
        }
        return new SparseLogistic(position[..^1], position[^1]);
    }

    private static double Loss(SparseRows rows, ReadOnlySpan<float> labels, ReadOnlySpan<int> learned, double l2, double[] position, double[] gradient)
    {
        var weights = position.AsSpan(0, position.Length - 1);
        var slopes = gradient.AsSpan(0, weights.Length);
        TensorPrimitives.Multiply(weights, l2, slopes);
        var (loss, intercept) = (l2 / 2 * TensorPrimitives.SumOfSquares<double>(weights), 0.0);
        foreach (var row in learned)
        {
            var score = position[^1] + rows.Dot(row, weights);
            loss += LogOdds.Loss(score, labels[row]);
            var miss = LogOdds.ToProbability(score) - labels[row];
            rows.AddTo(row, miss, slopes);
            intercept += miss;
        }
        gradient[^1] = intercept;
        return loss;
    }

    /// <summary>−(approximate inverse Hessian) × gradient, by the two loops over the remembered moves.</summary>
    private static double[] Direction(double[] gradient, LinkedList<double[]> moves, LinkedList<double[]> bends)
    {
        var direction = new double[gradient.Length];
        TensorPrimitives.Negate(gradient, direction);
        if (moves.Count == 0)
        {
            TensorPrimitives.Divide(direction, TensorPrimitives.Norm<double>(gradient), direction);
            return direction;
        }
        var shares = new Stack<double>();
        for (LinkedListNode<double[]>? move = moves.Last, bend = bends.Last; move is not null; move = move.Previous, bend = bend!.Previous)
        {
            var share = TensorPrimitives.Dot<double>(move.Value, direction) / TensorPrimitives.Dot<double>(move.Value, bend!.Value);
            shares.Push(share);
            TensorPrimitives.MultiplyAdd(bend.Value, -share, direction, direction);
        }
        var (lastMove, lastBend) = (moves.Last!.Value, bends.Last!.Value);
        TensorPrimitives.Multiply(direction, TensorPrimitives.Dot<double>(lastMove, lastBend) / TensorPrimitives.SumOfSquares<double>(lastBend), direction);
        for (LinkedListNode<double[]>? move = moves.First, bend = bends.First; move is not null; move = move.Next, bend = bend!.Next)
        {
            var back = TensorPrimitives.Dot<double>(bend!.Value, direction) / TensorPrimitives.Dot<double>(move.Value, bend.Value);
            TensorPrimitives.MultiplyAdd(move.Value, shares.Pop() - back, direction, direction);
        }
        return direction;
    }

    private static void Remember(LinkedList<double[]> moves, LinkedList<double[]> bends, double[] position, double[] gradient, double[] next, double[] nextGradient)
    {
        var (move, bend) = (new double[position.Length], new double[position.Length]);
        TensorPrimitives.Subtract(next, position, move);
        TensorPrimitives.Subtract(nextGradient, gradient, bend);
        // The loss is strictly convex in exact numbers; rounding near the optimum may say otherwise.
        if (TensorPrimitives.Dot<double>(move, bend) <= 0) return;
        moves.AddLast(move);
        bends.AddLast(bend);
        if (moves.Count <= Memory) return;
        moves.RemoveFirst();
        bends.RemoveFirst();
    }
}
