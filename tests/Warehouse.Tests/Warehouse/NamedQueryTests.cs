using System.Globalization;
using Media.Events;
using Media.Sessions;
using Media.Warehouse;

namespace Media.Tests.Warehouse;

/// <summary>Each named question against an answer worked out by hand over the same rows.</summary>
public class NamedQueryTests(SimulatedWarehouse simulated, TestWarehouse tests) : IClassFixture<SimulatedWarehouse>
{
    private const long Minute = 60_000_000, Hour = 60 * Minute, Day = 24 * Hour;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private long NewestMinuteEnd => (simulated.Events.Max(e => e.EventTimeMicros) / Minute + 1) * Minute;
    private long NewestDay => simulated.Events.Max(e => e.EventTimeMicros) / Day * Day;
    private DateOnly NewestSessionDay => simulated.Sessions.Max(DayOf);

    [Theory]
    [InlineData(60, "")]
    [InlineData(60 * 24 * 30, "bild")]
    public async Task TopArticles_AreAsCounted(int minutes, string brand)
    {
        var rows = await AskAsync("top_articles", ("minutes", $"{minutes}"), ("brand", brand), ("limit", "50"));
        var from = NewestMinuteEnd - minutes * Minute;
        var expected = simulated.Events
            .Where(e => e.Article is not null && e.EventTimeMicros / (5 * Minute) * (5 * Minute) >= from && (brand.Length == 0 || e.Brand == brand))
            .GroupBy(e => (e.Article!.ArticleId, e.Brand))
            .Select(g =>
            {
                var (views, clicks, plays) = (g.OfType<ArticleView>().Count(), g.OfType<ArticleClick>().Count(), g.OfType<VideoPlay>().Count());
                return (g.Key.ArticleId, g.Key.Brand, Engagement: 2 * views + 3 * clicks + 5 * plays, Views: views, Clicks: clicks, Impressions: g.OfType<ArticleImpression>().Count(),
                    Seconds: Math.Round(g.OfType<ArticleView>().Sum(v => v.TimeOnPageMs ?? 0) / 1000.0, 1));
            })
            .Where(a => a.Engagement > 0).OrderByDescending(a => a.Engagement).ThenBy(a => a.ArticleId, StringComparer.Ordinal).Take(50).ToList();
        Assert.NotEmpty(expected);
        Same(expected.Select(a => new object?[] { a.ArticleId, a.Brand, a.Engagement, a.Views, a.Clicks, a.Impressions, a.Seconds }), rows);
    }

    [Theory]
    [InlineData(24, 1)]
    [InlineData(48, 24)]
    [InlineData(10, 4)]
    public async Task SegmentClicks_AreAsCountedByHour(int hours, int step)
    {
        var rows = await AskAsync("segment_clicks", ("hours", $"{hours}"), ("step_hours", $"{step}"), ("least", "2"));
        var shown = simulated.Events.Where(e => e is ArticleImpression or ArticleClick).ToList();
        var last = shown.Max(e => e.EventTimeMicros / Hour);
        var expected = shown.Where(e => e.EventTimeMicros / Hour > last - hours)
            .GroupBy(e => (Hour: last - (last - e.EventTimeMicros / Hour) / step * step, Segment: e.UserSegment is { } s ? Vocabulary<UserSegment>.Name(s) : "(unknown)"))
            .Select(g => (g.Key.Hour, g.Key.Segment, Impressions: g.OfType<ArticleImpression>().Count(), Clicks: g.OfType<ArticleClick>().Count()))
            .Where(s => s.Impressions >= 2).OrderBy(s => s.Hour).ThenByDescending(s => (double)s.Clicks / s.Impressions).ThenBy(s => s.Segment, StringComparer.Ordinal).ToList();
        Assert.Equal((hours + step - 1) / step, expected.Select(s => s.Hour).Distinct().Count());
        Same(expected.Select(s => new object?[] { DateTime.UnixEpoch.AddHours(s.Hour), s.Segment, s.Impressions, s.Clicks, (double)s.Clicks / s.Impressions }), rows);
    }

