using System.Globalization;
using System.Text;
using Apache.Arrow.Types;
using Apache.Arrow;
using Media.Events;

namespace Media.Lake;

/// <summary>Values of partition columns: as text in the log, as folder names, and as columns again.</summary>
/// <seealso href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#partition-value-serialization">Delta protocol, partition value serialization</seealso>
internal static class PartitionValue
{
    private const string Absent = "__HIVE_DEFAULT_PARTITION__";
    private const string Escaped = "\"#%'*/:=?\\{[]^\u007f";

    /// <summary>The value of a row as text; null when absent. An empty string counts as absent, as the protocol has it.</summary>
    public static string? Write(IArrowArray array, int row)
    {
        if (array.IsNull(row)) return null;
        return array switch
        {
            StringArray a => a.GetString(row) is { Length: > 0 } text ? text : null,
            BooleanArray a => a.GetValue(row)!.Value ? "true" : "false",
            Int32Array a => a.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
            Int64Array a => a.GetValue(row)!.Value.ToString(CultureInfo.InvariantCulture),
            Date32Array a => a.GetDateOnly(row)!.Value.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            TimestampArray a => EpochMicros.Instant(a.GetValue(row)!.Value).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture),
            _ => throw new UnsupportedDeltaException($"A table cannot be parted by Arrow type '{array.Data.DataType.Name}' here."),
        };
    }

    /// <summary>A column that holds the value in every row.</summary>
    /// <exception cref="InvalidDataException">The text is no such value.</exception>
    public static IArrowArray Column(IArrowType type, string? text, int rows)
    {
        if (string.IsNullOrEmpty(text)) return ArrowArrays.Nulls(type, rows);
        try
        {
            return ArrowArrays.Take(One(type, text), new int[rows]);
        }
        catch (Exception fault) when (fault is FormatException or OverflowException)
        {
            throw new InvalidDataException($"'{text}' is no partition value of type {DeltaSchemaJson.TypeText(type)}.", fault);
        }
    }

    /// <summary>The folder of a file, e.g. <c>event_date=2026-01-31/</c>, before percent-encoding; "" without partitions.</summary>
    public static string Folder(IReadOnlyList<string> columns, IReadOnlyList<string?> values)
    {
        var folder = new StringBuilder();
        for (var i = 0; i < columns.Count; i++)
            folder.Append(EscapeName(columns[i])).Append('=').Append(values[i] is { } value ? EscapeName(value) : Absent).Append('/');
        return folder.ToString();
    }

    private static string EscapeName(string name)
    {
        var escaped = new StringBuilder(name.Length);
        foreach (var c in name)
        {
            if (c < ' ' || Escaped.Contains(c, StringComparison.Ordinal)) escaped.Append(CultureInfo.InvariantCulture, $"%{(int)c:X2}");
            else escaped.Append(c);
        }
        return escaped.ToString();
    }

    private static IArrowArray One(IArrowType type, string text)
    {
        var invariant = CultureInfo.InvariantCulture;
        return type switch
        {
            StringType => new StringArray.Builder().Append(text).Build(),
            BinaryType => new BinaryArray.Builder().Append(Encoding.UTF8.GetBytes(text).AsSpan()).Build(),
            BooleanType => new BooleanArray.Builder().Append(bool.Parse(text)).Build(),
            Int8Type => new Int8Array.Builder().Append(sbyte.Parse(text, invariant)).Build(),
            Int16Type => new Int16Array.Builder().Append(short.Parse(text, invariant)).Build(),
            Int32Type => new Int32Array.Builder().Append(int.Parse(text, invariant)).Build(),
            Int64Type => new Int64Array.Builder().Append(long.Parse(text, invariant)).Build(),
            FloatType => new FloatArray.Builder().Append(float.Parse(text, invariant)).Build(),
            DoubleType => new DoubleArray.Builder().Append(double.Parse(text, invariant)).Build(),
            Date32Type => new Date32Array.Builder().Append(DateOnly.ParseExact(text, "yyyy-MM-dd", invariant).ToDateTime(TimeOnly.MinValue)).Build(),
            Decimal128Type number => new Decimal128Array.Builder(number).Append(System.Data.SqlTypes.SqlDecimal.Parse(text)).Build(),
            // Written without a zone, such a text means UTC.
            TimestampType time => new TimestampArray.Builder(time)
                .Append(DateTimeOffset.Parse(text, invariant, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal)).Build(),
            _ => throw new UnsupportedDeltaException($"A table parted by type {DeltaSchemaJson.TypeText(type)} is not read here."),
        };
    }
}
