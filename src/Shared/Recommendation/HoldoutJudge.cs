namespace Media.Recommendation;

/// <summary>Judges engines, and mixtures of engines, by what they find again of a holdout.</summary>
internal sealed class HoldoutJudge(Holdout holdout, ListMeasure measure, HybridOptions options)
{
    private const int UsersAtOnce = 16;

    /// <summary>The mean measure of one engine's lists.</summary>
    public double Judge(HybridPart part, CancellationToken cancel)
    {
        var values = new double[holdout.Users.Count];
        RowBlocks.Run(values.Length, UsersAtOnce, options.Threads, (start, end) =>
        {
            var scores = new float[holdout.Train.Columns];
            for (var u = start; u < end; u++)
            {
                Score(part, holdout.Users[u], scores);
                values[u] = Value(TopItems.Of(scores, options.Places), holdout.Users[u]);
            }
        }, cancel);
        return values.Average();
    }

    /// <summary>Every engine's scores of the items that a mixture may bring to the top: those listed, or those near the top of one engine's list at least.</summary>
    /// <remarks>The relevant items get in on their scores alone: were they added, a mixture could find them by what they lack.</remarks>
    /// <param name="places">Of each engine's own list, from which these items are taken.</param>
    public HoldoutMixtures Mixtures(IReadOnlyList<HybridPart> parts, int places, CancellationToken cancel)
    {
        var users = new (int[] Items, float[] Scores)[holdout.Users.Count];
        RowBlocks.Run(users.Length, UsersAtOnce, options.Threads, (start, end) =>
        {
            var scores = parts.Select(_ => new float[holdout.Train.Columns]).ToArray();
            for (var u = start; u < end; u++)
            {
                for (var p = 0; p < parts.Count; p++) Score(parts[p], holdout.Users[u], scores[p]);
                var items = holdout.Users[u].Listed ?? [.. scores.SelectMany(s => TopItems.Of(s, places)).Distinct().Order()];
                users[u] = (items, [.. scores.SelectMany(s => items.Select(item => s[item]))]);
            }
        }, cancel);
        return new HoldoutMixtures(users, parts.Count, (top, user) => Value(top, holdout.Users[user]), options);
    }

    /// <summary>Normalised scores; −∞ for what is not to be ranked.</summary>
    private void Score(HybridPart part, HeldOut user, float[] scores)
    {
        var history = holdout.Train.Row(user.User);
        HybridRecommender.Normalise(part, history, scores);
        foreach (var seen in history.Indices) scores[seen] = float.NegativeInfinity;
        if (user.Listed is null) return;
        var listed = Array.ConvertAll(user.Listed, item => scores[item]);
        Array.Fill(scores, float.NegativeInfinity);
        for (var i = 0; i < listed.Length; i++) scores[user.Listed[i]] = listed[i];
    }

    private double Value(int[] top, HeldOut user)
    {
        Span<bool> hits = stackalloc bool[top.Length];
        for (var place = 0; place < top.Length; place++) hits[place] = Array.BinarySearch(user.Relevant, top[place]) >= 0;
        return measure(hits, user.Relevant.Length);
    }
}

/// <summary>Held-out users' scores by several engines, ready to be mixed again and again.</summary>
/// <param name="users">Items and their scores: one run of all items per engine.</param>
/// <param name="value">The measure of a user's list.</param>
internal sealed class HoldoutMixtures((int[] Items, float[] Scores)[] users, int parts, Func<int[], int, double> value, HybridOptions options)
{
    private const int UsersAtOnce = 64;

    public double Judge(double[] weights, CancellationToken cancel)
    {
        var values = new double[users.Length];
        RowBlocks.Run(values.Length, UsersAtOnce, options.Threads, (start, end) =>
        {
            for (var u = start; u < end; u++)
            {
                var (items, scores) = users[u];
                var mixed = new float[items.Length];
                for (var p = 0; p < parts; p++)
                    if (weights[p] != 0) System.Numerics.Tensors.TensorPrimitives.MultiplyAdd(scores.AsSpan(p * items.Length, items.Length), (float)weights[p], mixed, mixed);
                values[u] = value(Array.ConvertAll(TopItems.Of(mixed, options.Places), i => items[i]), u);
            }
        }, cancel);
        return values.Average();
    }
}
