namespace Media.Lake;

/// <summary>The form of a key: segments joined by '/', none empty, "." or "..".</summary>
internal static class ObjectKey
{
    /// <exception cref="ArgumentException">It has not that form.</exception>
    public static void Check(string key)
    {
        if (!IsKey(key)) throw new ArgumentException($"'{key}' is no key: each part between the slashes must be a name.", nameof(key));
    }

    public static bool IsKey(string key)
    {
        foreach (var segment in key.Split('/'))
            if (segment is "" or "." or ".." || segment.Contains('\0', StringComparison.Ordinal)) return false;
        return true;
    }
}
