using System.Globalization;
using System.Numerics.Tensors;
using System.Numerics;
using System.Text.Json;
using System.Text;
using Apache.Arrow.Types;
using Apache.Arrow;
using Media.Events;

namespace Media.Lake;

/// <summary>What a data file holds, so that a reader can pass it over: rows, and per column nulls, least and greatest value.</summary>
/// <remarks>Least and greatest are kept for numbers, dates and times, not for text; a column with NaN has neither.</remarks>
/// <seealso href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#per-file-statistics">Delta protocol, per-file statistics</seealso>
internal static class FileStatistics
{
    private const long MicrosPerMilli = 1000, MicrosPerDay = 86_400_000_000;

    // 0001-01-01 and 9999-12-31: what lies outside has no ISO text of four-digit years, so it goes without bounds.
    private const long FirstDay = -719_162, LastDay = 2_932_896;

    public static string Write(Schema schema, IReadOnlyList<RecordBatch> batches)
    {
        var columns = Enumerable.Range(0, schema.FieldsList.Count)
            .Select(i => (schema.FieldsList[i].Name, Nulls: batches.Sum(b => (long)b.Column(i).NullCount), Range: RangeOf(batches, i)))
            .ToList();
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteNumber("numRecords", batches.Sum(b => (long)b.Length));
            json.WriteStartObject("minValues");
            foreach (var (name, _, range) in columns) range?.WriteLeast(json, name);
            json.WriteEndObject();
            json.WriteStartObject("maxValues");
            foreach (var (name, _, range) in columns) range?.WriteGreatest(json, name);
            json.WriteEndObject();
            json.WriteStartObject("nullCount");
            foreach (var (name, nulls, _) in columns)
                if (schema.GetFieldByName(name).DataType is not NestedType) json.WriteNumber(name, nulls);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }

    /// <summary>Rows of the file, or null when its writer did not say.</summary>
    public static long? Rows(string? statistics)
    {
        if (statistics is null) return null;
        using var document = JsonDocument.Parse(statistics);
        return document.RootElement.TryGetProperty("numRecords", out var rows) ? rows.GetInt64() : null;
    }

    /// <summary>Whether the file may hold a row in the range; true when the statistics cannot tell.</summary>
    public static bool MayHold(string? statistics, Column column, ColumnRange range)
    {
        if (statistics is null) return true;
        using var document = JsonDocument.Parse(statistics);
        var least = Bound(document.RootElement, "minValues", column, atMost: false);
        var greatest = Bound(document.RootElement, "maxValues", column, atMost: true);
        return (greatest is null || range.Least is null || greatest.CompareTo(range.Least) >= 0)
            && (least is null || range.Greatest is null || least.CompareTo(range.Greatest) <= 0);
    }

    private static IComparable? Bound(JsonElement statistics, string which, Column column, bool atMost)
    {
        if (!statistics.TryGetProperty(which, out var values) || !values.TryGetProperty(column.Name, out var value)) return null;
        return (column.Type, value.ValueKind) switch
        {
            (Int32Type or Int64Type, JsonValueKind.Number) => value.GetInt64(),
            (DoubleType or FloatType, JsonValueKind.Number) => value.GetDouble(),
            (Date32Type, JsonValueKind.String) => DateOnly.ParseExact(value.GetString()!, "yyyy-MM-dd", CultureInfo.InvariantCulture),
            // Writers cut times to the millisecond, so the greatest may lie up to one above what is written.
            (TimestampType, JsonValueKind.String) => Micros(value.GetString()!) + (atMost ? MicrosPerMilli : 0),
            _ => null,
        };
    }

