using System.ComponentModel.DataAnnotations;

namespace Media.Recommendation;

/// <summary>Hyperparameters of <see cref="ItemNeighbours"/>; the defaults are the cosine.</summary>
public sealed record ItemNeighboursOptions
{
    /// <summary>The nearest items kept for each item, 1–100,000. Default 200.</summary>
    [Range(1, 100_000)] public int Neighbours { get; init; } = 200;

    /// <summary>Added below the line: few common users count for less. ≥ 0. Default 10.</summary>
    [Range(0, 1e6)] public double Shrinkage { get; init; } = 10;

    /// <summary>Exponent of the scored item's squared norm below the line, 0–1: the higher, the rarer what is recommended. Default 0.5.</summary>
    [Range(0, 1)] public double ItemExponent { get; init; } = 0.5;

    /// <summary>The same of the history's item. Default 0.5.</summary>
    [Range(0, 1)] public double HistoryExponent { get; init; } = 0.5;

    /// <summary>A user counts by the length of the history to the power of minus this, 0–1: 1 makes every user's steps a random walk's. Default 0.</summary>
    [Range(0, 1)] public double UserExponent { get; init; }

    /// <summary>Threads; 0: as many as there are cores. Default 0. The result does not depend on it.</summary>
    [Range(0, 1024)] public int Threads { get; init; }
}

/// <summary>Items voted for by their nearest neighbours in the history.</summary>
/// <remarks>
/// Similarity of i to the history's item j: Σ_u x_ui x_uj c_u^−γ ⁄ (‖x_i‖^2α ‖x_j‖^2β + s), where c_u counts the user's cells and each i keeps its nearest j. α = β = ½ and γ = 0
/// give the shrunk cosine; γ = 1 the random walk with a popularity penalty. Equally near neighbours: the smaller item first. Immutable, thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1145/371920.372071">Sarwar et al. 2001, Item-based collaborative filtering recommendation algorithms</seealso>
/// <seealso href="https://doi.org/10.1145/2507157.2508004">Aiolli 2013, Efficient top-N recommendation for very large scale binary rated datasets</seealso>
/// <seealso href="https://doi.org/10.1145/2955101">Paudel et al. 2017, Updatable, accurate, diverse, and scalable recommendations for interactive applications</seealso>
public sealed class ItemNeighbours : IRecommender
{
    /// <summary>By item of the history: whom it votes for, with what weight.</summary>
    private readonly SparseMatrix _votes;

    private ItemNeighbours(SparseMatrix votes) => _votes = votes;

    public int Items => _votes.Columns;

    /// <param name="interactions">Users × items.</param>
    public static ItemNeighbours Fit(SparseMatrix interactions, ItemNeighboursOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        var usersOf = interactions.Transposed();
        var norms = new double[usersOf.Rows];
        for (var item = 0; item < norms.Length; item++)
            foreach (var strength in usersOf.Row(item).Values) norms[item] += (double)strength * strength;
        var userWeights = new float[interactions.Rows];
        for (var user = 0; user < userWeights.Length; user++)
            userWeights[user] = (float)Math.Pow(Math.Max(1, interactions.Row(user).Count), -options.UserExponent);
        var historyNorms = Array.ConvertAll(norms, n => Math.Pow(n, options.HistoryExponent));

        var nearest = new Interaction[usersOf.Rows][];
        RowBlocks.Run(usersOf.Rows, 32, options.Threads, (start, end) =>
        {
            var common = new float[usersOf.Rows];
            for (var item = start; item < end; item++)
            {
                AddCommon(interactions, usersOf, userWeights, item, common);
                var own = Math.Pow(norms[item], options.ItemExponent);
                for (var other = 0; other < common.Length; other++)
                    common[other] = common[other] > 0 && other != item ? (float)(common[other] / (own * historyNorms[other] + options.Shrinkage)) : float.NegativeInfinity;
                var kept = TopItems.Of(common, options.Neighbours);
                nearest[item] = new Interaction[kept.Length];
                for (var n = 0; n < kept.Length; n++) nearest[item][n] = new Interaction(kept[n], item, common[kept[n]]);
                Array.Clear(common);
            }
        }, cancel);
        return new ItemNeighbours(SparseMatrix.From(usersOf.Rows, usersOf.Rows, nearest.SelectMany(n => n).ToArray()));
    }

    public void Score(SparseRow history, Span<float> scores)
    {
        var (items, strengths) = history;
        scores.Clear();
        for (var h = 0; h < items.Length; h++)
        {
            var (voted, weights) = _votes.Row(items[h]);
            for (var v = 0; v < voted.Length; v++) scores[voted[v]] += strengths[h] * weights[v];
        }
    }

    public void Explain(SparseRow history, int item, Span<float> contributions)
    {
        var (items, strengths) = history;
        for (var h = 0; h < items.Length; h++)
        {
            var (voted, weights) = _votes.Row(items[h]);
            var at = voted.BinarySearch(item);
            contributions[h] = at < 0 ? 0 : strengths[h] * weights[at];
        }
    }

    private static void AddCommon(SparseMatrix interactions, SparseMatrix usersOf, float[] userWeights, int item, float[] common)
    {
        var (users, strengths) = usersOf.Row(item);
        for (var u = 0; u < users.Length; u++)
        {
            var (others, values) = interactions.Row(users[u]);
            var weight = strengths[u] * userWeights[users[u]];
            for (var o = 0; o < others.Length; o++) common[others[o]] += weight * values[o];
        }
    }
}
