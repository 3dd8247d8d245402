namespace Media.Warehouse;

/// <summary>What is wrong with a warehouse that opens all the same: the engine sets broken files aside and goes on, and would answer with what is left.</summary>
public static class WarehouseDamage
{
    /// <summary>What is wrong, to go on after "The warehouse …"; null when its tables are there and none has lost a part.</summary>
    public static async Task<string?> FindAsync(WarehouseClient warehouse, CancellationToken cancel)
    {
        var there = await NamesAsync("SELECT name FROM system.tables WHERE database = currentDatabase()");
        if (!there.Contains(Migrations.RecordTable)) return "has no tables";
        var applied = await warehouse.QueryAsync($"SELECT version FROM {Migrations.RecordTable} GROUP BY version HAVING max(statement) = any(statements)", [], cancel);
        var versions = applied.Rows.Select(r => Convert.ToInt32(r[0], System.Globalization.CultureInfo.InvariantCulture)).ToHashSet();
        var missing = Migrations.All.Where(m => versions.Contains(m.Version)).SelectMany(m => m.Makes).Where(name => !there.Contains(name)).ToList();
        if (missing.Count > 0) return $"lacks {string.Join(", ", missing)}";
        var broken = await NamesAsync("SELECT DISTINCT table FROM system.detached_parts WHERE database = currentDatabase() AND startsWith(reason, 'broken') ORDER BY table");
        return broken.Count > 0 ? $"has damaged files, whose rows are missing in {string.Join(", ", broken)}" : null;

        async Task<IReadOnlyList<string>> NamesAsync(string sql) => [.. (await warehouse.QueryAsync(sql, [], cancel)).Rows.Select(r => (string)r[0]!)];
    }
}
