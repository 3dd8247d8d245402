using Media.Lake;
using Media.Spark;
using Media.Tests.Lake;

namespace Media.Tests.Spark;

/// <summary>Delta and Parquet on disk: what Spark writes and reads, and that our own Delta tables and Spark's are one another's.</summary>
[Collection(TestSpark.OneAtATime)]
public sealed class SparkFilesTests(TestSpark tests) : IDisposable
{
    private const string Every = """
        SELECT id, if(id % 5 = 0, NULL, id * 7) AS dwell_ms, if(id % 3 = 0, NULL, concat('ü', id)) AS title, if(id % 4 = 0, NULL, id / 3.0D) AS share,
               if(id % 7 = 0, NULL, id % 2 = 0) AS is_complete, if(id % 11 = 0, NULL, timestamp_micros(1772440000000000 + id * 1000001)) AS seen_at,
               if(id % 13 = 0, NULL, cast(id AS int)) AS position, if(id % 6 = 0, NULL, array(id, NULL)) AS list, cast(concat('b', id) AS binary) AS raw,
               date_add(date '2026-03-02', cast(id % 3 AS int)) AS day, if(id % 9 = 0, NULL, concat('brand/', id % 2, ' =%')) AS brand
        FROM range({0}, {1})
        """;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("delta")]
    [InlineData("parquet")]
    public async Task Written_IsReadBackByEachMode(string format)
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        var write = new SparkWrite { Format = format, Path = $"{_folder.Path}/t", PartitionBy = ["day", "brand"] };
        await Rows(spark, 0, 40).WriteAsync(write, Cancel);
        Assert.True(Directory.Exists($"{_folder.Path}/t/day=2026-03-02"));
        var first = await RowText.SortedAsync(Rows(spark, 0, 40).CollectAsync(Cancel));
        Assert.Equal(first, await ReadAsync(spark, format));

        var refused = await Assert.ThrowsAsync<SparkException>(() => Rows(spark, 0, 1).WriteAsync(write, Cancel));
        Assert.Contains(refused.ErrorClass, new[] { "PATH_ALREADY_EXISTS", "DELTA_PATH_EXISTS" });
        await Rows(spark, 90, 91).WriteAsync(write with { Mode = SparkSaveMode.Ignore }, Cancel);
        Assert.Equal(first, await ReadAsync(spark, format));
        await Rows(spark, 40, 60).WriteAsync(write with { Mode = SparkSaveMode.Append }, Cancel);
        Assert.Equal(await RowText.SortedAsync(Rows(spark, 0, 60).CollectAsync(Cancel)), await ReadAsync(spark, format));
        await Rows(spark, 5, 7).WriteAsync(write with { Mode = SparkSaveMode.Overwrite }, Cancel);
        Assert.Equal(await RowText.SortedAsync(Rows(spark, 5, 7).CollectAsync(Cancel)), await ReadAsync(spark, format));
    }

    [Fact]
    public async Task DeltaOptions_ReplaceOnlyWhatTheyName_AndWriteATransactionOnce()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        var write = new SparkWrite { Path = $"{_folder.Path}/t", PartitionBy = ["day"], Mode = SparkSaveMode.Append, Options = new Dictionary<string, string> { ["txnAppId"] = "job", ["txnVersion"] = "1" } };
        await Rows(spark, 0, 30).WriteAsync(write, Cancel);
        await Rows(spark, 0, 30).WriteAsync(write, Cancel);
        Assert.Equal(30, (await ReadAsync(spark, "delta")).Count);
        await spark.Sql("SELECT * FROM (" + Sql(30, 60) + ") WHERE day = date '2026-03-03'").WriteAsync(
            new SparkWrite { Path = write.Path, Mode = SparkSaveMode.Overwrite, Options = new Dictionary<string, string> { ["replaceWhere"] = "day = '2026-03-03'" } }, Cancel);
        var days = await RowText.SortedAsync(spark.Sql($"SELECT day, count(*) AS n, min(id) AS first FROM delta.`{write.Path}` GROUP BY day").CollectAsync(Cancel));
        Assert.Equal(["day=20514 | n=10 | first=0", "day=20515 | n=10 | first=31", "day=20516 | n=10 | first=2"], days);
    }

    [Fact]
    public async Task SparksTable_IsReadHereEqualRowForRow()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        var write = new SparkWrite { Path = $"{_folder.Path}/t", PartitionBy = ["day", "brand"], Mode = SparkSaveMode.Append };
        // Twelve commits: Spark leaves a checkpoint after the tenth.
        for (var i = 0; i < 12; i++) await Rows(spark, i * 10, (i + 1) * 10).WriteAsync(write, Cancel);
        Assert.True(File.Exists($"{_folder.Path}/t/_delta_log/_last_checkpoint"));
        var table = await OpenAsync();
        Assert.Equal(await ReadAsync(spark, "delta"), await RowText.SortedAsync(table.ReadAsync(Cancel)));
        var state = await table.StateAsync(Cancel);
        Assert.Equal((11, 120L), (state.Version, state.Rows));

        await Rows(spark, 500, 520).WriteAsync(write with { Mode = SparkSaveMode.Overwrite }, Cancel);
        var expected = await RowText.SortedAsync(Rows(spark, 500, 520).CollectAsync(Cancel));
        Assert.Equal(expected, await RowText.SortedAsync(table.ReadAsync(Cancel)));
        Assert.Equal(expected, await RowText.SortedAsync((await OpenAsync()).ReadAsync(Cancel)));
        // The version before is still there to read.
        Assert.Equal(120, (await RowText.SortedAsync(table.ReadAsync(new ReadOptions { Version = 11 }, Cancel))).Count);
    }

    [Fact]
    public async Task OurTable_IsReadBySparkEqualRowForRow()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        var schema = new TableSchema(
            "visits",
            [
                new("user_id", ColumnTypes.String, Nullable: false), new("dwell_ms", ColumnTypes.Long, Unit: "ms"), new("position", ColumnTypes.Integer), new("share", ColumnTypes.Double),
                new("is_complete", ColumnTypes.Boolean), new("seen_at", ColumnTypes.Timestamp), new("raw", ColumnTypes.Binary), new("small", ColumnTypes.Float), new("day", ColumnTypes.Date, Nullable: false),
                new("brand", ColumnTypes.String),
            ],
            "day", "brand");
        var table = await DeltaTable.CreateOrOpenAsync(new LocalObjectStore(_folder.Path, flush: false), "t", schema, Cancel);
        var frame = spark.Read("delta", $"{_folder.Path}/t");
        for (var commit = 0; commit < 12; commit++)
        {
            // Rows from Spark itself, in the table's columns, written by us.
            var rows = await spark.Sql($"SELECT concat('u', id) AS user_id, dwell_ms, position, share, is_complete, seen_at, raw, cast(share AS float) AS small, day, brand FROM ({Sql(commit * 10, (commit + 1) * 10)})")
                .CollectAsync(Cancel).ToListAsync(Cancel);
            await table.AppendAsync(rows, new DeltaTransaction("test", commit), Cancel);
        }
        var ours = await RowText.SortedAsync(table.ReadAsync(Cancel));
        Assert.Equal(120, ours.Count);
        Assert.Equal(ours, await RowText.SortedAsync(frame.CollectAsync(Cancel)));
        // And by partition, which Spark prunes by the log.
        var day = new ReadOptions { Ranges = [ColumnRange.Days("day", new DateOnly(2026, 3, 3), new DateOnly(2026, 3, 3)), ColumnRange.Text("brand", "brand/1 =%")] };
        var some = await RowText.SortedAsync(spark.Sql($"SELECT * FROM delta.`{_folder.Path}/t` WHERE day = date '2026-03-03' AND brand = 'brand/1 =%'").CollectAsync(Cancel));
        Assert.NotEmpty(some);
        Assert.Equal(some, await RowText.SortedAsync(table.ReadAsync(day, Cancel)));

        // Spark writes on where we stopped, we write on after that, and both see all.
        await spark.Sql($"SELECT * FROM delta.`{_folder.Path}/t` LIMIT 5").WriteAsync(new SparkWrite { Path = $"{_folder.Path}/t", Mode = SparkSaveMode.Append }, Cancel);
        await table.AppendAsync(await frame.CollectAsync(Cancel).Take(1).ToListAsync(Cancel), (DeltaTransaction?)null, Cancel);
        var both = await RowText.SortedAsync(table.ReadAsync(Cancel));
        Assert.True(both.Count > 125, $"{both.Count} rows");
        Assert.Equal(both, await RowText.SortedAsync(frame.CollectAsync(Cancel)));
    }

    [Theory]
    [InlineData("delta.enableDeletionVectors", "true", "'deletionVectors'")]
    [InlineData("delta.columnMapping.mode", "name", "'columnMapping'")]
    public async Task TableFeatureUnknownHere_IsRefusedByName(string property, string value, string name)
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        await spark.ExecuteAsync($"CREATE TABLE delta.`{_folder.Path}/t` (n BIGINT) USING delta TBLPROPERTIES ('{property}' = '{value}')", Cancel);
        await spark.ExecuteAsync($"INSERT INTO delta.`{_folder.Path}/t` SELECT * FROM range(10)", Cancel);
        await spark.ExecuteAsync($"DELETE FROM delta.`{_folder.Path}/t` WHERE n = 3", Cancel);
        var fault = await Assert.ThrowsAsync<UnsupportedDeltaException>(OpenAsync);
        Assert.Contains(name, fault.Message, StringComparison.Ordinal);
    }

    private static string Sql(int from, int to) => Every.Replace("{0}", $"{from}", StringComparison.Ordinal).Replace("{1}", $"{to}", StringComparison.Ordinal);

    private static SparkDataFrame Rows(SparkSession spark, int from, int to) => spark.Sql(Sql(from, to));

    private Task<List<string>> ReadAsync(SparkSession spark, string format) =>
        RowText.SortedAsync(spark.Read(format, $"{_folder.Path}/t").CollectAsync(Cancel));

    private Task<DeltaTable> OpenAsync() => DeltaTable.OpenAsync(new LocalObjectStore(_folder.Path, flush: false), "t", Cancel);
}
