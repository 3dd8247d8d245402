namespace Media.Sessions;

/// <summary>How far event time has certainly come in one partition: the newest event time seen, less the allowed lateness. It never falls.</summary>
/// <remarks>µs since the Unix epoch, UTC; before the first event it stands at <see cref="long.MinValue"/> and nothing is late. Not thread-safe.</remarks>
/// <seealso href="https://doi.org/10.14778/2824032.2824076">Akidau et al. 2015, The Dataflow Model</seealso>
public sealed class Watermark(TimeSpan allowedLateness)
{
    private readonly long _latenessMicros = (long)allowedLateness.TotalMicroseconds;

    public long Micros { get; private set; } = long.MinValue;

    /// <summary>The newest event time seen; <see cref="long.MinValue"/> before the first.</summary>
    public long NewestEventMicros { get; private set; } = long.MinValue;

    /// <summary>Whether an event of this time comes too late; one exactly at the watermark does not.</summary>
    public bool IsLate(long eventTimeMicros) => eventTimeMicros < Micros;

    /// <summary>Takes note of an event's time.</summary>
    public void Advance(long eventTimeMicros)
    {
        if (eventTimeMicros <= NewestEventMicros) return;
        NewestEventMicros = eventTimeMicros;
        Micros = eventTimeMicros - _latenessMicros;
    }
}
