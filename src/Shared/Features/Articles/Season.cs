namespace Media.Features.Articles;

/// <summary>What a brand's traffic usually is at an hour of the week: a profile of the day's hours times how busy the weekday is.</summary>
/// <remarks>From the whole hours before an instant, at most two weeks of them. Hours are counted since the Unix epoch, UTC. Immutable, thread-safe.</remarks>
internal sealed class Season
{
    public const int Hours = 14 * 24;

    // So many days at the mean are added to each weekday, that one odd day does not make a habit.
    private const double WeekdayShrinkage = 0.5;

    private readonly double[] _ofHour = new double[24];
    private readonly double[] _ofWeekday = new double[7];

    /// <param name="firstHour">The data's first hour: nothing is known before.</param>
    /// <param name="hour">The hour under way, not looked at.</param>
    public Season(HourlyCounts counts, long firstHour, long hour)
    {
        var from = Math.Max(firstHour, hour - Hours);
        Span<int> hours = stackalloc int[24], seen = stackalloc int[24], byDay = stackalloc int[7], days = stackalloc int[7];
        long total = 0;
        for (var h = from; h < hour; h++)
        {
            var count = counts[h];
            (hours[(int)(h % 24)], byDay[Weekday(h)], total) = (hours[(int)(h % 24)] + count, byDay[Weekday(h)] + count, total + count);
            seen[(int)(h % 24)]++;
            days[Weekday(h)]++;
        }
        var mean = hour > from ? (double)total / (hour - from) : 0;
        for (var h = 0; h < 24; h++) _ofHour[h] = seen[h] > 0 ? (double)hours[h] / seen[h] : mean;
        for (var d = 0; d < 7; d++) _ofWeekday[d] = mean > 0 ? (byDay[d] / mean / 24 + WeekdayShrinkage) / (days[d] / 24.0 + WeekdayShrinkage) : 1;
    }

    /// <summary>Traffic usual in this hour.</summary>
    public double At(long hour) => _ofHour[hour % 24] * _ofWeekday[Weekday(hour)];

    /// <summary>0 = Thursday, the epoch's.</summary>
    private static int Weekday(long hour) => (int)(hour / 24 % 7);
}
