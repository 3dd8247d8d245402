using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;

namespace Media.Recommendation;

/// <summary>Hyperparameters of <see cref="Ease"/>.</summary>
public sealed record EaseOptions
{
    /// <summary>Ridge penalty λ, > 0, in squared strengths: large sets want more. Default 300.</summary>
    [Range(1e-3, 1e9)] public double L2 { get; init; } = 300;

    /// <summary>At most so many items, those with the most cells, are related to each other, 1–20,000; all others score 0. Memory is 4 n² bytes, time n³. Default 12,000.</summary>
    [Range(1, 20_000)] public int MaxItems { get; init; } = 12_000;

    /// <summary>Threads; 0: as many as there are cores. Default 0. The result does not depend on it.</summary>
    [Range(0, 1024)] public int Threads { get; init; }
}

/// <summary>Embarrassingly shallow autoencoder: the ridge regression of each item on all others, in closed form.</summary>
/// <remarks>
/// With P = (XᵀX + λI)⁻¹ the weight of a history's item j for item i is −P_ji ⁄ P_ii, and none for itself; a score is the strengths' weighted sum.
/// An item that is new or beyond <see cref="EaseOptions.MaxItems"/> scores 0. Immutable, thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1145/3308558.3313710">Steck 2019, Embarrassingly shallow autoencoders for sparse data</seealso>
public sealed class Ease : IRecommender
{
    private readonly SymmetricMatrix _weights;

    /// <summary>The item that each row of weights belongs to, rising; and back, −1 for none.</summary>
    private readonly int[] _members;
    private readonly int[] _places;

    private Ease(SymmetricMatrix weights, int[] members, int[] places) => (_weights, _members, _places) = (weights, members, places);

    public int Items => _places.Length;

    /// <param name="interactions">Users × items.</param>
    /// <exception cref="ArithmeticException">λ is too small for the strengths: the matrix cannot be inverted in single precision.</exception>
    public static Ease Fit(SparseMatrix interactions, EaseOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        var usersOf = interactions.Transposed();
        var members = Enumerable.Range(0, usersOf.Rows).OrderByDescending(i => usersOf.Row(i).Count).Take(options.MaxItems).Order().ToArray();
        var places = new int[usersOf.Rows];
        Array.Fill(places, -1);
        for (var place = 0; place < members.Length; place++) places[members[place]] = place;

        var matrix = new SymmetricMatrix(members.Length);
        RowBlocks.Run(members.Length, 16, options.Threads, (start, end) =>
        {
            for (var place = start; place < end; place++) AddProducts(interactions, usersOf, members[place], places, matrix.Row(place), options.L2);
        }, cancel);
        matrix.Invert(options.Threads, cancel);

        var diagonal = new float[members.Length];
        for (var place = 0; place < diagonal.Length; place++) diagonal[place] = -matrix.Row(place)[place];
        RowBlocks.Run(members.Length, 64, options.Threads, (start, end) =>
        {
            for (var place = start; place < end; place++)
            {
                var row = matrix.Row(place);
                TensorPrimitives.Divide(row, diagonal, row);
                row[place] = 0;
            }
        }, cancel);
        return new Ease(matrix, members, places);
    }

    public void Score(SparseRow history, Span<float> scores)
    {
        var (items, strengths) = history;
        var sums = _members.Length == Items ? scores : new float[_members.Length];
        sums.Clear();
        for (var h = 0; h < items.Length; h++)
            if (_places[items[h]] is >= 0 and var place) TensorPrimitives.MultiplyAdd(_weights.Row(place), strengths[h], sums, sums);
        if (_members.Length == Items) return;
        scores.Clear();
        for (var place = 0; place < _members.Length; place++) scores[_members[place]] = sums[place];
    }

    public void Explain(SparseRow history, int item, Span<float> contributions)
    {
        var (items, strengths) = history;
        for (var h = 0; h < items.Length; h++)
            contributions[h] = _places[item] < 0 || _places[items[h]] < 0 ? 0 : strengths[h] * _weights.Row(_places[items[h]])[_places[item]];
    }

    /// <summary>One row of XᵀX + λI, up to its diagonal.</summary>
    private static void AddProducts(SparseMatrix interactions, SparseMatrix usersOf, int item, int[] places, Span<float> row, double l2)
    {
        var (users, strengths) = usersOf.Row(item);
        for (var u = 0; u < users.Length; u++)
        {
            var (others, values) = interactions.Row(users[u]);
            for (var o = 0; o < others.Length && others[o] <= item; o++)
                if (places[others[o]] is >= 0 and var place) row[place] += strengths[u] * values[o];
        }
        row[places[item]] += (float)l2;
    }
}
