using System.Globalization;

namespace Media.Features.Articles;

/// <summary>Which way an article stands out.</summary>
public enum TrendingState
{
    /// <summary>Its traffic is surely above what level, season and age let expect.</summary>
    Bursting,
    /// <summary>More views are expected of it than of an article of its age.</summary>
    Ahead,
    /// <summary>As expected.</summary>
    Usual,
    /// <summary>It has had enough traffic to tell, and well below what an article of its age has.</summary>
    UnderPerforming,
}

/// <summary>One article as an editor is told of it.</summary>
/// <param name="ExpectedViews">Views in the next six hours.</param>
/// <param name="UsualViews">Views in the next six hours of an average article of its brand and age.</param>
/// <param name="BurstProbability">In [0, 1] (<see cref="Attention"/>).</param>
/// <param name="Reason">A sentence.</param>
public sealed record TrendingArticle(string ArticleId, TrendingState State, double ExpectedViews, double UsualViews, double BurstProbability, string Reason);

/// <summary>Trending and under-performing articles of one instant, in an editor's words.</summary>
/// <remarks>Pure, thread-safe.</remarks>
public static class TrendingNow
{
    private const double AheadFactor = 1.5;
    private const double BehindFactor = 0.67;

    /// <summary>Articles of an instant by expected views, falling; equal ones by id.</summary>
    /// <param name="x">Rows of one instant with the columns of <see cref="ArticleFeatures"/>.</param>
    /// <param name="expectedLogViews">Per row, the model's ln(1 + views in the next 6 h).</param>
    /// <exception cref="ArgumentException">Lengths differ, or a column is missing.</exception>
    public static IReadOnlyList<TrendingArticle> Of(FeatureBatch x, ReadOnlySpan<double> expectedLogViews)
    {
        if (expectedLogViews.Length != x.Rows) throw new ArgumentException($"expectedLogViews has {expectedLogViews.Length} places but x has {x.Rows} rows.");
        var rows = x.Select(["log_usual_views_6h", "attention_level", "attention_recent", "attention_burst_probability", "age_h", "article_views"]);
        var told = new TrendingArticle[x.Rows];
        for (var row = 0; row < told.Length; row++)
        {
            var values = rows.Row(row);
            var (usual, level, recent, burst) = (Math.Exp(values[0]) - 1, values[1], values[2], values[3]);
            var expected = Math.Max(0, Math.Exp(expectedLogViews[row]) - 1);
            var state = burst >= Attention.BurstCertainty ? TrendingState.Bursting
                : level >= AheadFactor && expected > usual ? TrendingState.Ahead
                : level <= BehindFactor && expected < usual ? TrendingState.UnderPerforming : TrendingState.Usual;
            told[row] = new TrendingArticle(x.Entities[row], state, expected, usual, burst, Reason(state, level, recent, burst, values[4], values[5]));
        }
        Array.Sort(told, static (a, b) => a.ExpectedViews != b.ExpectedViews ? b.ExpectedViews.CompareTo(a.ExpectedViews) : string.CompareOrdinal(a.ArticleId, b.ArticleId));
        return told;
    }

    private static string Reason(TrendingState state, double level, double recent, double burst, double ageHours, double views) => string.Create(CultureInfo.InvariantCulture, $"{state switch
    {
        TrendingState.Bursting => $"in the last three hours {recent:0.0} times its own pace, {burst:P0} sure of a burst",
        TrendingState.Ahead => $"{level:0.0} times the traffic of an article of its age at this time",
        TrendingState.UnderPerforming => $"only {level:P0} of the traffic of an article of its age at this time",
        _ => "about the traffic of an article of its age at this time",
    }}; {views:0} views in {ageHours:0} h.");
}
