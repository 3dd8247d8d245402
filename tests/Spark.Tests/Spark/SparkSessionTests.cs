using Apache.Arrow;
using Apache.Arrow.Types;
using Media.Spark;
using Media.Tests.Lake;

namespace Media.Tests.Spark;

/// <summary>SQL, rows both ways, settings, errors and interruption, on the real server.</summary>
[Collection(TestSpark.OneAtATime)]
public sealed class SparkSessionTests(TestSpark tests)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task EveryType_ComesWithItsValueAndItsNull()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        Assert.StartsWith("4.", spark.SparkVersion, StringComparison.Ordinal);
        var rows = spark.Sql("""
            SELECT n, if(n = 0, NULL, 9007199254740993L) AS whole, if(n = 0, NULL, cast(7 AS int)) AS small, if(n = 0, NULL, 0.1D) AS real, if(n = 0, NULL, 'Zürich 😀') AS text,
                   if(n = 0, NULL, true) AS flag, if(n = 0, NULL, timestamp '1969-12-31 23:59:59.999999') AS at, if(n = 0, NULL, date '2026-03-02') AS day,
                   if(n = 0, NULL, X'00FF') AS bytes, if(n = 0, NULL, array(1L, NULL, 3L)) AS list, if(n = 0, NULL, named_struct('a', 1L, 'b', 'x')) AS pair, if(n = 0, NULL, 1.25BD) AS exact
            FROM range(2) t(n) ORDER BY n
            """);
        Assert.Equal(
            [
                "n=0 | whole=null | small=null | real=null | text=null | flag=null | at=null | day=null | bytes=null | list=null | pair=null | exact=null",
                "n=1 | whole=9007199254740993 | small=7 | real=0.1 | text=\"Zürich 😀\" | flag=True | at=-1 | day=20514 | bytes=00FF | list=[1, null, 3] | pair=(1, \"x\") | exact=1.25",
            ],
            await RowText.SortedAsync(rows.CollectAsync(Cancel)));
        await foreach (var batch in rows.CollectAsync(Cancel))
        {
            var at = Assert.IsType<TimestampType>(batch.Schema.GetFieldByName("at").DataType);
            Assert.Equal((TimeUnit.Microsecond, "UTC"), (at.Unit, at.Timezone));
        }
    }

    [Fact]
    public async Task NoRows_StillHaveColumns()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        var batches = await spark.Sql("SELECT id, 'x' AS text FROM range(10) WHERE id > 99").CollectAsync(Cancel).ToListAsync(Cancel);
        Assert.Equal(0, batches.Sum(b => b.Length));
        Assert.Equal(["id", "text"], batches[0].Schema.FieldsList.Select(f => f.Name));
    }

    [Fact]
    public async Task MillionRows_ComeEachOnce()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        var (rows, sum, batches) = (0L, 0L, 0);
        await foreach (var batch in spark.Sql("SELECT id, uuid() AS text FROM range(1000000)").CollectAsync(Cancel))
        {
            var ids = (Int64Array)batch.Column(0);
            batches++;
            rows += ids.Length;
            foreach (var id in ids.Values) sum += id;
        }
        Assert.Equal((1_000_000, 499_999_500_000), (rows, sum));
        Assert.True(batches > 5, $"{batches} batches: the result did not come in parts");
    }

    [Fact]
    public async Task RowsLongerThanAMessage_ComeWhole()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        var batch = Assert.Single(await spark.Sql("SELECT repeat('abcdefgh', 20000000) AS text").CollectAsync(Cancel).ToListAsync(Cancel));
        var text = ((StringArray)batch.Column(0)).GetString(0);
        Assert.Equal(160_000_000, text.Length);
        Assert.EndsWith("abcdefgh", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ArrowRows_GoInAndComeBack()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        RecordBatch[] sent = [Rows(0, 3), Rows(3, 2)];
        var frame = spark.CreateDataFrame(sent);
        var expected = sent.SelectMany(RowText.Of).Order(StringComparer.Ordinal).ToList();
        Assert.Equal(expected, await RowText.SortedAsync(frame.CollectAsync(Cancel)));

        await frame.CreateOrReplaceTempViewAsync("sent", Cancel);
        Assert.Equal(["n=5 | t=1010"], await RowText.SortedAsync(spark.Sql("SELECT count(*) AS n, sum(unix_micros(at)) AS t FROM sent").CollectAsync(Cancel)));
        Assert.Equal(expected, await RowText.SortedAsync(spark.Table("sent").CollectAsync(Cancel)));

        // The name is free for other rows.
        await spark.CreateDataFrame(Rows(9, 1)).CreateOrReplaceTempViewAsync("sent", Cancel);
        Assert.Equal(["user=\"u9\""], await RowText.SortedAsync(spark.Sql("SELECT user FROM sent").CollectAsync(Cancel)));

        Assert.Equal("user", Assert.Single(await spark.CreateDataFrame(Rows(0, 0)).CollectAsync(Cancel).ToListAsync(Cancel)).Schema.FieldsList[0].Name);
    }

    [Fact]
    public async Task ArrowRows_OfDifferentColumnsOrNone_AreRefused()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        Assert.Contains("no batch", Assert.Throws<ArgumentException>(() => spark.CreateDataFrame([])).Message, StringComparison.Ordinal);
        var other = new RecordBatch.Builder().Append("other", true, new Int64Array.Builder().Append(1).Build()).Build();
        Assert.Contains("other int64", Assert.Throws<ArgumentException>(() => spark.CreateDataFrame(Rows(0, 1), other)).Message, StringComparison.Ordinal);
        var huge = new RecordBatch.Builder().Append("bytes", true, new BinaryArray.Builder().Append(new byte[128 << 20].AsSpan()).Build()).Build();
        Assert.Contains("127 MiB", Assert.Throws<ArgumentException>(() => spark.CreateDataFrame(huge)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Statement_RunsOnce()
    {
        using var folder = new TemporaryFolder();
        await using var spark = await tests.ConnectOrSkipAsync();
        await spark.ExecuteAsync($"CREATE TABLE delta.`{folder.Path}/t` (n BIGINT) USING delta", Cancel);
        await spark.ExecuteAsync($"INSERT INTO delta.`{folder.Path}/t` SELECT * FROM range(3)", Cancel);
        await spark.ExecuteAsync($"DELETE FROM delta.`{folder.Path}/t` WHERE n = 1", Cancel);
        Assert.Equal(["n=0", "n=2"], await RowText.SortedAsync(spark.Read("delta", $"{folder.Path}/t").CollectAsync(Cancel)));
        Assert.Equal(["n=0", "n=1", "n=2"], await RowText.SortedAsync(spark.Read("delta", $"{folder.Path}/t", new Dictionary<string, string> { ["versionAsOf"] = "1" }).CollectAsync(Cancel)));
    }

    [Fact]
    public async Task Settings_AreTheSessionsOwn()
    {
        await using var one = await tests.ConnectOrSkipAsync();
        await using var other = await tests.ConnectOrSkipAsync();
        await one.SetAsync("spark.sql.shuffle.partitions", "7", Cancel);
        Assert.Equal("7", await one.GetAsync("spark.sql.shuffle.partitions", Cancel));
        Assert.Equal("4", await other.GetAsync("spark.sql.shuffle.partitions", Cancel));
        Assert.Equal("UTC", await one.GetAsync("spark.sql.session.timeZone", Cancel));
        Assert.Equal("SQL_CONF_NOT_FOUND", (await Assert.ThrowsAsync<SparkException>(() => one.GetAsync("no.such.setting", Cancel))).ErrorClass);
    }

    [Theory]
    [InlineData("SELECT * FROM no_such_table", "TABLE_OR_VIEW_NOT_FOUND", "42P01", "org.apache.spark.sql.catalyst.ExtendedAnalysisException")]
    [InlineData("SELECT nope FROM range(1)", "UNRESOLVED_COLUMN.WITH_SUGGESTION", "42703", "org.apache.spark.sql.catalyst.ExtendedAnalysisException")]
    [InlineData("SELEC 1", "PARSE_SYNTAX_ERROR", "42601", "org.apache.spark.sql.catalyst.parser.ParseException")]
    [InlineData("SELECT 1 / (id - id) FROM range(1)", "DIVIDE_BY_ZERO", "22012", "org.apache.spark.SparkArithmeticException")]
    [InlineData("SELECT raise_error('no luck') FROM range(1)", "USER_RAISED_EXCEPTION", "P0001", "org.apache.spark.SparkRuntimeException")]
    [InlineData("SELECT cast('x' AS bigint) FROM range(1)", "CAST_INVALID_INPUT", "22018", "org.apache.spark.SparkNumberFormatException")]
    public async Task Refusal_HasSparksClassAndOneLine(string sql, string errorClass, string sqlState, string javaClass)
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        var fault = await Assert.ThrowsAsync<SparkException>(async () => await spark.Sql(sql).CollectAsync(Cancel).ToListAsync(Cancel));
        Assert.Equal((errorClass, sqlState, javaClass), (fault.ErrorClass, fault.SqlState, fault.JavaClass));
        Assert.StartsWith($"[{errorClass}]", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
        Assert.Equal(["ok=1"], await RowText.SortedAsync(spark.Sql("SELECT 1 AS ok").CollectAsync(Cancel))); // the session lives on
    }

    [Fact]
    public async Task RefusalWithACause_TellsTheRoot()
    {
        using var folder = new TemporaryFolder();
        await using var spark = await tests.ConnectOrSkipAsync();
        Directory.CreateDirectory(Path.Combine(folder.Path, "t"));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "t", "part.parquet"), "this is no Parquet", Cancel);
        var fault = await Assert.ThrowsAsync<SparkException>(async () => await spark.Read("parquet", $"{folder.Path}/t").CollectAsync(Cancel).ToListAsync(Cancel));
        Assert.NotNull(fault.RootCause);
        Assert.Contains("is not a Parquet file", fault.RootCause, StringComparison.Ordinal);
        Assert.Contains(fault.RootCause, fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    /// <summary>Early, while Spark plans, and late, while tasks run.</summary>
    [Theory]
    [InlineData(50)]
    [InlineData(5000)]
    public async Task Cancelled_EndsOnTheServerToo(int afterMs)
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        // Each of the 40,000 rows takes 50 ms, so it would run for a quarter of an hour; without an end of it the next query would not get a core.
        var running = spark.Sql("SELECT count(*) FROM (SELECT reflect('java.lang.Thread', 'sleep', 50L) AS nothing FROM range(0, 40000, 1, 8)) WHERE nothing IS NULL").CollectAsync(stop.Token).ToListAsync(Cancel);
        stop.CancelAfter(afterMs);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await running);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(4));
        Assert.Equal(["n=100000"], await RowText.SortedAsync(spark.Sql("SELECT count(*) AS n FROM range(0, 100000, 1, 8)").CollectAsync(limit.Token)));
    }

    [Fact]
    public async Task LeftHalfway_EndsAndTheSessionGoesOn()
    {
        await using var spark = await tests.ConnectOrSkipAsync();
        await foreach (var batch in spark.Sql("SELECT id, repeat('x', 100) AS text FROM range(0, 3000000, 1, 30)").CollectAsync(Cancel))
        {
            Assert.True(batch.Length > 0);
            break;
        }
        Assert.Equal(["ok=1"], await RowText.SortedAsync(spark.Sql("SELECT 1 AS ok").CollectAsync(Cancel)));
    }

    [Fact]
    public async Task Progress_CountsTasksToTheEnd()
    {
        var told = new List<SparkProgress>();
        await using var spark = await tests.ConnectOrSkipAsync(new Now(told.Add));
        await spark.Sql("SELECT sum(length(sha2(cast(id AS string), 512))) FROM range(0, 8000000, 1, 16)").CollectAsync(Cancel).ToListAsync(Cancel);
        Assert.NotEmpty(told);
        Assert.Single(told.Select(p => p.OperationId).Distinct());
        Assert.All(told, p => Assert.InRange(p.CompletedTasks, 0, p.Tasks));
        Assert.True(told[^1].Tasks >= 16, $"{told[^1].Tasks} tasks");
    }

    [Fact]
    public async Task SessionEnded_TakesItsViewsWithIt()
    {
        var spark = await tests.ConnectOrSkipAsync();
        await spark.Sql("SELECT 1 AS n").CreateOrReplaceTempViewAsync("mine", Cancel);
        await using var other = await tests.ConnectOrSkipAsync();
        Assert.Equal("TABLE_OR_VIEW_NOT_FOUND", (await Assert.ThrowsAsync<SparkException>(async () => await other.Table("mine").CollectAsync(Cancel).ToListAsync(Cancel))).ErrorClass);
        await spark.DisposeAsync();
        await spark.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await spark.Table("mine").CollectAsync(Cancel).ToListAsync(Cancel));
    }

    private static RecordBatch Rows(int first, int count)
    {
        var (users, at, dwell) = (new StringArray.Builder(), new List<long>(), new DoubleArray.Builder());
        for (var i = first; i < first + count; i++)
        {
            users.Append($"u{i}");
            at.Add(i * 101);
            if (i % 2 == 0) dwell.AppendNull(); else dwell.Append(i / 3.0);
        }
        var times = new TimestampArray(new TimestampType(TimeUnit.Microsecond, "UTC"), new ArrowBuffer.Builder<long>().AppendRange(at).Build(), ArrowBuffer.Empty, count, 0, 0);
        return new RecordBatch.Builder().Append("user", false, users.Build()).Append("at", true, times).Append("dwell", true, dwell.Build()).Build();
    }

    /// <summary>Told on the spot; Progress&lt;T&gt; tells from another thread, later.</summary>
    private sealed class Now(Action<SparkProgress> tell) : IProgress<SparkProgress>
    {
        public void Report(SparkProgress value) => tell(value);
    }
}
