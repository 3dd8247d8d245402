using System.Globalization;
using Apache.Arrow;

namespace Media.Warehouse;

/// <summary>Rows of the lake into one table of the warehouse, in large blocks; the next is encoded while the engine takes the last.</summary>
/// <remarks>The same rows in the same order with the same token always make the same blocks, so that a run cut short can be repeated. Not thread-safe.</remarks>
internal sealed class BlockWriter
{
    /// <summary>Rows of a block: fewer cost the engine more a row, more cost memory.</summary>
    public const int BlockRows = 100_000;

    /// <summary>Where wide rows end a block before that, bytes: two such blocks are in memory, and the engine's copy of one. Less than a power of two, by which buffers grow.</summary>
    public const int BlockBytes = (32 << 20) - (1 << 16);

    private readonly WarehouseClient _warehouse;
    private readonly string _table, _token;
    private readonly RowBinary _format;
    private RowBuffer _filling = new(), _sending = new();
    private Task _sent = Task.CompletedTask;
    private int _rows, _blocks;

    private BlockWriter(WarehouseClient warehouse, string table, RowBinary format, string token) => (_warehouse, _table, _format, _token) = (warehouse, table, format, token);

    /// <summary>Rows that the warehouse has been given and has taken.</summary>
    public long Rows { get; private set; }

    /// <param name="token">Names this load among all others into the table.</param>
    public static async Task<BlockWriter> OpenAsync(WarehouseClient warehouse, WarehouseTable table, string token, CancellationToken cancel) =>
        new(warehouse, table.Name, await RowBinary.OfAsync(warehouse, table, cancel), token);

    public Task AddAsync(RecordBatch batch, CancellationToken cancel) => AddAsync(batch, _ => true, cancel);

    /// <param name="wanted">Which rows of the batch.</param>
    public async Task AddAsync(RecordBatch batch, Func<int, bool> wanted, CancellationToken cancel)
    {
        var rows = _format.Open(batch);
        for (var row = 0; row < batch.Length; row++)
        {
            if (!wanted(row)) continue;
            rows.Write(row, _filling);
            if (++_rows == BlockRows || _filling.Length >= BlockBytes) await SendAsync(cancel);
        }
    }

    /// <summary>Sends what is left and waits until the warehouse has all of it.</summary>
    public async Task CompleteAsync(CancellationToken cancel)
    {
        if (_rows > 0) await SendAsync(cancel);
        await _sent;
    }

    private async Task SendAsync(CancellationToken cancel)
    {
        await _sent;
        (_filling, _sending) = (_sending, _filling);
        _filling.Clear();
        var token = string.Create(CultureInfo.InvariantCulture, $"{_token}/{_blocks++}");
        _sent = _warehouse.InsertAsync(_table, _format.Columns, _sending.Written, token, cancel);
        Rows += _rows;
        _rows = 0;
    }
}
