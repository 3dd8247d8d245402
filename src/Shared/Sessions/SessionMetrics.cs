namespace Media.Sessions;

/// <summary>One of the metrics of a session.</summary>
public sealed record SessionMetric(int Index, string Name, string Unit);

/// <summary>All metrics.</summary>
public static class SessionMetrics
{
    public static IReadOnlyList<SessionMetric> All { get; } = [];
}
