using Apache.Arrow;

namespace Media.Lake;

/// <summary>Parts batches by partition and writes one data file for each. The files join the table only by a commit.</summary>
internal static class DataFiles
{
    /// <summary>Writes the rows; the actions come in order of the partitions' first rows.</summary>
    /// <param name="modified">ms since the Unix epoch</param>
    public static async Task<IReadOnlyList<AddFile>> WriteAsync(
        IObjectStore store, string path, TableSchema table, IReadOnlyList<RecordBatch> batches, long modified, CancellationToken cancel)
    {
        var written = new List<AddFile>();
        foreach (var (values, parts) in Split(table, batches))
        {
            cancel.ThrowIfCancellationRequested();
            var schema = parts[0].Schema;
            var bytes = ParquetFile.Write(schema, parts);
            var name = $"{PartitionValue.Folder(table.PartitionColumns, values)}part-{written.Count:D5}-{Guid.NewGuid():D}.c000.zstd.parquet";
            await store.PutAsync($"{path}/{name}", bytes, cancel);
            written.Add(new AddFile(DataPath.Encode(name), Named(table.PartitionColumns, values), bytes.Length, modified, true, FileStatistics.Write(schema, parts), null));
        }
        return written;
    }

    private static Dictionary<string, string?> Named(IReadOnlyList<string> columns, IReadOnlyList<string?> values) =>
        columns.Zip(values).ToDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);

    /// <summary>The rows per partition, without the partition columns, in the table's order of columns.</summary>
    private static IEnumerable<(IReadOnlyList<string?> Values, IReadOnlyList<RecordBatch> Parts)> Split(TableSchema table, IReadOnlyList<RecordBatch> batches)
    {
        var partitions = new Dictionary<string, (IReadOnlyList<string?> Values, List<RecordBatch> Parts)>(StringComparer.Ordinal);
        var order = new List<string>();
        foreach (var batch in batches)
        {
            if (batch.Length == 0) continue;
            var columns = table.Columns.Where(c => !table.IsPartition(c.Name) && batch.Schema.GetFieldIndex(c.Name) >= 0).ToList();
            var schema = new Schema(columns.Select(c => new Field(c.Name, c.Type, c.Nullable)), metadata: null);
            var rows = RowsByPartition(table, batch);
            foreach (var (folder, (values, chosen)) in rows)
            {
                var arrays = columns.Select(c => rows.Count == 1 ? batch.Column(c.Name) : ArrowArrays.Take(batch.Column(c.Name), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(chosen)));
                if (!partitions.TryGetValue(folder, out var partition))
                {
                    partitions[folder] = partition = (values, []);
                    order.Add(folder);
                }
                partition.Parts.Add(new RecordBatch(schema, [.. arrays], chosen.Count));
            }
        }
        return order.Select(folder => ((IReadOnlyList<string?>, IReadOnlyList<RecordBatch>))partitions[folder]);
    }

    private static Dictionary<string, (IReadOnlyList<string?> Values, List<int> Rows)> RowsByPartition(TableSchema table, RecordBatch batch)
    {
        var keys = table.PartitionColumns.Select(batch.Column).ToArray();
        var found = new Dictionary<string, (IReadOnlyList<string?> Values, List<int> Rows)>(StringComparer.Ordinal);
        List<int>? current = null;
        for (var row = 0; row < batch.Length; row++)
        {
            // Rows come mostly in runs of one partition: the text of the values is made once a run.
            if (current is null || !SameKeys(keys, row))
            {
                var values = keys.Select(k => PartitionValue.Write(k, row)).ToArray();
                var folder = PartitionValue.Folder(table.PartitionColumns, values);
                if (!found.TryGetValue(folder, out var partition)) found[folder] = partition = (values, new List<int>(batch.Length));
                current = partition.Rows;
            }
            current.Add(row);
        }
        return found;
    }

    private static bool SameKeys(IArrowArray[] keys, int row)
    {
        foreach (var key in keys)
        {
            if (key.IsNull(row) != key.IsNull(row - 1)) return false;
            if (key.IsNull(row)) continue;
            var same = key switch
            {
                Date32Array a => a.Values[row] == a.Values[row - 1],
                Int32Array a => a.Values[row] == a.Values[row - 1],
                Int64Array a => a.Values[row] == a.Values[row - 1],
                BinaryArray a => a.GetBytes(row).SequenceEqual(a.GetBytes(row - 1)),
                _ => false,
            };
            if (!same) return false;
        }
        return true;
    }
}
