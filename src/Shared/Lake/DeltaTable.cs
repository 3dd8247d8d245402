using System.Runtime.CompilerServices;
using System.Text.Json;
using Apache.Arrow;

namespace Media.Lake;

/// <summary>How far an application has got with a table: committed together with its rows, so that a replay writes nothing twice.</summary>
/// <param name="AppId">Whose progress; one for each stream that is replayed on its own, e.g. one per Kafka partition.</param>
/// <param name="Version">Grows with every batch of this application, e.g. the next offset.</param>
public readonly record struct DeltaTransaction(string AppId, long Version)
{
    /// <summary>Stands for a version that was never recorded.</summary>
    public const long Unrecorded = -1;

    /// <summary>What the table must have recorded when this is committed; anything else refuses the commit, so that of two writers who begin at the same place
    /// only one gets through. Null asks for nothing.</summary>
    public long? Expected { get; init; }
}

/// <summary>What an append did.</summary>
/// <param name="Version">The table's version that holds the rows.</param>
/// <param name="AlreadyCommitted">True when the transactions were found recorded and nothing was written.</param>
public sealed record DeltaCommit(long Version, bool AlreadyCommitted, int Files, long Rows)
{
    /// <summary>Why the checkpoint that was due after this commit could not be written; null when it was, or none was due. The commit holds, and the next checkpoint makes up for it.</summary>
    public string? CheckpointFault { get; init; }
}

/// <summary>What one version did to the rows.</summary>
public sealed record DeltaChange
{
    public required long Version { get; init; }

    /// <summary>Whether it also took rows away, as when a day is repaired.</summary>
    public required bool Rewrites { get; init; }
    internal IReadOnlyList<AddFile> Added { get; init; } = [];

    /// <summary>The different values of a partition column in the rows it added, as the log writes them.</summary>
    public IReadOnlyList<string> AddedPartitions(string column) => DeltaTable.PartitionValues(Added, column);
}

/// <summary>A table at one version, by its log alone.</summary>
/// <param name="Bytes">bytes of the live files</param>
/// <param name="Rows">null when a writer left no statistics</param>
public sealed record DeltaState(long Version, TableSchema Schema, int Files, long Bytes, long? Rows);

/// <summary>A Delta table in an object store: rows are appended or replaced by whole commits and read at any version.</summary>
/// <remarks>
/// A commit is there wholly or not at all; a crash before it leaves files that nobody reads. Writers in any number of processes may commit at
/// once: appends never conflict. Thread-safe.
/// </remarks>
/// <seealso href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md">Delta protocol</seealso>
public sealed class DeltaTable
{
    private readonly IObjectStore _store;
    private readonly DeltaLog _log;
    private readonly TimeProvider _time;
    private volatile DeltaSnapshot _snapshot;

    private DeltaTable(IObjectStore store, string path, DeltaLog log, TimeProvider time, DeltaSnapshot snapshot) =>
        (_store, Path, _log, _time, _snapshot) = (store, path, log, time, snapshot);

    /// <summary>The table's key prefix in the store, without a slash at its end.</summary>
    public string Path { get; }

    /// <summary>The table's own identity, which it keeps for ever: one made anew in its place has another.</summary>
    public string Id => _snapshot.Metadata!.Id;

    /// <summary>The columns at the version last seen.</summary>
    public TableSchema Schema => SchemaOf(_snapshot);

    /// <summary>Opens a table that is there.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="UnsupportedDeltaException">It uses a part of the protocol that is not read here.</exception>
    public static Task<DeltaTable> OpenAsync(IObjectStore store, string path, CancellationToken cancel) => OpenAsync(store, path, TimeProvider.System, cancel);

    /// <inheritdoc cref="OpenAsync(IObjectStore, string, CancellationToken)"/>
    public static async Task<DeltaTable> OpenAsync(IObjectStore store, string path, TimeProvider time, CancellationToken cancel)
    {
        var log = new DeltaLog(store, path);
        var snapshot = await log.LoadAsync(null, cancel) ?? throw new FileNotFoundException($"There is no Delta table at '{path}'.");
        return new DeltaTable(store, path, log, time, snapshot);
    }

