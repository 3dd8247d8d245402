using Media.Evaluation;
using Media.Recommendation;

namespace Media.Jobs;

/// <summary>The protocol <c>listed</c>: each test row's item is ranked among the items listed with it.</summary>
/// <remarks>An item of the user's training rows goes last, one that the training file lacks before it, after all others. A user that the training file lacks gets the items by popularity.</remarks>
internal static class RecommendationListed
{
    private const int Others = 99;
    private const int HeldUsers = 5_000;
    private const int Seed = 1;

    public static EvaluationLine Evaluate(string trainPath, string testPath, string? articlesPath, TextWriter remarks, CancellationToken cancel)
    {
        var train = new NumberedInteractions(trainPath, articlesPath, remarks, cancel);
        var rows = InteractionRows.Listed(testPath, remarks.WriteLine, cancel);
        if (rows.Count == 0) throw new InvalidDataException($"{Path.GetFileName(testPath)} has no row to rank.");
        List<ListedTest> tests = [.. rows.Select(row => new ListedTest(train.User(row.User), train.Item(row.Item), Array.ConvertAll(row.Others, train.Item)))];
        remarks.WriteLine($"Of {tests.Count} test rows, {tests.Count(t => t.User < 0)} are of users and {tests.Count(t => t.Item < 0)} of items without a training row.");

        var holdout = Holdout.OfOne(train.Matrix, Others, HeldUsers, Seed);
        var result = HybridSearch.Fit(train.Matrix, train.Terms, holdout, (hits, relevant) => (RankingMetrics.Recall(hits, relevant, 5) + RankingMetrics.Recall(hits, relevant, 10)) / 2, new HybridOptions { Seed = Seed }, cancel);
        EvaluateRecommendation.Remark(result, remarks);

        return Judge(result.Recommender).Add("instances", (long)tests.Count)
            .Add("rows_train", (long)train.Rows).Add("rows_test", (long)rows.Count)
            .Add("checksum", RowChecksum.Of(rows.Select(row => $"{row.User},{row.Item}")))
            .Add("baseline", Judge(Popularity.Fit(train.Matrix)));

        EvaluationLine Judge(IRecommender recommender)
        {
            var ranked = RecommendationTrial.RankListed(recommender, train.Matrix, tests, cancel);
            double[] Recall(int places) => [.. ranked.Select(r => RankingMetrics.RecallOfOne(r.Above, r.Tied, places))];
            return EvaluateRecommendation.Metrics([("recall_at_5", Recall(5)), ("recall_at_10", Recall(10))], [.. rows.Select(row => row.User)], cancel);
        }
    }
}
