namespace Media.Warehouse;

/// <summary>The .sql files of this folder, which travel inside the assembly.</summary>
internal static class SqlResources
{
    /// <summary>The files of a folder beside this one, sorted by name.</summary>
    public static IReadOnlyList<(string Name, string Text)> In(string folder)
    {
        var assembly = typeof(SqlResources).Assembly;
        var prefix = $"Media.Warehouse.{folder}.";
        return
        [
            .. from resource in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal)
               where resource.StartsWith(prefix, StringComparison.Ordinal)
               select (resource[prefix.Length..], Read(assembly.GetManifestResourceStream(resource)!)),
        ];
    }

    private static string Read(Stream stream)
    {
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }
}
