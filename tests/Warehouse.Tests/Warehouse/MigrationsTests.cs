using Media.Warehouse;

namespace Media.Tests.Warehouse;

public class MigrationsTests(TestWarehouse tests)
{
    private static readonly Migration First = new(1, "001_first.sql", "-- two\nCREATE TABLE IF NOT EXISTS a (x UInt8 DEFAULT length(';')) ENGINE = MergeTree ORDER BY x;\n\nCREATE TABLE IF NOT EXISTS b (x UInt8) ENGINE = MergeTree ORDER BY x;\n");
    private static readonly Migration Second = new(2, "002_second.sql", "ALTER TABLE a ADD COLUMN IF NOT EXISTS y UInt8;\n");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OwnSchema_IsAppliedOnceAndRecorded()
    {
        using var warehouse = await tests.OpenAsync();
        Assert.Equal(Migrations.All.Select(m => m.Name), await Migrations.ApplyAsync(warehouse, Cancel));
        Assert.Empty(await Migrations.ApplyAsync(warehouse, Cancel));
        Assert.Equal(Migrations.All.Count, await warehouse.ScalarAsync<int>("SELECT toInt32(uniqExact(version)) FROM schema_migrations", Cancel));
    }

    [Fact]
    public async Task NewFile_IsAppliedBehindTheOldOnes()
    {
        using var warehouse = await tests.OpenAsync();
        Assert.Equal([First.Name], await Migrations.ApplyAsync(warehouse, [First], Cancel));
        Assert.Equal([Second.Name], await Migrations.ApplyAsync(warehouse, [First, Second], Cancel));
        Assert.Equal(2, await warehouse.ScalarAsync<int>("SELECT toInt32(count()) FROM system.columns WHERE database = currentDatabase() AND table = 'a'", Cancel));
    }

    [Fact]
    public async Task ChangedFile_IsRefused()
    {
        using var warehouse = await tests.OpenAsync();
        await Migrations.ApplyAsync(warehouse, [First], Cancel);
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => Migrations.ApplyAsync(warehouse, [First with { Sql = First.Sql + "\n" }], Cancel));
        Assert.Contains("001_first.sql", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NewerWarehouse_IsRefused()
    {
        using var warehouse = await tests.OpenAsync();
        await Migrations.ApplyAsync(warehouse, [First, Second], Cancel);
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => Migrations.ApplyAsync(warehouse, [First], Cancel));
        Assert.Contains("version 2", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task MigrationCutShort_GoesOnWhereItStopped()
    {
        using var warehouse = await tests.OpenAsync();
        // Where b should come stands something else: the second statement fails.
        await warehouse.ExecuteAsync("CREATE DICTIONARY b (x UInt64) PRIMARY KEY x SOURCE(NULL()) LAYOUT(FLAT()) LIFETIME(0)", Cancel);
        var failing = First with { Sql = First.Sql.Replace("IF NOT EXISTS b", "b", StringComparison.Ordinal) };
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => Migrations.ApplyAsync(warehouse, [failing], Cancel));
        Assert.StartsWith("Statement 2 of schema file '001_first.sql' failed", refused.Message, StringComparison.Ordinal);

        await warehouse.ExecuteAsync("DROP DICTIONARY b", Cancel);
        Assert.Equal([First.Name], await Migrations.ApplyAsync(warehouse, [failing], Cancel));
        Assert.Equal(2, await warehouse.ScalarAsync<int>("SELECT toInt32(count()) FROM schema_migrations", Cancel));
    }

    [Fact]
    public async Task EveryColumnOfTheLake_IsInTheWarehouse()
    {
        using var warehouse = await tests.OpenWithTablesAsync();
        foreach (var table in WarehouseTables.All)
        {
            var columns = await warehouse.QueryAsync("SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {t:String} AND name != 'loaded_at' ORDER BY position", [new("t", table.Name)], Cancel);
            Assert.Equal(table.Lake.Columns.Select(c => c.Name), columns.Rows.Select(c => c[0]));
        }
    }
}
