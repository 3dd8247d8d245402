using System.Buffers.Binary;
using System.Buffers.Text;
using System.IO.Hashing;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Media.Lake;

namespace Media.Warehouse;

/// <summary>Rows of the lake as RowBinary, ClickHouse's row format: how each type of column is written stands here, once.</summary>
/// <remarks>Immutable, thread-safe. Absent text is ''; an absent value of a Nullable column is NULL, of a float column NaN.</remarks>
/// <seealso href="https://clickhouse.com/docs/interfaces/formats/RowBinary">RowBinary</seealso>
internal sealed class RowBinary
{
    private readonly string _table;
    private readonly IReadOnlyList<(string Name, string Type)> _columns;

    private RowBinary(string table, IReadOnlyList<(string Name, string Type)> columns) => (_table, _columns) = (table, columns);

    /// <summary>The columns written, in order.</summary>
    public IReadOnlyList<string> Columns => [.. _columns.Select(c => c.Name)];

    /// <summary>Asks the warehouse for the table's columns: those that the lake's table has.</summary>
    public static async Task<RowBinary> OfAsync(WarehouseClient warehouse, WarehouseTable table, CancellationToken cancel)
    {
        var columns = await warehouse.QueryAsync("SELECT name, type FROM system.columns WHERE database = currentDatabase() AND table = {t:String} ORDER BY position", [new("t", table.Name)], cancel);
        var known = columns.Rows.Select(r => (Name: (string)r[0]!, Type: (string)r[1]!)).Where(c => table.Lake.Find(c.Name) is not null).ToList();
        return known.Count > 0 ? new RowBinary(table.Name, known) : throw new WarehouseException($"The warehouse has no table '{table.Name}'; run 'jobs warehouse rebuild'.");
    }

    /// <summary>The same, of these columns only, in the order given.</summary>
    public RowBinary Of(IReadOnlyList<string> columns) => new(_table, [.. columns.Select(name => _columns.Single(c => c.Name == name))]);

    /// <summary>Looks at a batch of the lake; its rows can then be written.</summary>
    /// <exception cref="InvalidDataException">A column has another type than the warehouse's.</exception>
    public Rows Open(RecordBatch batch)
    {
        var reader = new BatchReader(batch);
        return new Rows([.. _columns.Select(c => Writer(batch, reader, c.Name, c.Type))]);
    }

    private IColumnBytes Writer(RecordBatch batch, BatchReader reader, string name, string type)
    {
        var nullable = type.StartsWith("Nullable(", StringComparison.Ordinal);
        var plain = nullable ? type["Nullable(".Length..^1] : type;
        var at = batch.Schema.GetFieldIndex(name);
        // Rows from before the column was introduced.
        if (at < 0) return new AbsentBytes(nullable ? [1] : plain.EndsWith("String)", StringComparison.Ordinal) || plain == "String" ? [0] : throw Unfit("is not in the batch"));
        return (plain, batch.Column(at)) switch
        {
            ("String" or "LowCardinality(String)", BinaryArray) when !nullable => new TextBytes(reader.Text(name)),
            ("UUID", BinaryArray) when !nullable => new IdBytes(reader.Text(name), name),
            ("Int32", Int32Array) => Values(reader.Integers(name)),
            ("Int64", Int64Array) => Values(reader.Longs(name)),
            ("Float32", FloatArray) => new ValueBytes<float>(reader.Floats(name), nullable, float.NaN, name),
            ("Float64", DoubleArray) => new ValueBytes<double>(reader.Doubles(name), nullable, double.NaN, name),
            ("DateTime64(6, 'UTC')", TimestampArray) => Values(reader.Times(name)),
            ("Date", Date32Array) when !nullable => new DayBytes(reader.Days(name)),
            ("Bool", BooleanArray) => new FlagBytes(reader.Flags(name), nullable, name),
            var (_, column) => throw Unfit($"is of type {column.Data.DataType.Name} in the lake and {type} in the warehouse"),
        };

        ValueBytes<T> Values<T>(ValueReader<T> values) where T : unmanaged, IEquatable<T> => new(values, nullable, null, name);
        InvalidDataException Unfit(string what) => new($"Column '{name}' of table '{_table}' {what}.");
    }

