using BenchmarkDotNet.Attributes;
using Media.Events.Simulator;
using Media.Features;
using Media.Sessions;

namespace Media.Benchmarks;

/// <summary>The 59 features of every reader of the simulator's default world, as of one instant and of ten.</summary>
[MemoryDiagnoser]
public class FeatureBuilding
{
    private const long MicrosPerDay = 86_400_000_000;

    private readonly IReadOnlyList<Session> _sessions = Sessions();
    private IReadOnlyList<UserTimeline> _timelines = [];
    private long _last;

    [GlobalSetup]
    public void Group()
    {
        _timelines = UserTimelines.From(_sessions);
        _last = _sessions.Max(s => s.SessionEndMicros) + 1;
    }

    [Benchmark]
    public int Timelines() => UserTimelines.From(_sessions).Count;

    [Benchmark(Baseline = true)]
    public int OneInstant() => FeatureCatalog.Build(_timelines, _last).Rows;

    [Benchmark]
    public int TenInstants() => FeatureCatalog.BuildMany(_timelines, [.. Enumerable.Range(0, 10).Select(week => _last - (9 - week) * 7 * MicrosPerDay)]).Sum(b => b.Rows);

    private static IReadOnlyList<Session> Sessions() => Sessionizer.Cut(new EventSimulator(new SimulatorOptions()).Events(), new SessionOptions());
}
