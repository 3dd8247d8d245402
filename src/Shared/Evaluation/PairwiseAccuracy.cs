namespace Media.Evaluation;

/// <summary>Of all pairs within a list whose labels differ, the share that the scores put in the right order, equal scores counting half.</summary>
/// <remarks>0–1, chance 0.5. All pairs of all lists count alike, so a long list counts more. Cost: the square of a list's length. Pure, thread-safe.</remarks>
public static class PairwiseAccuracy
{
    /// <inheritdoc cref="Metric{TRows}"/>
    public static double Of(RankedLists lists, ReadOnlySpan<int> counts) => lists.Mean(OfList, counts);

    private static ListFigure OfList(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels)
    {
        double right = 0, pairs = 0;
        for (var i = 0; i < scores.Length; i++)
            for (var j = i + 1; j < scores.Length; j++)
            {
                if (labels[i] == labels[j]) continue;
                pairs++;
                right += scores[i] == scores[j] ? 0.5 : labels[i] > labels[j] ? 1 : 0;
            }
        return new ListFigure(right, pairs);
    }
}
