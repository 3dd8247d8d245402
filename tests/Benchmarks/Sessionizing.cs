using BenchmarkDotNet.Attributes;
using Media.Events;
using Media.Events.Simulator;
using Media.Sessions;

namespace Media.Benchmarks;

/// <summary>Parsed events in memory to closed sessions with all 64 metrics, on one core. Mean time is per event.</summary>
[MemoryDiagnoser]
public class Sessionizing
{
    private const int Count = 1_000_000;

    private readonly MediaEvent[] _inOrder = [.. new EventSimulator(new SimulatorOptions()).Events().Take(Count)];
    private MediaEvent[] _delayed = [];

    /// <summary>Each event up to 30 min behind its time, as readers on the move send them.</summary>
    [GlobalSetup]
    public void Delay()
    {
        var random = new Random(1);
        var arrivals = _inOrder.Select(e => e.EventTimeMicros + random.NextInt64(30 * 60 * 1_000_000L)).ToArray();
        _delayed = [.. _inOrder];
        Array.Sort(arrivals, _delayed);
    }

    [Benchmark(Baseline = true, OperationsPerInvoke = Count)]
    public long InOrder() => Run(_inOrder);

    [Benchmark(OperationsPerInvoke = Count)]
    public long Delayed() => Run(_delayed);

    private static long Run(MediaEvent[] events)
    {
        var sessionizer = new Sessionizer(new SessionOptions());
        var closed = new List<Session>();
        var sessions = 0L;
        foreach (var e in events)
        {
            sessionizer.Add(e, closed);
            // Closed sessions go out in batches, as a job writes them.
            if (closed.Count < 10_000) continue;
            sessions += closed.Count;
            closed.Clear();
        }
        sessionizer.Flush(closed);
        return sessions + closed.Count;
    }
}
