using System.Text.Json;
using System.Text.Json.Serialization;

namespace Media.Lake;

/// <summary>One line of a Delta commit: exactly one of its members is set, none for an action unknown here (which the protocol lets readers skip).</summary>
/// <seealso href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#actions">Delta protocol, actions</seealso>
internal sealed record DeltaAction
{
    public CommitInfo? CommitInfo { get; init; }
    public Protocol? Protocol { get; init; }
    public Metadata? MetaData { get; init; }
    public AddFile? Add { get; init; }
    public RemoveFile? Remove { get; init; }
    public Transaction? Txn { get; init; }
    public Sidecar? Sidecar { get; init; }
}

/// <summary>What a reader and a writer must be able to do.</summary>
internal sealed record Protocol(int MinReaderVersion, int MinWriterVersion, IReadOnlyList<string>? ReaderFeatures, IReadOnlyList<string>? WriterFeatures);

internal sealed record Metadata
{
    public required string Id { get; init; }
    public string? Name { get; init; }
    public string? Description { get; init; }
    public FileFormat Format { get; init; } = new("parquet", null);

    /// <summary>Empty where a damaged log has none.</summary>
    public string SchemaString { get; init; } = "";
    public IReadOnlyList<string> PartitionColumns { get; init; } = [];
    public IReadOnlyDictionary<string, string> Configuration { get; init; } = new Dictionary<string, string>();

    /// <summary>ms since the Unix epoch.</summary>
    public long? CreatedTime { get; init; }
}

internal sealed record FileFormat(string Provider, IReadOnlyDictionary<string, string>? Options)
{
    /// <summary>Always written, also when empty: Spark cannot read a table without it.</summary>
    public IReadOnlyDictionary<string, string> Options { get; init; } = Options ?? new Dictionary<string, string>();
}

/// <summary>A data file joins the table.</summary>
/// <param name="Path">Relative to the table, percent-encoded.</param>
/// <param name="PartitionValues">Column → value as text, null = absent.</param>
/// <param name="ModificationTime">ms since the Unix epoch</param>
/// <param name="Stats">JSON: numRecords, minValues, maxValues, nullCount.</param>
/// <param name="Tags">Another engine's notes, kept.</param>
internal sealed record AddFile(
    string Path, IReadOnlyDictionary<string, string?>? PartitionValues, long Size, long ModificationTime, bool DataChange, string? Stats,
    DeletionVector? DeletionVector, IReadOnlyDictionary<string, string?>? Tags = null);

/// <summary>A data file leaves the table; it stays in the store for older versions.</summary>
/// <param name="DeletionTimestamp">ms since the Unix epoch</param>
internal sealed record RemoveFile(
    string Path, long? DeletionTimestamp, bool DataChange, bool? ExtendedFileMetadata, IReadOnlyDictionary<string, string?>? PartitionValues, long? Size,
    DeletionVector? DeletionVector);

/// <summary>Which rows of a file are gone; recognised, so that a file which has one is refused instead of misread.</summary>
internal sealed record DeletionVector(string StorageType, string PathOrInlineDv, int? Offset, int SizeInBytes, long Cardinality)
{
    public string UniqueId => Offset is null ? StorageType + PathOrInlineDv : $"{StorageType}{PathOrInlineDv}@{Offset}";
}

/// <summary>How far the application <paramref name="AppId"/> has got.</summary>
internal sealed record Transaction(string AppId, long Version, long? LastUpdated);

/// <summary>In a checkpoint: a further file of it, under <c>_sidecars/</c>.</summary>
internal sealed record Sidecar(string Path);

/// <summary><c>_last_checkpoint</c>: where a reader may begin.</summary>
/// <param name="Size">actions in it</param>
internal sealed record LastCheckpoint(long Version, long Size, long SizeInBytes, long NumOfAddFiles);

/// <summary>Who committed what; for people.</summary>
internal sealed record CommitInfo
{
    /// <summary>ms since the Unix epoch.</summary>
    public long? Timestamp { get; init; }
    public string? Operation { get; init; }
    public JsonElement? OperationParameters { get; init; }
    public bool? IsBlindAppend { get; init; }
    public IReadOnlyDictionary<string, string>? OperationMetrics { get; init; }
    public string? EngineInfo { get; init; }
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(DeltaAction))]
[JsonSerializable(typeof(LastCheckpoint))]
[JsonSerializable(typeof(Dictionary<string, string>))]
internal sealed partial class DeltaJson : JsonSerializerContext;
