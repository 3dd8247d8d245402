namespace Media.Evaluation;

/// <summary>Metrics of one list of recommendations: which of its places hold something relevant.</summary>
/// <remarks>
/// hits: true where a place's item is relevant, best first; a list shorter than k has missed at the places it lacks. relevant: how many relevant items there are, found or not, ≥ 1.
/// Relevance is yes or no. Range 0–1. Pure, thread-safe.
/// </remarks>
public static class RankingMetrics
{
    /// <summary>Hits in the first k places, by all that is relevant.</summary>
    public static double Recall(ReadOnlySpan<bool> hits, int relevant, int k) => (double)Hits(hits, k) / Checked(relevant);

    /// <summary>Hits in the first k places, by k.</summary>
    public static double Precision(ReadOnlySpan<bool> hits, int k) => (double)Hits(hits, k) / k;

    /// <summary>A hit at place p, from 1, gains 1 ⁄ log₂(p + 1); divided by the gain of the ideal list of min(relevant, k) hits.</summary>
    /// <seealso href="https://doi.org/10.1145/582415.582418">Järvelin &amp; Kekäläinen 2002, Cumulated gain-based evaluation of IR techniques</seealso>
    public static double Ndcg(ReadOnlySpan<bool> hits, int relevant, int k)
    {
        double gain = 0, ideal = 0;
        for (var place = 0; place < k; place++)
        {
            var here = 1 / Math.Log2(place + 2);
            if (place < hits.Length && hits[place]) gain += here;
            if (place < Checked(relevant)) ideal += here;
        }
        return gain / ideal;
    }

    /// <summary>The precision at each hit in the first k places, summed, by min(relevant, k). Its mean over lists is MAP@k.</summary>
    public static double AveragePrecision(ReadOnlySpan<bool> hits, int relevant, int k)
    {
        double sum = 0;
        var found = 0;
        for (var place = 0; place < Math.Min(k, hits.Length); place++)
            if (hits[place]) sum += (double)++found / (place + 1);
        return sum / Math.Min(Checked(relevant), k);
    }

    /// <summary>Recall of one relevant item among others by their scores, with ties broken at random: the chance that it stands in the first k places.</summary>
    /// <param name="above">Others of a higher score.</param>
    /// <param name="tied">Others of the same score.</param>
    public static double RecallOfOne(int above, int tied, int k) => Math.Clamp((double)(k - above) / (tied + 1), 0, 1);

    /// <summary>Share of the catalogue that stands in at least one list.</summary>
    public static double Coverage(IEnumerable<IReadOnlyList<int>> lists, int items) => (double)lists.SelectMany(list => list).Distinct().Count() / items;

    /// <summary>How surprising the recommended items are: the mean of −log₂ of the share of users who have them, in bits.</summary>
    /// <param name="usersOf">Users of each item; an item without users counts as having one.</param>
    /// <seealso href="https://doi.org/10.1145/2043932.2043955">Vargas &amp; Castells 2011, Rank and relevance in novelty and diversity metrics for recommender systems</seealso>
    public static double Novelty(IEnumerable<IReadOnlyList<int>> lists, IReadOnlyList<int> usersOf, int users) =>
        lists.SelectMany(list => list).Average(item => -Math.Log2((double)Math.Max(1, usersOf[item]) / users));

    private static int Hits(ReadOnlySpan<bool> hits, int k)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        return hits[..Math.Min(k, hits.Length)].Count(true);
    }

    private static int Checked(int relevant) => relevant >= 1 ? relevant : throw new ArgumentException($"{relevant} items are relevant; expected at least one.");
}
