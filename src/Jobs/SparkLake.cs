using Media.Spark;

namespace Media.Jobs;

/// <summary>The lake as Spark addresses it: the same place, which the cluster must reach too.</summary>
internal static class SparkLake
{
    /// <summary>A session for work on the lake's tables.</summary>
    public static async Task<SparkSession> ConnectAsync(SparkConnection connection, CancellationToken cancel)
    {
        var spark = await SparkSession.ConnectAsync(connection, progress: null, cancel);
        // Delta reads a table's log anew after each commit, by default in 50 tasks, which on few cores takes longer than most commits' rows. Its checkpoints keep our logs short.
        await spark.SetAsync("spark.databricks.delta.snapshotPartitions", "2", cancel);
        return spark;
    }

    /// <param name="table">A table's name, or another key prefix beside the tables.</param>
    public static string Path(JourneyFolder folder, string table) => folder.LakeAt is { Bucket: { } bucket } at
        ? string.Join('/', new[] { $"s3a://{bucket}", at.Prefix, table }.Where(part => part.Length > 0))
        : System.IO.Path.Combine(System.IO.Path.GetFullPath(folder.LakeAt?.Folder ?? folder.Lake), table);
}
