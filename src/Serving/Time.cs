namespace Media.Serving;

/// <summary>µs since the Unix epoch, as columns hold them, and instants, as JSON shows them.</summary>
internal static class Time
{
    internal static long Micros(DateTimeOffset instant) => (instant - DateTimeOffset.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    internal static DateTimeOffset FromMicros(long micros) => DateTimeOffset.UnixEpoch.AddTicks(micros * TimeSpan.TicksPerMicrosecond);
}
