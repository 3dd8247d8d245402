using Media.Evaluation;

namespace Media.Tests.Evaluation;

public class RankedListsTests
{
    private static double Of(Metric<RankedLists> metric, double[] scores, float[] labels, params int[] listOf)
    {
        var lists = RankedLists.Of(scores, labels, listOf);
        return metric(lists, lists.Once);
    }

    private static double Mean(ListMetric metric, double[] scores, float[] labels, params int[] listOf)
    {
        var lists = RankedLists.Of(scores, labels, listOf);
        return lists.Mean(metric, lists.Once);
    }

    // The examples on the page of ndcg_score in scikit-learn's manual.
    [Fact]
    public void DiscountedGain_ManualExamples_AsPublished()
    {
        Assert.Equal(0.6956940443813074, Of(DiscountedGain.AtTen, [.1, .2, .3, 4, 70], [10, 0, 0, 1, 5], 0, 0, 0, 0, 0), 14);
        Assert.Equal(0.41238188175345303, Mean(DiscountedGain.At(3), [.1, .2, .3, 4, 70], [10, 0, 0, 1, 5], 0, 0, 0, 0, 0), 14);
        Assert.Equal(0.75, Mean(DiscountedGain.At(1), [1, 0, 0, 0, 1], [10, 0, 0, 1, 5], 0, 0, 0, 0, 0), 14);
    }

    [Fact]
    public void DiscountedGain_ListWithoutGain_SaysNothing()
    {
        Assert.Equal(1, Of(DiscountedGain.AtTen, [3, 2, 3, 2], [1, 0, 0, 0], 0, 0, 1, 1), 15);
        Assert.Equal(double.NaN, Of(DiscountedGain.AtTen, [3, 2], [0, 0], 0, 0));
        Assert.Throws<ArgumentException>(() => Of(DiscountedGain.AtTen, [3, 2], [-1, 0], 0, 0));
    }

    [Fact]
    public void PairwiseAccuracy_TwoLists_ShareOfAllPairsThatDiffer()
    {
        // List 0: three pairs, of which (9, 5) is right and the tied (5, 5) half right; (9, 5) of equal labels does not count. List 1: one pair, wrong.
        Assert.Equal((1 + 0.5) / 3, Of(PairwiseAccuracy.Of, [9, 5, 5, 1, 2], [3, 3, 1, 7, 4], 0, 0, 0, 1, 1), 15);
    }

    [Fact]
    public void RankCorrelation_MeanOverListsThatDiffer()
    {
        // +1, −1 and a list whose labels are all alike, which says nothing; then one that scores alike: 0.
        Assert.Equal(0, Of(Spearman.WithinLists, [1, 2, 2, 1, 5, 6], [1, 2, 1, 2, 4, 4], 0, 0, 1, 1, 2, 2), 15);
        Assert.Equal(0.5, Of(Spearman.WithinLists, [1, 2, 3, 3], [1, 2, 1, 2], 0, 0, 1, 1), 15);
    }

    [Fact]
    public void ListPrecision_ShortListsAndTies()
    {
        // Two places: row 0 hits, the second place is one of two tied rows of which one hits. The list of one row is taken whole.
        Assert.Equal(((1 + 0.5) / 2 + 1) / 2, Mean(ListPrecision.At(2), [9, 5, 5, 3], [1, 1, 0, 2], 0, 0, 0, 1), 15);
        Assert.Equal(0, Mean(ListPrecision.At(5), [9, 5], [0, 0], 0, 0));
    }

    [Fact]
    public void EveryMetric_WithCounts_EqualsTheListsRepeated()
    {
        Metric<RankedLists>[] metrics = [DiscountedGain.AtTen, PairwiseAccuracy.Of, Spearman.WithinLists];
        var random = new Random(13);
        for (var trial = 0; trial < 20; trial++)
        {
            int[] listOf = [.. Enumerable.Range(0, 200).Select(_ => random.Next(30))];
            double[] scores = [.. listOf.Select(_ => (double)random.Next(6))];
            float[] labels = [.. listOf.Select(_ => (float)random.Next(4))];
            var lists = RankedLists.Of(scores, labels, listOf);
            int[] counts = [.. lists.Once.Select(_ => random.Next(3))];
            int[] keys = [.. listOf.Distinct()];
            var rows = keys.SelectMany((key, list) => Enumerable.Range(0, counts[list]).SelectMany(copy =>
                Enumerable.Range(0, listOf.Length).Where(r => listOf[r] == key).Select(r => (Row: r, Copy: (key, copy))))).ToArray();
            var repeated = RankedLists.Of([.. rows.Select(r => scores[r.Row])], [.. rows.Select(r => labels[r.Row])], [.. rows.Select(r => r.Copy)]);
            foreach (var metric in metrics) Assert.Equal(metric(repeated, repeated.Once), metric(lists, counts), 12);
        }
    }

    [Fact]
    public void ListsTornByClusters_Refused()
    {
        var lists = RankedLists.Of([1, 2], [0, 1], [7, 7]);
        var options = new BootstrapOptions { Clusters = Clusters.Of(["a", "b"]) };
        Assert.Contains("of one list but of two clusters", Assert.Throws<ArgumentException>(() =>
            Bootstrap.Of(lists, PairwiseAccuracy.Of, options, TestContext.Current.CancellationToken)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void LengthsDiffer_Refused() => Assert.Throws<ArgumentException>(() => RankedLists.Of([1, 2], [0, 1], [7]));
}
