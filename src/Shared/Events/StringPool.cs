using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Media.Events;

/// <summary>Gives the same string for the same bytes as long as it remembers them, so that values which return cost no allocation.</summary>
/// <remarks>
/// One entry per slot, the newest wins: memory is bounded by slots × (longest text + its bytes), whatever comes in.
/// The texts must be valid UTF-8. Not thread-safe.
/// </remarks>
/// <param name="slots">A power of two.</param>
internal sealed class StringPool(int slots)
{
    /// <summary>Longest text kept, in bytes; a longer one is a new string each time.</summary>
    public const int MaxBytes = 128;

    private readonly (byte[]? Utf8, string Text)[] _entries = new (byte[]?, string)[slots];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        if (utf8.Length > MaxBytes) return Encoding.UTF8.GetString(utf8);
        ref var entry = ref _entries[Hash(utf8) & (uint)(_entries.Length - 1)];
        if (entry.Utf8 is { } known && utf8.SequenceEqual(known)) return entry.Text;
        entry = (utf8.ToArray(), Encoding.UTF8.GetString(utf8));
        return entry.Text;
    }

    private static uint Hash(ReadOnlySpan<byte> utf8)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15; // 2⁶⁴ / golden ratio: spreads neighbours
        var hash = (ulong)utf8.Length;
        while (utf8.Length >= 8)
        {
            hash = (ulong.RotateLeft(hash, 5) ^ Unsafe.ReadUnaligned<ulong>(ref MemoryMarshal.GetReference(utf8))) * Multiplier;
            utf8 = utf8[8..];
        }
        foreach (var b in utf8) hash = (ulong.RotateLeft(hash, 5) ^ b) * Multiplier;
        return (uint)(hash >> 32);
    }
}
