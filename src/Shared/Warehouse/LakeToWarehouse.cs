using System.Globalization;
using System.IO.Hashing;
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
/// <remarks>
/// Not while another process loads the same warehouse. What is made anew is noted first, and its end after the last row (<see cref="UnfinishedWork"/>):
/// cut short anywhere, it is known what the warehouse lacks, and <see cref="RepairAsync"/> makes it good.
/// </remarks>
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
        await UnfinishedWork.BeginAsync(warehouse, WarehouseWork.Rebuild, "", null, cancel);
        await Migrations.DropAsync(warehouse, cancel);
        await Migrations.ApplyAsync(warehouse, cancel);
        var loaded = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in WarehouseTables.All)
        {
            var before = loaded.Values.Sum();
            loaded.Add(table.Name, await LoadAsync(table, new ReadOptions(), rows => progress(before + rows), cancel));
        }
        await UnfinishedWork.EndAllAsync(warehouse, cancel);
        return loaded;
    }

    /// <summary>Loads small tables anew, after a job has changed them in the lake.</summary>
    public async Task RefreshAsync(IReadOnlyList<WarehouseTable> tables, CancellationToken cancel)
    {
        await Migrations.ApplyAsync(warehouse, cancel);
        foreach (var table in tables)
        {
            await UnfinishedWork.BeginAsync(warehouse, WarehouseWork.Refresh, table.Name, null, cancel);
            await warehouse.ExecuteAsync($"TRUNCATE TABLE {table.Name}", cancel);
            await LoadAsync(table, new ReadOptions(), _ => { }, cancel);
            await UnfinishedWork.EndAsync(warehouse, WarehouseWork.Refresh, table.Name, null, cancel);
        }
    }

    /// <summary>Compares every table, day by day and, where it has them, brand by brand; and the views' sums, day by day.</summary>
    /// <remarks>
    /// Events that the warehouse has let go by age are not missing: table loaded_day remembers how many came when, and only what came long enough ago may be gone.
    /// Of a day of which some are gone the rest is counted, not summed, and the views' sums of that day are held against the lake's events; of a day that both tell alike,
    /// against the table. A view's difference bears its name, no brand, and the first of its sums as rows. Of tables whose rows are replaced, what stays of the lake's is compared.
    /// </remarks>
    /// <exception cref="WarehouseException">The lake lacks a table of which the warehouse has rows: that is another lake, or none.</exception>
    public async Task<IReadOnlyList<DayDifference>> ReconcileAsync(Action<long> progress, CancellationToken cancel)
    {
        await Migrations.ApplyAsync(warehouse, cancel);
        var differences = new List<DayDifference>();
        var old = await OldEventsAsync(cancel);
        var seen = 0L;
        foreach (var compared in Compared)
        {
            var table = compared.Table;
            var format = await RowBinary.OfAsync(warehouse, table, cancel);
            var inWarehouse = await WarehouseDaysAsync(compared, format, cancel);
            if (inWarehouse.Count > 0 && await OpenLakeAsync(table, cancel) is null)
                throw new WarehouseException($"The lake has no table '{table.Lake.Name}', but the warehouse has {inWarehouse.Values.Sum(d => d.Rows).ToString("N0", CultureInfo.InvariantCulture)} rows of it: is this its lake?");
            var before = seen;
            var sums = new EventSums(table == WarehouseTables.Events ? old.Keys.Select(k => k.Day) : []);
            var inLake = compared.Key is null
                ? await LakeDaysAsync(compared, format, sums, rows => progress(seen = before + rows), cancel)
                : await LatestLakeDaysAsync(compared, format, rows => progress(seen = before + rows), cancel);
            var (unlike, letGo) = (new HashSet<DateOnly>(), new HashSet<DateOnly>());
            foreach (var key in inLake.Keys.Union(inWarehouse.Keys).Order())
            {
                var (l, w) = (inLake.GetValueOrDefault(key), inWarehouse.GetValueOrDefault(key));
                if (l == w) continue;
                if (table == WarehouseTables.Events && w.Rows < l.Rows && l.Rows - w.Rows <= old.GetValueOrDefault(key)) letGo.Add(key.Day);
                else
                {
                    unlike.Add(key.Day);
                    differences.Add(new DayDifference(table.Name, key.Brand, key.Day, l, w));
                }
            }
            foreach (var view in ViewSums.All.Where(v => v.Table == table))
            {
                var kept = await view.KeptAsync(warehouse, cancel);
                differences.AddRange(view.Differences(await view.OfTableAsync(warehouse, cancel), kept, day => !unlike.Contains(day) && !letGo.Contains(day)));
                differences.AddRange(view.Differences(sums.Of(view), kept, day => !unlike.Contains(day) && letGo.Contains(day)));
            }
        }
        return differences;
    }

    /// <summary>Makes anew from the lake what differs and what was cut short: months with their views, and tables whose rows are replaced.</summary>
    /// <remarks>
    /// All of it, when a rebuild was cut short or the warehouse has what the lake has not. What a sessionizer's feed knows to be here does not hold for months that come from the lake,
    /// so it forgets it, and loads the warehouse anew when it next opens.
    /// </remarks>
    public async Task RepairAsync(IReadOnlyList<DayDifference> differences, Action<long> progress, CancellationToken cancel)
    {
        await NeedLakeAsync(cancel);
        await Migrations.ApplyAsync(warehouse, cancel);
        var unfinished = await UnfinishedWork.ReadAsync(warehouse, cancel);
        var growing = Compared.Where(c => c.Key is null).ToList();
        var months =
            (from c in growing
             from month in differences.Where(d => d.Table == c.Table.Name || c.Table.Views.Contains(d.Table)).Select(d => new DateOnly(d.Day.Year, d.Day.Month, 1))
                 .Concat(unfinished.Where(u => u.Table == c.Table.Name && u.Month is not null).Select(u => u.Month!.Value)).Distinct().Order()
             select (c.Table, c.Day, Month: month)).ToList();
        var whole = unfinished.Any(u => u.IsOfWhole) || differences.Any(d => d.Warehouse.Rows > d.Lake.Rows && growing.Any(c => c.Table.Name == d.Table));
        if ((whole || months.Count > 0) && await LakeLoad.LoadsAsync(warehouse, cancel))
        {
            // Which versions it has must stay known: months alone would have rows of versions still to come.
            await new LakeLoad(warehouse, lake).ReloadAsync(progress, cancel);
            return;
        }
        if (whole)
        {
            await RebuildAsync(progress, cancel);
            return;
        }
        if (months.Count > 0) await warehouse.ExecuteAsync("TRUNCATE TABLE load_positions", cancel);
        var before = 0L;
        foreach (var (table, day, month) in months)
        {
            await UnfinishedWork.BeginAsync(warehouse, WarehouseWork.Repair, table.Name, month, cancel);
            foreach (var name in table.Views.Append(table.Name))
                await warehouse.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"ALTER TABLE {name} DROP PARTITION {month:yyyyMM}"), cancel);
            var loaded = before;
            before += await LoadAsync(table, new ReadOptions { Ranges = [ColumnRange.Days(day, month, month.AddMonths(1).AddDays(-1))] }, rows => progress(loaded + rows), cancel);
            await UnfinishedWork.EndAsync(warehouse, WarehouseWork.Repair, table.Name, month, cancel);
        }
        await RefreshAsync([.. Compared.Where(c => c.Key is not null).Select(c => c.Table).Where(t => differences.Any(d => d.Table == t.Name) || unfinished.Any(u => u.Table == t.Name))], cancel);
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

    /// <summary>How a table is compared.</summary>
    /// <param name="Brand">Null where rows have none.</param>
    /// <param name="Key">Of rows alike in these columns one stays (Schema/001_tables.sql); null where rows come once and stay.</param>
    /// <param name="Version">The time whose latest stays; null where it is the row that came last.</param>
    private sealed record Comparison(WarehouseTable Table, string? Brand, string Day, IReadOnlyList<string>? Key = null, string? Version = null);

    private static readonly IReadOnlyList<Comparison> Compared =
    [
        new(WarehouseTables.Events, "brand", "event_date"), new(WarehouseTables.Sessions, "brand", "event_date"), new(WarehouseTables.BadEvents, null, "received_date"),
        new(WarehouseTables.Features, null, "as_of_date", ["user_id"], "as_of"),
        new(WarehouseTables.Predictions, null, "as_of_date", ["model", "as_of", "user_id", "output", "model_version"], "scored_at"),
        new(WarehouseTables.Actions, null, "as_of_date", ["kind", "as_of", "user_id", "article_id"], "suggested_at"),
        new(WarehouseTables.Decisions, null, "event_date", ["bandit", "decided_at", "decision_id"]),
    ];

    /// <summary>What the views must have summed up of the days asked for.</summary>
    private sealed class EventSums(IEnumerable<DateOnly> days)
    {
        private static readonly IReadOnlyList<ViewSums> Views = [.. ViewSums.All.Where(v => v.Table == WarehouseTables.Events)];
        private readonly Dictionary<DateOnly, double[][]> _sums = days.Distinct().ToDictionary(day => day, _ => Views.Select(v => new double[v.Sums.Count]).ToArray());

        public bool AreWanted => _sums.Count > 0;

        public void Add(DateOnly day, SummedEvent e)
        {
            if (!_sums.TryGetValue(day, out var sums)) return;
            foreach (var (v, view) in Views.Index())
                foreach (var (s, sum) in view.Sums.Index()) sums[v][s] += sum.OfEvent!(e);
        }

        public Dictionary<DateOnly, double[]> Of(ViewSums view) => AreWanted ? _sums.ToDictionary(d => d.Key, d => d.Value[Views.Index().First(v => v.Item == view).Index]) : [];
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

    private async Task<Dictionary<(string Brand, DateOnly Day), DayRows>> WarehouseDaysAsync(Comparison compared, RowBinary format, CancellationToken cancel)
    {
        var answer = await warehouse.QueryAsync($"""
            SELECT toString({compared.Brand ?? "''"}), toString({compared.Day}), toInt64(count()), sum(xxHash64(formatRowNoNewline('RowBinary', {string.Join(", ", format.Columns)})))
            FROM {compared.Table.Name}{(compared.Key is null ? "" : " FINAL")} GROUP BY 1, 2
            """, [], cancel);
        return answer.Rows.ToDictionary(r => ((string)r[0]!, DateOnly.ParseExact((string)r[1]!, "yyyy-MM-dd", CultureInfo.InvariantCulture)), r => new DayRows((long)r[2]!, (ulong)r[3]!));
    }

    private async Task<Dictionary<(string Brand, DateOnly Day), DayRows>> LakeDaysAsync(Comparison compared, RowBinary format, EventSums sums, Action<long> progress, CancellationToken cancel)
    {
        var days = new Dictionary<(string, DateOnly), DayRows>();
        if (await OpenLakeAsync(compared.Table, cancel) is not { } source) return days;
        var buffer = new RowBuffer();
        var read = 0L;
        await foreach (var batch in source.ReadAsync(cancel))
            using (batch)
            {
                var rows = format.Open(batch);
                var columns = new BatchReader(batch);
                var (brands, dates) = (compared.Brand is null ? null : columns.Text(compared.Brand), columns.Days(compared.Day));
                for (var row = 0; row < batch.Length; row++)
                {
                    buffer.Clear();
                    rows.Write(row, buffer);
                    ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(days, (brands?[row] ?? "", Day(dates, row)), out _);
                    sum = new DayRows(sum.Rows + 1, unchecked(sum.Checksum + buffer.HashFrom(0)));
                }
                if (sums.AreWanted)
                {
                    var (types, articles, times, revenues) = (columns.Text("event_type"), columns.Text("article_id"), columns.Longs("time_on_page_ms"), columns.Doubles("revenue_usd"));
                    for (var row = 0; row < batch.Length; row++)
                        sums.Add(Day(dates, row), new SummedEvent(types.Need(row), articles.Bytes(row, out _).Length > 0, times[row] ?? 0, revenues[row] ?? 0));
                }
                progress(read += batch.Length);
            }
        return days;
    }

    /// <summary>What stays of rows that replace each other; some fifty bytes of memory for each that stays.</summary>
    private async Task<Dictionary<(string Brand, DateOnly Day), DayRows>> LatestLakeDaysAsync(Comparison compared, RowBinary format, Action<long> progress, CancellationToken cancel)
    {
        var days = new Dictionary<(string, DateOnly), DayRows>();
        if (await OpenLakeAsync(compared.Table, cancel) is not { } source) return days;
        var latest = new Dictionary<UInt128, (long Version, DateOnly Day, ulong Hash)>();
        var keyOf = format.Of(compared.Key!);
        var buffer = new RowBuffer();
        var read = 0L;
        await foreach (var batch in source.ReadAsync(cancel))
            using (batch)
            {
                var (rows, keys, columns) = (format.Open(batch), keyOf.Open(batch), new BatchReader(batch));
                var (dates, versions) = (columns.Days(compared.Day), compared.Version is null ? null : columns.Times(compared.Version));
                for (var row = 0; row < batch.Length; row++)
                {
                    buffer.Clear();
                    keys.Write(row, buffer);
                    ref var stays = ref CollectionsMarshal.GetValueRefOrAddDefault(latest, XxHash128.HashToUInt128(buffer.Written), out var met);
                    var version = versions?.Need(row) ?? 0;
                    if (met && version < stays.Version) continue;
                    buffer.Clear();
                    rows.Write(row, buffer);
                    stays = (version, Day(dates, row), buffer.HashFrom(0));
                }
                progress(read += batch.Length);
            }
        foreach (var (_, day, hash) in latest.Values)
        {
            ref var sum = ref CollectionsMarshal.GetValueRefOrAddDefault(days, ("", day), out _);
            sum = new DayRows(sum.Rows + 1, unchecked(sum.Checksum + hash));
        }
        return days;
    }

    private static DateOnly Day(ValueReader<int> dates, int row) => DateOnly.FromDayNumber(UnixDay + dates.Need(row));

    private static readonly int UnixDay = DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber;

    /// <summary>The lake's table, or null when no job has made it yet.</summary>
    private async Task<DeltaTable?> OpenLakeAsync(WarehouseTable table, CancellationToken cancel)
    {
        try { return await DeltaTable.OpenAsync(lake, table.Lake.Name, cancel); }
        catch (FileNotFoundException) { return null; }
    }
}
