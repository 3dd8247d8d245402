using System.Globalization;

namespace Media.Warehouse;

/// <summary>Work that makes rows of the warehouse anew.</summary>
public enum WarehouseWork
{
    /// <summary>The whole warehouse from the lake.</summary>
    Rebuild,

    /// <summary>The first load by versions; another load goes on where it stopped.</summary>
    Load,

    /// <summary>A month of a table and its views.</summary>
    Repair,

    /// <summary>A table whose rows are replaced.</summary>
    Refresh,
}

/// <summary>Work that has begun and not ended: it runs, or it was cut short and the rows that it names are of no state of the lake.</summary>
/// <param name="Table">Empty for the whole warehouse.</param>
/// <param name="Month">First day of the month; null for all of the table.</param>
/// <param name="BegunAt">By the engine's clock.</param>
public sealed record UnfinishedWork(WarehouseWork Work, string Table, DateOnly? Month, DateTimeOffset BegunAt)
{
    internal const string Notes = "unfinished";

    /// <summary>Whether it is all tables' rows.</summary>
    public bool IsOfWhole => Table.Length == 0;

    /// <summary>What is there; nothing in a warehouse from before such notes.</summary>
    public static async Task<IReadOnlyList<UnfinishedWork>> ReadAsync(WarehouseClient warehouse, CancellationToken cancel)
    {
        if (await warehouse.ScalarAsync<long>($"SELECT toInt64(count()) FROM system.tables WHERE database = currentDatabase() AND name = '{Notes}'", cancel) == 0) return [];
        var notes = await warehouse.QueryAsync($"SELECT toString(work), toString(table_name), toString(month), toUnixTimestamp64Micro(noted_at) FROM {Notes} FINAL WHERE NOT ended ORDER BY noted_at", [], cancel);
        return
        [
            .. from note in notes.Rows
               let month = DateOnly.ParseExact((string)note[2]!, "yyyy-MM-dd", CultureInfo.InvariantCulture)
               select new UnfinishedWork(Enum.Parse<WarehouseWork>((string)note[0]!, ignoreCase: true), (string)note[1]!, month == AllMonths ? null : month, DateTimeOffset.UnixEpoch.AddMicroseconds((long)note[3]!)),
        ];
    }

    /// <summary>As a person would say it, e.g. "a repair of events 2026-03, begun 2026-04-01 10:00:00 UTC".</summary>
    public override string ToString()
    {
        var of = IsOfWhole ? "the warehouse" : Month is { } month ? string.Create(CultureInfo.InvariantCulture, $"{Table} {month:yyyy-MM}") : Table;
        return string.Create(CultureInfo.InvariantCulture, $"a {Work.ToString().ToLowerInvariant()} of {of}, begun {BegunAt:yyyy-MM-dd HH:mm:ss} UTC,");
    }

    /// <summary>To be called before the work takes anything away.</summary>
    /// <remarks>Makes the table of notes when it is not there: a rebuild may be what a warehouse of another schema needs.</remarks>
    internal static async Task BeginAsync(WarehouseClient warehouse, WarehouseWork work, string table, DateOnly? month, CancellationToken cancel)
    {
        await warehouse.ExecuteAsync(Migrations.StatementThatMakes(Notes), cancel);
        await NoteAsync(warehouse, work, table, month, ended: false, cancel);
    }

    internal static Task EndAsync(WarehouseClient warehouse, WarehouseWork work, string table, DateOnly? month, CancellationToken cancel) => NoteAsync(warehouse, work, table, month, ended: true, cancel);

    /// <summary>The whole warehouse is as the lake: whatever was cut short is made good.</summary>
    internal static Task EndAllAsync(WarehouseClient warehouse, CancellationToken cancel) => warehouse.ExecuteAsync($"TRUNCATE TABLE {Notes}", cancel);

    private static readonly DateOnly AllMonths = DateOnly.FromDateTime(DateTime.UnixEpoch);

    // Later than every note before, even when the clock was set back: the latest is the one that counts.
    private static Task NoteAsync(WarehouseClient warehouse, WarehouseWork work, string table, DateOnly? month, bool ended, CancellationToken cancel) =>
        warehouse.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"""
            INSERT INTO {Notes} (table_name, month, work, ended, noted_at)
            SELECT '{table}', toDate('{month ?? AllMonths:yyyy-MM-dd}'), '{work.ToString().ToLowerInvariant()}', {(ended ? "true" : "false")},
                greatest(now64(6, 'UTC'), (SELECT max(noted_at) FROM {Notes}) + INTERVAL 1 MICROSECOND)
            """), cancel);
}
