using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Media.Events;

/// <summary>Gives the same string for the same bytes as long as it remembers them, so that values which return cost no allocation.</summary>
/// <remarks>
/// One entry per slot, the newest wins: memory is bounded by slots × the longest text, whatever comes in.
/// The texts must be valid UTF-8. Not thread-safe.
/// </remarks>
/// <param name="slots">A power of two.</param>
internal sealed class StringPool(int slots)
{
    /// <summary>Longest text kept, in bytes; a longer one is a new string each time.</summary>
    public const int MaxBytes = 128;

    // Entry and string are the only two places looked at: the pool is larger than the processor's near caches.
    private readonly (ulong Hash, string? Text)[] _entries = new (ulong, string?)[slots];

    public string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        if (utf8.Length > MaxBytes) return Encoding.UTF8.GetString(utf8);
        var hash = Hash(utf8);
        ref var entry = ref _entries[(uint)(hash >> 32) & (uint)(_entries.Length - 1)];
        if (entry.Hash == hash && entry.Text is { } known && IsSame(utf8, known)) return known;
        entry = (hash, Encoding.UTF8.GetString(utf8));
        return entry.Text;
    }

    /// <summary>Whether the bytes, which are valid UTF-8, are this text.</summary>
    public static bool IsSame(ReadOnlySpan<byte> utf8, string text) => Ascii.Equals(utf8, text) || (utf8.Length > text.Length && IsSameDecoded(utf8, text));

    private static bool IsSameDecoded(ReadOnlySpan<byte> utf8, string text)
    {
        if (utf8.Length > MaxBytes) return Encoding.UTF8.GetString(utf8) == text;
        Span<char> decoded = stackalloc char[MaxBytes];
        return decoded[..Encoding.UTF8.GetChars(utf8, decoded)].SequenceEqual(text);
    }

    private static ulong Hash(ReadOnlySpan<byte> utf8)
    {
        const ulong Multiplier = 0x9E3779B97F4A7C15; // 2⁶⁴ / golden ratio: spreads neighbours
        var hash = (ulong)utf8.Length;
        ref var at = ref MemoryMarshal.GetReference(utf8);
        var length = utf8.Length;
        for (; length >= 8; length -= 8, at = ref Unsafe.Add(ref at, 8))
            hash = (ulong.RotateLeft(hash, 23) ^ Unsafe.ReadUnaligned<ulong>(ref at)) * Multiplier;
        var rest = 0UL;
        for (; length > 0; length--, at = ref Unsafe.Add(ref at, 1)) rest = rest << 8 | at;
        hash = (ulong.RotateLeft(hash, 23) ^ rest) * Multiplier;
        return hash ^ hash >> 29;
    }
}
