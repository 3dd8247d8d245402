namespace Media.Recommendation;

/// <summary>What was taken away from one user, to be found again.</summary>
/// <param name="User">Row of the matrix.</param>
/// <param name="Relevant">The items taken away, rising, at least one.</param>
/// <param name="Listed">The items to rank, the relevant ones among them; null: all that the user has not seen.</param>
public sealed record HeldOut(int User, int[] Relevant, int[]? Listed);

/// <summary>A matrix without some of its cells, and those cells as a test: made from training data alone, to choose hyperparameters by.</summary>
/// <remarks>Only cells of strength above 0 are taken, never a user's last ones. Immutable.</remarks>
public sealed record Holdout(SparseMatrix Train, IReadOnlyList<HeldOut> Users)
{
    /// <summary>From some users, a share of the items each has, at least one.</summary>
    public static Holdout OfPairs(SparseMatrix interactions, double share, int users, int seed)
    {
        var random = new Random(seed);
        return Of(interactions, users, random, items => TakeAny(items, Math.Max(1, (int)(items.Length * share)), random), _ => null);
    }

    /// <summary>From some users one item each, to be ranked among others drawn from those the user has not seen.</summary>
    /// <param name="others">How many others; fewer where the user has seen nearly all.</param>
    public static Holdout OfOne(SparseMatrix interactions, int others, int users, int seed)
    {
        var random = new Random(seed);
        return Of(interactions, users, random, items => TakeAny(items, 1, random), held =>
        {
            var unseen = new HashSet<int>(Enumerable.Range(0, interactions.Columns));
            foreach (var seen in interactions.Row(held.User).Indices) unseen.Remove(seen);
            return [.. TakeAny([.. unseen.Order()], Math.Min(others, unseen.Count), random), .. held.Relevant];
        });
    }

    private static Holdout Of(SparseMatrix interactions, int users, Random random, Func<int[], int[]> take, Func<HeldOut, int[]?> list)
    {
        var able = Enumerable.Range(0, interactions.Rows).Where(user => Liked(interactions.Row(user)).Length >= 2).ToArray();
        var held = new List<HeldOut>();
        foreach (var user in TakeAny(able, Math.Min(users, able.Length), random))
        {
            var taken = new HeldOut(user, take(Liked(interactions.Row(user))), null);
            held.Add(taken with { Listed = list(taken) });
        }
        var takenFrom = held.ToDictionary(h => h.User, h => h.Relevant);
        var kept = new List<Interaction>(interactions.Count);
        for (var user = 0; user < interactions.Rows; user++)
        {
            var (items, strengths) = interactions.Row(user);
            var gone = takenFrom.GetValueOrDefault(user, []);
            for (var i = 0; i < items.Length; i++)
                if (Array.BinarySearch(gone, items[i]) < 0) kept.Add(new Interaction(user, items[i], strengths[i]));
        }
        return new Holdout(SparseMatrix.From(interactions.Rows, interactions.Columns, kept.ToArray()), held);
    }

    private static int[] Liked(SparseRow row)
    {
        var liked = new List<int>(row.Count);
        for (var i = 0; i < row.Count; i++)
            if (row.Values[i] > 0) liked.Add(row.Indices[i]);
        return [.. liked];
    }

    /// <summary>Some of the given numbers, rising.</summary>
    private static int[] TakeAny(int[] from, int count, Random random)
    {
        var left = (int[])from.Clone();
        for (var i = 0; i < count; i++)
        {
            var at = random.Next(i, left.Length);
            (left[i], left[at]) = (left[at], left[i]);
        }
        return [.. left[..count].Order()];
    }
}
