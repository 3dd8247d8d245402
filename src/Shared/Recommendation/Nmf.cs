using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;

namespace Media.Recommendation;

/// <summary>Hyperparameters of <see cref="Nmf"/>.</summary>
public sealed record NmfOptions
{
    /// <summary>Topics, 1–1,024. Default 50.</summary>
    [Range(1, 1024)] public int Factors { get; init; } = 50;

    /// <summary>Rounds of users then items, 1–10,000. Default 60.</summary>
    [Range(1, 10_000)] public int Rounds { get; init; } = 60;

    /// <summary>Penalty on squared factors, ≥ 0, added once per user and once per item. Default 0.</summary>
    [Range(0, 1e9)] public double L2 { get; init; }

    /// <summary>Seed of the first factors. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads; 0: as many as there are cores. Default 0. The result does not depend on it.</summary>
    [Range(0, 1024)] public int Threads { get; init; }
}

/// <summary>Non-negative matrix factorisation, X ≈ W Hᵀ with nothing below zero, by hierarchical alternating least squares.</summary>
/// <remarks>
/// <para>Minimises ½ ‖X − W Hᵀ‖² over all cells, absent ones being 0. A row's factors are set one after another, each to its best non-negative value with the others held;
/// rows of one side do not depend on each other. X is only read at its cells, all else goes through k × k Gram matrices.</para>
/// <para>The fitted model holds items only: a history is solved for its user's factors when it is scored. Immutable, thread-safe.</para>
/// </remarks>
/// <seealso href="https://doi.org/10.1587/transfun.E92.A.708">Cichocki &amp; Phan 2009, Fast local algorithms for large scale nonnegative matrix and tensor factorizations</seealso>
public sealed class Nmf : IRecommender
{
    private const int RowsAtOnce = 64;

    /// <summary>Rounds for one history: far more than it takes, each a few microseconds.</summary>
    private const int HistoryRounds = 100;

    private readonly float[] _gram;

    private Nmf(FactorMatrix users, FactorMatrix items, float[] gram) => (UserFactors, ItemFactors, _gram) = (users, items, gram);

    public int Items => ItemFactors.Rows;

    internal FactorMatrix UserFactors { get; }

    internal FactorMatrix ItemFactors { get; }

    /// <param name="interactions">Users × items, strengths ≥ 0.</param>
    /// <exception cref="ArgumentException">A strength is negative.</exception>
    public static Nmf Fit(SparseMatrix interactions, NmfOptions options, CancellationToken cancel)
    {
        var fit = new NmfFit(interactions, options);
        for (var round = 0; round < options.Rounds; round++) fit.Round(cancel);
        return fit.Done(cancel);
    }

    public void Score(SparseRow history, Span<float> scores)
    {
        var user = Solve(history);
        for (var item = 0; item < scores.Length; item++) scores[item] = TensorPrimitives.Dot<float>(user, ItemFactors.Row(item));
    }

    /// <remarks>On the factors that are above zero the solution is linear in the strengths: w = G⁻¹ Σ_j x_j h_j there, and zero elsewhere.</remarks>
    public void Explain(SparseRow history, int item, Span<float> contributions)
    {
        var (items, strengths) = history;
        var user = Solve(history);
        var active = Enumerable.Range(0, user.Length).Where(f => user[f] > 0).ToArray();
        contributions.Clear();
        if (active.Length == 0) return;
        var matrix = new SymmetricMatrix(active.Length);
        for (var i = 0; i < active.Length; i++)
            for (var j = 0; j <= i; j++) matrix.Row(i)[j] = _gram[active[i] * user.Length + active[j]];
        matrix.Invert(threads: 1, CancellationToken.None);
        var own = Array.ConvertAll(active, f => ItemFactors.Row(item)[f]);
        var direction = new float[user.Length];
        for (var i = 0; i < active.Length; i++) direction[active[i]] = TensorPrimitives.Dot<float>(matrix.Row(i), own);
        for (var h = 0; h < items.Length; h++) contributions[h] = strengths[h] * TensorPrimitives.Dot<float>(direction, ItemFactors.Row(items[h]));
    }

    private float[] Solve(SparseRow history)
    {
        var (items, strengths) = history;
        var user = new float[ItemFactors.Width];
        var gradient = new float[ItemFactors.Width]; // all of the product, as long as the factors are 0
        for (var h = 0; h < items.Length; h++) FactorMatrix.AddScaled(ItemFactors.Row(items[h]), strengths[h], gradient);
        for (var round = 0; round < HistoryRounds; round++)
            if (!Improve(user, gradient, _gram)) break;
        return user;
    }

