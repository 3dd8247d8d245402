using System.Buffers;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using Media.Events;
using Media.Tests.Events;

namespace Media.Benchmarks;

/// <summary>The same records through our reader and through System.Text.Json's source generator.</summary>
[MemoryDiagnoser]
public class EventReading
{
    private readonly byte[][] _records = [.. EventSample.Events(EventSample.Count).Select(EventSample.ToJson)];
    private readonly EventReader _reader = new();

    [Benchmark(Baseline = true, OperationsPerInvoke = EventSample.Count)]
    public long SourceGenerator()
    {
        var sum = 0L;
        foreach (var record in _records) sum += JsonSerializer.Deserialize(record, JsonEventContext.Default.JsonEvent)!.EventTime.Ticks;
        return sum;
    }

    [Benchmark(OperationsPerInvoke = EventSample.Count)]
    public long EventReader()
    {
        var sum = 0L;
        foreach (var record in _records)
            if (_reader.TryRead(record, EventSample.ReceivedAt, 0, 0, out var good, out _)) sum += good.EventTimeMicros;
        return sum;
    }
}

/// <summary>The same events through our writer and through System.Text.Json's source generator.</summary>
[MemoryDiagnoser]
public class EventWriting
{
    private readonly MediaEvent[] _events = [.. EventSample.Events(EventSample.Count)];
    private readonly JsonEvent[] _theirs = [.. EventSample.Events(EventSample.Count).Select(JsonEvent.From)];
    private readonly ArrayBufferWriter<byte> _buffer = new(64 * 1024);

    [Benchmark(Baseline = true, OperationsPerInvoke = EventSample.Count)]
    public long SourceGenerator()
    {
        var bytes = 0L;
        using var json = new Utf8JsonWriter(_buffer);
        foreach (var e in _theirs)
        {
            _buffer.ResetWrittenCount();
            json.Reset(_buffer);
            JsonSerializer.Serialize(json, e, JsonEventContext.Default.JsonEvent);
            bytes += _buffer.WrittenCount;
        }
        return bytes;
    }

    [Benchmark(OperationsPerInvoke = EventSample.Count)]
    public long EventWriter()
    {
        var bytes = 0L;
        foreach (var e in _events)
        {
            _buffer.ResetWrittenCount();
            Events.EventWriter.Write(e, _buffer);
            bytes += _buffer.WrittenCount;
        }
        return bytes;
    }
}
