using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;

namespace Media.Lake;

/// <summary>A checkpoint: the state of a table at one version in one or several Parquet files, so that older commits need not be read.</summary>
/// <remarks>Classic, multi-part and v2 (JSON or Parquet with sidecars) are read; classic ones are written, which every Delta engine reads.</remarks>
/// <seealso href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#checkpoints">Delta protocol, checkpoints</seealso>
internal sealed record DeltaCheckpoint(long Version, IReadOnlyList<string> Keys)
{
    /// <summary>The checkpoints of which every part is there.</summary>
    /// <param name="found">Objects of the log that are no commits.</param>
    public static IEnumerable<DeltaCheckpoint> Complete(IEnumerable<StoredObject> found, string folder)
    {
        var parts = new Dictionary<(long Version, int Of), List<string>>();
        foreach (var key in found.Select(f => f.Key))
        {
            // n.checkpoint.parquet · n.checkpoint.part.of.parquet · n.checkpoint.uuid.parquet|json
            var words = key[folder.Length..].Split('.');
            if (words.Length < 3 || words[1] != "checkpoint" || words[^1] is not ("parquet" or "json") || words[0].Length != 20
                || !long.TryParse(words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var version)) continue;
            if (words.Length == 5 && int.TryParse(words[3], NumberStyles.None, CultureInfo.InvariantCulture, out var of))
            {
                if (!parts.TryGetValue((version, of), out var list)) parts[(version, of)] = list = [];
                list.Add(key);
                if (list.Count == of) yield return new DeltaCheckpoint(version, list);
            }
            else if (words.Length is 3 or 4)
            {
                yield return new DeltaCheckpoint(version, [key]);
            }
        }
    }

    /// <exception cref="InvalidDataException">A file is missing or damaged.</exception>
    public async Task<IReadOnlyList<DeltaAction>> ReadAsync(IObjectStore store, string folder, CancellationToken cancel)
    {
        var actions = new List<DeltaAction>();
        var sidecars = new List<string>();
        foreach (var key in Keys) await ReadAsync(store, key, actions, sidecars, cancel);
        var nested = new List<string>();
        foreach (var sidecar in sidecars) await ReadAsync(store, $"{folder}_sidecars/{sidecar}", actions, nested, cancel);
        return actions;
    }

    private static async Task ReadAsync(IObjectStore store, string key, List<DeltaAction> actions, List<string> sidecars, CancellationToken cancel)
    {
        var bytes = await store.GetAsync(key, cancel) ?? throw new InvalidDataException($"The checkpoint file '{key}' is missing.");
        if (key.EndsWith(".json", StringComparison.Ordinal))
        {
            foreach (var action in DeltaLog.ParseLines(bytes, key))
            {
                actions.Add(action);
                if (action.Sidecar is { } sidecar) sidecars.Add(sidecar.Path);
            }
            return;
        }
        await foreach (var batch in ParquetFile.ReadRawAsync(bytes, Columns, key, cancel))
            using (batch)
                Read(batch, actions, sidecars);
    }

    private static readonly string[] Columns = ["protocol", "metaData", "add", "remove", "txn", "sidecar"];

    private static void Read(RecordBatch batch, List<DeltaAction> actions, List<string> sidecars)
    {
        Cells? Of(string name) => batch.Schema.GetFieldIndex(name) is var i and >= 0 ? new Cells((StructArray)batch.Column(i)) : null;
        var (protocol, metadata, add, remove, txn, sidecar) = (Of("protocol"), Of("metaData"), Of("add"), Of("remove"), Of("txn"), Of("sidecar"));
        for (var row = 0; row < batch.Length; row++)
        {
            if (protocol?.Has(row) == true) actions.Add(new DeltaAction { Protocol = ProtocolOf(protocol, row) });
            if (metadata?.Has(row) == true) actions.Add(new DeltaAction { MetaData = MetadataOf(metadata, row) });
            if (add?.Has(row) == true) actions.Add(new DeltaAction { Add = AddOf(add, row) });
            if (remove?.Has(row) == true) actions.Add(new DeltaAction { Remove = RemoveOf(remove, row) });
            if (txn?.Has(row) == true)
                actions.Add(new DeltaAction { Txn = new Transaction(txn.Need(row, "appId"), txn.Whole(row, "version") ?? 0, txn.Whole(row, "lastUpdated")) });
            if (sidecar?.Has(row) == true) sidecars.Add(sidecar.Need(row, "path"));
        }
    }

