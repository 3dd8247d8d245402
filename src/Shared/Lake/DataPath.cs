namespace Media.Lake;

/// <summary>Paths of data files: percent-encoded in the log, plain in the store.</summary>
internal static class DataPath
{
    /// <summary>As the log writes it: every segment percent-encoded, '=' kept for the reader's eye.</summary>
    public static string Encode(string path) =>
        string.Join('/', path.Split('/').Select(s => Uri.EscapeDataString(s).Replace("%3D", "=", StringComparison.Ordinal)));

    /// <summary>One spelling per file: decoded, <c>file:/x</c>, <c>file:///x</c> and <c>/x</c> being the same.</summary>
    public static string Canonical(string path)
    {
        var decoded = Uri.UnescapeDataString(path);
        return decoded.StartsWith("file:/", StringComparison.Ordinal) ? "/" + decoded["file:".Length..].TrimStart('/') : decoded;
    }

    /// <summary>The store's key.</summary>
    /// <exception cref="UnsupportedDeltaException">The file lies outside the table.</exception>
    public static string Key(string table, string path)
    {
        var plain = Canonical(path);
        if (plain.StartsWith('/') || plain.Contains("://", StringComparison.Ordinal))
            throw new UnsupportedDeltaException($"Table '{table}' names a data file outside its own folder ('{path}'), which is not read here.");
        return $"{table}/{plain}";
    }
}