    /// <summary>A batch's rows, ready to be written.</summary>
    internal readonly struct Rows(IColumnBytes[] columns)
    {
        public void Write(int row, RowBuffer to)
        {
            foreach (var column in columns) column.Write(row, to);
        }
    }

    internal interface IColumnBytes
    {
        void Write(int row, RowBuffer to);
    }

    private sealed class AbsentBytes(byte[] bytes) : IColumnBytes
    {
        public void Write(int row, RowBuffer to) => bytes.CopyTo(to.Take(bytes.Length));
    }

    private sealed class TextBytes(Lake.TextReader texts) : IColumnBytes
    {
        public void Write(int row, RowBuffer to)
        {
            var bytes = texts.Bytes(row, out _);
            to.Number((uint)bytes.Length);
            bytes.CopyTo(to.Take(bytes.Length));
        }
    }

    /// <summary>A UUID is two little-endian words, the higher first.</summary>
    private sealed class IdBytes(Lake.TextReader texts, string name) : IColumnBytes
    {
        public void Write(int row, RowBuffer to)
        {
            if (!Utf8Parser.TryParse(texts.Bytes(row, out _), out Guid id, out _)) throw new InvalidDataException($"Column '{name}' holds no id in row {row}.");
            Span<byte> bigEndian = stackalloc byte[16];
            id.TryWriteBytes(bigEndian, bigEndian: true, out _);
            var words = to.Take(16);
            BinaryPrimitives.WriteUInt64LittleEndian(words, BinaryPrimitives.ReadUInt64BigEndian(bigEndian));
            BinaryPrimitives.WriteUInt64LittleEndian(words[8..], BinaryPrimitives.ReadUInt64BigEndian(bigEndian[8..]));
        }
    }

    /// <summary>Numbers and times.</summary>
    private sealed class ValueBytes<T>(ValueReader<T> values, bool nullable, T? absent, string name) : IColumnBytes where T : unmanaged, IEquatable<T>
    {
        public void Write(int row, RowBuffer to)
        {
            var value = values[row];
            if (nullable)
            {
                to.Take(1)[0] = value is null ? (byte)1 : (byte)0;
                if (value is null) return;
            }
            var some = value ?? absent ?? throw new InvalidDataException($"Column '{name}' has no value in row {row}.");
            MemoryMarshal.Write(to.Take(Unsafe.SizeOf<T>()), in some);
        }
    }

    /// <summary>Days since 1970 in 16 bits.</summary>
    private sealed class DayBytes(ValueReader<int> days) : IColumnBytes
    {
        public void Write(int row, RowBuffer to) => BinaryPrimitives.WriteUInt16LittleEndian(to.Take(2), checked((ushort)days.Need(row)));
    }

    private sealed class FlagBytes(FlagReader flags, bool nullable, string name) : IColumnBytes
    {
        public void Write(int row, RowBuffer to)
        {
            var flag = flags[row];
            if (nullable)
            {
                to.Take(1)[0] = flag is null ? (byte)1 : (byte)0;
                if (flag is null) return;
            }
            to.Take(1)[0] = (flag ?? throw new InvalidDataException($"Column '{name}' has no value in row {row}.")) ? (byte)1 : (byte)0;
        }
    }
}

/// <summary>Bytes that grow row by row. Not thread-safe.</summary>
internal sealed class RowBuffer
{
    private byte[] _bytes = new byte[1 << 16];

    public int Length { get; private set; }

    public ArraySegment<byte> Written => new(_bytes, 0, Length);

    public void Clear() => Length = 0;

    /// <summary>Room for so many bytes, to be filled at once.</summary>
    public Span<byte> Take(int count)
    {
        if (count > _bytes.Length - Length) System.Array.Resize(ref _bytes, checked(Math.Max(_bytes.Length * 2, Length + count)));
        Length += count;
        return _bytes.AsSpan(Length - count, count);
    }

    /// <summary>A length: seven bits a byte, the lowest first.</summary>
    public void Number(uint value)
    {
        for (; value >= 0x80; value >>= 7) Take(1)[0] = (byte)(value | 0x80);
        Take(1)[0] = (byte)value;
    }

    /// <summary>The 64-bit hash of everything from a place on, as ClickHouse's xxHash64 gives it.</summary>
    public ulong HashFrom(int start) => XxHash64.HashToUInt64(_bytes.AsSpan(start, Length - start));
}
