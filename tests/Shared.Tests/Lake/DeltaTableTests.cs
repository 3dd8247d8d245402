using Apache.Arrow;
using Apache.Arrow.Types;
using Media.Lake;
using Microsoft.Extensions.Time.Testing;

namespace Media.Tests.Lake;

/// <summary>What a table promises on every store; each kind of store runs this suite.</summary>
public abstract class DeltaTableTests : IAsyncLifetime
{
    private static readonly DateOnly Monday = new(2026, 3, 2), Tuesday = new(2026, 3, 3);
    private static readonly TableSchema Visits = new(
        "visits",
        [
            new("user_id", ColumnTypes.String, Nullable: false), new("dwell_ms", ColumnTypes.Long, Unit: "ms"), new("seen_at", ColumnTypes.Timestamp),
            new("day", ColumnTypes.Date, Nullable: false),
        ],
        "day");

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 3, 4, 12, 0, 0, TimeSpan.Zero));
    private IObjectStore _store = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>An empty store.</summary>
    protected abstract Task<IObjectStore> NewStoreAsync();

    public async ValueTask InitializeAsync() => _store = await NewStoreAsync();

    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task AppendThenRead_GivesTheRowsBack()
    {
        var table = await CreateAsync();
        await table.AppendAsync([Rows((Monday, "a", 1), (Tuesday, "b", null), (Monday, "ä", 3))], (DeltaTransaction?)null, Cancel);
        Assert.Equal(["2026-03-02 a 1", "2026-03-02 ä 3", "2026-03-03 b null"], await ReadAsync(await OpenAsync(), new()));
    }

    [Fact]
    public async Task Append_WritesOneFilePerPartitionInOneCommit()
    {
        var table = await CreateAsync();
        var commit = await table.AppendAsync([Rows((Monday, "a", 1), (Tuesday, "b", 2)), Rows((Monday, "c", 3))], (DeltaTransaction?)null, Cancel);
        Assert.Equal(new DeltaCommit(1, false, 2, 3), commit);
        var state = await table.StateAsync(Cancel);
        Assert.Equal((1, 2, 3L), (state.Version, state.Files, state.Rows));
        Assert.Equal(["2026-03-02", "2026-03-03"], (await DataFilesAsync()).Select(key => key["visits/day=".Length..].Split('/')[0]));
    }

    [Fact]
    public async Task FirstCommit_HoldsWhatOtherEnginesInsistOn()
    {
        await CreateAsync();
        var log = System.Text.Encoding.UTF8.GetString((await _store.GetAsync(CommitKey(0), Cancel))!);
        // Spark fails on a format without options, on metadata without configuration, and on a protocol without versions.
        Assert.Contains("""{"protocol":{"minReaderVersion":1,"minWriterVersion":2}}""", log, StringComparison.Ordinal);
        Assert.Contains("""
            "format":{"provider":"parquet","options":{}}
            """, log, StringComparison.Ordinal);
        Assert.Contains("""
            "partitionColumns":["day"],"configuration":{}
            """, log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReplayedTransaction_WritesNothing()
    {
        var table = await CreateAsync();
        var first = await table.AppendAsync([Rows((Monday, "a", 1))], new DeltaTransaction("ingest-0", 17), Cancel);
        var other = await OpenAsync();
        var again = await other.AppendAsync([Rows((Monday, "a", 1))], new DeltaTransaction("ingest-0", 17), Cancel);
        var older = await table.AppendAsync([Rows((Monday, "z", 1))], new DeltaTransaction("ingest-0", 16), Cancel);
        Assert.Equal((1L, false), (first.Version, first.AlreadyCommitted));
        Assert.Equal((1L, true), (again.Version, again.AlreadyCommitted));
        Assert.True(older.AlreadyCommitted);
        Assert.Single(await ReadAsync(table, new()));
        Assert.Equal(17, await table.TransactionVersionAsync("ingest-0", Cancel));
        Assert.Null(await table.TransactionVersionAsync("ingest-1", Cancel));
    }

    [Fact]
    public async Task SeveralTransactions_AreRecordedTogether()
    {
        var table = await CreateAsync();
        await table.AppendAsync([Rows((Monday, "a", 1))], [new("p0", 5), new("p1", 9)], Cancel);
        Assert.Equal((5L, 9L), (await table.TransactionVersionAsync("p0", Cancel), await table.TransactionVersionAsync("p1", Cancel)));
        Assert.True((await table.AppendAsync([Rows((Monday, "a", 1))], [new("p0", 5), new("p1", 9)], Cancel)).AlreadyCommitted);
        var fault = await Assert.ThrowsAsync<DeltaConflictException>(() => table.AppendAsync([Rows((Monday, "a", 1))], [new("p0", 5), new("p1", 10)], Cancel));
        Assert.Contains("'p0' at 5", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ExpectedVersion_LetsOnlyOneOfTwoWritersOn()
    {
        var first = await CreateAsync();
        var second = await OpenAsync();
        await first.AppendAsync([Rows((Monday, "a", 1))], new DeltaTransaction("p0", 150) { Expected = DeltaTransaction.Unrecorded }, Cancel);

        // The other began at the same place and has come further: its batch holds the first one's rows too.
        var stale = await Assert.ThrowsAsync<StaleTransactionException>(() =>
            second.AppendAsync([Rows((Monday, "a", 1), (Monday, "b", 2))], new DeltaTransaction("p0", 180) { Expected = DeltaTransaction.Unrecorded }, Cancel));
        Assert.Equal(("p0", -1L, 150L), (stale.AppId, stale.Expected, stale.Found));
        // Behind is as stale as ahead, and the very same version is no replay to be passed over in silence.
        await Assert.ThrowsAsync<StaleTransactionException>(() => second.AppendAsync([Rows((Monday, "z", 9))], new DeltaTransaction("p0", 150) { Expected = 140 }, Cancel));

        await second.AppendAsync([Rows((Monday, "b", 2))], new DeltaTransaction("p0", 180) { Expected = 150 }, Cancel);
        await second.AppendAsync([Rows((Monday, "c", 3))], new DeltaTransaction("p0", 180) { Expected = 180 }, Cancel);
        Assert.Equal(["2026-03-02 a 1", "2026-03-02 b 2", "2026-03-02 c 3"], await ReadAsync(first, new()));
    }

    [Fact]
    public async Task ExpectedVersion_IsHeldAgainstWhatComesBetweenLookAndCommit()
    {
        var winner = await CreateAsync();
        var interrupted = new InterruptedStore(_store, () => winner.AppendAsync([Rows((Monday, "a", 1))], new DeltaTransaction("p0", 10) { Expected = DeltaTransaction.Unrecorded }, Cancel));
        var loser = await DeltaTable.OpenAsync(interrupted, "visits", Cancel);
        await Assert.ThrowsAsync<StaleTransactionException>(() => loser.AppendAsync([Rows((Monday, "a", 1))], new DeltaTransaction("p0", 10) { Expected = DeltaTransaction.Unrecorded }, Cancel));
        Assert.Equal(["2026-03-02 a 1"], await ReadAsync(winner, new()));
        Assert.Single(await DataFilesAsync());
    }

    [Fact]
    public async Task NoRows_CommitOnlyTheTransaction()
    {
        var table = await CreateAsync();
        Assert.Equal(0, (await table.AppendAsync([], (DeltaTransaction?)null, Cancel)).Version);
        Assert.Equal(new DeltaCommit(1, false, 0, 0), await table.AppendAsync([], new DeltaTransaction("p0", 3), Cancel));
        Assert.Equal(3, await table.TransactionVersionAsync("p0", Cancel));
    }

    [Fact]
    public async Task EarlierVersionAndInstant_AreReadAsTheyWere()
    {
        var table = await CreateAsync();
        for (var i = 1; i <= 3; i++)
        {
            _time.Advance(TimeSpan.FromHours(1));
            await table.AppendAsync([Rows((Monday, $"u{i}", i))], (DeltaTransaction?)null, Cancel);
        }
        Assert.Empty(await ReadAsync(table, new() { Version = 0 }));
        Assert.Equal(2, (await ReadAsync(table, new() { Version = 2 })).Count);
        Assert.Single(await ReadAsync(table, new() { AsOf = _time.GetUtcNow().AddHours(-1.5) }));
        Assert.Equal(3, (await ReadAsync(table, new() { AsOf = _time.GetUtcNow() })).Count);
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReadAsync(table, new() { Version = 4 }));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => ReadAsync(table, new() { AsOf = _time.GetUtcNow().AddDays(-1) }));
    }

    [Fact]
    public async Task History_TellsEveryCommit()
    {
        var table = await CreateAsync();
        _time.Advance(TimeSpan.FromMinutes(1));
        await table.AppendAsync([Rows((Monday, "a", 1))], (DeltaTransaction?)null, Cancel);
        var history = new List<DeltaVersion>();
        await foreach (var version in table.HistoryAsync(Cancel)) history.Add(version);
        Assert.Equal([(0L, "CREATE TABLE"), (1L, "WRITE")], history.Select(h => (h.Version, h.Operation)));
        Assert.Equal(TimeSpan.FromMinutes(1), history[1].Timestamp - history[0].Timestamp);
    }

    [Fact]
    public async Task Ranges_SkipFilesThatCannotMatch()
    {
        var table = await CreateAsync();
        await table.AppendAsync([Rows((Monday, "a", 1), (Tuesday, "b", 2))], (DeltaTransaction?)null, Cancel);
        await table.AppendAsync([Rows((Tuesday, "c", 300))], (DeltaTransaction?)null, Cancel);
        Assert.Equal(2, (await ReadAsync(table, new() { Ranges = [ColumnRange.Days("day", Tuesday, null)] })).Count);
        Assert.Single(await ReadAsync(table, new() { Ranges = [ColumnRange.Days("day", null, Monday)] }));
        Assert.Equal(["2026-03-03 c 300"], await ReadAsync(table, new() { Ranges = [ColumnRange.Whole("dwell_ms", 300, 300)] }));
        Assert.Empty(await ReadAsync(table, new() { Ranges = [ColumnRange.Whole("dwell_ms", 301, null)] }));
        var seen = Micros("c");
        Assert.Single(await ReadAsync(table, new() { Ranges = [ColumnRange.Micros("seen_at", seen, seen), ColumnRange.Whole("dwell_ms", 3, null)] }));
        await Assert.ThrowsAsync<ArgumentException>(() => ReadAsync(table, new() { Ranges = [ColumnRange.Whole("nope", 1, 1)] }));
    }

    [Fact]
    public async Task Columns_AreGivenInTheOrderAsked()
    {
        var table = await CreateAsync();
        await table.AppendAsync([Rows((Monday, "a", 1), (Monday, "b", 2))], (DeltaTransaction?)null, Cancel);
        await foreach (var batch in table.ReadAsync(new() { Columns = ["day", "user_id"] }, Cancel))
        {
            Assert.Equal(["day", "user_id"], batch.Schema.FieldsList.Select(f => f.Name));
            Assert.Equal(Monday, ((Date32Array)batch.Column(0)).GetDateOnly(1));
            batch.Dispose();
        }
        await foreach (var batch in table.ReadAsync(new() { Columns = ["day"] }, Cancel)) Assert.Equal(2, batch.Length);
    }

    [Fact]
    public async Task WiderRows_AddColumnsAndOldRowsLackThem()
    {
        var table = await CreateAsync();
        await table.AppendAsync([Rows((Monday, "a", 1))], (DeltaTransaction?)null, Cancel);
        var wide = With(Rows((Monday, "b", 2)), new Field("country", StringType.Default, true), new StringArray.Builder().Append("DE").Build());
        await table.AppendAsync([wide], (DeltaTransaction?)null, Cancel);
        await table.AppendAsync([Rows((Monday, "c", 3))], (DeltaTransaction?)null, Cancel);

        Assert.Equal("country", table.Schema.Columns[^1].Name);
        var countries = new List<string?>();
        await foreach (var batch in (await OpenAsync()).ReadAsync(new() { Columns = ["country"] }, Cancel))
            countries.AddRange(Enumerable.Range(0, batch.Length).Select(i => ((StringArray)batch.Column(0)).GetString(i)));
        Assert.Equal([null, "DE", null], countries);
        Assert.Equal("ms", table.Schema.Find("dwell_ms")!.Unit);
    }

    [Fact]
    public async Task RowsThatDoNotFit_AreRefusedByName()
    {
        var table = await CreateAsync();
        var rows = Rows((Monday, "a", 1));
        var text = With(Without(rows, "dwell_ms"), new Field("dwell_ms", StringType.Default, true), new StringArray.Builder().Append("1").Build());
        var fault = await Assert.ThrowsAsync<SchemaMismatchException>(() => table.AppendAsync([text], (DeltaTransaction?)null, Cancel));
        Assert.Equal("Column 'dwell_ms' of table 'visits': got string, expected long.", fault.Message);

        fault = await Assert.ThrowsAsync<SchemaMismatchException>(() => table.AppendAsync([Without(rows, "user_id")], (DeltaTransaction?)null, Cancel));
        Assert.Contains("user_id", fault.Message, StringComparison.Ordinal);

        var absent = With(Without(rows, "user_id"), new Field("user_id", StringType.Default, true), new StringArray.Builder().AppendNull().Build());
        fault = await Assert.ThrowsAsync<SchemaMismatchException>(() => table.AppendAsync([absent], (DeltaTransaction?)null, Cancel));
        Assert.Equal("Column 'user_id' of table 'visits' is required, but 1 rows have no value.", fault.Message);

        var required = With(rows, new Field("new", Int64Type.Default, false), new Int64Array.Builder().Append(1).Build());
        await Assert.ThrowsAsync<SchemaMismatchException>(() => table.AppendAsync([required], (DeltaTransaction?)null, Cancel));
        Assert.Equal(0, (await table.StateAsync(Cancel)).Version);
        Assert.Empty(await DataFilesAsync());
    }

    [Fact]
    public async Task OpenWithOtherDeclaration_IsRefused()
    {
        await CreateAsync();
        var other = new TableSchema("visits", [new("dwell_ms", ColumnTypes.Double), new("day", ColumnTypes.Date)], "day");
        await Assert.ThrowsAsync<SchemaMismatchException>(() => DeltaTable.CreateOrOpenAsync(_store, "visits", other, Cancel));
        var unparted = new TableSchema("visits", [new("day", ColumnTypes.Date)]);
        await Assert.ThrowsAsync<SchemaMismatchException>(() => DeltaTable.CreateOrOpenAsync(_store, "visits", unparted, Cancel));
        await Assert.ThrowsAsync<FileNotFoundException>(() => DeltaTable.OpenAsync(_store, "nothing", Cancel));
    }

    [Fact]
    public async Task CrashBetweenDataAndLog_LeavesTheTableReadable()
    {
        var table = await CreateAsync();
        await table.AppendAsync([Rows((Monday, "a", 1))], new DeltaTransaction("p0", 1), Cancel);
        var crashing = new CrashingStore(_store, key => key.EndsWith("00000000000000000002.json", StringComparison.Ordinal));
        var crashed = await DeltaTable.OpenAsync(crashing, "visits", Cancel);
        await Assert.ThrowsAsync<IOException>(() => crashed.AppendAsync([Rows((Monday, "b", 2))], new DeltaTransaction("p0", 2), Cancel));
        Assert.Equal(2, (await DataFilesAsync()).Count);

        var restarted = await OpenAsync();
        Assert.Equal(["2026-03-02 a 1"], await ReadAsync(restarted, new()));
        await restarted.AppendAsync([Rows((Monday, "b", 2))], new DeltaTransaction("p0", 2), Cancel);
        Assert.Equal(["2026-03-02 a 1", "2026-03-02 b 2"], await ReadAsync(restarted, new()));
    }

    [Fact]
    public Task EightWriters_LoseNothing() => RaceAsync(writers: 8, commits: 20);

    [Fact(Explicit = true), Trait("Category", "Long")]
    public Task EightWritersOfFiveHundredCommits_LoseNothing() => RaceAsync(writers: 8, commits: 500);

    private async Task RaceAsync(int writers, int commits)
    {
        await CreateAsync();
        var started = System.Diagnostics.Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, writers).Select(w => Task.Run(async () =>
        {
            var table = await OpenAsync();
            for (var i = 0; i < commits; i++)
                await table.AppendAsync([Rows((Monday, $"w{w}-{i}", i))], new DeltaTransaction($"w{w}", i), Cancel);
        }, Cancel)));
        TestContext.Current.TestOutputHelper?.WriteLine($"{writers} writers × {commits} commits in {started.Elapsed.TotalSeconds:0.0} s");
        var reader = await OpenAsync();
        Assert.Equal(writers * commits, (await reader.StateAsync(Cancel)).Version);
        var rows = await ReadAsync(reader, new());
        Assert.Equal(writers * commits, rows.Count);
        Assert.Equal(writers * commits, rows.Distinct().Count());
        for (var w = 0; w < writers; w++) Assert.Equal(commits - 1, await reader.TransactionVersionAsync($"w{w}", Cancel));
    }

    [Fact]
    public async Task SameTransactionRaced_IsWrittenOnce()
    {
        await CreateAsync();
        var commits = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
            await (await OpenAsync()).AppendAsync([Rows((Monday, "a", 1))], new DeltaTransaction("p0", 1), Cancel), Cancel)));
        Assert.Equal(1, commits.Count(c => !c.AlreadyCommitted));
        Assert.Single(await ReadAsync(await OpenAsync(), new()));
        Assert.Single(await DataFilesAsync());
    }

    [Fact]
    public async Task ReplacePartitions_EmptiesOnlyThoseTouched()
    {
        var table = await CreateAsync();
        await table.AppendAsync([Rows((Monday, "a", 1), (Tuesday, "b", 2))], (DeltaTransaction?)null, Cancel);
        await table.ReplacePartitionsAsync([Rows((Monday, "c", 3))], [], Cancel);
        Assert.Equal(["2026-03-03 b 2", "2026-03-02 c 3"], await ReadAsync(await OpenAsync(), new()));
        Assert.Equal(["2026-03-02 a 1", "2026-03-03 b 2"], await ReadAsync(table, new() { Version = 1 }));
    }

    [Fact]
    public async Task ReplaceDays_LeavesThoseDaysWithTheRowsGivenAndNoOthers()
    {
        var table = await CreateAsync();
        await table.AppendAsync([Rows((Monday, "a", 1), (Tuesday, "b", 2))], (DeltaTransaction?)null, Cancel);
        await table.ReplaceDaysAsync([Rows((Monday, "c", 3))], [Monday, Tuesday], [new DeltaTransaction("repair", 1)], Cancel);
        Assert.Equal(["2026-03-02 c 3"], await ReadAsync(await OpenAsync(), new()));
        Assert.Equal(1, await table.TransactionVersionAsync("repair", Cancel));
        await table.ReplaceDaysAsync([], [Monday], [], Cancel);
        Assert.Empty(await ReadAsync(await OpenAsync(), new()));
        await Assert.ThrowsAsync<ArgumentException>(() => table.ReplaceDaysAsync([Rows((Monday, "d", 4))], [Tuesday], [], Cancel));
    }

    [Fact]
    public async Task ReplaceOfAPartitionChangedMeanwhile_IsAConflict()
    {
        var table = await CreateAsync();
        await table.AppendAsync([Rows((Monday, "a", 1))], (DeltaTransaction?)null, Cancel);
        foreach (var (day, conflict) in new[] { (Tuesday, false), (Monday, true) })
        {
            // The other writer commits after this one has written its data and before its commit.
            var interrupted = new InterruptedStore(_store, async () => await table.AppendAsync([Rows((day, "x", 9))], (DeltaTransaction?)null, Cancel));
            var replacing = await DeltaTable.OpenAsync(interrupted, "visits", Cancel);
            var replace = replacing.ReplacePartitionsAsync([Rows((Monday, "b", 2))], [], Cancel);
            if (conflict) await Assert.ThrowsAsync<DeltaConflictException>(() => replace);
            else await replace;
        }
    }

    [Fact]
    public async Task TenthCommit_LeavesACheckpoint_FromWhichTheSameTableIsRead()
    {
        var table = await CreateAsync();
        await table.AppendAsync([With(Rows((Monday, "a", 1), (Tuesday, "b", null)), new Field("country", StringType.Default, true), new StringArray.Builder().Append("DE").AppendNull().Build())], [new("p0", 1), new("p1", 1)], Cancel);
        await table.ReplacePartitionsAsync([Rows((Monday, "c", 3))], [], Cancel);
        for (var i = 3; i < 10; i++) await table.AppendAsync([Rows((Tuesday, $"u{i}", i))], new DeltaTransaction("p0", i), Cancel);
        var commit = await table.AppendAsync([Rows((Monday, "ten", 10))], new DeltaTransaction("p0", 10), Cancel);
        Assert.Equal((10L, null), (commit.Version, commit.CheckpointFault));
        Assert.StartsWith("""{"version":10,"size":15,"sizeInBytes":""", System.Text.Encoding.UTF8.GetString((await _store.GetAsync("visits/_delta_log/_last_checkpoint", Cancel))!), StringComparison.Ordinal);
        await table.AppendAsync([Rows((Monday, "later", 11))], (DeltaTransaction?)null, Cancel);

        // Without the commits that it stands for, only the checkpoint can tell.
        var ten = new ReadOptions { Ranges = [ColumnRange.Whole("dwell_ms", 10, 10)] };
        var (rows, tenOnly, before) = (await ReadAsync(table, new()), await ReadAsync(table, ten), await table.StateAsync(Cancel));
        for (var v = 0; v <= 10; v++) await _store.DeleteAsync(CommitKey(v), Cancel);
        var reopened = await OpenAsync();
        var after = await reopened.StateAsync(Cancel);
        Assert.Equal((before.Version, before.Files, before.Bytes, before.Rows), (after.Version, after.Files, after.Bytes, after.Rows));
        Assert.Equal(before.Schema.Columns.Select(c => (c.Name, c.Nullable, c.Unit)), after.Schema.Columns.Select(c => (c.Name, c.Nullable, c.Unit)));
        Assert.Equal(["day"], after.Schema.PartitionColumns);
        Assert.Equal(rows, await ReadAsync(reopened, new()));
        Assert.Equal((10L, 1L), (await reopened.TransactionVersionAsync("p0", Cancel), await reopened.TransactionVersionAsync("p1", Cancel)));
        Assert.InRange(tenOnly.Count, 1, rows.Count - 1);
        Assert.Equal(tenOnly, await ReadAsync(reopened, ten));
        Assert.Equal(12, (await reopened.AppendAsync([Rows((Monday, "on", 12))], new DeltaTransaction("p0", 12), Cancel)).Version);

        var snapshot = (await new DeltaLog(_store, "visits").LoadAsync(10, Cancel))!;
        var tombstone = Assert.Single(snapshot.Tombstones.Values);
        Assert.Equal((_time.GetUtcNow().ToUnixTimeMilliseconds(), true, "2026-03-02"), (tombstone.DeletionTimestamp, tombstone.ExtendedFileMetadata, tombstone.PartitionValues!["day"]));
        Assert.Equal(DeltaProtocol.Ours, snapshot.Protocol);
        Assert.Contains("is missing", (await Assert.ThrowsAsync<InvalidDataException>(async () =>
        {
            await _store.DeleteAsync(DataPath.Key("visits", snapshot.OrderedFiles[0].Path), Cancel);
            await ReadAsync(reopened, new());
        })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CheckpointThatCannotBeWritten_LeavesTheCommitAndSaysWhy()
    {
        await CreateAsync();
        var full = await DeltaTable.OpenAsync(new CrashingStore(_store, key => key.EndsWith(".checkpoint.parquet", StringComparison.Ordinal)), "visits", _time, Cancel);
        for (var i = 1; i < 10; i++) Assert.Null((await full.AppendAsync([Rows((Monday, $"u{i}", i))], (DeltaTransaction?)null, Cancel)).CheckpointFault);
        var commit = await full.AppendAsync([Rows((Monday, "ten", 10))], (DeltaTransaction?)null, Cancel);
        Assert.Equal((10L, "The process died here."), (commit.Version, commit.CheckpointFault));
        Assert.Equal(10, (await ReadAsync(await OpenAsync(), new())).Count);
        Assert.Null(await _store.FindAsync("visits/_delta_log/_last_checkpoint", Cancel));
    }

    [Fact]
    public async Task OldTombstones_AreNotCheckpointed()
    {
        var table = await CreateAsync();
        await table.AppendAsync([Rows((Monday, "a", 1))], (DeltaTransaction?)null, Cancel);
        await table.ReplacePartitionsAsync([Rows((Monday, "b", 2))], [], Cancel);
        _time.Advance(TimeSpan.FromDays(6));
        await table.ReplacePartitionsAsync([Rows((Monday, "c", 3))], [], Cancel);
        _time.Advance(TimeSpan.FromDays(2));
        for (var i = 4; i <= 10; i++) await table.AppendAsync([Rows((Tuesday, $"u{i}", i))], (DeltaTransaction?)null, Cancel);
        for (var v = 0; v <= 10; v++) await _store.DeleteAsync(CommitKey(v), Cancel);
        Assert.Single((await new DeltaLog(_store, "visits").LoadAsync(null, Cancel))!.Tombstones);
    }

    [Theory]
    [InlineData("""{"delta.checkpointInterval":"3"}""", new[] { 3L, 6, 9, 12 })]
    [InlineData("{}", new[] { 10L })]
    public async Task CheckpointInterval_IsTheTablesOwn(string configuration, long[] expected)
    {
        var table = await CreateAsync();
        var metadata = (await new DeltaLog(_store, "visits").LoadAsync(null, Cancel))!.Metadata!;
        await CommitByHandAsync(1, $$$"""{"metaData":{"id":"{{{metadata.Id}}}","format":{"provider":"parquet","options":{}},"schemaString":{{{System.Text.Json.JsonSerializer.Serialize(metadata.SchemaString)}}},"partitionColumns":["day"],"configuration":{{{configuration}}} }}""");
        for (var i = 2; i <= 12; i++) await table.AppendAsync([Rows((Monday, $"u{i}", i))], (DeltaTransaction?)null, Cancel);
        var found = new List<long>();
        await foreach (var stored in _store.ListAsync("visits/_delta_log/", Cancel))
            if (stored.Key.EndsWith(".checkpoint.parquet", StringComparison.Ordinal)) found.Add(long.Parse(stored.Key["visits/_delta_log/".Length..][..20], System.Globalization.CultureInfo.InvariantCulture));
        Assert.Equal(expected, found);
    }

    [Fact]
    public async Task DamagedLog_IsNamed()
    {
        var table = await CreateAsync();
        for (var i = 0; i < 2; i++) await table.AppendAsync([Rows((Monday, "a", 1))], (DeltaTransaction?)null, Cancel);
        var whole = (await _store.GetAsync(CommitKey(1), Cancel))!;
        await _store.PutAsync(CommitKey(1), whole.AsMemory(0, whole.Length / 2), Cancel);
        Assert.Contains("00000000000000000001.json", (await Assert.ThrowsAsync<InvalidDataException>(OpenAsync)).Message, StringComparison.Ordinal);
        await _store.DeleteAsync(CommitKey(1), Cancel);
        Assert.Contains("lacks commit 1", (await Assert.ThrowsAsync<InvalidDataException>(OpenAsync)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task CommitPutDuringTheListing_IsReadAllTheSame()
    {
        var table = await CreateAsync();
        for (var i = 0; i < 3; i++) await table.AppendAsync([Rows((Monday, "a", i))], (DeltaTransaction?)null, Cancel);
        var reader = await DeltaTable.OpenAsync(new LatelyPutStore(_store, CommitKey(2)), "visits", TimeProvider.System, Cancel);
        Assert.Equal(3, (await reader.StateAsync(Cancel)).Version);
        Assert.Equal(["2026-03-02 a 0", "2026-03-02 a 1", "2026-03-02 a 2"], await ReadAsync(reader, new()));
    }

    [Fact]
    public async Task MissingOrDamagedDataFile_IsNamed()
    {
        var table = await CreateAsync();
        await table.AppendAsync([Rows((Monday, "a", 1))], (DeltaTransaction?)null, Cancel);
        var file = Assert.Single(await DataFilesAsync());
        await _store.PutAsync(file, new byte[] { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, Cancel);
        await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(table, new()));
        await _store.DeleteAsync(file, Cancel);
        Assert.Contains("is missing", (await Assert.ThrowsAsync<InvalidDataException>(() => ReadAsync(table, new()))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"protocol":{"minReaderVersion":4,"minWriterVersion":7}}""", "reader version 4")]
    [InlineData("""{"protocol":{"minReaderVersion":3,"minWriterVersion":7,"readerFeatures":["timeMachine"],"writerFeatures":["timeMachine"]}}""", "'timeMachine'")]
    public async Task UnknownReaderFeature_IsRefusedByName(string protocol, string named)
    {
        var open = await CreateAsync();
        await CommitByHandAsync(1, protocol);
        Assert.Contains(named, (await Assert.ThrowsAsync<UnsupportedDeltaException>(OpenAsync)).Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<UnsupportedDeltaException>(() => ReadAsync(open, new()));
    }

    [Theory]
    [InlineData("""{"protocol":{"minReaderVersion":1,"minWriterVersion":4}}""", "writer version 4")]
    [InlineData("""{"protocol":{"minReaderVersion":1,"minWriterVersion":7,"writerFeatures":["appendOnly","rowTracking"]}}""", "'rowTracking'")]
    public async Task UnknownWriterFeature_IsReadButNotWritten(string protocol, string named)
    {
        var table = await CreateAsync();
        await table.AppendAsync([Rows((Monday, "a", 1))], (DeltaTransaction?)null, Cancel);
        await CommitByHandAsync(2, protocol);
        Assert.Single(await ReadAsync(table, new()));
        var fault = await Assert.ThrowsAsync<UnsupportedDeltaException>(() => table.AppendAsync([Rows((Monday, "b", 1))], (DeltaTransaction?)null, Cancel));
        Assert.Contains(named, fault.Message, StringComparison.Ordinal);
    }

    private Task CommitByHandAsync(long version, string line) => _store.PutAsync(CommitKey(version), System.Text.Encoding.UTF8.GetBytes(line + "\n"), Cancel);

    private static string CommitKey(long version) => $"visits/_delta_log/{version:D20}.json";

    private async Task<List<string>> DataFilesAsync()
    {
        var keys = new List<string>();
        await foreach (var found in _store.ListAsync("visits/day=", Cancel)) keys.Add(found.Key);
        return keys;
    }

    private Task<DeltaTable> CreateAsync() => DeltaTable.CreateOrOpenAsync(_store, "visits", Visits, _time, Cancel);

    private Task<DeltaTable> OpenAsync() => DeltaTable.OpenAsync(_store, "visits", _time, Cancel);

    private static RecordBatch Rows(params (DateOnly Day, string User, long? DwellMs)[] rows)
    {
        var (users, dwell, seen, days) = (new StringArray.Builder(), new Int64Array.Builder(), new TimestampArray.Builder((TimestampType)ColumnTypes.Timestamp), new Date32Array.Builder());
        foreach (var row in rows)
        {
            users.Append(row.User);
            if (row.DwellMs is { } ms) dwell.Append(ms);
            else dwell.AppendNull();
            seen.Append(DateTimeOffset.UnixEpoch.AddTicks(Micros(row.User) * TimeSpan.TicksPerMicrosecond));
            days.Append(row.Day.ToDateTime(TimeOnly.MinValue));
        }
        return new RecordBatch(Visits.ToArrow(), [users.Build(), dwell.Build(), seen.Build(), days.Build()], rows.Length);
    }

    private static long Micros(string user) => 1_772_452_800_000_123 + user[0];

    private static RecordBatch With(RecordBatch batch, Field field, IArrowArray column) =>
        new(new Schema([.. batch.Schema.FieldsList, field], null), [.. Enumerable.Range(0, batch.ColumnCount).Select(batch.Column), column], batch.Length);

    private static RecordBatch Without(RecordBatch batch, string name)
    {
        var kept = Enumerable.Range(0, batch.ColumnCount).Where(i => batch.Schema.FieldsList[i].Name != name).ToList();
        return new(new Schema(kept.Select(i => batch.Schema.FieldsList[i]), null), kept.Select(batch.Column), batch.Length);
    }

    private static async Task<List<string>> ReadAsync(DeltaTable table, ReadOptions options)
    {
        var rows = new List<string>();
        await foreach (var batch in table.ReadAsync(options, Cancel))
        {
            var (users, dwell, seen, days) = ((StringArray)batch.Column("user_id"), (Int64Array)batch.Column("dwell_ms"), (TimestampArray)batch.Column("seen_at"), (Date32Array)batch.Column("day"));
            for (var i = 0; i < batch.Length; i++)
            {
                Assert.Equal(Micros(users.GetString(i)), seen.GetValue(i));
                rows.Add($"{days.GetDateOnly(i):yyyy-MM-dd} {users.GetString(i)} {dwell.GetValue(i)?.ToString() ?? "null"}");
            }
            batch.Dispose();
        }
        return rows;
    }
}
