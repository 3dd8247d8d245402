namespace Media.Jobs;

/// <summary>The lake as Spark addresses it: the same place, which the cluster must reach too.</summary>
internal static class SparkLake
{
    /// <param name="table">A table's name, or another key prefix beside the tables.</param>
    public static string Path(JourneyFolder folder, string table) => folder.LakeAt is { Bucket: { } bucket } at
        ? string.Join('/', new[] { $"s3a://{bucket}", at.Prefix, table }.Where(part => part.Length > 0))
        : System.IO.Path.Combine(System.IO.Path.GetFullPath(folder.LakeAt?.Folder ?? folder.Lake), table);
}