    [Fact]
    public async Task SegmentClicksToAnHour_LeaveOutWhatCameAfter()
    {
        await simulated.OpenAsync();
        var hour = NewestDay / Hour - 12;
        var rows = await AskAsync("segment_clicks", ("to", EpochMicros.Instant(hour * Hour + 59 * Minute).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture)), ("hours", "1"), ("least", "0"));
        Assert.Equal(simulated.Events.Count(e => e is ArticleImpression && e.EventTimeMicros / Hour == hour), rows.Sum(r => Convert.ToInt32(r[2], CultureInfo.InvariantCulture)));
        Assert.All(rows, r => Assert.Equal(DateTime.UnixEpoch.AddHours(hour), r[0]));
        Assert.NotEmpty(rows);
    }

    [Theory]
    [InlineData(40, 1)]
    [InlineData(28, 28)]
    [InlineData(10, 7)]
    public async Task SessionLength_IsAsMeasuredByDay(int days, int step)
    {
        var rows = await AskAsync("session_length", ("days", $"{days}"), ("step_days", $"{step}"));
        var last = NewestSessionDay;
        var expected = simulated.Sessions.Where(s => DayOf(s) > last.AddDays(-days))
            .GroupBy(s => (Day: last.AddDays(-((last.DayNumber - DayOf(s).DayNumber) / step * step)), Country: s.Country ?? "(unknown)"))
            .Select(g => (g.Key.Day, g.Key.Country, Sessions: g.Count(), Duration: g.Average(s => s[SessionMetrics.DurationS]), Engaged: g.Average(s => Zero(s[SessionMetrics.EngagedS])), Bounces: g.Average(s => s[SessionMetrics.IsBounce])))
            .OrderBy(c => c.Day).ThenByDescending(c => c.Sessions).ThenBy(c => c.Country, StringComparer.Ordinal).ToList();
        Assert.Equal((days + step - 1) / step, expected.Select(c => c.Day).Distinct().Count());
        Same(expected.Select(c => new object?[] { c.Day, c.Country, c.Sessions, c.Duration, c.Engaged, c.Bounces }), rows);
    }

    [Fact]
    public async Task BrandsByWeek_AreAsCounted()
    {
        var rows = await AskAsync("brands_by_week", ("weeks", "6"));
        var first = Monday(NewestSessionDay).AddDays(-35);
        var expected = simulated.Sessions.Where(s => DayOf(s) >= first).GroupBy(s => (Week: Monday(DayOf(s)), Brand: s.Brand ?? "(unknown)"))
            .Select(g => (g.Key.Week, g.Key.Brand, Sessions: g.Count(), Readers: g.Select(s => s.UserId).Distinct().Count(), Views: g.Sum(s => Zero(s[SessionMetrics.ArticleViews])),
                Hours: g.Sum(s => Zero(s[SessionMetrics.EngagedS])) / 3600, Revenue: g.Sum(s => Zero(s[SessionMetrics.AdRevenueUsd]))))
            .OrderBy(b => b.Week).ThenByDescending(b => b.Sessions).ThenBy(b => b.Brand, StringComparer.Ordinal).ToList();
        Assert.True(expected.Count >= 25);
        Same(expected.Select(b => new object?[] { b.Week, b.Brand, b.Sessions, b.Readers, b.Views, b.Hours, b.Revenue }), rows);
    }

    [Theory]
    [InlineData(60, 14)]
    [InlineData(30, 2)]
    public async Task Funnel_IsAsFollowed(int days, int withinDays)
    {
        var rows = await AskAsync("funnel", ("days", $"{days}"), ("within_days", $"{withinDays}"));
        var reached = new int[4];
        var from = NewestDay - (days - 1) * Day;
        foreach (var reader in simulated.Events.Where(e => e.EventTimeMicros >= from).OrderBy(e => e.EventTimeMicros).GroupBy(e => e.UserId))
        {
            // From any view on: the first signup after it, the first subscription after that, both in time.
            var (best, events) = (0, reader.ToList());
            foreach (var view in events.OfType<ArticleView>())
            {
                var until = view.EventTimeMicros + withinDays * Day;
                var level = 1;
                if (events.OfType<NewsletterSignup>().FirstOrDefault(e => e.EventTimeMicros > view.EventTimeMicros && e.EventTimeMicros <= until) is { } signup)
                    level = events.OfType<SubscriptionStart>().Any(e => e.EventTimeMicros > signup.EventTimeMicros && e.EventTimeMicros <= until) ? 3 : 2;
                best = Math.Max(best, level);
            }
            for (var level = 1; level <= best; level++) reached[level]++;
        }
        Assert.True(reached[2] > 0, "somebody signs up");
        Same(new[] { "article_view", "newsletter_signup", "subscription_start" }.Select((step, i) => new object?[] { step, reached[i + 1], (double)reached[i + 1] / reached[1] }), rows);
    }

    [Fact]
    public async Task Retention_IsAsCounted()
    {
        var rows = await AskAsync("retention", ("weeks", "8"));
        var last = Monday(NewestSessionDay);
        var expected = simulated.Sessions.GroupBy(s => s.UserId).Select(g => g.Select(s => Monday(DayOf(s))).ToHashSet()).GroupBy(weeks => weeks.Min())
            .Where(c => c.Key > last.AddDays(-56)).OrderBy(c => c.Key).ToList();
        Assert.True(expected.Count >= 7);
        Same(expected.Select(c => (object?[])[c.Key, c.Count(), .. Enumerable.Range(1, 4).Select(w => c.Key.AddDays(7 * w)).Select(week => week > last ? null : (object)c.Average(weeks => weeks.Contains(week) ? 1 : 0))]), rows);
        // A week that nobody has lived yet is no week without visits.
        Assert.Null(rows[^1][5]);
        Assert.NotNull(rows[0][5]);
    }

    [Fact]
    public async Task AdRevenue_IsAsEarned()
    {
        var rows = await AskAsync("ad_revenue", ("days", "50"));
        var from = simulated.Events.Where(e => e is AdImpression or AdClick).Max(e => e.EventTimeMicros) / Day * Day - 49 * Day;
        var expected = simulated.Events.Where(e => e.EventTimeMicros >= from && e is (AdImpression or AdClick))
            .GroupBy(e => Vocabulary<AdSlot>.Name((e as AdImpression)?.AdSlot ?? ((AdClick)e).AdSlot!.Value))
            .Select(g => (Slot: g.Key, Impressions: g.OfType<AdImpression>().Count(), Clicks: g.OfType<AdClick>().Count(), Revenue: g.OfType<AdClick>().Sum(c => c.RevenueUsd ?? 0)))
            .OrderByDescending(s => s.Revenue).ToList();
        Assert.Equal(5, expected.Count);
        Same(expected.Select(s => new object?[] { s.Slot, s.Impressions, s.Clicks, (double)s.Clicks / s.Impressions, s.Revenue, 1000 * s.Revenue / s.Impressions }), rows);
    }

    [Fact]
    public async Task Live_IsAsCounted()
    {
        var rows = await AskAsync("live", ("minutes", "90"));
        var from = NewestMinuteEnd - 90 * Minute;
        var expected = simulated.Events.Where(e => e.EventTimeMicros >= from).GroupBy(e => Vocabulary<EventType>.Name(e.EventType))
            .Select(g => (Type: g.Key, Events: g.Count(), Revenue: g.OfType<AdClick>().Sum(c => c.RevenueUsd ?? 0)))
            .OrderByDescending(t => t.Events).ThenBy(t => t.Type, StringComparer.Ordinal).ToList();
        Assert.NotEmpty(expected);
        Same(expected.Select(t => new object?[] { t.Type, t.Events, t.Events / 90.0, t.Revenue }), rows);
    }

    [Fact]
    public async Task EveryQuestion_AnswersAnEmptyWarehouseAndDocumentsItsColumns()
    {
        using var warehouse = await tests.OpenWithTablesAsync();
        Assert.Equal(8, NamedQuery.All.Count);
        foreach (var query in NamedQuery.All)
        {
            var answer = await query.RunAsync(warehouse, new Dictionary<string, string>(), Cancel);
            Assert.All(query.Units.Keys, column => Assert.Contains(column, answer.Columns));
            if (query.Chart is var (labels, value)) Assert.Subset(answer.Columns.ToHashSet(), labels.Append(value).ToHashSet());
            Assert.All(query.Parameters, p => Assert.Contains($"{{{p.Name}:{p.Type}}}", query.Sql, StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task UnknownParameter_IsNamed()
    {
        using var warehouse = await tests.OpenWithTablesAsync();
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => NamedQuery.All[0].RunAsync(warehouse, new Dictionary<string, string> { ["colour"] = "red" }, Cancel));
        Assert.Contains("'colour'", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("yyyy-MM-dd HH:mm:ss")]
    [InlineData("yyyy-MM-ddTHH:mm:ssZ")]
    public async Task LiveAtATime_EqualsBruteForce(string form)
    {
        var at = NewestMinuteEnd - 24 * 60 * Minute;
        var rows = await AskAsync("live", ("minutes", "600"), ("at", EpochMicros.Instant(at).ToString(form, CultureInfo.InvariantCulture)));
        var expected = simulated.Events.Where(e => e.EventTimeMicros >= at - 600 * Minute && e.EventTimeMicros < at).GroupBy(e => Vocabulary<EventType>.Name(e.EventType)).ToDictionary(g => g.Key, g => (double)g.Count());
        Assert.NotEmpty(expected);
        Assert.Equal(expected, rows.ToDictionary(r => (string)r[0]!, r => Convert.ToDouble(r[1], CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData("live", "minutes", "many")]
    [InlineData("session_length", "to", "yesterday")]
    [InlineData("top_articles", "limit", "-1")]
    [InlineData("live", "minutes", "4294967296")]
    [InlineData("session_length", "days", "4294967295")]
    [InlineData("top_articles", "at", "noon")]
    [InlineData("live", "at", "")]
    public async Task ValueOfAnotherType_IsNamed(string query, string parameter, string value)
    {
        using var warehouse = await tests.OpenWithTablesAsync();
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => NamedQuery.All.Single(q => q.Name == query).RunAsync(warehouse, new Dictionary<string, string> { [parameter] = value }, Cancel));
        Assert.Contains(value, refused.Message, StringComparison.Ordinal);
        Assert.Contains(parameter, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Theory]
    [InlineData("SELECT 1\n")]
    [InlineData("-- question: What?\n-- parameter x\nSELECT 1\n")]
    public void HeaderThatIsNone_IsRefused(string sql) => Assert.Throws<InvalidDataException>(() => NamedQuery.Parse("x.sql", sql));

    private async Task<IReadOnlyList<object?[]>> AskAsync(string name, params (string Name, string Value)[] given)
    {
        var warehouse = await simulated.OpenAsync();
        return (await NamedQuery.All.Single(q => q.Name == name).RunAsync(warehouse, given.ToDictionary(g => g.Name, g => g.Value), Cancel)).Rows;
    }

    /// <summary>Row by row and in order; sums of reals come in another order in the engine, so they agree to 1e-9.</summary>
    private static void Same(IEnumerable<object?[]> expected, IReadOnlyList<object?[]> actual)
    {
        var rows = expected.ToList();
        Assert.Equal(rows.Count, actual.Count);
        foreach (var (e, a) in rows.Zip(actual))
        {
            Assert.Equal(e.Length, a.Length);
            foreach (var (want, got) in e.Zip(a))
            {
                if (want is string or null) Assert.Equal(want, got);
                else if (want is DateTime instant) Assert.Equal(instant, Convert.ToDateTime(got, CultureInfo.InvariantCulture));
                else if (want is DateOnly day) Assert.Equal(day, DateOnly.FromDateTime(Convert.ToDateTime(got, CultureInfo.InvariantCulture)));
                else
                {
                    var (x, y) = (Convert.ToDouble(want, CultureInfo.InvariantCulture), Convert.ToDouble(got, CultureInfo.InvariantCulture));
                    Assert.True(Math.Abs(x - y) <= 1e-9 * Math.Max(1, Math.Abs(x)), $"{string.Join(", ", e)}: expected {x}, the warehouse says {y}");
                }
            }
        }
    }

    private static DateOnly DayOf(Session session) => DateOnly.FromDateTime(DateTime.UnixEpoch.AddTicks(session.SessionStartMicros * 10));

    private static DateOnly Monday(DateOnly day) => day.AddDays(-((int)day.DayOfWeek + 6) % 7);

    private static double Zero(double metric) => double.IsNaN(metric) ? 0 : metric;
}