    /// <summary>Opens the table, or makes it with these columns.</summary>
    /// <exception cref="SchemaMismatchException">The table that is there has a column of another type or other partitions.</exception>
    /// <exception cref="UnsupportedDeltaException">It uses a part of the protocol that is not read here.</exception>
    public static Task<DeltaTable> CreateOrOpenAsync(IObjectStore store, string path, TableSchema schema, CancellationToken cancel) =>
        CreateOrOpenAsync(store, path, schema, TimeProvider.System, cancel);

    /// <inheritdoc cref="CreateOrOpenAsync(IObjectStore, string, TableSchema, CancellationToken)"/>
    public static async Task<DeltaTable> CreateOrOpenAsync(IObjectStore store, string path, TableSchema schema, TimeProvider time, CancellationToken cancel)
    {
        var log = new DeltaLog(store, path);
        var snapshot = await log.LoadAsync(null, cancel);
        if (snapshot is null)
        {
            RowFit.CheckDeclared(schema, existing: null);
            var now = time.GetUtcNow().ToUnixTimeMilliseconds();
            var metadata = new Metadata
            {
                Id = Guid.NewGuid().ToString("D"), Name = schema.Name, SchemaString = DeltaSchemaJson.Write(schema), PartitionColumns = schema.PartitionColumns, CreatedTime = now,
            };
            DeltaAction[] actions =
            [
                new() { CommitInfo = Described("CREATE TABLE", now, blind: true, []) },
                new() { Protocol = DeltaProtocol.Ours },
                new() { MetaData = metadata },
            ];
            // Whoever loses the race opens what the winner made.
            snapshot = await log.TryCommitAsync(0, actions, cancel)
                ? DeltaSnapshot.Empty.Apply(0, actions)
                : await log.LoadAsync(null, cancel) ?? throw new InvalidDataException($"Version 0 of table '{path}' vanished.");
        }
        var table = new DeltaTable(store, path, log, time, snapshot);
        RowFit.CheckDeclared(schema, table.Schema);
        return table;
    }

    /// <summary>Adds rows in one commit; columns new to the table are added to it.</summary>
    /// <remarks>
    /// Takes any number of batches of the same columns, in any order of columns; rows are parted into one file per partition. No batch and no
    /// transaction: nothing is committed. Name only transactions whose rows are in these batches.
    /// </remarks>
    /// <returns>The commit, or <c>AlreadyCommitted</c> when every transaction that expects nothing is recorded at its version or a later one.</returns>
    /// <exception cref="SchemaMismatchException">The rows do not fit the table.</exception>
    /// <exception cref="StaleTransactionException">The table has recorded something else than a transaction expects: nothing was committed.</exception>
    /// <exception cref="DeltaConflictException">Some of the transactions are recorded and others not: the batch was cut differently in the first run.</exception>
    public Task<DeltaCommit> AppendAsync(IReadOnlyList<RecordBatch> batches, IReadOnlyList<DeltaTransaction> transactions, CancellationToken cancel) =>
        CommitAsync(batches, transactions, replace: false, [], cancel);

    /// <inheritdoc cref="AppendAsync(IReadOnlyList{RecordBatch}, IReadOnlyList{DeltaTransaction}, CancellationToken)"/>
    public Task<DeltaCommit> AppendAsync(IReadOnlyList<RecordBatch> batches, DeltaTransaction? transaction, CancellationToken cancel) =>
        AppendAsync(batches, transaction is { } one ? [one] : [], cancel);

    /// <summary>As an append, but the partitions that the rows fall into are emptied by the same commit: the repair of a day.</summary>
    /// <remarks>A table without partitions is emptied whole. Older versions keep the former rows.</remarks>
    /// <exception cref="DeltaConflictException">Someone else changed one of these partitions meanwhile; or as for an append.</exception>
    public Task<DeltaCommit> ReplacePartitionsAsync(IReadOnlyList<RecordBatch> batches, IReadOnlyList<DeltaTransaction> transactions, CancellationToken cancel) =>
        CommitAsync(batches, transactions, replace: true, [], cancel);

