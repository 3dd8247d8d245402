using System.Numerics;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Media.Lake;

/// <summary>The few whole-array operations that Apache.Arrow lacks. Pure, thread-safe.</summary>
internal static class ArrowArrays
{
    /// <summary>An array of that many absent values.</summary>
    public static IArrowArray Nulls(IArrowType type, int count) => ArrowArrayFactory.BuildArray(NullData(type, count));

    /// <summary>These rows of the array, in this order.</summary>
    public static IArrowArray Take(IArrowArray array, ReadOnlySpan<int> rows)
    {
        var data = array.Data;
        var nulls = array.NullCount == 0 ? 0 : CountNulls(array, rows);
        var validity = nulls == 0 ? ArrowBuffer.Empty : TakeBits(data.Buffers[0].Span, data.Offset, rows);
        ArrowBuffer[] buffers = data.DataType switch
        {
            BooleanType => [validity, TakeBits(data.Buffers[1].Span, data.Offset, rows)],
            StringType or BinaryType => [validity, .. TakeBytes((BinaryArray)array, rows)],
            FixedWidthType { BitWidth: var bits } => [validity, TakeFixed(data.Buffers[1].Span, data.Offset, bits / 8, rows)],
            var other => throw new UnsupportedDeltaException($"Rows of Arrow type '{other.Name}' cannot be parted into partitions here."),
        };
        return ArrowArrayFactory.BuildArray(new ArrayData(data.DataType, rows.Length, nulls, 0, buffers));
    }

    /// <summary>The array as the table declares the column: other units and names of a time are converted, anything else must be equal.</summary>
    /// <exception cref="InvalidDataException">The file holds another type than the table declares.</exception>
    public static IArrowArray Conform(IArrowArray array, Column column, string file)
    {
        var type = array.Data.DataType;
        if (type is TimestampType found && column.Type is TimestampType) return WithMicros((TimestampArray)array, found.Unit, column.Type);
        if (type is NestedType && column.Type is NestedType) return array;
        if (DeltaSchemaJson.TypeText(type) == DeltaSchemaJson.TypeText(column.Type)) return array;
        throw new InvalidDataException(
            $"File '{file}' holds column '{column.Name}' as {DeltaSchemaJson.TypeText(type)}, but the table declares {DeltaSchemaJson.TypeText(column.Type)}.");
    }

    private static ArrayData NullData(IArrowType type, int count)
    {
        var validity = new ArrowBuffer(new byte[(count + 7) / 8]);
        return type switch
        {
            StringType or BinaryType => new ArrayData(type, count, count, 0, [validity, new ArrowBuffer(new byte[(count + 1) * 4]), ArrowBuffer.Empty]),
            MapType map => new ArrayData(type, count, count, 0, [validity, new ArrowBuffer(new byte[(count + 1) * 4])], [NullData(map.KeyValueType, 0)]),
            ListType list => new ArrayData(type, count, count, 0, [validity, new ArrowBuffer(new byte[(count + 1) * 4])], [NullData(list.ValueDataType, 0)]),
            StructType record => new ArrayData(type, count, count, 0, [validity], [.. record.Fields.Select(f => NullData(f.DataType, count))]),
            FixedWidthType { BitWidth: var bits } => new ArrayData(type, count, count, 0, [validity, new ArrowBuffer(new byte[(count * bits + 7) / 8])]),
            _ => throw new UnsupportedDeltaException($"Arrow type '{type.Name}' has no array of absent values here."),
        };
    }

    private static TimestampArray WithMicros(TimestampArray array, TimeUnit unit, IArrowType type)
    {
        var data = array.Data;
        if (unit == TimeUnit.Microsecond) return new TimestampArray(new ArrayData(type, data.Length, data.NullCount, data.Offset, data.Buffers));
        var micros = new long[data.Length + data.Offset];
        var values = MemoryMarshal.Cast<byte, long>(data.Buffers[1].Span);
        for (var i = 0; i < micros.Length; i++)
            micros[i] = unit switch
            {
                TimeUnit.Nanosecond => FloorDivide(values[i], 1000),
                TimeUnit.Millisecond => values[i] * 1000,
                _ => values[i] * 1_000_000,
            };
        return new TimestampArray(new ArrayData(type, data.Length, data.NullCount, data.Offset, [data.Buffers[0], new ArrowBuffer(MemoryMarshal.AsBytes(micros.AsSpan()).ToArray())]));
    }

    private static long FloorDivide(long value, long by) => value / by - (value % by < 0 ? 1 : 0);

    private static int CountNulls(IArrowArray array, ReadOnlySpan<int> rows)
    {
        var nulls = 0;
        foreach (var row in rows)
            if (array.IsNull(row)) nulls++;
        return nulls;
    }

    private static ArrowBuffer TakeBits(ReadOnlySpan<byte> bits, int offset, ReadOnlySpan<int> rows)
    {
        var taken = new byte[(rows.Length + 7) / 8];
        for (var i = 0; i < rows.Length; i++)
            if (BitUtility.GetBit(bits, rows[i] + offset)) taken[i >> 3] |= (byte)(1 << (i & 7));
        return new ArrowBuffer(taken);
    }

    private static ArrowBuffer TakeFixed(ReadOnlySpan<byte> bytes, int offset, int width, ReadOnlySpan<int> rows) => width switch
    {
        1 => TakeValues<byte>(bytes, offset, rows),
        2 => TakeValues<short>(bytes, offset, rows),
        4 => TakeValues<int>(bytes, offset, rows),
        8 => TakeValues<long>(bytes, offset, rows),
        16 => TakeValues<Int128>(bytes, offset, rows),
        _ => throw new UnsupportedDeltaException($"Values of {width} bytes cannot be parted into partitions here."),
    };

    private static ArrowBuffer TakeValues<T>(ReadOnlySpan<byte> bytes, int offset, ReadOnlySpan<int> rows) where T : unmanaged, INumber<T>
    {
        var values = MemoryMarshal.Cast<byte, T>(bytes)[offset..];
        var taken = new byte[rows.Length * Marshal.SizeOf<T>()];
        var to = MemoryMarshal.Cast<byte, T>(taken.AsSpan());
        for (var i = 0; i < rows.Length; i++) to[i] = values[rows[i]];
        return new ArrowBuffer(taken);
    }

    private static ArrowBuffer[] TakeBytes(BinaryArray array, ReadOnlySpan<int> rows)
    {
        var ends = new byte[(rows.Length + 1) * 4];
        var offsets = MemoryMarshal.Cast<byte, int>(ends.AsSpan());
        var from = array.ValueOffsets;
        for (var i = 0; i < rows.Length; i++)
            offsets[i + 1] = checked(offsets[i] + from[rows[i] + 1] - from[rows[i]]);
        var taken = new byte[offsets[^1]];
        var bytes = array.ValueBuffer.Span;
        for (var i = 0; i < rows.Length; i++)
            bytes[from[rows[i]]..from[rows[i] + 1]].CopyTo(taken.AsSpan(offsets[i]));
        return [new ArrowBuffer(ends), new ArrowBuffer(taken)];
    }
}
