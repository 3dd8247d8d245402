using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;

namespace Media.Recommendation;

/// <summary>Hyperparameters of <see cref="ImplicitAls"/>.</summary>
public sealed record ImplicitAlsOptions
{
    /// <summary>Factors of a user and of an item, 1–1,024. Default 64.</summary>
    [Range(1, 1024)] public int Factors { get; init; } = 64;

    /// <summary>Rounds of users then items, 1–1,000. Default 12.</summary>
    [Range(1, 1000)] public int Rounds { get; init; } = 12;

    /// <summary>α₀, weight of "score 0" for every pair of user and item beside weight = strength of "score 1" for a cell, > 0. Default 0.1.</summary>
    [Range(1e-6, 1e3)] public double UnobservedWeight { get; init; } = 0.1;

    /// <summary>λ, penalty on squared factors, > 0. Default 0.005.</summary>
    [Range(1e-9, 1e6)] public double L2 { get; init; } = 0.005;

    /// <summary>ν: a row's penalty is λ (its strengths' sum + α₀ × the rows of the other side)^ν, 0–1. Default 1.</summary>
    [Range(0, 1)] public double L2Exponent { get; init; } = 1;

    /// <summary>Steps of conjugate gradients a row and round, from where the row stands, 1–100. Default 3.</summary>
    [Range(1, 100)] public int Steps { get; init; } = 3;

    /// <summary>Seed of the first factors. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads; 0: as many as there are cores. Default 0. The result does not depend on it.</summary>
    [Range(0, 1024)] public int Threads { get; init; }
}

/// <summary>Matrix factorisation of implicit feedback by alternating least squares.</summary>
/// <remarks>
/// <para>Minimises Σ_cells c (w_u·h_i − 1)² + α₀ Σ_all (w_u·h_i)² + Σ_u λ_u ‖w_u‖² + Σ_i λ_i ‖h_i‖², where c is the strength and λ grows with a row's weight as
/// <see cref="ImplicitAlsOptions.L2Exponent"/> says. A row is solved by a few conjugate gradient steps from its last value; the products with all rows of the other side go
/// through their Gram matrix.</para>
/// <para>The fitted model holds items only: a history is solved for its user's factors when it is scored. Strengths are ≥ 0. Immutable, thread-safe.</para>
/// </remarks>
/// <seealso href="https://doi.org/10.1109/ICDM.2008.22">Hu, Koren &amp; Volinsky 2008, Collaborative filtering for implicit feedback datasets</seealso>
/// <seealso href="https://doi.org/10.1145/2043932.2043987">Takács, Pilászy &amp; Tikk 2011, Applications of the conjugate gradient method for implicit feedback collaborative filtering</seealso>
/// <seealso href="https://arxiv.org/abs/2110.14037">Rendle et al. 2021, Revisiting the performance of iALS on item recommendation benchmarks</seealso>
public sealed class ImplicitAls : IRecommender
{
    private const int RowsAtOnce = 64;
    private const double FirstFactorDeviation = 0.1;

    /// <summary>At which share of the right side a residual counts as none: single precision gives no more.</summary>
    private const float SolvedResidual = 1e-6f;

    private readonly float[] _gram;
    private readonly ImplicitAlsOptions _options;

    private ImplicitAls(FactorMatrix items, float[] gram, ImplicitAlsOptions options, IReadOnlyList<double> losses) =>
        (ItemFactors, _gram, _options, Losses) = (items, gram, options, losses);

    public int Items => ItemFactors.Rows;

    internal FactorMatrix ItemFactors { get; }

    /// <summary>What is minimised, after each round; empty unless asked for.</summary>
    internal IReadOnlyList<double> Losses { get; }

    /// <param name="interactions">Users × items, strengths ≥ 0.</param>
    /// <exception cref="ArgumentException">A strength is negative.</exception>
    public static ImplicitAls Fit(SparseMatrix interactions, ImplicitAlsOptions options, CancellationToken cancel) => Fit(interactions, options, keepLosses: false, cancel);

