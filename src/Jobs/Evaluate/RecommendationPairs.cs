using Media.Evaluation;
using Media.Recommendation;

namespace Media.Jobs;

/// <summary>The protocol <c>pairs</c>: for each test user all items without a training row of that user are ranked; the test's are to be in the top 10.</summary>
/// <remarks>
/// A test row whose strength is 0 or less, or whose pair the training file has, is not to be found: it is left out with a remark. An item that the training file lacks cannot be found
/// and counts as missed; a user it lacks gets the most popular items.
/// </remarks>
internal static class RecommendationPairs
{
    private const int Places = 10;
    private const double HeldShare = 0.2;
    private const int HeldUsers = 3_000;
    private const int Seed = 1;

    public static EvaluationLine Evaluate(string trainPath, string testPath, string? articlesPath, TextWriter remarks, CancellationToken cancel)
    {
        var train = new NumberedInteractions(trainPath, articlesPath, remarks, cancel);
        var rows = InteractionRows.Rated(testPath, remarks.WriteLine, cancel);
        var users = new List<string>();
        var tests = Tests(train, rows, users);
        if (tests.Count == 0) throw new InvalidDataException($"{Path.GetFileName(testPath)} has no pair of user and item to be found.");
        var pairs = tests.Sum(test => (long)test.Relevant.Count);
        if (pairs < rows.Count) remarks.WriteLine($"{rows.Count - pairs} of {rows.Count} test rows are left out: repeated, seen in training, or of strength 0 or less.");
        remarks.WriteLine($"{users.Count(u => train.User(u) < 0)} of {users.Count} test users have no training row.");

        var holdout = Holdout.OfPairs(train.Matrix, HeldShare, HeldUsers, Seed);
        var result = HybridSearch.Fit(train.Matrix, train.Terms, holdout, (hits, relevant) => RankingMetrics.Ndcg(hits, relevant, Places), new HybridOptions { Seed = Seed }, cancel);
        EvaluateRecommendation.Remark(result, remarks);

        var usersOf = new int[train.Matrix.Columns];
        for (var user = 0; user < train.Matrix.Rows; user++)
            foreach (var item in train.Matrix.Row(user).Indices) usersOf[item]++;
        var line = Judge(result.Recommender);
        return line.Add("instances", (long)tests.Count).Add("pairs", pairs)
            .Add("rows_train", (long)train.Rows).Add("rows_test", (long)rows.Count)
            .Add("checksum", RowChecksum.Of(rows.Select(row => $"{row.User},{row.Item}").Order(StringComparer.Ordinal)))
            .Add("baseline", Judge(Popularity.Fit(train.Matrix)));

        EvaluationLine Judge(IRecommender recommender)
        {
            var ranked = RecommendationTrial.RankUnseen(recommender, train.Matrix, tests, Places, cancel);
            double[] Each(Func<bool[], int, double> metric) => [.. ranked.Select((r, t) => metric(r.Hits, tests[t].Relevant.Count))];
            return EvaluateRecommendation.Metrics(
            [
                ("ndcg_at_10", Each((hits, relevant) => RankingMetrics.Ndcg(hits, relevant, Places))),
                ("recall_at_10", Each((hits, relevant) => RankingMetrics.Recall(hits, relevant, Places))),
                ("map_at_10", Each((hits, relevant) => RankingMetrics.AveragePrecision(hits, relevant, Places))),
                ("precision_at_10", Each((hits, _) => RankingMetrics.Precision(hits, Places))),
            ], users, cancel).AddBreadth([.. ranked.Select(r => r.List)], usersOf, train.Matrix.Rows);
        }
    }

    /// <summary>One test per user, in the order of the users' first rows.</summary>
    private static List<UnseenTest> Tests(NumberedInteractions train, List<(string User, string Item, float Strength)> rows, List<string> users)
    {
        var wanted = new Dictionary<string, HashSet<string>>(StringComparer.Ordinal);
        foreach (var (user, item, strength) in rows)
        {
            var seen = train.User(user) is >= 0 and var row && train.Item(item) is >= 0 and var column && train.Matrix.Row(row).Indices.BinarySearch(column) >= 0;
            if (strength <= 0 || seen) continue;
            if (!wanted.TryGetValue(user, out var items)) wanted.Add(user, items = new HashSet<string>(StringComparer.Ordinal));
            items.Add(item);
        }
        users.AddRange(rows.Select(row => row.User).Distinct(StringComparer.Ordinal).Where(wanted.ContainsKey));
        return [.. users.Select(user => new UnseenTest(train.User(user), [.. wanted[user].Select(train.Item)]))];
    }
}
