namespace Media.Tests;

/// <summary>The repository's own folder, above the tests' output.</summary>
internal static class RepositoryFolder
{
    public static string Path { get; } = Find();

    public static string Fixture(string name) => System.IO.Path.Combine(Path, "tests", "Kernel.Tests", "Fixtures", name);

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Media.sln"))) folder = folder.Parent;
        return (folder ?? throw new DirectoryNotFoundException("Media.sln is in no folder above the tests.")).FullName;
    }
}