    internal static ImplicitAls Fit(SparseMatrix interactions, ImplicitAlsOptions options, bool keepLosses, CancellationToken cancel)
    {
        Options.Check(options);
        for (var user = 0; user < interactions.Rows; user++)
            if (interactions.Row(user).Values.ContainsAnyInRange(float.MinValue, -float.Epsilon)) throw new ArgumentException($"User {user} has a negative strength; expected ≥ 0.");
        var usersOf = interactions.Transposed();
        var random = new Random(options.Seed);
        var users = Draw(interactions.Rows, options.Factors, random);
        var items = Draw(interactions.Columns, options.Factors, random);
        var losses = new List<double>();
        var gram = Weigh(items.Gram(options.Threads, cancel), options);
        for (var round = 0; round < options.Rounds; round++)
        {
            Solve(interactions, users, items, gram, options, cancel);
            Solve(usersOf, items, users, Weigh(users.Gram(options.Threads, cancel), options), options, cancel);
            gram = Weigh(items.Gram(options.Threads, cancel), options);
            if (keepLosses) losses.Add(Loss(interactions, usersOf, users, items, gram, options));
        }
        return new ImplicitAls(items, gram, options, losses);
    }

    public void Score(SparseRow history, Span<float> scores)
    {
        var system = new RowSystem(ItemFactors.Width);
        system.Take(history, ItemFactors, _gram, Penalty(history, Items, _options));
        var user = new float[ItemFactors.Width];
        system.Solve(user, 2 * ItemFactors.Width);
        for (var item = 0; item < scores.Length; item++) scores[item] = TensorPrimitives.Dot(user, ItemFactors.Row(item));
    }

    /// <remarks>The user's factors are A⁻¹ Σ_j c_j h_j with A symmetric; so item i's score is Σ_j c_j h_j·(A⁻¹ h_i), a sum over the history.</remarks>
    public void Explain(SparseRow history, int item, Span<float> contributions)
    {
        var (items, strengths) = history;
        var system = new RowSystem(ItemFactors.Width);
        system.Take(history, ItemFactors, _gram, Penalty(history, Items, _options));
        var direction = new float[ItemFactors.Width];
        system.Solve(ItemFactors.Row(item), direction, 2 * ItemFactors.Width);
        for (var h = 0; h < items.Length; h++) contributions[h] = strengths[h] * TensorPrimitives.Dot<float>(direction, ItemFactors.Row(items[h]));
    }

