using System.Buffers;
using System.ComponentModel.DataAnnotations;
using System.Text;

namespace Media.Events.Simulator;

/// <summary>How unruly the way from the players to the log is.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed record DisorderOptions
{
    /// <summary>Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Every event is under way for up to this long. Default 2 s, range 0 – 1 h.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "01:00:00")]
    public TimeSpan Jitter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Share of events held back, as by a phone without network. Default 0.02, range 0 – 1.</summary>
    [Range(0.0, 1.0)]
    public double DelayedShare { get; init; } = 0.02;

    /// <summary>Longest time an event is held back; uniform below. Default 3 h, range 0 – 7 d. Above the sessionizer's lateness some come too late.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "7.00:00:00")]
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromHours(3);

    /// <summary>Share of events sent a second time. Default 0.005, range 0 – 1.</summary>
    [Range(0.0, 1.0)]
    public double DuplicateShare { get; init; } = 0.005;

    /// <summary>Share of events of which a broken copy arrives beside the good one. Default 0.001, range 0 – 1.</summary>
    [Range(0.0, 1.0)]
    public double BrokenShare { get; init; } = 0.001;
}

/// <summary>One record as it reaches the log.</summary>
/// <param name="AtMicros">When, µs since the Unix epoch.</param>
/// <param name="UserId">The key it is sent under.</param>
/// <param name="Event">The event; null when the record is broken.</param>
/// <param name="Broken">The broken record's bytes; empty when it is good.</param>
public readonly record struct Arrival(long AtMicros, UserId UserId, MediaEvent? Event, ReadOnlyMemory<byte> Broken);

/// <summary>Makes of an orderly stream what a network delivers: out of order, some late, some twice, some broken.</summary>
/// <remarks>
/// No event is lost: every event arrives at least once whole, so that what is found in the end can be held against the truth. Lazy; holds the events
/// under way. Deterministic. Thread-safe: each enumeration has its own state.
/// </remarks>
public static class Disorder
{
    private const int Kinds = 6;

    /// <summary>The arrivals, in order of their time.</summary>
    /// <param name="events">In order of event time.</param>
    /// <exception cref="ArgumentException">An option is out of range; all faults are listed.</exception>
    public static IEnumerable<Arrival> Of(IEnumerable<MediaEvent> events, DisorderOptions options)
    {
        Options.Check(options);
        return Deliver(events, options);
    }

    private static IEnumerable<Arrival> Deliver(IEnumerable<MediaEvent> events, DisorderOptions options)
    {
        // The second part of the priority keeps what arrives at one instant in the order of sending.
        var underWay = new PriorityQueue<Arrival, (long At, long Sent)>();
        var jitter = (long)options.Jitter.TotalMicroseconds;
        var longest = (long)options.LongestDelay.TotalMicroseconds;
        var draws = new Draws(options.Seed, DrawsFor.Disorder, 0, 0);
        var sent = 0L;
        foreach (var mediaEvent in events)
        {
            while (underWay.TryPeek(out var arrival, out var due) && due.At <= mediaEvent.EventTimeMicros)
            {
                underWay.Dequeue();
                yield return arrival;
            }
            Send(mediaEvent, default);
            if (draws.Chance(options.DuplicateShare)) Send(mediaEvent, default);
            if (draws.Chance(options.BrokenShare)) Send(null, Break(mediaEvent, ref draws));

            void Send(MediaEvent? whole, ReadOnlyMemory<byte> broken)
            {
                var at = mediaEvent.EventTimeMicros + (long)(jitter * draws.Unit()) + (draws.Chance(options.DelayedShare) ? (long)(longest * draws.Unit()) : 0);
                underWay.Enqueue(new Arrival(at, mediaEvent.UserId, whole, broken), (at, sent++));
            }
        }
        while (underWay.TryDequeue(out var arrival, out _)) yield return arrival;
    }

    /// <summary>The event's JSON with one fault, of a kind seen in the field.</summary>
    private static byte[] Break(MediaEvent mediaEvent, ref Draws draws)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        EventWriter.Write(mediaEvent, buffer);
        var text = Encoding.UTF8.GetString(buffer.WrittenSpan);
        return draws.Below(Kinds) switch
        {
            0 => buffer.WrittenSpan[..(1 + draws.Below(buffer.WrittenCount - 1))].ToArray(),
            1 => [.. buffer.WrittenSpan[..^2], 0xFF, .. buffer.WrittenSpan[^2..]],
            2 => Encoding.UTF8.GetBytes(text.Replace("\"user_id\":", "\"userId\":", StringComparison.Ordinal)),
            3 => Encoding.UTF8.GetBytes(text.Replace("\"event_type\":\"", "\"event_type\":\"legacy_", StringComparison.Ordinal)),
            4 => Encoding.UTF8.GetBytes(text.Replace("\"schema_version\":1", "\"schema_version\":\"one\"", StringComparison.Ordinal)),
            _ => Encoding.UTF8.GetBytes(text.Replace("\"event_time\":\"20", "\"event_time\":\"29", StringComparison.Ordinal)),
        };
    }
}