    /// <summary>Of a table parted by a date alone: these days hold exactly the rows from then on, or none.</summary>
    /// <exception cref="ArgumentException">A row falls on another day, or the table is not parted by days.</exception>
    /// <exception cref="DeltaConflictException">Someone else changed one of these days meanwhile.</exception>
    /// <exception cref="StaleTransactionException">The table has recorded something else than a transaction expects.</exception>
    public Task<DeltaCommit> ReplaceDaysAsync(IReadOnlyList<RecordBatch> batches, IReadOnlyCollection<DateOnly> days, IReadOnlyList<DeltaTransaction> transactions, CancellationToken cancel)
    {
        if (Schema.PartitionColumns is not [var column] || Schema.Find(column)?.Type is not Apache.Arrow.Types.Date32Type) throw new ArgumentException($"Table '{Path}' is not parted by days.", nameof(days));
        foreach (var batch in batches)
        {
            var dates = new BatchReader(batch).Days(column);
            for (var row = 0; row < batch.Length; row++)
                if (EpochDays.Date(dates.Need(row)) is var day && !days.Contains(day)) throw new ArgumentException($"A row falls on {day:yyyy-MM-dd}, which is none of the days to be replaced.", nameof(batches));
        }
        var folders = days.Select(d => PartitionValue.Folder([column], [d.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture)])).ToList();
        return CommitAsync(batches, transactions, replace: true, folders, cancel);
    }

    /// <summary>The version that the application recorded last, or null when it never did.</summary>
    public async Task<long?> TransactionVersionAsync(string appId, CancellationToken cancel) =>
        (await RefreshAsync(cancel)).Transactions.TryGetValue(appId, out var recorded) ? recorded.Version : null;

    /// <summary>What every application has recorded last, by its id.</summary>
    public async Task<IReadOnlyDictionary<string, long>> TransactionsAsync(CancellationToken cancel) =>
        (await RefreshAsync(cancel)).Transactions.ToDictionary(t => t.Key, t => t.Value.Version, StringComparer.Ordinal);

    /// <summary>The latest version, its columns and its size.</summary>
    public async Task<DeltaState> StateAsync(CancellationToken cancel)
    {
        var snapshot = await RefreshAsync(cancel);
        var files = snapshot.OrderedFiles;
        return new DeltaState(snapshot.Version, SchemaOf(snapshot), files.Count, files.Sum(f => f.Size), files.Aggregate((long?)0, (sum, f) => sum + FileStatistics.Rows(f.Stats)));
    }

    /// <summary>Who committed what and when, oldest first, as far as the log goes back.</summary>
    public IAsyncEnumerable<DeltaVersion> HistoryAsync(CancellationToken cancel) => _log.HistoryAsync(cancel);

    /// <summary>Whether <see cref="ChangesAsync"/> can begin at this version: the log holds it, or it is the next one to come.</summary>
    public async Task<bool> HasVersionAsync(long version, CancellationToken cancel) =>
        (await RefreshAsync(cancel)).Version + 1 == version || await _log.ReadCommitAsync(version, cancel) is not null;

    /// <summary>What the versions from one on did, oldest first; empty when there is none yet.</summary>
    /// <exception cref="InvalidDataException">The log no longer reaches back to it.</exception>
    public async IAsyncEnumerable<DeltaChange> ChangesAsync(long from, [EnumeratorCancellation] CancellationToken cancel)
    {
        var latest = (await RefreshAsync(cancel)).Version;
        for (var version = from; version <= latest; version++)
        {
            var actions = await _log.ReadCommitAsync(version, cancel) ?? throw new InvalidDataException($"The log of table '{Path}' no longer holds version {version}.");
            yield return new DeltaChange
            {
                Version = version, Rewrites = actions.Any(a => a.Remove is { DataChange: true }), Added = [.. actions.Select(a => a.Add).OfType<AddFile>().Where(f => f.DataChange)],
            };
        }
    }

    /// <summary>The latest version, and the different values of a partition column in its rows, as the log writes them.</summary>
    public async Task<(long Version, IReadOnlyList<string> Values)> PartitionValuesAsync(string column, CancellationToken cancel)
    {
        var snapshot = await RefreshAsync(cancel);
        return (snapshot.Version, PartitionValues(snapshot.OrderedFiles, column));
    }

    internal static IReadOnlyList<string> PartitionValues(IEnumerable<AddFile> files, string column) =>
        [.. files.Select(f => f.PartitionValues?.GetValueOrDefault(column)).OfType<string>().Distinct(StringComparer.Ordinal)];

    /// <summary>The rows that a version added, always in the same order; whoever takes a batch disposes of it.</summary>
    /// <exception cref="InvalidDataException">A file is missing, damaged or of other types than declared.</exception>
    public IAsyncEnumerable<RecordBatch> ReadAddedAsync(DeltaChange change, CancellationToken cancel) => ReadFilesAsync(Schema, null, change.Added, cancel);

    /// <summary>All rows of the latest version.</summary>
    public IAsyncEnumerable<RecordBatch> ReadAsync(CancellationToken cancel) => ReadAsync(new ReadOptions(), cancel);

    /// <summary>Rows in the order of their commits, partition columns put back; whoever takes a batch disposes of it.</summary>
    /// <exception cref="ArgumentException">A column or a version that the table has not.</exception>
    /// <exception cref="InvalidDataException">A file is missing, damaged or of other types than declared.</exception>
    public async IAsyncEnumerable<RecordBatch> ReadAsync(ReadOptions options, [EnumeratorCancellation] CancellationToken cancel)
    {
        var snapshot = await SnapshotAsync(options, cancel);
        var table = SchemaOf(snapshot);
        var ranges = options.Ranges
            .Select(r => (Column: table.Find(r.Column) ?? throw new ArgumentException($"Table '{table.Name}' has no column '{r.Column}' to filter by."), Range: r)).ToList();
        var files = snapshot.OrderedFiles.Where(file => ranges.All(r => MayHold(table, file, r.Column, r.Range)));
        await foreach (var batch in ReadFilesAsync(table, options.Columns, files, cancel)) yield return batch;
    }

    private async IAsyncEnumerable<RecordBatch> ReadFilesAsync(TableSchema table, IReadOnlyList<string>? columns, IEnumerable<AddFile> files, [EnumeratorCancellation] CancellationToken cancel)
    {
        var schema = table.ToArrow(columns);
        var stored = schema.FieldsList.Where(f => !table.IsPartition(f.Name)).Select(f => new Column(f.Name, f.DataType, f.IsNullable)).ToList();
        foreach (var file in files)
        {
            if (file.DeletionVector is not null)
                throw new UnsupportedDeltaException($"File '{file.Path}' of table '{table.Name}' has a deletion vector, which is not read here.");
            var key = DataPath.Key(Path, file.Path);
            var bytes = await _store.GetAsync(key, cancel) ?? throw new InvalidDataException($"Data file '{key}' of table '{table.Name}' is missing.");
            await foreach (var batch in ParquetFile.ReadAsync(bytes, stored, key, cancel))
                yield return new RecordBatch(schema, schema.FieldsList.Select(f => table.IsPartition(f.Name)
                    ? PartitionValue.Column(f.DataType, file.PartitionValues?.GetValueOrDefault(f.Name), batch.Length)
                    : batch.Column(f.Name)), batch.Length);
        }
    }

    private static bool MayHold(TableSchema table, AddFile file, Column column, ColumnRange range) => table.IsPartition(column.Name)
        ? range.Holds(file.PartitionValues?.GetValueOrDefault(column.Name))
        : FileStatistics.MayHold(file.Stats, column, range);

    private async Task<DeltaCommit> CommitAsync(
        IReadOnlyList<RecordBatch> batches, IReadOnlyList<DeltaTransaction> transactions, bool replace, List<string> emptied, CancellationToken cancel)
    {
        var rows = batches.Sum(b => (long)b.Length);
        var snapshot = await RefreshAsync(cancel);
        if (rows == 0 && transactions.Count == 0 && emptied.Count == 0) return new DeltaCommit(snapshot.Version, false, 0, 0);
        if (Stale(snapshot, transactions) is { } stale) throw stale;
        if (Recorded(snapshot, transactions)) return new DeltaCommit(snapshot.Version, true, 0, 0);
        var metadata = Evolved(snapshot, batches, replace);
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        var added = rows == 0 ? [] : await DataFiles.WriteAsync(_store, Path, SchemaOf(metadata), batches, now, cancel);
        var removed = replace ? InPartitions(snapshot, added, emptied) : [];

        while (true)
        {
            DeltaAction[] actions =
            [
                new() { CommitInfo = Described("WRITE", now, !replace, new() { ["numFiles"] = $"{added.Count}", ["numOutputRows"] = $"{rows}" }, replace ? "Overwrite" : "Append") },
                .. ReferenceEquals(metadata, snapshot.Metadata) ? [] : new DeltaAction[] { new() { MetaData = metadata } },
                .. transactions.Select(t => new DeltaAction { Txn = new Transaction(t.AppId, t.Version, now) }),
                .. removed.Select(f => new DeltaAction { Remove = new RemoveFile(f.Path, now, true, true, f.PartitionValues, f.Size, f.DeletionVector) }),
                .. added.Select(f => new DeltaAction { Add = f }),
            ];
            if (await _log.TryCommitAsync(snapshot.Version + 1, actions, cancel))
            {
                var committed = snapshot.Apply(snapshot.Version + 1, actions);
                Seen(committed);
                return new DeltaCommit(committed.Version, false, added.Count, rows) { CheckpointFault = await CheckpointAsync(committed) };
            }

            // Another writer took the version: what it did decides whether ours still holds on top of it.
            var newer = await RefreshAsync(cancel);
            if (!newer.Metadata!.PartitionColumns.SequenceEqual(metadata.PartitionColumns, StringComparer.Ordinal))
                throw new DeltaConflictException($"Table '{Path}' was given other partitions while rows were being written.");
            if (replace && !InPartitions(newer, added, emptied).Select(f => f.Path).SequenceEqual(removed.Select(f => f.Path), StringComparer.Ordinal))
                throw new DeltaConflictException($"Another writer changed a partition of table '{Path}' while it was being replaced; read it again and retry.");
            var overtaken = Stale(newer, transactions);
            if (overtaken is not null || Recorded(newer, transactions))
            {
                foreach (var file in added) await _store.DeleteAsync(DataPath.Key(Path, file.Path), cancel);
                return overtaken is not null ? throw overtaken : new DeltaCommit(newer.Version, true, 0, 0);
            }
            metadata = Evolved(newer, batches, replace);
            snapshot = newer;
        }
    }

    /// <summary>Writes a checkpoint where one is due. The commit stands by now, so a fault is told and not thrown: whoever got an exception would write the rows again.</summary>
    private async Task<string?> CheckpointAsync(DeltaSnapshot committed)
    {
        if (!CheckpointWriter.IsDue(committed)) return null;
        try
        {
            await _log.WriteCheckpointAsync(committed, _time.GetUtcNow(), CancellationToken.None);
            return null;
        }
        catch (IOException fault)
        {
            return fault.Message;
        }
    }

    /// <summary>The table's metadata with the columns that the batches bring; the very same when they bring none.</summary>
    private Metadata Evolved(DeltaSnapshot snapshot, IReadOnlyList<RecordBatch> batches, bool replace)
    {
        var metadata = snapshot.Metadata!;
        DeltaProtocol.CheckWritable(Path, snapshot.Protocol!, metadata);
        if (replace) DeltaProtocol.CheckRemovable(Path, metadata);
        if (batches.Count == 0) return metadata;
        var added = RowFit.NewColumns(SchemaOf(metadata), batches);
        return added.Count == 0 ? metadata : metadata with { SchemaString = DeltaSchemaJson.Append(metadata.SchemaString, added) };
    }

    private static List<AddFile> InPartitions(DeltaSnapshot snapshot, IReadOnlyList<AddFile> added, List<string> emptied)
    {
        var columns = snapshot.Metadata!.PartitionColumns;
        string Folder(AddFile file) => PartitionValue.Folder(columns, [.. columns.Select(c => file.PartitionValues?.GetValueOrDefault(c))]);
        var touched = added.Select(Folder).Concat(emptied).ToHashSet(StringComparer.Ordinal);
        return [.. snapshot.OrderedFiles.Where(f => touched.Contains(Folder(f)))];
    }

    private StaleTransactionException? Stale(DeltaSnapshot snapshot, IReadOnlyList<DeltaTransaction> transactions)
    {
        foreach (var transaction in transactions)
            if (transaction.Expected is { } expected && (snapshot.Transactions.TryGetValue(transaction.AppId, out var done) ? done.Version : DeltaTransaction.Unrecorded) is var found && found != expected)
                return new StaleTransactionException(Path, transaction.AppId, expected, found);
        return null;
    }

    private bool Recorded(DeltaSnapshot snapshot, IReadOnlyList<DeltaTransaction> transactions)
    {
        // One that expects something has been held against it already.
        var asked = transactions.Where(t => t.Expected is null).ToList();
        var recorded = asked.Where(t => snapshot.Transactions.TryGetValue(t.AppId, out var done) && done.Version >= t.Version).ToList();
        if (recorded.Count == 0) return false;
        if (recorded.Count == transactions.Count) return true;
        var (done, open) = (recorded[0], transactions.Except(recorded).First());
        throw new DeltaConflictException(
            $"Table '{Path}' has '{done.AppId}' at {snapshot.Transactions[done.AppId].Version} already, but not '{open.AppId}' at {open.Version}: "
            + "start each stream again at the version the table recorded for it.");
    }

    private async Task<DeltaSnapshot> SnapshotAsync(ReadOptions options, CancellationToken cancel)
    {
        if (options is { Version: not null, AsOf: not null }) throw new ArgumentException("Give a version or an instant, not both.", nameof(options));
        var version = options.AsOf is { } instant ? await VersionAsOfAsync(instant, cancel) : options.Version;
        if (version is null) return await RefreshAsync(cancel);
        return await _log.LoadAsync(version, cancel) ?? throw new FileNotFoundException($"There is no Delta table at '{Path}'.");
    }

    private async Task<long> VersionAsOfAsync(DateTimeOffset instant, CancellationToken cancel)
    {
        long? version = null;
        await foreach (var commit in HistoryAsync(cancel))
            if (commit.Timestamp <= instant) version = commit.Version;
        return version ?? throw new ArgumentOutOfRangeException(nameof(instant), instant, $"Table '{Path}' has no version that old.");
    }

    private async Task<DeltaSnapshot> RefreshAsync(CancellationToken cancel)
    {
        var newer = await _log.AdvanceAsync(_snapshot, cancel);
        Seen(newer);
        return newer;
    }

    // Two threads may see different versions; the later one wins, and an older one would only cost a second look at the log.
    private void Seen(DeltaSnapshot snapshot)
    {
        if (snapshot.Version > _snapshot.Version) _snapshot = snapshot;
    }

    private static CommitInfo Described(string operation, long now, bool blind, Dictionary<string, string> metrics, string? mode = null) => new()
    {
        Timestamp = now, Operation = operation, IsBlindAppend = blind, OperationMetrics = metrics, EngineInfo = "media",
        OperationParameters = JsonSerializer.SerializeToElement(mode is null ? [] : new Dictionary<string, string> { ["mode"] = mode }, DeltaJson.Default.DictionaryStringString),
    };

    private TableSchema SchemaOf(DeltaSnapshot snapshot) => SchemaOf(snapshot.Metadata!);

    private TableSchema SchemaOf(Metadata metadata) => DeltaSchemaJson.Read(metadata.Name ?? Path, metadata.SchemaString, metadata.PartitionColumns);
}
