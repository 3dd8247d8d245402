using System.Buffers;
using System.Text.Json;

namespace Media.Events;

/// <summary>Walks over the fields of one JSON object without looking into them: where each stands and of what type it is.</summary>
/// <remarks>
/// Accepts exactly what <see cref="Utf8JsonReader"/> accepts as one object, and is faster because a name that was guessed is compared once, quotes and
/// colon included, instead of being searched for. Objects and arrays inside are left to that reader. The bytes must be valid UTF-8.
/// </remarks>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc8259">RFC 8259, The JavaScript Object Notation (JSON) Data Interchange Format</seealso>
internal ref struct JsonObjectScanner(ReadOnlySpan<byte> utf8)
{
    private const int MaxDepth = 63; // one less than the framework's, for the object itself

    private static readonly SearchValues<byte> EndsText = SearchValues.Create([.. Enumerable.Range(0, 0x20).Select(b => (byte)b), (byte)'"', (byte)'\\']);

    private readonly ReadOnlySpan<byte> _utf8 = utf8;
    private int _at;
    private bool _afterField;

    public enum Step { Field, End, Fault }

    /// <summary>The field found last.</summary>
    public FieldSlot Slot { get; private set; }

    /// <summary>Its name was the guess; else <see cref="NameLength"/> and <see cref="NameEscaped"/> tell about it.</summary>
    public bool Guessed { get; private set; }

    /// <summary>Bytes between the name's quotes.</summary>
    public int NameLength { get; private set; }
    public bool NameEscaped { get; private set; }

    /// <summary>Steps over the opening brace.</summary>
    public bool TryOpen()
    {
        SkipSpace();
        return TryTake((byte)'{');
    }

    /// <param name="guess">A name with quotes and colon, as in <c>"brand":</c>.</param>
    public Step Next(ReadOnlySpan<byte> guess)
    {
        SkipSpace();
        if (TryTake((byte)'}')) return AtEnd() ? Step.End : Step.Fault;
        if (_afterField)
        {
            if (!TryTake((byte)',')) return Step.Fault;
            SkipSpace();
        }
        _afterField = true;
        var nameStart = _at;
        Guessed = _utf8[_at..].StartsWith(guess);
        if (Guessed) _at += guess.Length;
        else
        {
            if (!TryText(out var escaped)) return Step.Fault;
            (NameLength, NameEscaped) = (_at - nameStart - 2, escaped);
            SkipSpace();
            if (!TryTake((byte)':')) return Step.Fault;
        }
        SkipSpace();
        var start = _at;
        if (!TryValue(out var type, out var valueEscaped)) return Step.Fault;
        Slot = new FieldSlot(nameStart, start, _at, type, valueEscaped);
        return Step.Field;
    }

    private bool AtEnd()
    {
        SkipSpace();
        return _at == _utf8.Length;
    }

    private void SkipSpace()
    {
        if (_at < _utf8.Length && _utf8[_at] > ' ') return;
        while (_at < _utf8.Length && _utf8[_at] is (byte)' ' or (byte)'\n' or (byte)'\r' or (byte)'\t') _at++;
    }

    private bool TryTake(byte expected)
    {
        if (_at == _utf8.Length || _utf8[_at] != expected) return false;
        _at++;
        return true;
    }

    private bool TryValue(out JsonTokenType type, out bool escaped)
    {
        (type, escaped) = (JsonTokenType.None, false);
        if (_at == _utf8.Length) return false;
        switch (_utf8[_at])
        {
            case (byte)'"': type = JsonTokenType.String; return TryText(out escaped);
            case (byte)'t': type = JsonTokenType.True; return TryWord("true"u8);
            case (byte)'f': type = JsonTokenType.False; return TryWord("false"u8);
            case (byte)'n': type = JsonTokenType.Null; return TryWord("null"u8);
            case (byte)'{': type = JsonTokenType.StartObject; return TryNested();
            case (byte)'[': type = JsonTokenType.StartArray; return TryNested();
            default: type = JsonTokenType.Number; return TryNumber();
        }
    }

    private bool TryWord(ReadOnlySpan<byte> word)
    {
        if (!_utf8[_at..].StartsWith(word)) return false;
        _at += word.Length;
        return true;
    }

    private bool TryText(out bool escaped)
    {
        escaped = false;
        if (!TryTake((byte)'"')) return false;
        while (true)
        {
            var plain = _utf8[_at..].IndexOfAny(EndsText);
            if (plain < 0) return false;
            _at += plain;
            if (TryTake((byte)'"')) return true;
            if (!TryTake((byte)'\\') || _at == _utf8.Length) return false; // a control character must be escaped
            escaped = true;
            switch (_utf8[_at++])
            {
                case (byte)'"' or (byte)'\\' or (byte)'/' or (byte)'b' or (byte)'f' or (byte)'n' or (byte)'r' or (byte)'t': break;
                case (byte)'u':
                    for (var digit = 0; digit < 4; digit++, _at++)
                        if (_at == _utf8.Length || !char.IsAsciiHexDigit((char)_utf8[_at])) return false;
                    break;
                default: return false;
            }
        }
    }

    private bool TryNumber()
    {
        TryTake((byte)'-');
        if (!TryTake((byte)'0') && !TryDigits()) return false;
        if (TryTake((byte)'.') && !TryDigits()) return false;
        if (!TryTake((byte)'e') && !TryTake((byte)'E')) return true;
        if (!TryTake((byte)'+')) TryTake((byte)'-');
        return TryDigits();
    }

    private bool TryDigits()
    {
        var start = _at;
        while (_at < _utf8.Length && char.IsAsciiDigit((char)_utf8[_at])) _at++;
        return _at > start;
    }

    private bool TryNested()
    {
        try
        {
            var json = new Utf8JsonReader(_utf8[_at..], new JsonReaderOptions { MaxDepth = MaxDepth });
            json.Read();
            json.Skip();
            _at += (int)json.BytesConsumed;
            return true;
        }
        catch (JsonException) // not JSON: the reader has no other way to say so
        {
            return false;
        }
    }
}
