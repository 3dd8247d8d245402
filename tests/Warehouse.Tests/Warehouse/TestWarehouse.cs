using System.Collections.Concurrent;
using Media.Warehouse;

[assembly: AssemblyFixture(typeof(Media.Tests.Warehouse.TestWarehouse))]

namespace Media.Tests.Warehouse;

/// <summary>The one warehouse of this process, in which each test has a database of its own.</summary>
/// <remarks>Embedded, in a folder that goes with the process; on a server when <c>MEDIA_TEST_CLICKHOUSE</c> holds a connection string: the same tests run there, and their databases are dropped at the end.</remarks>
public sealed class TestWarehouse : IAsyncDisposable
{
    public const string ServerVariable = "MEDIA_TEST_CLICKHOUSE";
    private static readonly ConcurrentBag<string> Databases = [];
    private static int _databases;
    private readonly Lazy<string> _folder = new(() => Directory.CreateTempSubdirectory("media-warehouse-").FullName);

    public static bool IsServer => !string.IsNullOrEmpty(Environment.GetEnvironmentVariable(ServerVariable));

    public static string NewDatabase()
    {
        var database = $"test_{Environment.ProcessId}_{Interlocked.Increment(ref _databases)}";
        Databases.Add(database);
        return database;
    }

    /// <summary>Opens the warehouse with an empty database, or skips the test when there is none.</summary>
    public async Task<WarehouseClient> OpenAsync(string? database = null)
    {
        Assert.SkipUnless(IsServer || WarehouseClient.EmbeddedIsHere, "The embedded ClickHouse was not restored (npm) and no server is named.");
        return await WarehouseClient.OpenAsync(Options(database ?? NewDatabase()), TestContext.Current.CancellationToken);
    }

    /// <summary>Opens it with the tables made.</summary>
    public async Task<WarehouseClient> OpenWithTablesAsync()
    {
        var warehouse = await OpenAsync();
        await Migrations.ApplyAsync(warehouse, TestContext.Current.CancellationToken);
        return warehouse;
    }

    public async ValueTask DisposeAsync()
    {
        if (_folder.IsValueCreated) Directory.Delete(_folder.Value, recursive: true);
        // A server outlives the tests; what they made there must not.
        if (IsServer) await DropAsync(Environment.GetEnvironmentVariable(ServerVariable)!, Databases);
    }

    internal static async Task DropAsync(string server, IEnumerable<string> databases)
    {
        using var warehouse = await WarehouseClient.OpenAsync(new() { ConnectionString = server, Database = "default" }, CancellationToken.None);
        foreach (var database in databases) await warehouse.ExecuteAsync($"DROP DATABASE IF EXISTS {database} SYNC", CancellationToken.None);
    }

    private WarehouseOptions Options(string database) =>
        IsServer ? new() { ConnectionString = Environment.GetEnvironmentVariable(ServerVariable), Database = database } : new() { Path = _folder.Value, Database = database };
}
