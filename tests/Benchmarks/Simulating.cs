using BenchmarkDotNet.Attributes;
using Media.Events.Simulator;

namespace Media.Benchmarks;

/// <summary>How fast simulated events come, on one core. Mean time is per run of 600 readers over 60 days; divide by <see cref="Events"/>'s result for one event.</summary>
[MemoryDiagnoser]
public class Simulating
{
    private static readonly SimulatorOptions Options = new() { Users = 600, Days = 60 };

    [Benchmark]
    public long Events()
    {
        var events = 0L;
        foreach (var _ in new EventSimulator(Options).Events()) events++;
        return events;
    }

    [Benchmark]
    public long EventsLateTwiceAndBroken()
    {
        var arrivals = 0L;
        foreach (var _ in Disorder.Of(new EventSimulator(Options).Events(), new DisorderOptions())) arrivals++;
        return arrivals;
    }
}
