using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Media.Events;

/// <summary>A JSON string's backslashes: taken away by the reader, put in by the writer. Thread-safe.</summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc8259#section-7">RFC 8259, section 7</seealso>
internal static class JsonText
{
    private static readonly SearchValues<char> Escaped =
        SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(c => (char)c), '"', '\\']);

    /// <summary>Most bytes one UTF-16 character becomes: \u001f.</summary>
    public const int MaxBytesPerChar = 6;

    /// <param name="utf8">What stands between the quotes: valid UTF-8, every backslash followed by a valid escape.</param>
    /// <param name="to">At least as long as <paramref name="utf8"/>, for no escape is shorter than what it means.</param>
    /// <returns>False when half a surrogate pair is escaped: no text has such a character.</returns>
    public static bool TryUnescape(ReadOnlySpan<byte> utf8, Span<byte> to, out int length)
    {
        length = 0;
        while (!utf8.IsEmpty)
        {
            var plain = utf8.IndexOf((byte)'\\');
            if (plain < 0) plain = utf8.Length;
            utf8[..plain].CopyTo(to[length..]);
            length += plain;
            utf8 = utf8[plain..];
            if (utf8.IsEmpty) break;
            if (utf8[1] != 'u')
            {
                to[length++] = utf8[1] switch
                {
                    (byte)'b' => (byte)'\b', (byte)'f' => (byte)'\f', (byte)'n' => (byte)'\n', (byte)'r' => (byte)'\r', (byte)'t' => (byte)'\t',
                    var itself => itself,
                };
                utf8 = utf8[2..];
                continue;
            }
            var unit = Unit(utf8);
            utf8 = utf8[6..];
            if (Rune.TryCreate(unit, out var rune))
            {
                length += rune.EncodeToUtf8(to[length..]);
                continue;
            }
            if (utf8 is not [(byte)'\\', (byte)'u', ..] || !Rune.TryCreate(unit, Unit(utf8), out rune)) return false;
            length += rune.EncodeToUtf8(to[length..]);
            utf8 = utf8[6..];
        }
        return true;
    }

    /// <summary>Writes the text without its quotes; half a surrogate pair becomes U+FFFD.</summary>
    /// <param name="to">At least <see cref="MaxBytesPerChar"/> bytes for each character.</param>
    /// <returns>Bytes written.</returns>
    public static int Escape(ReadOnlySpan<char> text, Span<byte> to)
    {
        var length = 0;
        while (true)
        {
            var plain = text.IndexOfAny(Escaped);
            if (plain < 0) return length + Encoding.UTF8.GetBytes(text, to[length..]);
            length += Encoding.UTF8.GetBytes(text[..plain], to[length..]);
            var c = text[plain];
            to[length++] = (byte)'\\';
            if (c is '"' or '\\') to[length++] = (byte)c;
            else
            {
                "u00"u8.CopyTo(to[length..]);
                Utf8Formatter.TryFormat((byte)c, to[(length + 3)..], out _, new StandardFormat('x', 2));
                length += 5;
            }
            text = text[(plain + 1)..];
        }
    }

    private static char Unit(ReadOnlySpan<byte> escape) =>
        (char)ushort.Parse(escape.Slice(2, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
}
