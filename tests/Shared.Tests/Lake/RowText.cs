using System.Globalization;
using Apache.Arrow;

namespace Media.Tests.Lake;

/// <summary>Arrow rows as text, by which rows of two engines are compared: equal values have equal texts, whatever their encoding.</summary>
internal static class RowText
{
    /// <summary>All rows, one text each, in the order of their texts; the batches are disposed of.</summary>
    public static async Task<List<string>> SortedAsync(IAsyncEnumerable<RecordBatch> batches)
    {
        var rows = new List<string>();
        await foreach (var batch in batches)
            using (batch)
                rows.AddRange(Of(batch));
        rows.Sort(StringComparer.Ordinal);
        return rows;
    }

    /// <summary>The rows of a batch in their order, e.g. <c>user="a" | views=3</c>.</summary>
    public static IEnumerable<string> Of(RecordBatch batch) =>
        Enumerable.Range(0, batch.Length).Select(row => string.Join(" | ", batch.Schema.FieldsList.Select((f, i) => $"{f.Name}={Text(batch.Column(i), row)}")));

    private static string Text(IArrowArray array, int row)
    {
        if (array.IsNull(row)) return "null";
        var invariant = CultureInfo.InvariantCulture;
        return array switch
        {
            StringArray a => $"\"{a.GetString(row)}\"",
            BinaryArray a => Convert.ToHexString(a.GetBytes(row)),
            BooleanArray a => a.GetValue(row)!.Value.ToString(invariant),
            Int8Array a => a.GetValue(row)!.Value.ToString(invariant),
            Int16Array a => a.GetValue(row)!.Value.ToString(invariant),
            Int32Array a => a.GetValue(row)!.Value.ToString(invariant),
            Int64Array a => a.GetValue(row)!.Value.ToString(invariant),
            FloatArray a => a.GetValue(row)!.Value.ToString("R", invariant),
            DoubleArray a => a.GetValue(row)!.Value.ToString("R", invariant),
            Date32Array a => a.Values[row].ToString(invariant),
            TimestampArray a => a.Values[row].ToString(invariant),
            Decimal128Array a => a.GetString(row),
            MapArray a => "{" + string.Join(", ", Enumerable.Range(a.ValueOffsets[row], a.ValueOffsets[row + 1] - a.ValueOffsets[row]).Select(i => $"{Text(a.Keys, i)}: {Text(a.Values, i)}")) + "}",
            ListArray a => "[" + string.Join(", ", Enumerable.Range(a.ValueOffsets[row], a.ValueOffsets[row + 1] - a.ValueOffsets[row]).Select(i => Text(a.Values, i))) + "]",
            StructArray a => "(" + string.Join(", ", a.Fields.Select(f => Text(f, row))) + ")",
            _ => throw new NotSupportedException(array.Data.DataType.Name),
        };
    }
}
