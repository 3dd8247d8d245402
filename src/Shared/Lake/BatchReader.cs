using System.Text;
using Apache.Arrow;
using Media.Events;

namespace Media.Lake;

/// <summary>The columns of a batch by name, for reading rows back into records.</summary>
/// <remarks>
/// A column is copied into arrays of our own once, because each look at an Arrow buffer of Parquet's memory costs more than the value. Not thread-safe.
/// </remarks>
/// <exception cref="InvalidDataException">A column is not there, has another type, or a required value is absent.</exception>
internal sealed class BatchReader(RecordBatch batch)
{
    public TextReader Text(string name) => new(name, Column<BinaryArray>(name));

    /// <summary>A column that batches from before it was introduced lack; null then.</summary>
    public TextReader? TextIfThere(string name) => batch.Schema.GetFieldIndex(name) < 0 ? null : Text(name);

    public ValueReader<long> Times(string name) => Values(name, Column<TimestampArray>(name));
    public ValueReader<long> Longs(string name) => Values(name, Column<Int64Array>(name));
    public ValueReader<int> Integers(string name) => Values(name, Column<Int32Array>(name));
    public ValueReader<int> Days(string name) => Values(name, Column<Date32Array>(name));
    public ValueReader<double> Doubles(string name) => Values(name, Column<DoubleArray>(name));
    public ValueReader<float> Floats(string name) => Values(name, Column<FloatArray>(name));
    public FlagReader Flags(string name) => new(Column<BooleanArray>(name));

    private static ValueReader<T> Values<T>(string name, PrimitiveArray<T> array) where T : struct, IEquatable<T> => new(name, array);

    private T Column<T>(string name) where T : class, IArrowArray
    {
        var index = batch.Schema.GetFieldIndex(name);
        if (index < 0) throw new InvalidDataException($"The batch lacks column '{name}'.");
        return batch.Column(index) as T ?? throw new InvalidDataException($"Column '{name}' is of type {batch.Column(index).Data.DataType.Name}, which is no {typeof(T).Name}.");
    }
}

/// <summary>Which rows of a column have a value.</summary>
internal readonly struct Presence(IArrowArray array)
{
    private readonly byte[]? _bits = array.NullCount == 0 ? null : array.Data.Buffers[0].Span.ToArray();
    private readonly int _offset = array.Data.Offset;

    public bool this[int row] => _bits is null || (_bits[(row + _offset) >> 3] >> ((row + _offset) & 7) & 1) != 0;
}

/// <summary>Numbers and times.</summary>
internal sealed class ValueReader<T>(string name, PrimitiveArray<T> array) where T : struct, IEquatable<T>
{
    private readonly Presence _present = new(array);
    private readonly T[] _values = array.Values.ToArray();

    public T? this[int row] => _present[row] ? _values[row] : null;

    public T Need(int row) => _present[row] ? _values[row] : throw new InvalidDataException($"Column '{name}' has no value in row {row}.");
}

internal sealed class FlagReader(BooleanArray array)
{
    private readonly Presence _present = new(array);
    private readonly byte[] _bits = array.Data.Buffers[1].Span.ToArray();
    private readonly int _offset = array.Data.Offset;

    public bool? this[int row] => _present[row] ? (_bits[(row + _offset) >> 3] >> ((row + _offset) & 7) & 1) != 0 : null;
}

/// <summary>Text and bytes; a text met again lately is the same string object, so that brands and countries are not allocated once a row.</summary>
internal sealed class TextReader(string name, BinaryArray array)
{
    private const int Slots = 256, LongestKept = 48;
    private readonly Presence _present = new(array);
    private readonly int[] _starts = array.ValueOffsets.ToArray();
    private readonly byte[] _bytes = array.ValueBuffer.Span.ToArray();
    private readonly string?[] _kept = new string?[Slots];

    public string Need(int row) => this[row] ?? throw Absent(row);

    public string? this[int row]
    {
        get
        {
            if (!_present[row]) return null;
            var utf8 = Utf8(row);
            if (utf8.Length is 0 or > LongestKept) return Encoding.UTF8.GetString(utf8);
            ref var kept = ref _kept[(utf8.Length * 31 + utf8[0] * 7 + utf8[^1] * 17 + utf8[utf8.Length / 2]) & (Slots - 1)];
            if (kept is null || !Ascii.Equals(utf8, kept)) kept = Encoding.UTF8.GetString(utf8);
            return kept;
        }
    }

    /// <summary>The bytes as they are; empty when absent.</summary>
    public ReadOnlySpan<byte> Bytes(int row, out bool present) => (present = _present[row]) ? Utf8(row) : [];

    public byte[] NeedBytes(int row) => _present[row] ? Utf8(row).ToArray() : throw Absent(row);

    public Guid NeedGuid(int row) => _present[row] && Guid.TryParse(Utf8(row), System.Globalization.CultureInfo.InvariantCulture, out var id)
        ? id : throw new InvalidDataException($"Column '{name}' holds no id in row {row}.");

    public TEnum? Word<TEnum>(int row) where TEnum : struct, Enum
    {
        if (!_present[row]) return null;
        return Vocabulary<TEnum>.TryParse(Utf8(row), out var value)
            ? value : throw new InvalidDataException($"Column '{name}' holds '{Encoding.UTF8.GetString(Utf8(row))}' in row {row}, which is no {typeof(TEnum).Name}.");
    }

    public TEnum NeedWord<TEnum>(int row) where TEnum : struct, Enum => Word<TEnum>(row) ?? throw Absent(row);

    private ReadOnlySpan<byte> Utf8(int row) => _bytes.AsSpan(_starts[row].._starts[row + 1]);

    private InvalidDataException Absent(int row) => new($"Column '{name}' has no value in row {row}.");
}
