using Media.Sessions;

namespace Media.Features;

/// <summary>What ads have been to one reader so far, beside what they are to readers of the same segment.</summary>
/// <remarks>
/// A reader sees few ads and clicks fewer, so their own click rate says little: it is read as a multiple of the segment's, drawn towards 1 as a Gamma prior of
/// <see cref="PriorClicks"/> clicks draws it (the posterior mean of a Poisson rate). Pure, thread-safe.
/// </remarks>
public static class AdHistory
{
    /// <summary>Expected clicks at which a reader's own and the segment's rate weigh the same: one over the variance of readers' multiples within a segment, about 0.3.</summary>
    public const double PriorClicks = 3.5;

    /// <summary>
    /// Clicks at which a reader's own and the segment's USD a click weigh the same. Slot and advertiser set what a click brings; readers differ in it far less than single clicks do, and
    /// to read the luck of a few clicks as a trait would hide the click rate, which is one.
    /// </summary>
    public const double PriorPaidClicks = 100;

    /// <summary>Sessions at which a reader's own and the segment's ads a session weigh the same.</summary>
    public const double PriorSessions = 2;

    /// <summary>The columns, in the order that they are written.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "ads_per_session", "ad_click_rate_of_segment", "ad_tolerance", "ad_revenue_per_click_usd", "log_expected_ad_clicks", "expected_ad_revenue_usd", "ad_revenue_per_session_usd",
    ];

    /// <summary>Writes the columns.</summary>
    /// <param name="own">The reader's sessions so far.</param>
    /// <param name="segment">All sessions so far of readers of the segment.</param>
    /// <param name="values">Shape: <see cref="Names"/>.Count, in that order; NaN where nobody of the segment was shown or clicked an ad.</param>
    public static void Write(in AdTotals own, in AdTotals segment, Span<float> values)
    {
        if (values.Length != Names.Count) throw new ArgumentException($"values has room for {values.Length} numbers but there are {Names.Count} columns.", nameof(values));
        var adsOfSegment = segment.Impressions / segment.Sessions;
        var ads = (own.Impressions + PriorSessions * adsOfSegment) / (own.Sessions + PriorSessions);
        var rate = segment.Clicks / segment.Impressions;
        var tolerance = (own.Clicks + PriorClicks) / (own.Impressions * rate + PriorClicks);
        var usdPerClick = (own.RevenueUsd + PriorPaidClicks * (segment.RevenueUsd / segment.Clicks)) / (own.Clicks + PriorPaidClicks);
        var clicks = ads * rate * tolerance;
        (values[0], values[1], values[2], values[3], values[4], values[5], values[6]) =
            (Finite(ads), Finite(rate), Finite(tolerance), Finite(usdPerClick), Finite(Math.Log(clicks)), Finite(clicks * usdPerClick), Finite(own.Sessions == 0 ? double.NaN : own.RevenueUsd / own.Sessions));
    }

    private static float Finite(double value) => double.IsFinite(value) ? (float)value : float.NaN;
}

/// <summary>Sums over sessions.</summary>
public record struct AdTotals(double Sessions, double Impressions, double Clicks, double RevenueUsd)
{
    /// <summary>With one session more; one whose ads are not known is passed over.</summary>
    public readonly AdTotals With(Session session) => double.IsNaN(session[SessionMetrics.AdImpressions]) ? this
        : new(Sessions + 1, Impressions + session[SessionMetrics.AdImpressions], Clicks + session[SessionMetrics.AdClicks],
            RevenueUsd + (double.IsFinite(session[SessionMetrics.AdRevenueUsd]) ? session[SessionMetrics.AdRevenueUsd] : 0));
}
