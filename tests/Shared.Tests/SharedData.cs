namespace Media.Tests;

/// <summary>Real data and engines beside the repo, in ../shared: not part of it, used when there.</summary>
internal static class SharedData
{
    /// <summary>A path under ../shared, or the test is skipped and says what is missing.</summary>
    public static string PathOrSkip(params string[] parts)
    {
        if (Find(parts) is { } path) return path;
        Assert.Skip($"../shared/{string.Join('/', parts)} is not beside the repo.");
        return "";
    }

    /// <summary>A path under ../shared, or null.</summary>
    public static string? Find(params string[] parts)
    {
        // A worktree lies one folder deeper than a clone, so look upwards for the shared folder too.
        for (var folder = RepositoryFolder.Find()?.Parent; folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine([folder.FullName, "shared", .. parts]);
            if (Path.Exists(path)) return path;
        }
        return null;
    }
}
