using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;

namespace Media.Warehouse;

/// <summary>One step of the schema: a file of Schema/, its name beginning with its number.</summary>
/// <param name="Version">1, 2, 3 …, without gaps.</param>
/// <param name="Name">The file's name, e.g. 001_tables.sql.</param>
public sealed partial record Migration(int Version, string Name, string Sql)
{
    /// <summary>Tables and views that it makes, in order.</summary>
    internal IReadOnlyList<string> Makes => MadeBy(Sql);

    /// <summary>SHA-256 of the text, hex: an applied file must not change any more.</summary>
    public string Checksum => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));

    /// <summary>Tables and views that these statements make, in order.</summary>
    internal static IReadOnlyList<string> MadeBy(string sql) => [.. Made().Matches(sql).Select(m => m.Groups["name"].Value)];

    [GeneratedRegex(@"^CREATE (TABLE|MATERIALIZED VIEW) IF NOT EXISTS (?<name>\w+)", RegexOptions.Multiline)]
    private static partial Regex Made();
}

/// <summary>Brings a warehouse's tables up to date: every file of Schema/ once, in order, each recorded in table schema_migrations.</summary>
/// <remarks>
/// ClickHouse has no transaction around several statements, so each is written down as soon as it is done, and a migration cut short goes on where it
/// stopped. A stop between a statement and its record runs it once more: every statement must bear that (IF NOT EXISTS). One migrator at a time.
/// </remarks>
public static partial class Migrations
{
    internal const string RecordTable = "schema_migrations";

    /// <summary>The files that this build brings, in order.</summary>
    public static IReadOnlyList<Migration> All { get; } =
    [
        .. from resource in SqlResources.In("Schema")
           select new Migration(int.Parse(NumberOf().Match(resource.Name).Value, CultureInfo.InvariantCulture), resource.Name, resource.Text),
    ];

    /// <summary>Applies what has not been applied yet.</summary>
    /// <returns>Names of the files applied now.</returns>
    /// <exception cref="WarehouseException">An applied file has changed since, the warehouse is newer than this build, or a statement fails.</exception>
    public static Task<IReadOnlyList<string>> ApplyAsync(WarehouseClient warehouse, CancellationToken cancel) => ApplyAsync(warehouse, All, cancel);

    internal static async Task<IReadOnlyList<string>> ApplyAsync(WarehouseClient warehouse, IReadOnlyList<Migration> migrations, CancellationToken cancel)
    {
        for (var i = 0; i < migrations.Count; i++)
            if (migrations[i].Version != i + 1) throw new ArgumentException($"Migration '{migrations[i].Name}' is number {migrations[i].Version} but stands at place {i + 1}.", nameof(migrations));
        await warehouse.ExecuteAsync($"""
            CREATE TABLE IF NOT EXISTS {RecordTable}
            (
                version UInt32,
                name String,
                checksum String COMMENT 'SHA-256 of the file, hex',
                statement UInt32 COMMENT 'of the file, from 1',
                statements UInt32 COMMENT 'in the file',
                applied_at DateTime64(6, 'UTC') DEFAULT now64(6)
            )
            ENGINE = MergeTree ORDER BY (version, statement)
            """, cancel);
        var recorded = (await warehouse.QueryAsync($"SELECT version, any(name), any(checksum), max(statement) FROM {RecordTable} GROUP BY version ORDER BY version", [], cancel)).Rows
            .Select(r => (Version: Convert.ToInt32(r[0], CultureInfo.InvariantCulture), Name: (string)r[1]!, Checksum: (string)r[2]!, Statements: Convert.ToInt32(r[3], CultureInfo.InvariantCulture)))
            .ToDictionary(r => r.Version);
        if (recorded.Keys.DefaultIfEmpty().Max() is var newest && newest > migrations.Count)
            throw new WarehouseException($"The warehouse has schema version {newest}, this program knows {migrations.Count}: use the newer program, or 'jobs warehouse rebuild'.");

        var applied = new List<string>();
        foreach (var migration in migrations)
        {
            var done = 0;
            if (recorded.TryGetValue(migration.Version, out var former))
            {
                if (former.Checksum != migration.Checksum)
                    throw new WarehouseException($"Schema file '{migration.Name}' has changed since it was applied (as '{former.Name}'): put the change into a new file, or run 'jobs warehouse rebuild'.");
                done = former.Statements;
            }
            var statements = Statements(migration.Sql);
            foreach (var (number, statement) in statements.Index().Skip(done))
            {
                try { await warehouse.ExecuteAsync(statement, cancel); }
                catch (WarehouseException e) { throw new WarehouseException($"Statement {number + 1} of schema file '{migration.Name}' failed: {e.Message}", e.Code, e); }
                await warehouse.ExecuteAsync(
                    string.Create(CultureInfo.InvariantCulture, $"INSERT INTO {RecordTable} (version, name, checksum, statement, statements) VALUES ({migration.Version}, '{migration.Name}', '{migration.Checksum}', {number + 1}, {statements.Count})"), cancel);
            }
            if (done < statements.Count) applied.Add(migration.Name);
        }
        return applied;
    }

    /// <summary>Takes away what the files have made, the newest first, and before it the record of it; whatever else is in the database stays, and so do the notes of unfinished work.</summary>
    /// <remarks>Cut short it leaves some tables and no record, so that the next migrator makes what is missing.</remarks>
    public static async Task DropAsync(WarehouseClient warehouse, CancellationToken cancel)
    {
        foreach (var made in All.SelectMany(m => m.Makes).Where(name => name != UnfinishedWork.Notes).Append(RecordTable).Reverse())
            await warehouse.ExecuteAsync($"DROP TABLE IF EXISTS {made} SYNC", cancel);
    }

    /// <summary>The statement that makes a table, which bears to be run where the table is.</summary>
    internal static string StatementThatMakes(string table) => All.SelectMany(m => Statements(m.Sql)).First(s => Migration.MadeBy(s).Contains(table));

    /// <summary>The statements of a file: each ends with a semicolon at the end of a line.</summary>
    private static List<string> Statements(string sql) =>
        [.. StatementEnd().Split(sql).Select(s => s.Trim()).Where(s => s.Split('\n').Any(line => line.Trim() is { Length: > 0 } text && !text.StartsWith("--", StringComparison.Ordinal)))];

    [GeneratedRegex(@"^\d+")]
    private static partial Regex NumberOf();

    [GeneratedRegex(@";[ \t]*$", RegexOptions.Multiline)]
    private static partial Regex StatementEnd();
}
