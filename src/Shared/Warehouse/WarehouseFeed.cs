using System.Globalization;
using Apache.Arrow;
using Media.Events;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;

namespace Media.Warehouse;

/// <summary>What the sessionizer makes, into the warehouse as it is made: every event and session visible once, whatever dies in between.</summary>
/// <remarks>
/// <para>Rows gather while the batch before them is being taken; then they become the next batch. A batch is kept in a file until the warehouse has it whole,
/// with its views and its positions; a restart sends a batch that is left again, and the warehouse shows what it had already no second time.</para>
/// <para>The feed runs ahead of the lake's commits, never behind: a commit waits for the <see cref="FlushAsync"/> of what it holds. What is decided only by the commit (late and bad
/// events, sessions closed at the end) comes after it, and <see cref="OpenAsync"/> fetches from the lake what a crash left out there. Not thread-safe.</para>
/// </remarks>
public sealed class WarehouseFeed
{
    private const string Taken = "taken", Committed = "committed", FileName = "block";

    private readonly WarehouseClient _warehouse;
    private readonly string _topic, _batchPath;
    private readonly Dictionary<string, RowBinary> _formats = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Stream, int Partition), long> _positions = [];
    private readonly RowBuffer _buffer = new();
    private List<ConsumedEvent> _events = [];
    private List<bool> _late = [];
    private List<Session> _sessions = [];
    private List<BadEvent> _bad = [];
    private Dictionary<(string Stream, int Partition), long> _reached = [];
    private Task _sending = Task.CompletedTask;

    private WarehouseFeed(WarehouseClient warehouse, string topic, string batchPath) => (_warehouse, _topic, _batchPath) = (warehouse, topic, batchPath);

    /// <summary>Opens the feed at where the lake and the warehouse are; loads the warehouse from the lake when it has less, or when a rebuild or repair of it was cut short.</summary>
    /// <param name="folder">Where an unfinished batch is kept; the same for every run that feeds this warehouse.</param>
    /// <param name="lakeOffsets">Per partition, the offset at which the log is read on after what the lake holds.</param>
    public static async Task<WarehouseFeed> OpenAsync(WarehouseClient warehouse, IObjectStore lake, string topic, IReadOnlyDictionary<int, long> lakeOffsets, string folder, CancellationToken cancel)
    {
        Directory.CreateDirectory(folder);
        await Migrations.ApplyAsync(warehouse, cancel);
        var feed = new WarehouseFeed(warehouse, topic, Path.Combine(folder, FileName));
        foreach (var table in new[] { WarehouseTables.Events, WarehouseTables.Sessions, WarehouseTables.BadEvents })
            feed._formats.Add(table.Name, await RowBinary.OfAsync(warehouse, table, cancel));
        await feed.ReadPositionsAsync(cancel);
        var anew = feed._positions.Count == 0 && lakeOffsets.Count > 0
            || (await UnfinishedWork.ReadAsync(warehouse, cancel)).Any(u => u.IsOfWhole || feed._formats.ContainsKey(u.Table));
        // A warehouse that was loaded from the lake meanwhile may have what the batch holds, under other tokens.
        if (anew || await LakeLoad.LoadsAsync(warehouse, cancel)) File.Delete(feed._batchPath);
        else if (FeedBatch.Load(feed._batchPath) is { } left)
        {
            await feed.SendAsync(left, cancel);
            await feed.ReadPositionsAsync(cancel);
        }
        // Another sessionizer, without this feed, may have gone on in the lake.
        var behind = anew || feed._positions.Count > 0 && (lakeOffsets.Any(p => p.Value > feed._positions.GetValueOrDefault((Taken, p.Key))) || await LakeHasMoreAsync(warehouse, lake, cancel));
        if (behind)
        {
            await new LakeToWarehouse(warehouse, lake).RebuildAsync(_ => { }, cancel);
            feed._positions.Clear();
            foreach (var (partition, next) in lakeOffsets) feed._reached[(Taken, partition)] = feed._reached[(Committed, partition)] = next;
        }
        else await feed.AddCommittedOfLakeAsync(lake, lakeOffsets, cancel);
        await feed.FlushAsync(cancel);
        return feed;
    }

    /// <summary>Whether what this record of the log led to has been fed, by this run or one before.</summary>
    public bool Has(int partition, long offset) => offset < _positions.GetValueOrDefault((Taken, partition));

    public void Add(ConsumedEvent consumed, bool late)
    {
        _events.Add(consumed);
        _late.Add(late);
    }

    public void Add(Session session) => _sessions.Add(session);

    public void Add(BadEvent bad) => _bad.Add(bad);

    /// <summary>Everything in time before these offsets has been added.</summary>
    public void Reach(IReadOnlyDictionary<int, long> nextOffsets) => Reach(Taken, nextOffsets);

    /// <summary>The lake has committed up to these offsets, and what that decided has been added.</summary>
    public void ReachCommitted(IReadOnlyDictionary<int, long> nextOffsets) => Reach(Committed, nextOffsets);

    /// <summary>Sends what has gathered, unless a batch is under way and there is room to gather more.</summary>
    public async Task OfferAsync(CancellationToken cancel)
    {
        if (!_sending.IsCompleted && _events.Count + _sessions.Count < BlockWriter.BlockRows) return;
        await _sending;
        _ = FlushAsync(cancel);
    }

    /// <summary>Sends what has gathered, after the batch that is under way.</summary>
    /// <returns>Ends when the warehouse has all that was added so far; more can be added meanwhile.</returns>
    public Task FlushAsync(CancellationToken cancel)
    {
        if (Seal() is { } batch) _sending = SendAfterAsync(_sending, batch, cancel);
        return _sending;
    }

    private async Task SendAfterAsync(Task before, FeedBatch batch, CancellationToken cancel)
    {
        await before;
        await Task.Run(() => SendKeptAsync(batch, cancel), CancellationToken.None);
    }

    private void Reach(string stream, IReadOnlyDictionary<int, long> nextOffsets)
    {
        foreach (var (partition, next) in nextOffsets)
            if (next > _positions.GetValueOrDefault((stream, partition))) _reached[(stream, partition)] = next;
    }

    private FeedBatch? Seal()
    {
        if (_events.Count + _sessions.Count + _bad.Count + _reached.Count == 0) return null;
        var tables = new List<(string, byte[])>();
        if (_events.Count > 0) tables.Add(Rows(WarehouseTables.Events, EventColumns.From(_events, [.. _late])));
        if (_sessions.Count > 0) tables.Add(Rows(WarehouseTables.Sessions, SessionColumns.From(_sessions)));
        if (_bad.Count > 0) tables.Add(Rows(WarehouseTables.BadEvents, BadEventColumns.From(_bad)));
        var batch = new FeedBatch(Guid.NewGuid().ToString("N"), tables, [.. _reached.Select(p => (p.Key.Stream, p.Key.Partition, p.Value))]);
        foreach (var (key, next) in _reached) _positions[key] = next;
        (_events, _late, _sessions, _bad, _reached) = ([], [], [], [], []);
        return batch;
    }

    private (string, byte[]) Rows(WarehouseTable table, RecordBatch columns)
    {
        using (columns)
        {
            var rows = _formats[table.Name].Open(columns);
            _buffer.Clear();
            for (var row = 0; row < columns.Length; row++) rows.Write(row, _buffer);
        }
        return (table.Name, _buffer.Written.ToArray());
    }

    private async Task SendKeptAsync(FeedBatch batch, CancellationToken cancel)
    {
        batch.Save(_batchPath);
        await SendAsync(batch, cancel);
    }

    private async Task SendAsync(FeedBatch batch, CancellationToken cancel)
    {
        foreach (var (table, rows) in batch.Tables) await _warehouse.InsertAsync(table, _formats[table].Columns, rows, batch.Token, cancel);
        if (batch.Positions.Count > 0)
        {
            var values = batch.Positions.Select(p => string.Create(CultureInfo.InvariantCulture, $"('{_topic.Replace("\\", @"\\", StringComparison.Ordinal).Replace("'", @"\'", StringComparison.Ordinal)}', '{p.Stream}', {p.Partition}, {p.Next})"));
            await _warehouse.ExecuteAsync($"INSERT INTO load_positions VALUES {string.Join(", ", values)}", cancel);
        }
        File.Delete(_batchPath);
    }

    private async Task ReadPositionsAsync(CancellationToken cancel)
    {
        var rows = await _warehouse.QueryAsync("SELECT stream, kafka_partition, max(next_offset) FROM load_positions WHERE topic = {t:String} GROUP BY stream, kafka_partition", [new("t", _topic)], cancel);
        foreach (var row in rows.Rows) _positions[((string)row[0]!, (int)row[1]!)] = (long)row[2]!;
    }

    /// <summary>Late and bad events that the lake has committed and a crash kept from here.</summary>
    private async Task AddCommittedOfLakeAsync(IObjectStore lake, IReadOnlyDictionary<int, long> lakeOffsets, CancellationToken cancel)
    {
        var missing = lakeOffsets.Where(p => _positions.GetValueOrDefault((Committed, p.Key)) < p.Value).ToDictionary(p => p.Key, p => _positions.GetValueOrDefault((Committed, p.Key)));
        if (missing.Count == 0) return;
        var part = new ReadOptions { Ranges = [ColumnRange.Whole("kafka_offset", missing.Values.Min(), null)] };
        await foreach (var batch in (await DeltaTable.OpenAsync(lake, WarehouseTables.Events.Lake.Name, cancel)).ReadAsync(part, cancel))
            using (batch)
                foreach (var stored in EventColumns.Read(batch))
                    if (stored.IsLate && IsMissing(stored.Consumed.Partition, stored.Consumed.Offset)) Add(stored.Consumed, late: true);
        await foreach (var batch in (await DeltaTable.OpenAsync(lake, WarehouseTables.BadEvents.Lake.Name, cancel)).ReadAsync(part, cancel))
            using (batch)
                foreach (var bad in BadEventColumns.Read(batch))
                    if (IsMissing(bad.Partition, bad.Offset)) Add(bad);
        ReachCommitted(lakeOffsets);

        bool IsMissing(int partition, long offset) => missing.TryGetValue(partition, out var from) && offset >= from && offset < lakeOffsets[partition];
    }

    /// <summary>Whether the lake holds sessions that never came here: the views remember all that did.</summary>
    private static async Task<bool> LakeHasMoreAsync(WarehouseClient warehouse, IObjectStore lake, CancellationToken cancel)
    {
        var rows = (await (await DeltaTable.OpenAsync(lake, WarehouseTables.Sessions.Lake.Name, cancel)).StateAsync(cancel)).Rows;
        return rows > await warehouse.ScalarAsync<long>("SELECT toInt64(sum(sessions)) FROM country_day", cancel);
    }
}
