using System.Globalization;
using Media.Lake;

namespace Media.Warehouse;

/// <summary>What a load brought.</summary>
/// <param name="Rows">By table; those without news are not named.</param>
/// <param name="Anew">Why the warehouse was made anew before it, a sentence; null when it was only carried on.</param>
public sealed record LoadResult(IReadOnlyDictionary<string, long> Rows, string? Anew);

/// <summary>The lake's new versions into the warehouse, each once: for a warehouse that no sessionizer feeds.</summary>
/// <remarks>
/// A version goes in whole, in blocks whose tokens are the table's identity, the version and the block's number; after it, how far the load has come. A load that was killed
/// sends its last version again, and the warehouse shows what it had already no second time. Tables whose rows are replaced (features, predictions, actions, decisions) are
/// loaded anew when they have changed. A warehouse that was fed or rebuilt otherwise does not know which versions it has: it is made anew once. One loader at a time.
/// </remarks>
public sealed class LakeLoad(WarehouseClient warehouse, IObjectStore lake)
{
    private const string Prefix = "lake/";

    private static readonly IReadOnlyList<WarehouseTable> Growing = [WarehouseTables.Events, WarehouseTables.BadEvents, WarehouseTables.Sessions];

    /// <summary>Whether the warehouse is one that is loaded by versions.</summary>
    public static async Task<bool> LoadsAsync(WarehouseClient warehouse, CancellationToken cancel) =>
        await warehouse.ScalarAsync<long>($"SELECT toInt64(count()) FROM load_positions WHERE startsWith(topic, '{Prefix}')", cancel) > 0;

