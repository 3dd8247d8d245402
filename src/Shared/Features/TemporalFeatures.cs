namespace Media.Features;

/// <summary>When a reader was here.</summary>
/// <remarks>A window of k days holds the sessions that ended in [as-of − k · 24 h, as-of).</remarks>
public static class TemporalFeatures
{
    public static IReadOnlyList<Feature> All { get; } =
    [
        new("days_active", "days", "distinct UTC dates on which a session started", (p, _) => p.ActiveDays),
        new("days_since_last_session", "days", "as-of − the latest session's end, in days of 24 h", (p, asOf) => p.DaysSinceLatest(asOf)),
        new("sessions_1d", "sessions", "sessions that ended within 1 day before as-of", (p, asOf) => p.SessionsWithin(1, asOf)),
        new("sessions_7d", "sessions", "sessions that ended within 7 days before as-of", (p, asOf) => p.SessionsWithin(7, asOf)),
        new("sessions_28d", "sessions", "sessions that ended within 28 days before as-of", (p, asOf) => p.SessionsWithin(28, asOf)),
    ];
}
