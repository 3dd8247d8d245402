using Media.Events;

namespace Media.Sessions;

/// <summary>What ended a session.</summary>
public enum ClosedBy
{
    /// <summary>No event for more than the gap, as the watermark proved.</summary>
    Gap,
    /// <summary>It reached the longest length allowed.</summary>
    Cap,
    /// <summary>The stream was ended on purpose.</summary>
    Flush,
}

/// <summary>One visit of one reader: where it came from, what it held, 64 metrics.</summary>
/// <remarks>
/// Immutable, thread-safe. Times are µs since the Unix epoch, UTC. <c>null</c> and NaN mean absent in the data. Each field of the context
/// (brand … referrer) is that of the first event that has it, so it says how the visit began.
/// </remarks>
public sealed record Session
{
    /// <summary>First 32 hex digits of SHA-256 over "user_id:session_start µs": the same from every engine and every replay.</summary>
    public required string SessionId { get; init; }
    public required UserId UserId { get; init; }

    /// <summary>Event time of the first event.</summary>
    public required long SessionStartMicros { get; init; }

    /// <summary>Event time of the last event; equal to the start for a session of one event.</summary>
    public required long SessionEndMicros { get; init; }
    public string? Brand { get; init; }
    public string? Country { get; init; }
    public string? City { get; init; }
    public DeviceType? DeviceType { get; init; }
    public string? DeviceOs { get; init; }
    public string? Browser { get; init; }
    public string? Timezone { get; init; }
    public SubscriptionTier? SubscriptionTier { get; init; }
    public UserSegment? UserSegment { get; init; }
    public Referrer? Referrer { get; init; }

    /// <summary>Article of the first content event: one about an article that the reader did, not an impression.</summary>
    public string? LandingArticleId { get; init; }

    /// <summary>Article of the last content event.</summary>
    public string? ExitArticleId { get; init; }

    /// <summary>Category of most content events; of several the first in ordinal order.</summary>
    public string? TopCategory { get; init; }
    public required ClosedBy ClosedBy { get; init; }

    /// <summary>Shape: <see cref="SessionMetrics.All"/>.Count, in that order; NaN = absent.</summary>
    public required double[] Metrics { get; init; }

    public double this[SessionMetric metric] => Metrics[metric.Index];
}

/// <summary>One reader's sessions, sorted by start: what features and labels are computed from.</summary>
/// <param name="Sessions">Sorted by session_start, ascending; at least one.</param>
public sealed record UserTimeline(UserId UserId, IReadOnlyList<Session> Sessions);
