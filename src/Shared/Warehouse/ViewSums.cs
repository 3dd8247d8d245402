using System.Globalization;

namespace Media.Warehouse;

/// <summary>What the sums of events are made of.</summary>
/// <param name="Type">event_type</param>
/// <param name="TimeOnPageMs">0 where there is none.</param>
/// <param name="RevenueUsd">0 where there is none.</param>
internal readonly record struct SummedEvent(string Type, bool HasArticle, long TimeOnPageMs, double RevenueUsd);

/// <summary>One sum that a view keeps.</summary>
/// <param name="Sql">Over the view's rows.</param>
/// <param name="OfEvent">What an event adds; null where sessions are summed.</param>
/// <param name="IsReal">Sums of reals depend on their order; sums of counts are exact.</param>
internal sealed record ViewSum(string Sql, Func<SummedEvent, double>? OfEvent = null, bool IsReal = false)
{
    public bool Alike(double one, double other) => IsReal ? Math.Abs(one - other) <= 1e-9 * Math.Max(1, Math.Abs(other)) : one == other;
}

/// <summary>A view's sums of a day: what it keeps, and what they must be.</summary>
/// <param name="View">The table in which the view keeps them.</param>
/// <param name="Day">The day of a row of the view, an expression; a day of the view is the same day of the table behind.</param>
internal sealed record ViewSums(string View, WarehouseTable Table, string Day, IReadOnlyList<ViewSum> Sums)
{
    private const string Impression = "article_impression", Click = "article_click", Read = "article_view", Play = "video_play", AdImpression = "ad_impression", AdClick = "ad_click";

    /// <summary>All views, with what one event adds to each.</summary>
    public static IReadOnlyList<ViewSums> All { get; } =
    [
        new("article_5m", WarehouseTables.Events, "toDate(bucket, 'UTC')",
        [
            new("sum(impressions)", e => e.HasArticle && e.Type == Impression ? 1 : 0), new("sum(clicks)", e => e.HasArticle && e.Type == Click ? 1 : 0),
            new("sum(views)", e => e.HasArticle && e.Type == Read ? 1 : 0), new("sum(video_plays)", e => e.HasArticle && e.Type == Play ? 1 : 0),
            new("sum(time_on_page_ms)", e => e.HasArticle && e.Type is Impression or Click or Read or Play ? e.TimeOnPageMs : 0),
        ]),
        new("segment_hour", WarehouseTables.Events, "toDate(hour, 'UTC')", [new("sum(impressions)", e => e.Type == Impression ? 1 : 0), new("sum(clicks)", e => e.Type == Click ? 1 : 0)]),
        new("ad_slot_day", WarehouseTables.Events, "event_date",
        [
            new("sum(impressions)", e => e.Type == AdImpression ? 1 : 0), new("sum(clicks)", e => e.Type == AdClick ? 1 : 0),
            new("sum(revenue_usd)", e => e.Type is AdImpression or AdClick ? e.RevenueUsd : 0, IsReal: true),
        ]),
        new("counter_minute", WarehouseTables.Events, "toDate(minute, 'UTC')", [new("sum(events)", _ => 1), new("sum(revenue_usd)", e => e.RevenueUsd, IsReal: true)]),
        new("loaded_day", WarehouseTables.Events, "event_date", [new("sum(events)", _ => 1)]),
        new("country_day", WarehouseTables.Sessions, "event_date", [new("sum(sessions)"), new("sum(bounces)"), new("sum(duration_s)", IsReal: true), new("sum(engaged_s)", IsReal: true)]),
        new("brand_day", WarehouseTables.Sessions, "event_date",
            [new("sum(sessions)"), new("uniqExactMerge(readers)"), new("sum(article_views)"), new("sum(engaged_s)", IsReal: true), new("sum(ad_revenue_usd)", IsReal: true)]),
    ];

    /// <summary>The sums that the view keeps, by day, in the order of <see cref="Sums"/>.</summary>
    public Task<Dictionary<DateOnly, double[]>> KeptAsync(WarehouseClient warehouse, CancellationToken cancel) => OfAsync(warehouse, View, cancel);

    /// <summary>The sums that the view's own query makes of what its table has.</summary>
    public async Task<Dictionary<DateOnly, double[]>> OfTableAsync(WarehouseClient warehouse, CancellationToken cancel)
    {
        var select = await warehouse.ScalarAsync<string>($"SELECT as_select FROM system.tables WHERE database = currentDatabase() AND name = '{View}_of_{Table.Name}'", cancel);
        return await OfAsync(warehouse, $"({select})", cancel);
    }

    /// <summary>The days, of those asked for, whose sums are not what they must be.</summary>
    /// <returns>No brand, the first of the sums as rows, and a checksum of all.</returns>
    public IEnumerable<DayDifference> Differences(Dictionary<DateOnly, double[]> must, Dictionary<DateOnly, double[]> kept, Func<DateOnly, bool> of)
    {
        var none = new double[Sums.Count];
        foreach (var day in must.Keys.Union(kept.Keys).Where(of).Order())
        {
            var (m, k) = (must.GetValueOrDefault(day, none), kept.GetValueOrDefault(day, none));
            if (!Sums.Index().All(s => s.Item.Alike(k[s.Index], m[s.Index]))) yield return new DayDifference(View, "", day, Told(m), Told(k));
        }

        static DayRows Told(double[] sums) => new((long)sums[0], sums.Aggregate(0UL, (all, s) => unchecked(all * 31 + BitConverter.DoubleToUInt64Bits(s))));
    }

    private async Task<Dictionary<DateOnly, double[]>> OfAsync(WarehouseClient warehouse, string from, CancellationToken cancel)
    {
        var answer = await warehouse.QueryAsync($"SELECT toString({Day}), {string.Join(", ", Sums.Select(s => $"toFloat64({s.Sql})"))} FROM {from} GROUP BY 1", [], cancel);
        return answer.Rows.ToDictionary(r => DateOnly.ParseExact((string)r[0]!, "yyyy-MM-dd", CultureInfo.InvariantCulture), r => r.Skip(1).Select(v => (double)v!).ToArray());
    }
}
