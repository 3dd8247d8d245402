using Media.Recommendation;

namespace Media.Tests.Recommendation;

public class ContentSimilarityTests
{
    // Three articles share the common term 0; 0 and 1 share the rare term 1; article 3 has no term.
    private static readonly SparseMatrix Terms = SparseMatrix.From(4, 4, [new(0, 0, 1), new(0, 1, 1), new(1, 0, 1), new(1, 1, 2), new(2, 0, 1), new(2, 2, 1)]);
    private static readonly ContentSimilarity Content = ContentSimilarity.Fit(Terms);

    [Fact]
    public void Cosine_IsThatOfTermFrequencyTimesInverseDocumentFrequency()
    {
        // ln((1 + n) ⁄ (1 + df)) + 1 of three articles with a term: 1 for the common one, 1.2877 for that of two.
        var (common, rare, own) = (1.0, Math.Log(4 / 3.0) + 1, Math.Log(4 / 2.0) + 1);
        var (a, b, c) = (Math.Sqrt(common * common + rare * rare), Math.Sqrt(common * common + 4 * rare * rare), Math.Sqrt(common * common + own * own));

        Assert.Equal((common * common + rare * 2 * rare) / (a * b), Content.Cosine(0, 1), 1e-6);
        Assert.Equal(common * common / (a * c), Content.Cosine(0, 2), 1e-6);
        Assert.Equal(Content.Cosine(0, 1), Content.Cosine(1, 0));
        Assert.Equal(1, Content.Cosine(2, 2), 1e-6);
        Assert.Equal(0, Content.Cosine(0, 3));
    }

    [Fact]
    public void Scores_AreWhatTheHistoryAdds_AndDislikedItemsAddNothing()
    {
        var history = new SparseRow([0, 1, 2], [2, -1, 0.5f]);
        var scores = Content.Scores(history);

        Assert.Equal(2 * Content.Cosine(0, 1) + 0.5 * Content.Cosine(2, 1), scores[1], 1e-5);
        for (var item = 0; item < 4; item++) Assert.Equal(scores[item], Content.Contributions(history, item).Sum(), 1e-5f);
        Assert.All(Content.Scores(default), score => Assert.Equal(0, score));
    }

    [Fact]
    public void Hybrid_FindsItemsThatNobodyHasReadYet_WhereItKnowsWhatTheyAreAbout()
    {
        const int Groups = 4, Items = 80, Cold = 8;
        var taste = PlantedTaste.Draw(300, Items, Groups, 8, seed: 5);
        var rows = new List<Interaction>();
        for (var user = 0; user < taste.Rows; user++)
            foreach (var item in taste.Row(user).Indices) rows.Add(new Interaction(user, item, 1));
        var train = SparseMatrix.From(taste.Rows, Items + Cold, [.. rows]);
        // Each item is about its group and, so that likeness is no yes or no, about one of seven other things.
        var content = SparseMatrix.From(Items + Cold, Groups + 7, [.. Enumerable.Range(0, Items + Cold).SelectMany(i => (Interaction[])[new(i, i % Groups, 1), new(i, Groups + i % 7, 1)])]);

        var found = HybridSearch.Fit(train, content, Holdout.OfPairs(train, 0.2, 200, 1), (hits, _) => hits.Count(true), new HybridOptions { Effort = 1, MaxTrials = 3 }, TestContext.Current.CancellationToken);

        Assert.Contains(found.Trials, trial => trial.Engine == "content");
        var own = 0;
        foreach (var user in Enumerable.Range(0, 100))
        {
            var scores = ContentSimilarity.Fit(content).Scores(train.Row(user));
            own += Enumerable.Range(Items, Cold).OrderByDescending(i => scores[i]).Take(2).Count(i => i % Groups == user % Groups);
        }
        Assert.True(own > 150, $"{own} of 200 cold items put first are of the reader's own group; 50 would be chance.");
        Assert.Contains("expected 88", Refused(SparseMatrix.From(3, 2, [new(0, 0, 1)])), StringComparison.Ordinal);

        string Refused(SparseMatrix terms) => Assert.Throws<ArgumentException>(() =>
            HybridSearch.Fit(train, terms, Holdout.OfPairs(train, 0.2, 200, 1), (hits, _) => hits.Count(true), new HybridOptions(), TestContext.Current.CancellationToken)).Message;
    }
}