    /// <summary>Sets each factor of one row to its best non-negative value with the others held; false when none moved.</summary>
    /// <param name="gradient">The row of X times the other side's factors, less the row times their Gram matrix; kept so. Most factors of a row stay 0, and what does not move costs nothing.</param>
    private static bool Improve(Span<float> row, Span<float> gradient, ReadOnlySpan<float> gram)
    {
        var moved = false;
        for (var f = 0; f < row.Length; f++)
        {
            var ofFactor = gram.Slice(f * row.Length, row.Length);
            // A factor that no row of the other side has: nothing can be learnt from it.
            if (ofFactor[f] <= 0) continue;
            var value = Math.Max(0, row[f] + gradient[f] / ofFactor[f]);
            var change = value - row[f];
            if (change == 0) continue;
            row[f] = value;
            FactorMatrix.AddScaled(ofFactor, -change, gradient);
            moved = true;
        }
        return moved;
    }

    /// <summary>The factors under way, a round at a time: what the benchmark measures.</summary>
    internal sealed class NmfFit
    {
        private readonly SparseMatrix _interactions;
        private readonly SparseMatrix _usersOf;
        private readonly NmfOptions _options;
        private readonly FactorMatrix _users;
        private readonly FactorMatrix _items;

        public NmfFit(SparseMatrix interactions, NmfOptions options)
        {
            Options.Check(options);
            double sum = 0;
            for (var user = 0; user < interactions.Rows; user++)
                foreach (var strength in interactions.Row(user).Values)
                {
                    if (strength < 0) throw new ArgumentException($"User {user} has the strength {strength}; expected ≥ 0.");
                    sum += strength;
                }
            (_interactions, _usersOf, _options) = (interactions, interactions.Transposed(), options);
            var scale = Math.Sqrt(sum / Math.Max(1, (double)interactions.Rows * interactions.Columns) / options.Factors);
            var random = new Random(options.Seed);
            _users = Draw(interactions.Rows, options.Factors, scale, random);
            _items = Draw(interactions.Columns, options.Factors, scale, random);
        }

        public void Round(CancellationToken cancel)
        {
            Improve(_interactions, _users, _items, cancel);
            Improve(_usersOf, _items, _users, cancel);
        }

        public Nmf Done(CancellationToken cancel) => new(_users, _items, Gram(_items, cancel));

        /// <summary>½ ‖X − W Hᵀ‖², without the penalty.</summary>
        public double Loss(CancellationToken cancel)
        {
            double loss = 0;
            var (usersGram, itemsGram) = (_users.Gram(_options.Threads, cancel), _items.Gram(_options.Threads, cancel));
            for (var i = 0; i < usersGram.Length; i++) loss += (double)usersGram[i] * itemsGram[i];
            for (var user = 0; user < _interactions.Rows; user++)
            {
                var (indices, strengths) = _interactions.Row(user);
                for (var i = 0; i < indices.Length; i++)
                    loss += strengths[i] * (strengths[i] - 2.0 * TensorPrimitives.Dot<float>(_users.Row(user), _items.Row(indices[i])));
            }
            return loss / 2;
        }

        private static FactorMatrix Draw(int rows, int width, double scale, Random random)
        {
            var factors = new FactorMatrix(rows, width);
            // In (0, 2 scale): above zero, so that no factor starts dead, and with the right mean of products.
            foreach (ref var cell in factors.Cells) cell = (float)(2 * scale * (1 - random.NextDouble()));
            return factors;
        }

        private float[] Gram(FactorMatrix factors, CancellationToken cancel)
        {
            var gram = factors.Gram(_options.Threads, cancel);
            for (var f = 0; f < factors.Width; f++) gram[f * factors.Width + f] += (float)_options.L2;
            return gram;
        }

        private void Improve(SparseMatrix cells, FactorMatrix improved, FactorMatrix others, CancellationToken cancel)
        {
            var gram = Gram(others, cancel);
            RowBlocks.Run(cells.Rows, RowsAtOnce, _options.Threads, (start, end) =>
            {
                var gradient = new float[others.Width];
                for (var row = start; row < end; row++)
                {
                    Array.Clear(gradient);
                    var (indices, strengths) = cells.Row(row);
                    for (var i = 0; i < indices.Length; i++) FactorMatrix.AddScaled(others.Row(indices[i]), strengths[i], gradient);
                    var factors = improved.Row(row);
                    for (var f = 0; f < factors.Length; f++)
                        if (factors[f] > 0) FactorMatrix.AddScaled(gram.AsSpan(f * factors.Length, factors.Length), -factors[f], gradient);
                    Nmf.Improve(factors, gradient, gram);
                }
            }, cancel);
        }
    }
}
