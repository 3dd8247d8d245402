using System.Buffers.Text;
using System.Numerics;
using System.Text;
using System.Text.Json;

namespace Media.Events;

/// <summary>Where a field stands in a record's bytes.</summary>
/// <param name="NameStart">First byte of the quoted name.</param>
/// <param name="Start">First byte of the value, its quote included.</param>
/// <param name="End">One past the value.</param>
/// <param name="Escaped">A text with backslashes in it.</param>
internal readonly record struct FieldSlot(int NameStart, int Start, int End, JsonTokenType Type, bool Escaped);

/// <summary>The fields of one record as typed values. The first field at fault is remembered; the value given for it is then meaningless.</summary>
/// <remarks>utf8 is a valid JSON object in valid UTF-8; slots are filled for the fields in <paramref name="present"/>.</remarks>
internal ref struct FieldValues(ReadOnlySpan<byte> utf8, FieldSlot[] slots, ulong present, StringPool names, StringPool ids, byte[] scratch)
{
    private const int SafeDigits = 18; // no number so short is too large for a long

    private readonly ReadOnlySpan<byte> _utf8 = utf8;

    /// <summary>What is wrong with <see cref="FaultyField"/>, null as long as nothing is.</summary>
    public BadEventReason? Fault { get; private set; }
    public EventField FaultyField { get; private set; }

    public readonly bool Has(EventField field) => (present >> (int)field & 1) != 0;

    /// <summary>Fails on the first field that is in the set but not here.</summary>
    public void Require(ulong fields)
    {
        if ((fields & ~present) is not 0 and var missing) Fail(BadEventReason.MissingField, (EventField)BitOperations.TrailingZeroCount(missing));
    }

    public void Fail(BadEventReason reason, EventField field)
    {
        if (Fault is not null) return;
        Fault = reason;
        FaultyField = field;
    }

    /// <summary>Whether the field is this text, or neither is there.</summary>
    public bool Is(EventField field, string? known) =>
        TryUtf8(field, out var text) ? known is not null && StringPool.IsSame(text, known) : known is null;

    /// <summary>A text of its own, seldom seen again.</summary>
    public string? Text(EventField field) => TryUtf8(field, out var text) ? Encoding.UTF8.GetString(text) : null;

    /// <summary>A text of few values: a brand, a city.</summary>
    public string? Name(EventField field) => TryUtf8(field, out var text) ? names.Get(text) : null;

    /// <summary>A text that identifies a thing which returns: a reader, an article, a page.</summary>
    public string? Id(EventField field) => TryUtf8(field, out var text) ? ids.Get(text) : null;

    /// <summary>A text that may not be empty.</summary>
    public string? NonEmpty(EventField field, string? text)
    {
        if (text is "") Fail(BadEventReason.OutOfRange, field);
        return text;
    }

    public TEnum? Word<TEnum>(EventField field) where TEnum : struct, Enum
    {
        if (!TryUtf8(field, out var text)) return null;
        if (Vocabulary<TEnum>.TryParse(text, out var value)) return value;
        Fail(BadEventReason.OutOfRange, field);
        return null;
    }

    /// <summary>The discriminator; a word that is none is a fault of its own kind.</summary>
    public EventType? EventType()
    {
        if (!TryUtf8(EventField.EventType, out var text)) return null;
        if (Vocabulary<EventType>.TryParse(text, out var type)) return type;
        Fail(BadEventReason.UnknownEventType, EventField.EventType);
        return null;
    }

    public bool? Flag(EventField field)
    {
        if (!Has(field)) return null;
        if (slots[(int)field].Type is JsonTokenType.True) return true;
        if (slots[(int)field].Type is not JsonTokenType.False) Fail(BadEventReason.WrongType, field);
        return false;
    }

    /// <summary>A whole number, written without point or exponent, 0 – max.</summary>
    public long? Whole(EventField field, long max)
    {
        if (!TryNumber(field, out var number)) return null;
        var value = 0L;
        foreach (var digit in number)
        {
            if (!char.IsAsciiDigit((char)digit) || number.Length > SafeDigits) return LongWhole(field, number, max);
            value = value * 10 + (digit - '0');
        }
        if (value <= max) return value;
        Fail(BadEventReason.OutOfRange, field);
        return null;
    }

    private long? LongWhole(EventField field, ReadOnlySpan<byte> number, long max)
    {
        if (number.IndexOfAny((byte)'.', (byte)'e', (byte)'E') >= 0) Fail(BadEventReason.WrongType, field);
        else if (!Utf8Parser.TryParse(number, out long value, out _) || value < 0 || value > max) Fail(BadEventReason.OutOfRange, field);
        else return value;
        return null;
    }

    public int? Count(EventField field) => (int?)Whole(field, int.MaxValue);

    /// <summary>A finite number, 0 – max.</summary>
    public double? Real(EventField field, double max = double.MaxValue)
    {
        if (!TryNumber(field, out var number)) return null;
        if (Utf8Parser.TryParse(number, out double value, out _) && value >= 0 && value <= max) return value;
        Fail(BadEventReason.OutOfRange, field);
        return null;
    }

    /// <summary>A finite number above 0, up to max.</summary>
    public double? Positive(EventField field, double max = double.MaxValue)
    {
        var value = Real(field, max);
        if (value is 0) Fail(BadEventReason.OutOfRange, field);
        return value;
    }

    /// <summary>An instant, µs since the Unix epoch.</summary>
    public long? Time(EventField field)
    {
        if (!TryUtf8(field, out var text)) return null;
        if (IsoTime.TryParse(text, out var micros)) return micros;
        Fail(BadEventReason.WrongType, field);
        return null;
    }

    /// <summary>A UUID in its 36-character form, not all zero.</summary>
    public EventId? Uuid(EventField field)
    {
        if (!TryUtf8(field, out var text)) return null;
        if (text.Length != 36 || !Utf8Parser.TryParse(text, out Guid value, out var read, 'D') || read != 36) Fail(BadEventReason.WrongType, field);
        else if (value == Guid.Empty) Fail(BadEventReason.OutOfRange, field);
        else return new EventId(value);
        return null;
    }

    private bool TryNumber(EventField field, out ReadOnlySpan<byte> number)
    {
        number = default;
        if (!Has(field)) return false;
        ref readonly var slot = ref slots[(int)field];
        if (slot.Type is not JsonTokenType.Number)
        {
            Fail(BadEventReason.WrongType, field);
            return false;
        }
        number = _utf8[slot.Start..slot.End];
        return true;
    }

    /// <summary>The text's bytes without quotes and backslashes, valid until the next call.</summary>
    private bool TryUtf8(EventField field, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!Has(field)) return false;
        ref readonly var slot = ref slots[(int)field];
        if (slot.Type is not JsonTokenType.String)
        {
            Fail(BadEventReason.WrongType, field);
            return false;
        }
        text = _utf8[(slot.Start + 1)..(slot.End - 1)];
        if (!slot.Escaped) return true;
        if (JsonText.TryUnescape(text, scratch, out var length))
        {
            text = scratch.AsSpan(0, length);
            return true;
        }
        Fail(BadEventReason.Undecodable, field);
        return false;
    }
}
