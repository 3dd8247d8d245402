namespace Media.Evaluation;

/// <summary>Normalised discounted cumulative gain: what a list's top shows, each place worth 1 / log₂(place + 1), over what the best order would show.</summary>
/// <remarks>0–1. The gain of a row is its label. Rows of equal score share their places, the mean over all their orders. A list without any gain says nothing. Pure, thread-safe.</remarks>
/// <seealso href="https://doi.org/10.1145/582415.582418">Järvelin, Kekäläinen 2002, Cumulated gain-based evaluation of IR techniques</seealso>
/// <seealso href="https://doi.org/10.1007/978-3-540-78646-7_41">McSherry, Najork 2008, Computing information retrieval performance measures efficiently in the presence of tied scores</seealso>
public static class DiscountedGain
{
    /// <summary>The first ten places.</summary>
    /// <inheritdoc cref="Metric{TRows}"/>
    public static double AtTen(RankedLists lists, ReadOnlySpan<int> counts) => lists.Mean(OfTen, counts);

    /// <summary>The first <paramref name="places"/> places of each list.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one place.</exception>
    public static ListMetric At(int places)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(places, 1);
        return (scores, labels) => Of(scores, labels, places);
    }

    private static ListFigure OfTen(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels) => Of(scores, labels, 10);

    private static ListFigure Of(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels, int places)
    {
        var best = labels.ToArray();
        Array.Sort(best);
        if (best[0] < 0) throw new ArgumentException($"A label is {best[0]}; gains are not negative.");
        Array.Reverse(best);
        double ideal = 0, shown = 0;
        for (var place = 0; place < Math.Min(places, best.Length); place++) ideal += best[place] * Discount(place);
        if (ideal == 0) return default;
        for (int start = 0, end; start < Math.Min(places, scores.Length); start = end)
        {
            double gains = 0, discounts = 0;
            for (end = start; end < scores.Length && scores[end] == scores[start]; end++)
            {
                gains += labels[end];
                if (end < places) discounts += Discount(end);
            }
            shown += gains / (end - start) * discounts;
        }
        return new ListFigure(shown / ideal, 1);
    }

    private static double Discount(int place) => 1 / Math.Log2(place + 2);
}