    private static FactorMatrix Draw(int rows, int width, Random random)
    {
        var factors = new FactorMatrix(rows, width);
        var deviation = FirstFactorDeviation / Math.Sqrt(width);
        foreach (ref var cell in factors.Cells)
            cell = (float)(deviation * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));
        return factors;
    }

    private static float[] Weigh(float[] gram, ImplicitAlsOptions options)
    {
        TensorPrimitives.Multiply(gram, (float)options.UnobservedWeight, gram);
        return gram;
    }

    private static float Penalty(SparseRow cells, int others, ImplicitAlsOptions options) =>
        (float)(options.L2 * Math.Pow(TensorPrimitives.Sum(cells.Values) + options.UnobservedWeight * others, options.L2Exponent));

    private static void Solve(SparseMatrix cells, FactorMatrix solved, FactorMatrix others, float[] gram, ImplicitAlsOptions options, CancellationToken cancel) =>
        RowBlocks.Run(cells.Rows, RowsAtOnce, options.Threads, (start, end) =>
        {
            var system = new RowSystem(others.Width);
            for (var row = start; row < end; row++)
            {
                system.Take(cells.Row(row), others, gram, Penalty(cells.Row(row), others.Rows, options));
                system.Solve(solved.Row(row), options.Steps);
            }
        }, cancel);

    private static double Loss(SparseMatrix interactions, SparseMatrix usersOf, FactorMatrix users, FactorMatrix items, float[] gram, ImplicitAlsOptions options)
    {
        double loss = 0;
        var product = new float[items.Width];
        for (var user = 0; user < users.Rows; user++)
        {
            var (indices, strengths) = interactions.Row(user);
            var own = users.Row(user);
            for (var i = 0; i < indices.Length; i++)
            {
                double miss = TensorPrimitives.Dot<float>(own, items.Row(indices[i])) - 1;
                loss += strengths[i] * miss * miss;
            }
            for (var f = 0; f < product.Length; f++) product[f] = TensorPrimitives.Dot<float>(own, gram.AsSpan(f * items.Width, items.Width));
            loss += TensorPrimitives.Dot<float>(own, product) + Penalty(interactions.Row(user), items.Rows, options) * (double)TensorPrimitives.SumOfSquares<float>(own);
        }
        for (var item = 0; item < items.Rows; item++) loss += Penalty(usersOf.Row(item), users.Rows, options) * (double)TensorPrimitives.SumOfSquares<float>(items.Row(item));
        return loss;
    }

    /// <summary>One row's linear system (α₀ HᵀH + λI + Σ c h hᵀ) w = Σ c h, never written out as a matrix.</summary>
    private sealed class RowSystem(int width)
    {
        private readonly float[] _right = new float[width];
        private readonly float[] _residual = new float[width];
        private readonly float[] _direction = new float[width];
        private readonly float[] _product = new float[width];
        private float[] _rows = [];
        private float[] _strengths = [];
        private int _count;
        private float[] _gram = [];
        private float _penalty;

        /// <summary>Copies the history's rows side by side: each step goes through them twice.</summary>
        public void Take(SparseRow history, FactorMatrix factors, float[] gram, float penalty)
        {
            var (items, strengths) = history;
            (_count, _gram, _penalty) = (items.Length, gram, penalty);
            if (_strengths.Length < _count) (_rows, _strengths) = (new float[2 * _count * width], new float[2 * _count]);
            strengths.CopyTo(_strengths);
            Array.Clear(_right);
            for (var h = 0; h < _count; h++)
            {
                var row = factors.Row(items[h]);
                row.CopyTo(_rows.AsSpan(h * width));
                TensorPrimitives.MultiplyAdd(row, strengths[h], _right, _right);
            }
        }

        public void Solve(Span<float> solution, int steps) => Solve(_right, solution, steps);

        /// <summary>Conjugate gradients from where the solution stands.</summary>
        public void Solve(ReadOnlySpan<float> right, Span<float> solution, int steps)
        {
            Multiply(solution);
            TensorPrimitives.Subtract(right, _product, _residual);
            Array.Copy(_residual, _direction, width);
            var error = TensorPrimitives.SumOfSquares<float>(_residual);
            var solved = SolvedResidual * SolvedResidual * TensorPrimitives.SumOfSquares(right);
            for (var step = 0; step < steps && error > solved; step++)
            {
                Multiply(_direction);
                var length = error / TensorPrimitives.Dot<float>(_direction, _product);
                TensorPrimitives.MultiplyAdd(_direction, length, solution, solution);
                TensorPrimitives.MultiplyAdd(_product, -length, _residual, _residual);
                var next = TensorPrimitives.SumOfSquares<float>(_residual);
                TensorPrimitives.MultiplyAdd(_direction, next / error, _residual, _direction);
                error = next;
            }
        }

        private void Multiply(ReadOnlySpan<float> vector)
        {
            for (var f = 0; f < width; f++) _product[f] = TensorPrimitives.Dot(vector, _gram.AsSpan(f * width, width));
            TensorPrimitives.MultiplyAdd(vector, _penalty, _product, _product);
            for (var h = 0; h < _count; h++)
            {
                var row = _rows.AsSpan(h * width, width);
                TensorPrimitives.MultiplyAdd(row, _strengths[h] * TensorPrimitives.Dot(vector, row), _product, _product);
            }
        }
    }
}