    private static long Micros(string time)
    {
        var instant = DateTimeOffset.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);
        return EpochMicros.Of(instant);
    }

    private static IRange? RangeOf(IReadOnlyList<RecordBatch> batches, int column) => batches[0].Column(column) switch
    {
        Int32Array => Of<int>(batches, column, a => ((Int32Array)a).Values, (json, name, v) => json.WriteNumber(name, v)),
        Int64Array => Of<long>(batches, column, a => ((Int64Array)a).Values, (json, name, v) => json.WriteNumber(name, v)),
        FloatArray => Of<float>(batches, column, a => ((FloatArray)a).Values, (json, name, v) => { if (float.IsFinite(v)) json.WriteNumber(name, v); }),
        DoubleArray => Of<double>(batches, column, a => ((DoubleArray)a).Values, (json, name, v) => { if (double.IsFinite(v)) json.WriteNumber(name, v); }),
        Date32Array => Of<int>(batches, column, a => ((Date32Array)a).Values, (json, name, v) =>
        {
            if (v >= FirstDay && v <= LastDay) json.WriteString(name, EpochMicros.Instant(v * MicrosPerDay).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        }),
        TimestampArray => TimeRange(batches, column),
        _ => null,
    };

    private static Range<long>? TimeRange(IReadOnlyList<RecordBatch> batches, int column)
    {
        if (Of<long>(batches, column, a => ((TimestampArray)a).Values, (json, name, v) => json.WriteString(name, Time(v))) is not { } range) return null;
        if (range.Least < FirstDay * MicrosPerDay || range.Greatest >= LastDay * MicrosPerDay) return null;
        // Rounded outwards to the millisecond, all that every reader parses.
        var least = Math.DivRem(range.Least, MicrosPerMilli) is var (q, r) && r < 0 ? q - 1 : range.Least / MicrosPerMilli;
        var greatest = Math.DivRem(range.Greatest, MicrosPerMilli) is var (p, s) && s > 0 ? p + 1 : range.Greatest / MicrosPerMilli;
        return range with { Least = least * MicrosPerMilli, Greatest = greatest * MicrosPerMilli };
    }

    private static string Time(long micros) =>
        EpochMicros.Instant(micros).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    private delegate ReadOnlySpan<T> Values<T>(IArrowArray array);

    private static Range<T>? Of<T>(IReadOnlyList<RecordBatch> batches, int column, Values<T> values, Action<Utf8JsonWriter, string, T> write)
        where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var (least, greatest, any) = (T.MaxValue, T.MinValue, false);
        foreach (var batch in batches)
        {
            var array = batch.Column(column);
            if (array.NullCount == array.Length) continue;
            var (low, high) = array.NullCount == 0 ? (TensorPrimitives.Min(values(array)), TensorPrimitives.Max(values(array))) : PresentRange(array, values(array));
            if (T.IsNaN(low) || T.IsNaN(high)) return null;
            (least, greatest, any) = (T.Min(least, low), T.Max(greatest, high), true);
        }
        return any ? new Range<T>(least, greatest, write) : null;
    }

    private static (T Least, T Greatest) PresentRange<T>(IArrowArray array, ReadOnlySpan<T> values) where T : struct, INumber<T>, IMinMaxValue<T>
    {
        var (least, greatest) = (T.MaxValue, T.MinValue);
        var bits = array.Data.Buffers[0].Span;
        var offset = array.Data.Offset;
        for (var i = 0; i < values.Length; i++)
        {
            var bit = i + offset;
            if (bits[bit >> 3] == 0)
            {
                // A column that only few event types have is mostly null: the rest of an empty byte is passed at once.
                i += 7 - (bit & 7);
                continue;
            }
            if ((bits[bit >> 3] >> (bit & 7) & 1) == 0) continue;
            if (T.IsNaN(values[i])) return (values[i], values[i]);
            (least, greatest) = (T.Min(least, values[i]), T.Max(greatest, values[i]));
        }
        return (least, greatest);
    }

    private interface IRange
    {
        void WriteLeast(Utf8JsonWriter json, string name);
        void WriteGreatest(Utf8JsonWriter json, string name);
    }

    private sealed record Range<T>(T Least, T Greatest, Action<Utf8JsonWriter, string, T> Write) : IRange
    {
        public void WriteLeast(Utf8JsonWriter json, string name) => Write(json, name, Least);
        public void WriteGreatest(Utf8JsonWriter json, string name) => Write(json, name, Greatest);
    }
}
