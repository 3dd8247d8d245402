using System.Buffers;

namespace Media.Evaluation;

/// <summary>Spearman's rank correlation: Pearson's correlation of the ranks, tied rows sharing the middle of theirs.</summary>
/// <remarks>−1 … 1, chance 0; depends on the order only. Scores that are all equal order nothing and give 0. Pure, thread-safe.</remarks>
/// <seealso href="https://doi.org/10.2307/1412159">Spearman 1904, The proof and measurement of association between two things</seealso>
public static class Spearman
{
    /// <exception cref="ArgumentException">As <see cref="PredictedAmounts"/>.</exception>
    public static double Of(ReadOnlySpan<double> predictions, ReadOnlySpan<float> observed)
    {
        var rows = new PredictedAmounts(predictions, observed);
        return Of(rows, rows.Once);
    }

    /// <inheritdoc cref="Metric{TRows}"/>
    public static double Of(PredictedAmounts rows, ReadOnlySpan<int> counts)
    {
        long total = 0;
        foreach (var count in counts) total += count;
        var rented = ArrayPool<double>.Shared.Rent(rows.Count);
        var observedRanks = rented.AsSpan(0, rows.Count);
        // A row counted twice is two tied rows. Both orders are known, so the ranks, here less their mean, follow from running sums of the counts.
        double products = 0, ofPredictions = 0, ofObserved = 0;
        long passed = 0;
        var start = 0;
        foreach (var end in rows.ObservedTieEnds)
        {
            long tied = 0;
            for (var i = start; i < end; i++) tied += counts[rows.ByObserved[i]];
            var rank = passed + (tied - total) / 2.0;
            for (var i = start; i < end; i++) observedRanks[rows.ByObserved[i]] = rank;
            ofObserved += tied * rank * rank;
            passed += tied;
            start = end;
        }
        passed = 0;
        start = 0;
        foreach (var end in rows.TieEnds)
        {
            long tied = 0;
            double ranks = 0;
            for (var i = start; i < end; i++)
            {
                tied += counts[i];
                ranks += counts[i] * observedRanks[i];
            }
            var rank = passed + (tied - total) / 2.0;
            products += rank * ranks;
            ofPredictions += tied * rank * rank;
            passed += tied;
            start = end;
        }
        ArrayPool<double>.Shared.Return(rented);
        return ofPredictions == 0 ? 0 : Math.Clamp(products / Math.Sqrt(ofPredictions * ofObserved), -1, 1);
    }

    /// <summary>Mean over lists of the rank correlation within each; a list whose labels are all alike says nothing.</summary>
    /// <inheritdoc cref="Metric{TRows}"/>
    public static double WithinLists(RankedLists lists, ReadOnlySpan<int> counts) => lists.Mean(OfList, counts);

    private static ListFigure OfList(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels)
    {
        if (!labels.ContainsAnyExcept(labels[0])) return default;
        var rows = new PredictedAmounts(scores, labels);
        return new ListFigure(Of(rows, rows.Once), 1);
    }
}
