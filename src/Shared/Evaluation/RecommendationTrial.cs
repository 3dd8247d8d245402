using Media.Recommendation;

namespace Media.Evaluation;

/// <summary>One user's test: what is known of the user, what should be found.</summary>
/// <param name="User">Row of the training matrix; −1: not in it.</param>
/// <param name="Relevant">Items to be found, columns of the matrix; −1: not in it, so it cannot be found. At least one.</param>
public sealed record UnseenTest(int User, IReadOnlyList<int> Relevant);

/// <summary>One item to be ranked among others.</summary>
/// <param name="User">As in <see cref="UnseenTest"/>.</param>
/// <param name="Item">Column of the matrix; −1: not in it.</param>
/// <param name="Others">Likewise.</param>
public sealed record ListedTest(int User, int Item, IReadOnlyList<int> Others);

/// <summary>Judges a recommender on users' later interactions.</summary>
/// <remarks>Users without a training row have an empty history. Pure, thread-safe; the same result whatever the number of cores.</remarks>
public static class RecommendationTrial
{
    /// <summary>Ranks all that each user has not seen and keeps the top.</summary>
    /// <param name="train">What the recommender was fitted to: the histories.</param>
    /// <returns>Per test, whether each place of the list is relevant, and the list.</returns>
    public static (bool[] Hits, int[] List)[] RankUnseen(IRecommender recommender, SparseMatrix train, IReadOnlyList<UnseenTest> tests, int places, CancellationToken cancel)
    {
        var ranked = new (bool[] Hits, int[] List)[tests.Count];
        Parallel.For(0, tests.Count, new ParallelOptions { CancellationToken = cancel }, () => new float[recommender.Items], (t, _, scores) =>
        {
            var history = HistoryOf(train, tests[t].User);
            recommender.Score(history, scores);
            foreach (var seen in history.Indices) scores[seen] = float.NegativeInfinity;
            var top = TopItems.Of(scores, places);
            var relevant = tests[t].Relevant.ToHashSet();
            ranked[t] = (Array.ConvertAll(top, relevant.Contains), top);
            return scores;
        }, _ => { });
        return ranked;
    }

    /// <summary>Ranks each test's item among its others.</summary>
    /// <remarks>Items of the history go last, items without a column after all that have one and are not of the history. Where equal scores leave the order open the recall is
    /// the mean over all orders: neither luck nor the order in the file counts.</remarks>
    /// <returns>Per test, how many others stand above the item and how many beside it.</returns>
    public static (int Above, int Tied)[] RankListed(IRecommender recommender, SparseMatrix train, IReadOnlyList<ListedTest> tests, CancellationToken cancel)
    {
        var ranked = new (int Above, int Tied)[tests.Count];
        Parallel.For(0, tests.Count, new ParallelOptions { CancellationToken = cancel }, () => new float[recommender.Items], (t, _, scores) =>
        {
            var history = HistoryOf(train, tests[t].User);
            recommender.Score(history, scores);
            foreach (var seen in history.Indices) scores[seen] = float.NegativeInfinity;
            var own = ScoreOf(tests[t].Item);
            foreach (var other in tests[t].Others)
            {
                if (ScoreOf(other) > own) ranked[t].Above++;
                else if (ScoreOf(other) == own) ranked[t].Tied++;
            }
            return scores;

            float ScoreOf(int item) => item < 0 ? float.MinValue : scores[item];
        }, _ => { });
        return ranked;
    }

    private static SparseRow HistoryOf(SparseMatrix train, int user) => user < 0 ? default : train.Row(user);
}
