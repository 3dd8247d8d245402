using Apache.Arrow;
using BenchmarkDotNet.Attributes;
using Media.Lake;
using Media.Streaming;

namespace Media.Benchmarks;

/// <summary>Events into the Delta table and back, per event, one core: columns alone, with Parquet and commit, and read again.</summary>
/// <remarks>The disk is real and flushed. Goal: ≥ 300 k events/s for the append, that is ≤ 3.3 µs an event.</remarks>
[MemoryDiagnoser]
public class LakeWriting
{
    private const int Batch = 100_000;
    private readonly ConsumedEvent[] _events = [.. EventSample.Events(Batch).Select((e, i) => new ConsumedEvent(e, i % 4, i / 4))];
    private readonly LakeFolder _folder = new();
    private DeltaTable _table = null!;

    [GlobalSetup]
    public async Task SetupAsync()
    {
        _table = await DeltaTable.CreateOrOpenAsync(_folder.Store, "events", Tables.Events, CancellationToken.None);
        var full = await DeltaTable.CreateOrOpenAsync(_folder.Store, "full", Tables.Events, CancellationToken.None);
        await full.AppendAsync([EventColumns.From(_events, [])], (DeltaTransaction?)null, CancellationToken.None);
    }

    [GlobalCleanup]
    public void Cleanup() => _folder.Delete();

    [Benchmark(OperationsPerInvoke = Batch)]
    public int Columns() => EventColumns.From(_events, []).Length;

    [Benchmark(OperationsPerInvoke = Batch)]
    public async Task<long> ColumnsParquetCommit() =>
        (await _table.AppendAsync([EventColumns.From(_events, [])], (DeltaTransaction?)null, CancellationToken.None)).Version;

    [Benchmark(OperationsPerInvoke = Batch)]
    public async Task<long> ReadBack()
    {
        var table = await DeltaTable.OpenAsync(_folder.Store, "full", CancellationToken.None);
        var sum = 0L;
        await foreach (var batch in table.ReadAsync(CancellationToken.None))
            using (batch)
                foreach (var e in EventColumns.Read(batch)) sum += e.Consumed.Offset;
        return sum;
    }
}

/// <summary>One commit of a small batch: data file, log entry, both flushed to the disk. Goal: p50 ≤ 10 ms.</summary>
public class LakeCommit
{
    private readonly LakeFolder _folder = new();
    private readonly RecordBatch _batch = PredictionColumns.From([new Prediction("churn", "1", new Events.UserId("u"), 0, 0, 0.5, 0)]);
    private DeltaTable _table = null!;

    [GlobalSetup]
    public async Task SetupAsync() => _table = await DeltaTable.CreateOrOpenAsync(_folder.Store, "predictions", Tables.Predictions, CancellationToken.None);

    [GlobalCleanup]
    public void Cleanup() => _folder.Delete();

    [Benchmark]
    public async Task<long> Append() => (await _table.AppendAsync([_batch], (DeltaTransaction?)null, CancellationToken.None)).Version;
}

internal sealed class LakeFolder
{
    private readonly string _path = Directory.CreateTempSubdirectory("media-lake-").FullName;

    public LakeFolder() => Store = new LocalObjectStore(_path);

    public LocalObjectStore Store { get; }

    public void Delete() => Directory.Delete(_path, recursive: true);
}
