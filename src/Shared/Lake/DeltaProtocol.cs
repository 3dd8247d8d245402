namespace Media.Lake;

/// <summary>Which tables are read and written here: all others are refused by name, never misread.</summary>
/// <seealso href="https://github.com/delta-io/delta/blob/master/PROTOCOL.md#table-features">Delta protocol, table features</seealso>
internal static class DeltaProtocol
{
    private const int FeatureReader = 3, FeatureWriter = 7;

    /// <summary>vacuumProtocolCheck binds only who vacuums.</summary>
    private static readonly string[] ReaderFeatures = ["timestampNtz", "vacuumProtocolCheck", "v2Checkpoint"];
    private static readonly string[] WriterFeatures = ["appendOnly", "invariants", "timestampNtz"];

    /// <summary>What our own tables ask for: every Delta engine reads and writes them.</summary>
    public static readonly Protocol Ours = new(1, 2, null, null);

    /// <exception cref="UnsupportedDeltaException">It asks a reader for more than is done here.</exception>
    public static void CheckReadable(string table, Protocol protocol, Metadata metadata)
    {
        if (protocol.MinReaderVersion > FeatureReader)
            throw new UnsupportedDeltaException($"Table '{table}' needs Delta reader version {protocol.MinReaderVersion}; versions up to {FeatureReader} are read here.");
        if (protocol.MinReaderVersion == FeatureReader)
            Check(table, "reader", protocol.ReaderFeatures ?? [], ReaderFeatures);
        if (metadata.Configuration.TryGetValue("delta.columnMapping.mode", out var mode) && mode != "none")
            throw new UnsupportedDeltaException($"Table '{table}' uses the Delta reader feature 'columnMapping' (mode {mode}), which is not read here.");
        if (metadata.Format.Provider != "parquet")
            throw new UnsupportedDeltaException($"Table '{table}' keeps its data as '{metadata.Format.Provider}'; only parquet is read here.");
    }

    /// <exception cref="UnsupportedDeltaException">It asks a writer for more than is done here.</exception>
    public static void CheckWritable(string table, Protocol protocol, Metadata metadata)
    {
        var (version, features) = (protocol.MinWriterVersion, protocol.WriterFeatures ?? []);
        if (version is > 2 and not FeatureWriter)
            throw new UnsupportedDeltaException($"Table '{table}' needs Delta writer version {version}; versions 1, 2 and {FeatureWriter} are written here.");
        if (version == FeatureWriter) Check(table, "writer", features, WriterFeatures);
        if (metadata.SchemaString.Contains("\"delta.invariants\"", StringComparison.Ordinal))
            throw new UnsupportedDeltaException($"Table '{table}' has column invariants, which are not checked here; write it with the engine that set them.");
    }

    /// <exception cref="UnsupportedDeltaException">The table says that nothing may be removed.</exception>
    public static void CheckRemovable(string table, Metadata metadata)
    {
        if (metadata.Configuration.TryGetValue("delta.appendOnly", out var only) && string.Equals(only, "true", StringComparison.OrdinalIgnoreCase))
            throw new UnsupportedDeltaException($"Table '{table}' is append-only (delta.appendOnly=true): its rows cannot be replaced.");
    }

    private static void Check(string table, string side, IReadOnlyList<string> asked, string[] known)
    {
        var unknown = asked.Where(f => !known.Contains(f, StringComparer.Ordinal)).ToList();
        if (unknown.Count > 0)
            throw new UnsupportedDeltaException($"Table '{table}' uses the Delta {side} feature{(unknown.Count > 1 ? "s" : "")} {string.Join(", ", unknown.Select(f => $"'{f}'"))}, unknown here.");
    }
}
