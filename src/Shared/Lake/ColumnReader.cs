using System.Text;
using Apache.Arrow;
using Media.Events;

namespace Media.Lake;

/// <summary>The columns of a batch by name, for reading rows back into records. Not thread-safe.</summary>
/// <exception cref="InvalidDataException">A column is not there, has another type, or a required value is absent.</exception>
internal sealed class BatchReader(RecordBatch batch)
{
    public TextReader Text(string name) => new(name, Column<StringArray>(name));
    public BinaryArray Bytes(string name) => Column<BinaryArray>(name);
    public TimestampArray Times(string name) => Column<TimestampArray>(name);
    public Int64Array Longs(string name) => Column<Int64Array>(name);
    public Int32Array Integers(string name) => Column<Int32Array>(name);
    public DoubleArray Doubles(string name) => Column<DoubleArray>(name);
    public FloatArray Floats(string name) => Column<FloatArray>(name);
    public BooleanArray Flags(string name) => Column<BooleanArray>(name);

    private T Column<T>(string name) where T : class, IArrowArray
    {
        var index = batch.Schema.GetFieldIndex(name);
        if (index < 0) throw new InvalidDataException($"The batch lacks column '{name}'.");
        return batch.Column(index) as T ?? throw new InvalidDataException($"Column '{name}' is of type {batch.Column(index).Data.DataType.Name}, not one for {typeof(T).Name}.");
    }
}

/// <summary>A text column; a value met again lately is the same string object, so that brands and countries are not allocated once a row.</summary>
internal sealed class TextReader(string name, StringArray array)
{
    private const int Slots = 256, LongestKept = 48;
    private readonly string?[] _kept = new string?[Slots];

    public string Need(int row) => this[row] ?? throw new InvalidDataException($"Column '{name}' has no value in row {row}.");

    public string? this[int row]
    {
        get
        {
            if (array.IsNull(row)) return null;
            var utf8 = array.GetBytes(row);
            if (utf8.Length is 0 or > LongestKept) return Encoding.UTF8.GetString(utf8);
            ref var kept = ref _kept[(utf8.Length * 31 + utf8[0] * 7 + utf8[^1] * 17 + utf8[utf8.Length / 2]) & (Slots - 1)];
            if (kept is null || !Ascii.Equals(utf8, kept)) kept = Encoding.UTF8.GetString(utf8);
            return kept;
        }
    }

    public TEnum? Word<TEnum>(int row) where TEnum : struct, Enum
    {
        if (array.IsNull(row)) return null;
        return Vocabulary<TEnum>.TryParse(array.GetBytes(row), out var value)
            ? value : throw new InvalidDataException($"Column '{name}' holds '{array.GetString(row)}' in row {row}, which is no {typeof(TEnum).Name}.");
    }

    public TEnum NeedWord<TEnum>(int row) where TEnum : struct, Enum =>
        Word<TEnum>(row) ?? throw new InvalidDataException($"Column '{name}' has no value in row {row}.");
}

internal static class RequiredValues
{
    /// <exception cref="InvalidDataException">The row has none.</exception>
    public static T Need<T>(this PrimitiveArray<T> array, int row) where T : struct, IEquatable<T> =>
        array.IsNull(row) ? throw new InvalidDataException($"A required value is absent in row {row}.") : array.Values[row];
}
