using Media.Events;
using Media.Features;
using Media.Lake;

namespace Media.Serving;

/// <summary>Every reader's features as of the newest instant in lake table <c>features</c>, in memory.</summary>
/// <remarks>A refresh reads the table again when its version has moved and swaps one reference. Thread-safe.</remarks>
public sealed class LatestFeatures(IObjectStore lake)
{
    private volatile FeatureRows _rows = FeatureRows.None;

    /// <summary>What is served now.</summary>
    public FeatureRows Rows => _rows;

    /// <exception cref="InvalidDataException">The table lacks a feature or a file is damaged; the rows served before stay.</exception>
    internal async Task RefreshAsync(CancellationToken cancel)
    {
        if (await lake.FindAsync($"{Table}/_delta_log/00000000000000000000.json", cancel) is null) return;
        var table = await DeltaTable.OpenAsync(lake, Table, cancel);
        var version = (await table.StateAsync(cancel)).Version;
        if (version != _rows.TableVersion) _rows = await LoadAsync(table, version, cancel);
    }

    private const string Table = "features";

    private static async Task<FeatureRows> LoadAsync(DeltaTable table, long version, CancellationToken cancel)
    {
        // Training instants stand in the table too: the newest is found by one narrow column, then only its day is read whole.
        var newest = long.MinValue;
        await foreach (var batch in table.ReadAsync(new ReadOptions { Version = version, Columns = ["as_of"] }, cancel))
            using (batch)
                foreach (var asOf in ((Apache.Arrow.TimestampArray)batch.Column(0)).Values) newest = Math.Max(newest, asOf);
        if (newest == long.MinValue) return FeatureRows.None with { TableVersion = version };

        var day = DateOnly.FromDateTime(EpochMicros.Instant(newest).UtcDateTime);
        var users = new Dictionary<string, FeatureBatch>(StringComparer.Ordinal);
        await foreach (var batch in table.ReadAsync(new ReadOptions { Version = version, Ranges = [ColumnRange.Days("as_of_date", day, day)] }, cancel))
        {
            using var disposed = batch;
            var rows = FeatureColumns.Read(batch);
            for (var row = 0; row < rows.Rows; row++)
                if (rows.AsOfMicros[row] == newest) users[rows.Entities[row]] = rows.Take([row]);
        }
        return new FeatureRows(version, EpochMicros.Instant(newest), users);
    }
}

/// <summary>One state of <see cref="LatestFeatures"/>. Immutable, thread-safe.</summary>
/// <param name="TableVersion">Version of the lake table, −1 when there is none.</param>
/// <param name="AsOf">UTC; the instant of all rows, null when there is none.</param>
/// <param name="Users">One row per reader, every feature of the catalogue in its order.</param>
public sealed record FeatureRows(long TableVersion, DateTimeOffset? AsOf, IReadOnlyDictionary<string, FeatureBatch> Users)
{
    private static readonly (string Name, int Column)[] Segments =
        [.. Vocabulary<UserSegment>.Names.Select(name => (name, FeatureCatalog.Names.Index().Single(f => f.Item == $"segment_{name}").Index))];

    public static FeatureRows None { get; } = new(-1, null, new Dictionary<string, FeatureBatch>());

    /// <summary>The reader's segment in his latest session, as <see cref="UserSegment"/> is spelled; null when nothing tells it.</summary>
    public string? SegmentOf(string userId)
    {
        if (!Users.TryGetValue(userId, out var row)) return null;
        foreach (var (name, column) in Segments)
            if (row.Values[column] == 1) return name;
        return null;
    }
}