    private static Protocol ProtocolOf(Cells cells, int row) => new(
        (int)(cells.Whole(row, "minReaderVersion") ?? 0), (int)(cells.Whole(row, "minWriterVersion") ?? 0), cells.List(row, "readerFeatures"), cells.List(row, "writerFeatures"));

    private static Metadata MetadataOf(Cells cells, int row) => new()
    {
        Id = cells.Need(row, "id"),
        Name = cells.Text(row, "name"),
        Description = cells.Text(row, "description"),
        Format = new FileFormat(cells.Inner("format")?.Text(row, "provider") ?? "parquet", null),
        SchemaString = cells.Text(row, "schemaString") ?? "",
        PartitionColumns = cells.List(row, "partitionColumns") ?? [],
        Configuration = cells.Map(row, "configuration").ToDictionary(p => p.Key, p => p.Value ?? "", StringComparer.Ordinal),
        CreatedTime = cells.Whole(row, "createdTime"),
    };

    private static AddFile AddOf(Cells cells, int row) => new(
        cells.Need(row, "path"), cells.Map(row, "partitionValues"), cells.Whole(row, "size") ?? 0, cells.Whole(row, "modificationTime") ?? 0, false, cells.Text(row, "stats"),
        VectorOf(cells, row), cells.MapOrNull(row, "tags"));

    private static RemoveFile RemoveOf(Cells cells, int row) => new(
        cells.Need(row, "path"), cells.Whole(row, "deletionTimestamp"), false, cells.Flag(row, "extendedFileMetadata"), cells.MapOrNull(row, "partitionValues"), cells.Whole(row, "size"),
        VectorOf(cells, row));

    private static DeletionVector? VectorOf(Cells cells, int row) => cells.Inner("deletionVector") is { } dv && dv.Has(row)
        ? new DeletionVector(dv.Need(row, "storageType"), dv.Need(row, "pathOrInlineDv"), (int?)dv.Whole(row, "offset"), (int)(dv.Whole(row, "sizeInBytes") ?? 0), dv.Whole(row, "cardinality") ?? 0)
        : null;

    /// <summary>The values of one action's struct, by name and row.</summary>
    private sealed class Cells(StructArray record)
    {
        private readonly StructType _type = (StructType)record.Data.DataType;

        public bool Has(int row) => record.IsValid(row);

        public string Need(int row, string name) => Text(row, name) ?? throw new InvalidDataException($"A checkpoint holds an action without '{name}'.");

        public string? Text(int row, string name) => (Child(name) as StringArray)?.GetString(row);

        public long? Whole(int row, string name) => Child(name) switch
        {
            Int64Array whole => whole.GetValue(row),
            Int32Array whole => whole.GetValue(row),
            _ => null,
        };

        public IReadOnlyList<string>? List(int row, string name) =>
            Child(name) is ListArray list && list.IsValid(row) && list.GetSlicedValues(row) is StringArray values
                ? [.. Enumerable.Range(0, values.Length).Select(i => values.GetString(i))] : null;

        public bool? Flag(int row, string name) => (Child(name) as BooleanArray)?.GetValue(row);

        public Dictionary<string, string?> Map(int row, string name) => MapOrNull(row, name) ?? new Dictionary<string, string?>(StringComparer.Ordinal);

        public Dictionary<string, string?>? MapOrNull(int row, string name)
        {
            if (Child(name) is not MapArray pairs || !pairs.IsValid(row)) return null;
            var map = new Dictionary<string, string?>(StringComparer.Ordinal);
            var (keys, values) = ((StringArray)pairs.Keys, (StringArray)pairs.Values);
            for (var i = pairs.ValueOffsets[row]; i < pairs.ValueOffsets[row + 1]; i++) map[keys.GetString(i)] = values.GetString(i);
            return map;
        }

        public Cells? Inner(string name) => Child(name) is StructArray inner ? new Cells(inner) : null;

        private IArrowArray? Child(string name) => _type.GetFieldIndex(name) is var i and >= 0 ? record.Fields[i] : null;
    }
}
