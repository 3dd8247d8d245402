namespace Media.Jobs;

/// <summary>The lake as Spark addresses it.</summary>
internal static class SparkLake
{
    /// <param name="table">A table's name, or another folder beside the tables.</param>
    public static string Path(JourneyFolder folder, string table) => System.IO.Path.Combine(System.IO.Path.GetFullPath(folder.Lake), table);
}
