using Media.Events;
using Media.Lake;
using Media.Spark;
using Media.Tests.Engines;
using Media.Tests.Lake;

namespace Media.Tests.Spark;

/// <summary>Our checkpoints, read and built upon by Delta's own engine, on disk and in a bucket.</summary>
[Collection(TestSpark.OneAtATime)]
public sealed class SparkCheckpointTests(TestSpark tests, OneMinio minio)
{
    private const string Table = "predictions";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task OnDisk_SparkBeginsAtOurCheckpoint_AndWeGoOnAfterSpark()
    {
        using var folder = new TemporaryFolder();
        await using var spark = await tests.ConnectOrSkipAsync();
        await BothAsync(spark, new LocalObjectStore(folder.Path, flush: false), $"{folder.Path}/{Table}");
    }

    [Fact]
    public async Task InABucket_SparkBeginsAtOurCheckpoint_AndWeGoOnAfterSpark()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        var bucket = await minio.NewBucketAsync();
        foreach (var (key, value) in new[] { ("endpoint", bucket.Options.Endpoint!), ("access.key", bucket.Options.AccessKey!), ("secret.key", bucket.Options.SecretKey!) })
            await spark.SetAsync($"fs.s3a.{key}", value, Cancel);
        using var store = new S3ObjectStore(bucket.Name, "lake", bucket.Options);
        await BothAsync(spark, store, $"s3a://{bucket.Name}/lake/{Table}");
    }

    private static async Task BothAsync(SparkSession spark, IObjectStore store, string path)
    {
        var table = await DeltaTable.CreateOrOpenAsync(store, Table, Tables.Predictions, Cancel);
        for (var i = 1; i <= 8; i++) await table.AppendAsync([Rows(i)], new DeltaTransaction("writer", i), Cancel);
        await table.ReplacePartitionsAsync([Rows(2)], [], Cancel);
        Assert.Null((await table.AppendAsync([Rows(10)], new DeltaTransaction("writer", 10), Cancel)).CheckpointFault);
        for (var i = 11; i <= 19; i++) await table.AppendAsync([Rows(i)], (DeltaTransaction?)null, Cancel);

        // The commits that it stands for are gone, so whoever reads the table has understood the checkpoint.
        for (var v = 0; v < 10; v++) await store.DeleteAsync($"{Table}/_delta_log/{v:D20}.json", Cancel);
        var ours = await RowText.SortedAsync(table.ReadAsync(Cancel));
        Assert.Equal(ours, await RowText.SortedAsync(spark.Read("delta", path).CollectAsync(Cancel)));

        // Spark's commit is the twentieth, so the next checkpoint is its own: read here the same way.
        await spark.ExecuteAsync($"INSERT INTO delta.`{path}` SELECT * FROM delta.`{path}` WHERE user_id = 'u10'", Cancel);
        Assert.NotNull(await store.FindAsync($"{Table}/_delta_log/{20:D20}.checkpoint.parquet", Cancel));
        for (var v = 10; v < 20; v++) await store.DeleteAsync($"{Table}/_delta_log/{v:D20}.json", Cancel);
        var reopened = await DeltaTable.OpenAsync(store, Table, Cancel);
        Assert.Equal(10, await reopened.TransactionVersionAsync("writer", Cancel));
        Assert.Equal(21, (await reopened.AppendAsync([Rows(21)], new DeltaTransaction("writer", 21), Cancel)).Version);
        var both = await RowText.SortedAsync(reopened.ReadAsync(Cancel));
        Assert.Equal(ours.Count + 2, both.Count);
        Assert.Equal(both, await RowText.SortedAsync(spark.Read("delta", path).CollectAsync(Cancel)));
    }

    /// <summary>One row, in a day of its own for odd numbers.</summary>
    private static Apache.Arrow.RecordBatch Rows(int i)
    {
        var day = EpochMicros.Of(new DateTimeOffset(2026, 3, 1 + (i % 2 * i), 0, 0, 0, TimeSpan.Zero));
        return PredictionColumns.From([new Prediction("churn", "1", new UserId($"u{i}"), day, 0, i / 7.0, day)]);
    }
}
