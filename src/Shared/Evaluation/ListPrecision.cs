namespace Media.Evaluation;

/// <summary>Of a list's first places, the share with a label above 0: those that burst, were clicked, were read.</summary>
/// <remarks>0–1; chance is the share of such rows. A list shorter than the places is taken whole. Rows of equal score cut by the limit count pro rata. A list without
/// any label above 0 counts, as 0. Pure, thread-safe.</remarks>
public static class ListPrecision
{
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one place.</exception>
    public static ListMetric At(int places)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(places, 1);
        return (scores, labels) =>
        {
            var wanted = Math.Min(places, scores.Length);
            var found = 0.0;
            for (int start = 0, end; start < wanted; start = end)
            {
                var hits = 0;
                for (end = start; end < scores.Length && scores[end] == scores[start]; end++)
                    if (labels[end] > 0) hits++;
                found += (double)hits / (end - start) * (Math.Min(end, wanted) - start);
            }
            return new ListFigure(found / wanted, 1);
        };
    }
}
