using Media.Models;

namespace Media.Evaluation;

/// <summary>Lists of articles, one an hour, judged by which of them come to be viewed most.</summary>
/// <remarks>
/// Right are those with as many views as the tenth most viewed of their hour, and at least one. Hours in which fewer than ten of the list are viewed are not judged: any list would do. Pure, thread-safe.
/// </remarks>
public static class TrendingLists
{
    /// <summary>Places of a list that count.</summary>
    public const int Places = 10;

    /// <summary>The rows of hours that can be judged.</summary>
    /// <param name="rows">One list per as-of instant; labels grow with views and are 0 where there are none.</param>
    public static LabelledRows Judged(LabelledRows rows)
    {
        var viewed = Enumerable.Range(0, rows.Rows).Where(r => rows.Y[r] > 0).CountBy(r => rows.X.AsOfMicros[r]).Where(h => h.Value >= Places).Select(h => h.Key).ToHashSet();
        return rows.Take([.. Enumerable.Range(0, rows.Rows).Where(r => viewed.Contains(rows.X.AsOfMicros[r]))]);
    }

    /// <summary>1 for rows with as many views as their hour's tenth, else 0.</summary>
    /// <param name="judged">Rows of <see cref="Judged"/>.</param>
    public static float[] Right(LabelledRows judged)
    {
        var least = Enumerable.Range(0, judged.Rows).GroupBy(r => judged.X.AsOfMicros[r]).ToDictionary(h => h.Key, h => h.Select(r => judged.Y[r]).OrderDescending().ElementAt(Places - 1));
        return [.. Enumerable.Range(0, judged.Rows).Select(r => judged.Y[r] >= least[judged.X.AsOfMicros[r]] ? 1f : 0f)];
    }

    /// <summary>Mean over hours of the share of right ones among the first ten, days resampled: hours of one day share articles and readers.</summary>
    public static Estimate Precision(LabelledRows judged, double[] scores, BootstrapOptions options, CancellationToken cancel)
    {
        var precision = ListPrecision.At(Places);
        return Bootstrap.Of(RankedLists.Of(scores, Right(judged), judged.X.AsOfMicros), (lists, counts) => lists.Mean(precision, counts), options with { Clusters = Clusters.Of([.. judged.X.AsOfMicros.Select(t => t / Day)]) }, cancel);
    }

    /// <summary>The same without an interval.</summary>
    internal static double Precision(LabelledRows judged, double[] scores) => PrecisionOfEach(judged, scores).Average();

    /// <summary>The share of right ones among the first ten of each hour, in the order of the hours' first rows.</summary>
    internal static double[] PrecisionOfEach(LabelledRows judged, double[] scores)
    {
        var (right, precision) = (Right(judged), ListPrecision.At(Places));
        return [.. Hours(judged).Select(hour =>
        {
            int[] ranked = [.. hour.OrderByDescending(r => scores[r])];
            return precision([.. ranked.Select(r => scores[r])], [.. ranked.Select(r => right[r])]).Sum;
        })];
    }

    /// <summary>The day of each hour, numbered since 1970, in the order of the hours' first rows.</summary>
    internal static long[] Days(LabelledRows judged) => [.. Hours(judged).Select(hour => hour.Key / Day)];

    private static IEnumerable<IGrouping<long, int>> Hours(LabelledRows judged) => Enumerable.Range(0, judged.Rows).GroupBy(r => judged.X.AsOfMicros[r]);

    private const long Day = 86_400_000_000;
}
