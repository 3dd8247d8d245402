using Media.Events;

namespace Media.Features;

/// <summary>Features of one reader's acts as of an instant: how lately, how often, on how many days, in which rhythm, of what kind, with how fresh articles.</summary>
/// <remarks>Days are UTC days counted back from the instant: day 0 is the 24 h before it. NaN where a reader has too few acts for a figure. Pure, thread-safe.</remarks>
internal static class ActivityFeatures
{
    private const long Day = 86_400_000_000;
    private const long Gap = 30 * 60_000_000L;
    private const int Fresh = 2;
    private static readonly int[] Windows = [3, 7, 14, 30, 60, 90, 180];
    private static readonly int[] HalfLives = [4, 10, 25, 60];

    internal static IReadOnlyList<string> Names { get; } =
    [
        "days_since_last_act", "days_since_first_act", "acts", "active_days", "sessions",
        .. Windows.SelectMany(w => (string[])[$"acts_{w}d", $"active_days_{w}d"]),
        .. HalfLives.SelectMany(h => (string[])[$"acts_half_life_{h}d", $"active_days_half_life_{h}d"]),
        "active_weeks_4", "active_weeks_8", "active_weeks_13", "sessions_30d", "acts_per_session",
        "mean_gap_days", "std_gap_days", "longest_gap_days", "last_gap_days", "absence_over_mean_gap", "absence_over_longest_gap", "active_days_per_day_known",
        "acts_30d_over_60d", "active_days_30d_over_60d", "active_days_7d_over_30d",
        "views_share", "likes", "comments", "bookmarks", "other_reactions", "reactions_30d", "comments_30d",
        "articles", "articles_30d", "fresh_share", "fresh_share_30d", "mean_article_age_days", "acts_per_article",
        "weekend_share", "mean_hour", "std_hour", "mobile_share", "last_hour", "last_day_of_week",
    ];

    /// <param name="acts">Ascending, at least one, all before the instant.</param>
    /// <param name="firstSeen">When each article was first acted on, by anybody.</param>
    internal static void Write(IReadOnlyList<Act> acts, IReadOnlyDictionary<string, long> firstSeen, long asOf, Span<float> to)
    {
        var at = 0;
        double[] ages = [.. acts.Select(a => (asOf - a.Micros) / (double)Day)];
        int[] days = [.. ages.Select(a => (int)a).Distinct().Order()];
        var sessionStarts = Enumerable.Range(0, acts.Count).Where(i => i == 0 || acts[i].Micros - acts[i - 1].Micros > Gap).ToList();
        to[at++] = (float)ages[^1];
        to[at++] = (float)ages[0];
        to[at++] = acts.Count;
        to[at++] = days.Length;
        to[at++] = sessionStarts.Count;
        foreach (var window in Windows)
        {
            to[at++] = Within(window);
            to[at++] = DaysWithin(window);
        }
        foreach (var halfLife in HalfLives)
        {
            to[at++] = (float)ages.Sum(a => Math.Pow(0.5, a / halfLife));
            to[at++] = (float)days.Sum(d => Math.Pow(0.5, (double)d / halfLife));
        }
        foreach (var weeks in (int[])[4, 8, 13]) to[at++] = days.Where(d => d < 7 * weeks).Select(d => d / 7).Distinct().Count();
        to[at++] = sessionStarts.Count(i => ages[i] <= 30);
        to[at++] = acts.Count / (float)sessionStarts.Count;

        double[] gaps = [.. days.Zip(days.Skip(1), (later, earlier) => (double)(earlier - later))];
        var (meanGap, longest) = (gaps.Length > 0 ? gaps.Average() : double.NaN, gaps.Length > 0 ? gaps.Max() : double.NaN);
        to[at++] = (float)meanGap;
        to[at++] = gaps.Length > 1 ? (float)Math.Sqrt(gaps.Average(g => (g - meanGap) * (g - meanGap))) : float.NaN;
        to[at++] = (float)longest;
        to[at++] = gaps.Length > 0 ? (float)gaps[0] : float.NaN;
        to[at++] = (float)(ages[^1] / meanGap);
        to[at++] = (float)(ages[^1] / longest);
        to[at++] = days.Length / (float)(1 + ages[0]);

        to[at++] = (Within(30) + 1f) / (Within(60) - Within(30) + 1f);
        to[at++] = (DaysWithin(30) + 1f) / (DaysWithin(60) - DaysWithin(30) + 1f);
        to[at++] = (DaysWithin(7) + 0.5f) / (DaysWithin(30) + 1f);

        to[at++] = acts.Count(a => a.Kind == ActKind.View) / (float)acts.Count;
        foreach (var kind in (ActKind[])[ActKind.Like, ActKind.Comment, ActKind.Bookmark, ActKind.OtherReaction]) to[at++] = acts.Count(a => a.Kind == kind);
        to[at++] = Enumerable.Range(0, acts.Count).Count(i => ages[i] <= 30 && acts[i].Kind != ActKind.View);
        to[at++] = Enumerable.Range(0, acts.Count).Count(i => ages[i] <= 30 && acts[i].Kind == ActKind.Comment);

        double[] articleAges = [.. acts.Select(a => (a.Micros - firstSeen[a.Article]) / (double)Day)];
        var articles = acts.Select(a => a.Article).Distinct().Count();
        int[] lately = [.. Enumerable.Range(0, acts.Count).Where(i => ages[i] <= 30)];
        to[at++] = articles;
        to[at++] = lately.Select(i => acts[i].Article).Distinct().Count();
        to[at++] = articleAges.Count(a => a <= Fresh) / (float)acts.Count;
        to[at++] = lately.Length > 0 ? lately.Count(i => articleAges[i] <= Fresh) / (float)lately.Length : float.NaN;
        to[at++] = (float)articleAges.Average();
        to[at++] = acts.Count / (float)articles;

        DateTimeOffset[] times = [.. acts.Select(a => EpochMicros.Instant(a.Micros))];
        double[] hours = [.. times.Select(t => t.TimeOfDay.TotalHours)];
        var meanHour = hours.Average();
        to[at++] = times.Count(t => t.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday) / (float)acts.Count;
        to[at++] = (float)meanHour;
        to[at++] = (float)Math.Sqrt(hours.Average(h => (h - meanHour) * (h - meanHour)));
        to[at++] = acts.Any(a => a.Device is not null) ? acts.Count(a => a.Device is DeviceType.Mobile or DeviceType.Tablet) / (float)acts.Count(a => a.Device is not null) : float.NaN;
        to[at++] = (float)hours[^1];
        to[at] = (int)times[^1].DayOfWeek;

        int Within(int window) => ages.Count(a => a <= window);
        int DaysWithin(int window) => days.Count(d => d < window);
    }
}
