using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Media.Lake;

/// <summary>The columns of a batch being filled row by row; a row not set is absent, so a column costs only the rows that have it.</summary>
/// <remarks>Rows of a text column are set in ascending order. Not thread-safe.</remarks>
internal sealed class BatchWriter(TableSchema table, int rows)
{
    private readonly List<(string Name, Func<IArrowArray> Build)> _columns = [];

    public TextWriter Text(string name) => Keep(name, new TextWriter(TypeOf(name), rows));
    public ValueWriter<long> Longs(string name) => Keep(name, new ValueWriter<long>(TypeOf(name), rows));
    public ValueWriter<int> Integers(string name) => Keep(name, new ValueWriter<int>(TypeOf(name), rows));
    public ValueWriter<double> Doubles(string name) => Keep(name, new ValueWriter<double>(TypeOf(name), rows));
    public ValueWriter<float> Floats(string name) => Keep(name, new ValueWriter<float>(TypeOf(name), rows));
    public FlagWriter Flags(string name) => Keep(name, new FlagWriter(rows));

    public RecordBatch Build()
    {
        var fields = _columns.Select(c => table.Find(c.Name) is { } known ? new Field(known.Name, known.Type, known.Nullable) : new Field(c.Name, ColumnTypes.Float, true));
        return new RecordBatch(new Schema(fields, metadata: null), _columns.Select(c => c.Build()), rows);
    }

    private T Keep<T>(string name, T writer) where T : IColumnWriter
    {
        _columns.Add((name, writer.Build));
        return writer;
    }

    /// <summary>Only features may be new to their table; they are floats.</summary>
    private IArrowType TypeOf(string name) => table.Find(name)?.Type ?? ColumnTypes.Float;
}

internal interface IColumnWriter
{
    IArrowArray Build();
}

/// <summary>Numbers and times.</summary>
internal sealed class ValueWriter<T>(IArrowType type, int rows) : IColumnWriter where T : unmanaged
{
    private byte[]? _values, _validity;
    private int _set;

    public void Set(int row, T value)
    {
        _values ??= GC.AllocateUninitializedArray<byte>(rows * Unsafe.SizeOf<T>());
        _validity ??= new byte[(rows + 7) / 8];
        MemoryMarshal.Cast<byte, T>(_values.AsSpan())[row] = value;
        _validity[row >> 3] |= (byte)(1 << (row & 7));
        _set++;
    }

    public void Set(int row, T? value)
    {
        if (value is { } some) Set(row, some);
    }

    public IArrowArray Build() => _values is null
        ? ArrowArrays.Nulls(type, rows)
        : ArrowArrayFactory.BuildArray(new ArrayData(type, rows, rows - _set, 0, [_set == rows ? ArrowBuffer.Empty : new ArrowBuffer(_validity), new ArrowBuffer(_values)]));
}

internal sealed class FlagWriter(int rows) : IColumnWriter
{
    private readonly byte[] _values = new byte[(rows + 7) / 8], _validity = new byte[(rows + 7) / 8];
    private int _set;

    public void Set(int row, bool? value)
    {
        if (value is not { } some) return;
        var bit = (byte)(1 << (row & 7));
        _validity[row >> 3] |= bit;
        if (some) _values[row >> 3] |= bit;
        _set++;
    }

    public IArrowArray Build() =>
        new BooleanArray(new ArrayData(BooleanType.Default, rows, rows - _set, 0, [_set == rows ? ArrowBuffer.Empty : new ArrowBuffer(_validity), new ArrowBuffer(_values)]));
}

/// <summary>Text and bytes.</summary>
internal sealed class TextWriter(IArrowType type, int rows) : IColumnWriter
{
    private int[]? _starts;
    private byte[] _bytes = [], _validity = [];
    private int _length, _set, _next;

    public void Set(int row, string? value)
    {
        if (value is null) return;
        var room = Room(row, Encoding.UTF8.GetMaxByteCount(value.Length));
        _length += Encoding.UTF8.GetBytes(value, room);
    }

    public void Set(int row, ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Room(row, utf8.Length));
        _length += utf8.Length;
    }

    public void Set(int row, Guid value)
    {
        const int textLength = 36;
        value.TryFormat(Room(row, textLength), out var written, "D");
        _length += written;
    }

    public void Set<TEnum>(int row, TEnum? value) where TEnum : struct, Enum
    {
        if (value is { } some) Set(row, Events.Vocabulary<TEnum>.NameUtf8(some));
    }

    public IArrowArray Build()
    {
        if (_starts is null) return ArrowArrays.Nulls(type, rows);
        _starts.AsSpan(_next).Fill(_length);
        return ArrowArrayFactory.BuildArray(new ArrayData(type, rows, rows - _set, 0,
        [
            _set == rows ? ArrowBuffer.Empty : new ArrowBuffer(_validity),
            new ArrowBuffer(MemoryMarshal.AsBytes(_starts.AsSpan()).ToArray()),
            new ArrowBuffer(_bytes.AsMemory(0, _length)),
        ]));
    }

    /// <summary>Marks the row present and gives room for its bytes, which begin where the last ended.</summary>
    private Span<byte> Room(int row, int atMost)
    {
        if (_starts is null) (_starts, _validity) = (new int[rows + 1], new byte[(rows + 7) / 8]);
        _starts.AsSpan(_next, row + 1 - _next).Fill(_length);
        _next = row + 1;
        _validity[row >> 3] |= (byte)(1 << (row & 7));
        _set++;
        var needed = checked(_length + atMost);
        if (needed > _bytes.Length) System.Array.Resize(ref _bytes, Math.Max(needed, Math.Max(1024, _bytes.Length * 2)));
        return _bytes.AsSpan(_length);
    }
}
