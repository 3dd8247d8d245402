using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Media.Events;

/// <summary>Lays one flat JSON object straight into a buffer.</summary>
/// <remarks>Every name comes as its bytes with what stands around it, as in <c>,"brand":</c>; a null value writes nothing. End it with <see cref="End"/>.</remarks>
internal ref struct JsonObjectWriter(IBufferWriter<byte> to)
{
    private const int Room = 1024;
    private Span<byte> _free = to.GetSpan(Room);
    private int _written;

    public void Id(ReadOnlySpan<byte> name, Guid value)
    {
        Begin(name, 38);
        _free[_written++] = (byte)'"';
        Utf8Formatter.TryFormat(value, _free[_written..], out var length);
        _written += length;
        _free[_written++] = (byte)'"';
    }

    /// <param name="word">Needs no escape.</param>
    public void Word(ReadOnlySpan<byte> name, ReadOnlySpan<byte> word)
    {
        Begin(name, word.Length + 2);
        _free[_written++] = (byte)'"';
        word.CopyTo(_free[_written..]);
        _written += word.Length;
        _free[_written++] = (byte)'"';
    }

    public void Word<TEnum>(ReadOnlySpan<byte> name, TEnum? value) where TEnum : struct, Enum
    {
        if (value is { } word) Word(name, Vocabulary<TEnum>.NameUtf8(word));
    }

    public void Time(ReadOnlySpan<byte> name, long? micros)
    {
        if (micros is not { } value) return;
        Begin(name, IsoTime.MaxLength + 2);
        _free[_written++] = (byte)'"';
        _written += IsoTime.Format(value, _free[_written..]);
        _free[_written++] = (byte)'"';
    }

    public void Text(ReadOnlySpan<byte> name, string? value)
    {
        if (value is null) return;
        Begin(name, value.Length * JsonText.MaxBytesPerChar + 2);
        _free[_written++] = (byte)'"';
        _written += JsonText.Escape(value, _free[_written..]);
        _free[_written++] = (byte)'"';
    }

    public void Whole(ReadOnlySpan<byte> name, long? value)
    {
        if (value is not { } number) return;
        Begin(name, 20);
        Utf8Formatter.TryFormat(number, _free[_written..], out var length);
        _written += length;
    }

    /// <exception cref="ArgumentException">The number is not finite.</exception>
    public void Real(ReadOnlySpan<byte> name, double? value)
    {
        if (value is not { } number) return;
        if (!double.IsFinite(number)) throw new ArgumentException($"{Encoding.UTF8.GetString(name).Trim(',', ':')} is {number}, which JSON cannot hold.");
        Begin(name, 32);
        Utf8Formatter.TryFormat(number, _free[_written..], out var length);
        _written += length;
    }

    public void Flag(ReadOnlySpan<byte> name, bool? value)
    {
        if (value is not { } flag) return;
        var word = flag ? "true"u8 : "false"u8;
        Begin(name, word.Length);
        word.CopyTo(_free[_written..]);
        _written += word.Length;
    }

    /// <summary>Fields already in JSON.</summary>
    public void Raw(ReadOnlySpan<char> fields)
    {
        if (fields.IsEmpty) return;
        Begin(","u8, Encoding.UTF8.GetMaxByteCount(fields.Length));
        _written += Encoding.UTF8.GetBytes(fields, _free[_written..]);
    }

    public void End()
    {
        Begin("}"u8, 0);
        to.Advance(_written);
    }

    /// <summary>Makes room for the name and so many bytes more, and writes the name.</summary>
    private void Begin(ReadOnlySpan<byte> name, int room)
    {
        if (_free.Length - _written < name.Length + room)
        {
            to.Advance(_written);
            _written = 0;
            _free = to.GetSpan(Math.Max(Room, name.Length + room));
        }
        name.CopyTo(_free[_written..]);
        _written += name.Length;
    }
}
