using System.Runtime.CompilerServices;
using Apache.Arrow;
using ParquetSharp;
using ParquetSharp.Arrow;
using TimeUnit = Apache.Arrow.Types.TimeUnit;

namespace Media.Lake;

/// <summary>Batches as the bytes of a Parquet file and back.</summary>
/// <remarks>Written: zstd, dictionary pages except where every value differs, row groups of at most 1 Mi rows. Thread-safe.</remarks>
internal static class ParquetFile
{
    private const int Sampled = 1024;

    /// <param name="schema">The file's columns; every batch has them.</param>
    public static ReadOnlyMemory<byte> Write(Schema schema, IReadOnlyList<RecordBatch> batches)
    {
        var stream = new MemoryStream();
        using var builder = new WriterPropertiesBuilder();
        builder.Compression(Compression.Zstd).CompressionLevel(1).CreatedBy("media");
        for (var i = 0; i < schema.FieldsList.Count; i++)
            if (batches[0].Column(i) is StringArray text && EveryValueDiffers(text)) builder.DisableDictionary(schema.FieldsList[i].Name);
        using (var properties = builder.Build())
        using (var writer = new FileWriter(stream, schema, properties, leaveOpen: true))
        {
            foreach (var batch in batches) writer.WriteBufferedRecordBatch(batch);
            writer.Close();
        }
        return stream.GetBuffer().AsMemory(0, (int)stream.Length);
    }

    /// <summary>The rows of a file as the table declares them, batch by batch.</summary>
    /// <param name="columns">The columns wanted, none of them twice; one that the file lacks comes as nulls.</param>
    /// <param name="file">Named in faults.</param>
    /// <exception cref="InvalidDataException">It is no Parquet file, or a column has another type.</exception>
    public static async IAsyncEnumerable<RecordBatch> ReadAsync(
        byte[] bytes, IReadOnlyList<Column> columns, string file, [EnumeratorCancellation] CancellationToken cancel)
    {
        var schema = new Schema(columns.Select(c => new Field(c.Name, c.Type, c.Nullable)), metadata: null);
        using var reader = Open(bytes, file);
        var leaves = Leaves(reader, columns.Select(c => c.Name));
        if (leaves.Length == 0)
        {
            var rows = checked((int)reader.ParquetReader.FileMetaData.NumRows);
            yield return new RecordBatch(schema, columns.Select(c => ArrowArrays.Nulls(c.Type, rows)), rows);
            yield break;
        }
        using var stream = reader.GetRecordBatchReader(null, leaves);
        while (await NextAsync(stream, file, cancel) is { } batch)
            yield return new RecordBatch(schema, columns.Select(c => Arrange(batch, c, file)), batch.Length);
    }

    /// <summary>The named columns, those that are there, as the file has them.</summary>
    public static async IAsyncEnumerable<RecordBatch> ReadRawAsync(
        byte[] bytes, IReadOnlyList<string> columns, string file, [EnumeratorCancellation] CancellationToken cancel)
    {
        using var reader = Open(bytes, file);
        using var stream = reader.GetRecordBatchReader(null, Leaves(reader, columns));
        while (await NextAsync(stream, file, cancel) is { } batch) yield return batch;
    }

    private static IArrowArray Arrange(RecordBatch batch, Column column, string file)
    {
        var index = batch.Schema.GetFieldIndex(column.Name);
        return index < 0 ? ArrowArrays.Nulls(column.Type, batch.Length) : ArrowArrays.Conform(batch.Column(index), column, file);
    }

    private static FileReader Open(byte[] bytes, string file)
    {
        using var properties = ArrowReaderProperties.GetDefault();
        // INT96, as older engines write times, would overflow nanoseconds before 1677 and after 2262.
        properties.CoerceInt96TimestampUnit = TimeUnit.Microsecond;
        properties.UseThreads = false;
        // Reading ahead brings nothing from memory, and its thread may be the last to let go of the stream: it then calls back into managed code that is gone, which ends the process.
        properties.PreBuffer = false;
        try
        {
            return new FileReader(new MemoryStream(bytes, writable: false), null, properties);
        }
        catch (Exception fault) when (fault is ParquetException or IOException)
        {
            throw new InvalidDataException($"File '{file}' cannot be read as Parquet: {fault.Message}", fault);
        }
    }

    private static async ValueTask<RecordBatch?> NextAsync(Apache.Arrow.Ipc.IArrowArrayStream stream, string file, CancellationToken cancel)
    {
        try
        {
            return await stream.ReadNextRecordBatchAsync(cancel);
        }
        catch (Exception fault) when (fault is ParquetException or IOException)
        {
            throw new InvalidDataException($"File '{file}' cannot be read as Parquet: {fault.Message}", fault);
        }
    }

    /// <summary>Parquet numbers the leaves, Arrow the columns: a nested column is several leaves.</summary>
    private static int[] Leaves(FileReader reader, IEnumerable<string> columns)
    {
        var wanted = columns.ToHashSet(StringComparer.Ordinal);
        return [.. reader.SchemaManifest.SchemaFields.Where(f => wanted.Contains(f.Field.Name)).SelectMany(LeavesOf)];
    }

    private static IEnumerable<int> LeavesOf(SchemaField field) =>
        field.Children.Count == 0 ? [field.ColumnIndex] : field.Children.SelectMany(LeavesOf);

    /// <summary>A dictionary of ids is built, found too large and thrown away: costly and of no use.</summary>
    private static bool EveryValueDiffers(StringArray array)
    {
        var sample = Math.Min(Sampled, array.Length);
        if (sample < Sampled || array.NullCount > 0) return false;
        var seen = new HashSet<string>(sample, StringComparer.Ordinal);
        for (var i = 0; i < sample; i++)
            if (!seen.Add(array.GetString(i))) return false;
        return true;
    }
}
