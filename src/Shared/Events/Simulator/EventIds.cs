using System.Buffers.Binary;

namespace Media.Events.Simulator;

/// <summary>Gives UUIDv7s that are the same in every run: the event time down to the µs, then a number scrambled so that none comes twice.</summary>
/// <remarks>Unique within one seed for 2^62 events. Not thread-safe.</remarks>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-7">RFC 9562 §5.7; sub-millisecond time as in §6.2, method 3</seealso>
internal sealed class EventIds(int seed)
{
    private const ulong Bits62 = (1UL << 62) - 1;
    private readonly ulong _offset = Draws.Mix((ulong)(uint)seed + 1);
    private ulong _given;

    public EventId Next(long eventTimeMicros)
    {
        var (milliseconds, micros) = Math.DivRem(eventTimeMicros, 1_000);
        // Odd multiplication and x ^ (x >> 31) are bijections of 62 bits: distinct numbers stay distinct.
        var number = (_given++ * 0x9E3779B97F4A7C15 + _offset) & Bits62;
        number = ((number ^ (number >> 31)) * 0xBF58476D1CE4E5B9) & Bits62;
        number ^= number >> 31;
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, ((ulong)milliseconds << 16) | 0x7000 | ((ulong)micros * 4_096 / 1_000));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], (1UL << 63) | number);
        return new EventId(new Guid(bytes, bigEndian: true));
    }
}
