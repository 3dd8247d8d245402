using System.Globalization;
using System.Runtime.InteropServices;
using Media.Lake;

namespace Media.Warehouse;

/// <summary>A brand's day as one store has it.</summary>
/// <param name="Checksum">Sum, modulo 2⁶⁴, of the rows' xxHash64 over all columns; order does not matter.</param>
public readonly record struct DayRows(long Rows, ulong Checksum);

/// <summary>A brand's day that the two stores tell differently.</summary>
/// <param name="Brand">Empty where the table has no brand or the rows have none.</param>
public sealed record DayDifference(string Table, string Brand, DateOnly Day, DayRows Lake, DayRows Warehouse);

/// <summary>The warehouse from the lake: the whole of it, or the months that differ. The lake is the truth.</summary>
/// <remarks>Not while another process loads the same warehouse.</remarks>
/// <param name="time">What says which events are old enough to be gone; null for the system's clock.</param>
public sealed class LakeToWarehouse(WarehouseClient warehouse, IObjectStore lake, TimeProvider? time = null)
{
    /// <summary>Days that events stay, counted from loading: the TTL of Schema/001_tables.sql.</summary>
    internal const int EventsStayDays = 35;

    /// <summary>Makes all tables anew and loads everything that the lake holds.</summary>
    /// <param name="progress">Rows loaded so far.</param>
    /// <returns>Rows loaded of each table.</returns>
    /// <exception cref="WarehouseException">The lake has no table at all; the warehouse stays as it is.</exception>
    public async Task<IReadOnlyDictionary<string, long>> RebuildAsync(Action<long> progress, CancellationToken cancel)
    {
        await NeedLakeAsync(cancel);
        await Migrations.DropAsync(warehouse, cancel);
        await Migrations.ApplyAsync(warehouse, cancel);
        var loaded = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in WarehouseTables.All)
        {
            var before = loaded.Values.Sum();
            loaded.Add(table.Name, await LoadAsync(table, new ReadOptions(), rows => progress(before + rows), cancel));
        }
        return loaded;
    }

    /// <summary>Loads small tables anew, after a job has changed them in the lake.</summary>
    public async Task RefreshAsync(IReadOnlyList<WarehouseTable> tables, CancellationToken cancel)
    {
        await Migrations.ApplyAsync(warehouse, cancel);
        foreach (var table in tables)
        {
            await warehouse.ExecuteAsync($"TRUNCATE TABLE {table.Name}", cancel);
            await LoadAsync(table, new ReadOptions(), _ => { }, cancel);
        }
    }

    /// <summary>Compares events, sessions and bad events, brand by brand and day by day.</summary>
    /// <remarks>
    /// Events that the warehouse has let go by age are not missing: table loaded_day remembers how many came when, and only what came long enough ago may be gone.
    /// Of a day of which some are gone the rest is counted, not summed. Where table and lake tell a day alike, the views' sums of that day are held against the table;
    /// a difference then bears the view's name, no brand, and the first of its sums as rows.
    /// </remarks>
    /// <exception cref="WarehouseException">The lake lacks a table of which the warehouse has rows: that is another lake, or none.</exception>
    public async Task<IReadOnlyList<DayDifference>> ReconcileAsync(Action<long> progress, CancellationToken cancel)
    {
        await Migrations.ApplyAsync(warehouse, cancel);
        var differences = new List<DayDifference>();
        var old = await OldEventsAsync(cancel);
        var seen = 0L;
        foreach (var (table, brand, day) in Compared)
        {
            var format = await RowBinary.OfAsync(warehouse, table, cancel);
            var inWarehouse = await WarehouseDaysAsync(table, format, brand, day, cancel);
            if (inWarehouse.Count > 0 && await OpenLakeAsync(table, cancel) is null)
                throw new WarehouseException($"The lake has no table '{table.Lake.Name}', but the warehouse has {inWarehouse.Values.Sum(d => d.Rows).ToString("N0", CultureInfo.InvariantCulture)} rows of it: is this its lake?");
            var inLake = await LakeDaysAsync(table, format, brand, day, rows => progress(seen + rows), cancel);
            seen += inLake.Values.Sum(d => d.Rows);
            var unlike = new HashSet<DateOnly>();
            foreach (var key in inLake.Keys.Union(inWarehouse.Keys).Order())
            {
                var (l, w) = (inLake.GetValueOrDefault(key), inWarehouse.GetValueOrDefault(key));
                var letGo = table == WarehouseTables.Events && w.Rows < l.Rows && l.Rows - w.Rows <= old.GetValueOrDefault(key);
                if (l == w) continue;
                unlike.Add(key.Day);
                if (!letGo) differences.Add(new DayDifference(table.Name, key.Brand, key.Day, l, w));
            }
            foreach (var view in Sums.Where(v => table.Views.Contains(v.View))) differences.AddRange((await ViewDifferencesAsync(table, view, cancel)).Where(d => !unlike.Contains(d.Day)));
        }
        return differences;
    }

    /// <summary>Takes the months of the differences from the lake: out of the table and its views, and in again.</summary>
    /// <remarks>All of it, when the warehouse has what the lake has not: then the feed's positions hold no more either.</remarks>
    public async Task RepairAsync(IReadOnlyList<DayDifference> differences, Action<long> progress, CancellationToken cancel)
    {
        await NeedLakeAsync(cancel);
        if (await LakeLoad.LoadsAsync(warehouse, cancel))
        {
            // Which versions it has must stay known: months alone would have rows of versions still to come.
            await new LakeLoad(warehouse, lake).ReloadAsync(progress, cancel);
            return;
        }
        if (differences.Any(d => d.Warehouse.Rows > d.Lake.Rows && Compared.Any(c => c.Table.Name == d.Table)))
        {
            await RebuildAsync(progress, cancel);
            return;
        }
        var before = 0L;
        foreach (var (table, _, day) in Compared)
            foreach (var month in differences.Where(d => d.Table == table.Name || table.Views.Contains(d.Table)).Select(d => new DateOnly(d.Day.Year, d.Day.Month, 1)).Distinct().Order())
            {
                // The views first: cut short, the month still differs and is repaired again.
                foreach (var name in table.Views.Append(table.Name))
                    await warehouse.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"ALTER TABLE {name} DROP PARTITION {month:yyyyMM}"), cancel);
                var loaded = before;
                before += await LoadAsync(table, new ReadOptions { Ranges = [ColumnRange.Days(day, month, month.AddMonths(1).AddDays(-1))] }, rows => progress(loaded + rows), cancel);
            }
    }

    private async Task NeedLakeAsync(CancellationToken cancel)
    {
        foreach (var table in WarehouseTables.All)
            if (await OpenLakeAsync(table, cancel) is not null) return;
        throw new WarehouseException("The lake has no table: the warehouse stays as it is.");
    }

    /// <summary>Events that came so long ago that the warehouse may have let them go, by brand and day.</summary>
    private async Task<Dictionary<(string Brand, DateOnly Day), long>> OldEventsAsync(CancellationToken cancel)
    {
        var last = (time ?? TimeProvider.System).GetUtcNow().UtcDateTime.AddDays(-EventsStayDays);
        var answer = await warehouse.QueryAsync(
            "SELECT toString(brand), toString(event_date), toInt64(sum(events)) FROM loaded_day WHERE loaded_date <= {last:Date} GROUP BY 1, 2",
            [new("last", last.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture))], cancel);
        return answer.Rows.ToDictionary(r => ((string)r[0]!, DateOnly.ParseExact((string)r[1]!, "yyyy-MM-dd", CultureInfo.InvariantCulture)), r => (long)r[2]!);
    }

    /// <summary>The tables whose rows never change, with their columns of brand and day.</summary>
    private static readonly IReadOnlyList<(WarehouseTable Table, string? Brand, string Day)> Compared =
        [(WarehouseTables.Events, "brand", "event_date"), (WarehouseTables.Sessions, "brand", "event_date"), (WarehouseTables.BadEvents, null, "received_date")];

    /// <summary>The views with their day and their sums.</summary>
    private static readonly IReadOnlyList<(string View, string Day, IReadOnlyList<string> Sums)> Sums =
    [
        ("article_5m", "toDate(bucket, 'UTC')", ["sum(impressions)", "sum(clicks)", "sum(views)", "sum(video_plays)", "sum(time_on_page_ms)"]),
        ("segment_hour", "toDate(hour, 'UTC')", ["sum(impressions)", "sum(clicks)"]),
        ("ad_slot_day", "event_date", ["sum(impressions)", "sum(clicks)", "sum(revenue_usd)"]),
        ("counter_minute", "toDate(minute, 'UTC')", ["sum(events)", "sum(revenue_usd)"]),
        ("country_day", "event_date", ["sum(sessions)", "sum(bounces)", "sum(duration_s)", "sum(engaged_s)"]),
        ("brand_day", "event_date", ["sum(sessions)", "uniqExactMerge(readers)", "sum(article_views)", "sum(engaged_s)", "sum(ad_revenue_usd)"]),
    ];

    private async Task<IReadOnlyList<DayDifference>> ViewDifferencesAsync(WarehouseTable table, (string View, string Day, IReadOnlyList<string> Sums) view, CancellationToken cancel)
    {
        var select = await warehouse.ScalarAsync<string>($"SELECT as_select FROM system.tables WHERE database = currentDatabase() AND name = '{view.View}_of_{table.Name}'", cancel);
        var (kept, told) = (await DaysAsync(view.View), await DaysAsync($"({select})"));
        var none = new double[view.Sums.Count];
        return
        [
            .. from day in kept.Keys.Union(told.Keys).Order()
               let k = kept.GetValueOrDefault(day, none)
               let t = told.GetValueOrDefault(day, none)
               where k.Zip(t).Any(s => Math.Abs(s.First - s.Second) > 1e-9 * Math.Max(1, Math.Abs(s.Second))) // sums of reals depend on their order
               select new DayDifference(view.View, "", day, Told(t), Told(k)),
        ];

        async Task<Dictionary<DateOnly, double[]>> DaysAsync(string from)
        {
            var answer = await warehouse.QueryAsync($"SELECT toString({view.Day}), {string.Join(", ", view.Sums.Select(s => $"toFloat64({s})"))} FROM {from} GROUP BY 1", [], cancel);
            return answer.Rows.ToDictionary(r => DateOnly.ParseExact((string)r[0]!, "yyyy-MM-dd", CultureInfo.InvariantCulture), r => r.Skip(1).Select(v => (double)v!).ToArray());
        }

        static DayRows Told(double[] sums) => new((long)sums[0], sums.Aggregate(0UL, (all, s) => unchecked(all * 31 + BitConverter.DoubleToUInt64Bits(s))));
    }

    private async Task<long> LoadAsync(WarehouseTable table, ReadOptions part, Action<long> progress, CancellationToken cancel)
    {
        if (await OpenLakeAsync(table, cancel) is not { } source) return 0;
        // A load of its own each time: what was dropped before it must be let in again.
        var writer = await BlockWriter.OpenAsync(warehouse, table, $"lake/{Guid.NewGuid():N}", cancel);
        await foreach (var batch in source.ReadAsync(part, cancel))
            using (batch)
            {
                await writer.AddAsync(batch, cancel);
                progress(writer.Rows);
            }
        await writer.CompleteAsync(cancel);
        return writer.Rows;
    }

    private async Task<Dictionary<(string Brand, DateOnly Day), DayRows>> WarehouseDaysAsync(WarehouseTable table, RowBinary format, string? brand, string day, CancellationToken cancel)
    {
        var answer = await warehouse.QueryAsync(
            $"SELECT toString({brand ?? "''"}), toString({day}), toInt64(count()), sum(xxHash64(formatRowNoNewline('RowBinary', {string.Join(", ", format.Columns)}))) FROM {table.Name} GROUP BY 1, 2", [], cancel);
        return answer.Rows.ToDictionary(r => ((string)r[0]!, DateOnly.ParseExact((string)r[1]!, "yyyy-MM-dd", CultureInfo.InvariantCulture)), r => new DayRows((long)r[2]!, (ulong)r[3]!));
    }

    private async Task<Dictionary<(string Brand, DateOnly Day), DayRows>> LakeDaysAsync(WarehouseTable table, RowBinary format, string? brand, string day, Action<long> progress, CancellationToken cancel)
    {
        var days = new Dictionary<(string, DateOnly), DayRows>();
        if (await OpenLakeAsync(table, cancel) is not { } source) return days;
        var buffer = new RowBuffer();
        var read = 0L;
        await foreach (var batch in source.ReadAsync(cancel))
            using (batch)
            {
                var rows = format.Open(batch);
                var columns = new BatchReader(batch);
                var (brands, dates) = (brand is null ? null : columns.Text(brand), columns.Days(day));
                for (var row = 0; row < batch.Length; row++)
                {
                    buffer.Clear();
                    rows.Write(row, buffer);
                    ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(days, (brands?[row] ?? "", DateOnly.FromDayNumber(UnixDay + dates.Need(row))), out _);
                    sum = new DayRows(sum.Rows + 1, unchecked(sum.Checksum + buffer.HashFrom(0)));
                }
                progress(read += batch.Length);
            }
        return days;
    }

    private static readonly int UnixDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    /// <summary>The lake's table, or null when no job has made it yet.</summary>
    private async Task<DeltaTable?> OpenLakeAsync(WarehouseTable table, CancellationToken cancel)
    {
        try { return await DeltaTable.OpenAsync(lake, table.Lake.Name, cancel); }
        catch (FileNotFoundException) { return null; }
    }
}