    /// <summary>Loads what is new.</summary>
    /// <param name="progress">Rows loaded so far.</param>
    public async Task<LoadResult> RunAsync(Action<long> progress, CancellationToken cancel)
    {
        await Migrations.ApplyAsync(warehouse, cancel);
        var sources = new List<(WarehouseTable Table, DeltaTable Source)>();
        foreach (var table in WarehouseTables.All)
            if (await TryOpenAsync(table, cancel) is { } source) sources.Add((table, source));
        var positions = await PositionsAsync(cancel);
        var unfinished = await UnfinishedWork.ReadAsync(warehouse, cancel);
        var reason = ReasonInWhatWasCutShort(unfinished) ?? await ReasonToStartAnewAsync(sources, positions, cancel);
        if (reason is not null) positions = await StartAnewAsync(sources, cancel);

        var loaded = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var (table, source) in sources)
        {
            var before = loaded.Values.Sum();
            var rows = Growing.Contains(table)
                ? await CarryOnAsync(table, source, positions.GetValueOrDefault(TopicOf(source)), r => progress(before + r), cancel)
                : await RefreshAsync(table, source, unfinished.Any(u => u.Table == table.Name) ? 0 : positions.GetValueOrDefault(TopicOf(source)), cancel);
            if (rows > 0) loaded.Add(table.Name, rows);
        }
        if (reason is not null || unfinished.Count > 0) await UnfinishedWork.EndAllAsync(warehouse, cancel);
        return new LoadResult(loaded, reason);
    }

    /// <summary>Makes the tables anew and loads every version.</summary>
    public async Task<LoadResult> ReloadAsync(Action<long> progress, CancellationToken cancel)
    {
        await UnfinishedWork.BeginAsync(warehouse, WarehouseWork.Rebuild, "", null, cancel);
        await Migrations.DropAsync(warehouse, cancel);
        return await RunAsync(progress, cancel);
    }

    private static string TopicOf(DeltaTable source) => Prefix + source.Id;

    private async Task<Dictionary<string, long>> PositionsAsync(CancellationToken cancel)
    {
        var rows = await warehouse.QueryAsync("SELECT topic, max(next_offset) FROM load_positions GROUP BY topic", [], cancel);
        return rows.Rows.ToDictionary(r => (string)r[0]!, r => (long)r[1]!, StringComparer.Ordinal);
    }

    /// <summary>A first load that was cut short goes on, and tables whose rows are replaced are loaded whole; anything else is of no version.</summary>
    private static string? ReasonInWhatWasCutShort(IReadOnlyList<UnfinishedWork> unfinished) =>
        unfinished.Any(u => u.IsOfWhole ? u.Work != WarehouseWork.Load : Growing.Any(t => t.Name == u.Table)) ? "A rebuild or repair of it was cut short." : null;

    private static async Task<string?> ReasonToStartAnewAsync(List<(WarehouseTable Table, DeltaTable Source)> sources, Dictionary<string, long> positions, CancellationToken cancel)
    {
        if (positions.Count == 0) return "It was not loaded by versions before.";
        var known = sources.Select(s => TopicOf(s.Source)).ToHashSet(StringComparer.Ordinal);
        if (positions.Keys.FirstOrDefault(t => !known.Contains(t)) is { } other)
            return other.StartsWith(Prefix, StringComparison.Ordinal) ? "It was loaded from another lake." : $"It was fed by a sessionizer of topic '{other}'.";
        foreach (var (table, source) in sources.Where(s => Growing.Contains(s.Table)))
        {
            var from = positions.GetValueOrDefault(TopicOf(source));
            if (!await source.HasVersionAsync(from, cancel)) return $"The log of lake table '{table.Lake.Name}' no longer reaches back to version {from}.";
            if (from == 0) continue; // what was rewritten before the first load does no harm: it is loaded as it is now
            await foreach (var change in source.ChangesAsync(from, cancel))
                if (change.Rewrites) return $"Version {change.Version} of lake table '{table.Lake.Name}' rewrote rows, which the sums kept by views cannot take back.";
        }
        return null;
    }

    /// <summary>Empties the warehouse and notes that it is one of versions, before the first of them comes.</summary>
    private async Task<Dictionary<string, long>> StartAnewAsync(List<(WarehouseTable Table, DeltaTable Source)> sources, CancellationToken cancel)
    {
        await UnfinishedWork.BeginAsync(warehouse, WarehouseWork.Rebuild, "", null, cancel);
        await Migrations.DropAsync(warehouse, cancel);
        await Migrations.ApplyAsync(warehouse, cancel);
        foreach (var (table, source) in sources) await ReachAsync(table, source, 0, cancel);
        // From here on it need not begin anew: the next run goes on after the last version that is in.
        await UnfinishedWork.BeginAsync(warehouse, WarehouseWork.Load, "", null, cancel);
        return [];
    }

    private async Task<long> CarryOnAsync(WarehouseTable table, DeltaTable source, long from, Action<long> progress, CancellationToken cancel)
    {
        var rows = 0L;
        if (from == 0 && await AsItIsAsync(table, source, progress, cancel) is { } whole) return whole;
        await foreach (var change in source.ChangesAsync(from, cancel))
        {
            var writer = await BlockWriter.OpenAsync(warehouse, table, string.Create(CultureInfo.InvariantCulture, $"{TopicOf(source)}/{change.Version}"), cancel);
            await foreach (var batch in source.ReadAddedAsync(change, cancel))
                using (batch)
                {
                    await writer.AddAsync(batch, cancel);
                    progress(rows + writer.Rows);
                }
            await writer.CompleteAsync(cancel);
            rows += writer.Rows;
            await ReachAsync(table, source, change.Version + 1, cancel);
        }
        return rows;
    }

    /// <summary>The first load of a table whose history has rewritten rows, or has been cut: the latest version in one piece.</summary>
    /// <returns>Null when the history is whole and only adds.</returns>
    private async Task<long?> AsItIsAsync(WarehouseTable table, DeltaTable source, Action<long> progress, CancellationToken cancel)
    {
        var whole = await source.HasVersionAsync(0, cancel);
        if (whole)
            await foreach (var change in source.ChangesAsync(0, cancel))
                whole &= !change.Rewrites;
        if (whole) return null;
        // Killed in the middle this begins from nothing: the next run's latest version may hold other files.
        foreach (var name in table.Views.Append(table.Name)) await warehouse.ExecuteAsync($"TRUNCATE TABLE {name}", cancel);
        var version = (await source.StateAsync(cancel)).Version;
        var writer = await BlockWriter.OpenAsync(warehouse, table, $"{TopicOf(source)}/{Guid.NewGuid():N}", cancel);
        await foreach (var batch in source.ReadAsync(new ReadOptions { Version = version }, cancel))
            using (batch)
            {
                await writer.AddAsync(batch, cancel);
                progress(writer.Rows);
            }
        await writer.CompleteAsync(cancel);
        await ReachAsync(table, source, version + 1, cancel);
        return writer.Rows;
    }

    private async Task<long> RefreshAsync(WarehouseTable table, DeltaTable source, long from, CancellationToken cancel)
    {
        var state = await source.StateAsync(cancel);
        if (state.Version < from) return 0;
        await new LakeToWarehouse(warehouse, lake).RefreshAsync([table], cancel);
        await ReachAsync(table, source, state.Version + 1, cancel);
        return state.Rows ?? 0;
    }

    private Task ReachAsync(WarehouseTable table, DeltaTable source, long next, CancellationToken cancel) =>
        warehouse.ExecuteAsync(string.Create(CultureInfo.InvariantCulture, $"INSERT INTO load_positions VALUES ('{TopicOf(source)}', '{table.Name}', 0, {next})"), cancel);

    private async Task<DeltaTable?> TryOpenAsync(WarehouseTable table, CancellationToken cancel)
    {
        try { return await DeltaTable.OpenAsync(lake, table.Lake.Name, cancel); }
        catch (FileNotFoundException) { return null; }
    }
}
