namespace Media.Tests;

/// <summary>The repository's own folder, above the tests' output.</summary>
internal static class RepositoryFolder
{
    /// <exception cref="DirectoryNotFoundException">The tests lie outside of it.</exception>
    public static string Path => (Find() ?? throw new DirectoryNotFoundException("Media.sln is in no folder above the tests.")).FullName;

    /// <summary>Null when the tests lie outside of it.</summary>
    public static DirectoryInfo? Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Media.sln"))) folder = folder.Parent;
        return folder;
    }
}
