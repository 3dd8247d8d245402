using System.Diagnostics;
using System.Globalization;
using Media.Warehouse;

namespace Media.Tests.Warehouse;

public class WarehouseClientTests(TestWarehouse tests)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ValuesOfEveryKind_ComeBackAsTheyAre()
    {
        using var warehouse = await tests.OpenAsync();
        var row = Assert.Single((await warehouse.QueryAsync(
            "SELECT toInt32(-1), toUInt64(18446744073709551615), toFloat64(1.5), 'ü', toNullable(toInt8(7)), CAST(NULL AS Nullable(Float64)), toDateTime64('2026-01-02 03:04:05.678901', 6, 'UTC'), toLowCardinality('lc'), toDate('2026-01-02'), true, [1, 2]", [], Cancel)).Rows);
        Assert.Equal([-1, ulong.MaxValue, 1.5, "ü", (sbyte)7, null, new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc).AddTicks(6_789_010), "lc"], row[..8]);
        Assert.Equal(new DateTime(2026, 1, 2), Convert.ToDateTime(row[8], CultureInfo.InvariantCulture));
        Assert.Equal(true, row[9]);
        Assert.Equal(new byte[] { 1, 2 }, row[10]);
    }

    [Theory]
    [InlineData("plain")]
    [InlineData("")]
    [InlineData("q'\\ \n\t\"ü; DROP TABLE x")]
    [InlineData("100% & more=less?")]
    public async Task Parameter_ArrivesAsGiven(string text)
    {
        using var warehouse = await tests.OpenAsync();
        var row = Assert.Single((await warehouse.QueryAsync("SELECT {s:String}, {i:Int32}", [new("s", text), new("i", "-5")], Cancel)).Rows);
        Assert.Equal([text, -5], row);
    }

    [Fact]
    public async Task ManyRows_ComeInOrderAndWhole()
    {
        // Some hundred pieces of the engine's stream: a header repeated between them would shift every value behind it.
        const int rows = 400_000;
        using var warehouse = await tests.OpenAsync();
        var read = (await warehouse.QueryAsync($"SELECT number, toString(number) AS s FROM numbers({rows})", [], Cancel)).Rows;
        Assert.Equal(rows, read.Count);
        for (var i = 0; i < rows; i++)
            if (!i.ToString(CultureInfo.InvariantCulture).Equals(read[i][1]) || (ulong)i != (ulong)read[i][0]!) Assert.Fail($"row {i} is {read[i][0]}, {read[i][1]}");
    }

    [Fact]
    public async Task NoRows_StillHaveColumns()
    {
        using var warehouse = await tests.OpenAsync();
        var answer = await warehouse.QueryAsync("SELECT number AS n, 'x' AS s FROM numbers(5) WHERE number > 10", [], Cancel);
        Assert.Equal(["n", "s"], answer.Columns);
        Assert.Empty(answer.Rows);
    }

    [Theory]
    [InlineData("selec 1", 62)]
    [InlineData("SELECT * FROM nope", 60)]
    [InlineData("SELECT nope", 47)]
    [InlineData("SELECT throwIf(number = 3000000, 'boom') FROM numbers(5000000)", 395)]
    [InlineData("SELECT {n:UInt8}", 456)]
    public async Task Mistake_IsOneLineWithTheEnginesCode(string sql, int code)
    {
        using var warehouse = await tests.OpenAsync();
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => warehouse.QueryAsync(sql, [], Cancel));
        Assert.Equal(code, refused.Code);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.DoesNotContain("(version", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await warehouse.ScalarAsync<int>("SELECT toInt32(1)", Cancel));
    }

    [Fact]
    public async Task WrongParameterType_SaysSo()
    {
        using var warehouse = await tests.OpenAsync();
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => warehouse.QueryAsync("SELECT {n:UInt8}", [new("n", "many")], Cancel));
        Assert.Contains("many", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    [Fact]
    public async Task InsertThatCannotBeParsed_LeavesNothing()
    {
        using var warehouse = await tests.OpenAsync();
        await warehouse.ExecuteAsync("CREATE TABLE t (a UInt64, s String) ENGINE = MergeTree ORDER BY a", Cancel);
        // A whole row, then half a one.
        byte[] rows = [1, 0, 0, 0, 0, 0, 0, 0, 1, (byte)'x', 2, 0, 0];
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => warehouse.InsertAsync("t", ["a", "s"], rows, null, Cancel));
        Assert.NotEqual(0, refused.Code);
        Assert.Equal(0, await warehouse.ScalarAsync<long>("SELECT count() FROM t", Cancel));
    }

    [Fact]
    public async Task ManyAtOnce_EachGetsItsOwnAnswer()
    {
        using var warehouse = await tests.OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(async () =>
        {
            for (var k = 0; k < 20; k++) Assert.Equal(i * k, await warehouse.ScalarAsync<int>($"SELECT toInt32({i} * {k})", Cancel));
        }, Cancel)));
    }

    [Fact]
    public async Task SlowQuery_EndsAtTheTimeout()
    {
        Assert.SkipWhen(TestWarehouse.IsServer, "The options of the server's client are the same; once is enough.");
        Assert.SkipUnless(WarehouseClient.EmbeddedIsHere, "The embedded ClickHouse was not restored (npm).");
        using var warehouse = await tests.OpenAsync();
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => warehouse.QueryAsync("SELECT count() FROM numbers(100000000000) WHERE sipHash64(number) = 1 SETTINGS max_execution_time = 0.2", [], Cancel));
        Assert.Equal(159, refused.Code);
    }

    [Fact]
    public async Task QueryBeyondTheMemoryLimit_IsRefusedAndTheNextOneRuns()
    {
        Assert.SkipWhen(TestWarehouse.IsServer, "A server has its own limit.");
        using var warehouse = await tests.OpenAsync();
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => warehouse.QueryAsync("SELECT length(groupArray(toString(number))) FROM numbers(100000000)", [], Cancel));
        Assert.Equal(241, refused.Code);
        Assert.Equal(1, await warehouse.ScalarAsync<int>("SELECT toInt32(1)", Cancel));
    }

    [Theory]
    [InlineData("INSERT INTO t VALUES (1)")]
    [InlineData("CREATE TABLE u (a UInt8) ENGINE = Memory")]
    [InlineData("DROP TABLE t")]
    [InlineData("SET max_threads = 3")]
    [InlineData("SELECT 1 SETTINGS readonly = 0")]
    [InlineData("SELECT * FROM file('/etc/hostname', 'LineAsString')")]
    [InlineData("SELECT file('/etc/hostname')")]
    [InlineData("SELECT `file`('/etc/hostname')")]
    [InlineData("WITH 1 AS x SELECT \"file\" ('/etc/hostname')")]
    [InlineData("SELECT * FROM url('http://127.0.0.1:1/', 'CSV', 'a String')")]
    [InlineData("SELECT * FROM sqlite('x.db', 'y')")]
    [InlineData("SELECT /* 'INTO */ 1 INTO OUTFILE 'x.txt'")]
    [InlineData("KILL QUERY WHERE 1")]
    [InlineData("SELECT 1; DROP TABLE t")]
    [InlineData("SELECT $$'$$, file('/etc/hostname'), $$'$$")]
    [InlineData("SELECT $a$'$a$, file('/etc/hostname'), $a$'$a$")]
    [InlineData("SELECT \u2018'\u2019, file('/etc/hostname'), \u2018'\u2019")]
    [InlineData("SELECT \u201C'\u201D, file('/etc/hostname'), \u201C'\u201D")]
    [InlineData("SELECT 'x' AS a, $$'$$ AS b INTO OUTFILE $$x.txt$$ TRUNCATE FORMAT TSV")]
    [InlineData("SELECT file\u00A0('/etc/hostname')")]
    [InlineData("SELECT file /* /* */ ('/etc/hostname')")]
    [InlineData("SELECT fi\0le('/etc/hostname')")]
    [InlineData("SELECT '\\', file('/etc/hostname'), '")]
    [InlineData("SELECT 1 /* file('x')")]
    [InlineData("EXISTS default.`/etc/passwd`")]
    [InlineData("EXISTS TABLE \"default\".\"/etc/passwd\"")]
    [InlineData("EXISTS `def\\x61ult`.`/etc/passwd`")]
    [InlineData("SELECT `fi\\x6ce`('/etc/hostname')")]
    [InlineData("SELECT 1 FORMAT CSV")]
    [InlineData("SELECT 1 -- as text\nformat /* so */ JSONEachRow;")]
    [InlineData("SELECT 1 FORMAT Pretty SETTINGS max_threads = 1")]
    public async Task AdHocSqlThatDoesMoreThanAsk_IsRefused(string sql)
    {
        using var warehouse = await tests.OpenAsync();
        await warehouse.ExecuteAsync("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a", Cancel);
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => AskReadOnlyAsync(warehouse, sql));
        Assert.DoesNotContain('\n', refused.Message);
        Assert.Equal(0, await warehouse.ScalarAsync<long>("SELECT count() FROM t", Cancel));
    }

    [Theory]
    [InlineData("SELECT 'file(' || toString(count()) || ') INTO OUTFILE' FROM t", "file(0) INTO OUTFILE")]
    [InlineData("-- file('x')\nSELECT 'it''s \\' fine'", "it's ' fine")]
    [InlineData("(SELECT toString(max(number)) FROM numbers(3))", "2")]
    [InlineData("SHOW TABLES", "t")]
    [InlineData("SELECT format('{}-{}', toString(format), 'x') FROM (SELECT 1 AS format) ORDER BY format DESC", "1-x")]
    [InlineData("SELECT concat('‘', '$$', \"n\", '’ – é') FROM (SELECT 'ü' AS n)", "‘$$ü’ – é")]
    [InlineData("SELECT toString(sum((a, -1).2 * 2 % 5)) || ' ' || toString([1, 2][1]) FROM (SELECT 1 AS a)", "-2 1")]
    public async Task AdHocQuestion_IsAnswered(string sql, string answer)
    {
        using var warehouse = await tests.OpenAsync();
        await warehouse.ExecuteAsync("CREATE TABLE t (a UInt64) ENGINE = MergeTree ORDER BY a", Cancel);
        Assert.Equal(answer, Assert.Single(await AskReadOnlyAsync(warehouse, sql))[0]);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2_500, true)]
    [InlineData(70_000, false)]
    [InlineData(70_001, false)]
    public async Task RowsAreRead_UpToAsManyAsAreWanted(int most, bool more)
    {
        using var warehouse = await tests.OpenAsync();
        var (rows, pages) = (new List<ulong>(), 0);
        Assert.Equal(more, await warehouse.ReadAsync("SELECT number FROM numbers(70000)", [], most, page =>
        {
            Assert.InRange(page.Rows.Count, 1, 1_000);
            rows.AddRange(page.Rows.Select(r => (ulong)r[0]!));
            pages++;
        }, Cancel));
        Assert.Equal(Enumerable.Range(0, Math.Min(most, 70_000)).Select(n => (ulong)n), rows);
        Assert.Equal((rows.Count + 999) / 1_000, pages);
    }

    [Fact]
    public async Task FirstOfManySortedRows_NeedNoMemoryForAll()
    {
        // 20 M rows of text, sorted, are more than the engine may have; the first ten of them are not.
        using var warehouse = await tests.OpenAsync();
        var rows = 0;
        Assert.True(await warehouse.ReadReadOnlyAsync("SELECT toString(number) || repeat('x', 100) AS s FROM numbers(20000000) ORDER BY s", 10, page => rows += page.Rows.Count, Cancel));
        Assert.Equal(10, rows);
    }

    [Fact]
    public async Task LongTexts_MakeSmallPages()
    {
        using var warehouse = await tests.OpenAsync();
        var pages = new List<int>();
        await warehouse.ReadAsync("SELECT repeat(repeat('x', 1000), 3000) FROM numbers(5)", [], 1_000, page => pages.Add(page.Rows.Count), Cancel);
        Assert.Equal([2, 2, 1], pages);
    }

    [Fact]
    public async Task AnswerWithoutRows_HasItsColumns()
    {
        using var warehouse = await tests.OpenAsync();
        var pages = new List<QueryRows>();
        Assert.False(await warehouse.ReadAsync("SELECT 1 AS a WHERE 0", [], 10, pages.Add, Cancel));
        Assert.Equal(["a"], Assert.Single(pages).Columns);
    }

    [Fact]
    public async Task CancelledQuery_EndsAtOnceInTheEngineToo()
    {
        using var warehouse = await tests.OpenAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var marker = Guid.NewGuid().ToString("N");
        var asked = Task.Run(() => warehouse.QueryAsync($"SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number, '{marker}') = 1", [], stop.Token), Cancel);
        while (await RunningAsync() == 0) Assert.False(asked.IsCompleted, "it ended before it was stopped");
        var started = Stopwatch.GetTimestamp();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        // Left alone it would go on until the timeout, a minute.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 20);
        while (await RunningAsync() > 0) Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 20);

        Task<long> RunningAsync() => warehouse.ScalarAsync<long>($"SELECT toInt64(count()) FROM system.processes WHERE position(query, concat('{marker[..16]}', '{marker[16..]}')) > 0", Cancel);
    }

    [Fact]
    public async Task StatesOfAggregates_AreRefusedInOneLine()
    {
        using var warehouse = await tests.OpenAsync();
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => AskReadOnlyAsync(warehouse, "SELECT uniqExactState(number) AS readers FROM numbers(3)"));
        Assert.Contains("uniqExactMerge", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
    }

    private static async Task<IReadOnlyList<object?[]>> AskReadOnlyAsync(WarehouseClient warehouse, string sql)
    {
        var rows = new List<object?[]>();
        await warehouse.ReadReadOnlyAsync(sql, 1_000, page => rows.AddRange(page.Rows), Cancel);
        return rows;
    }

    [Fact]
    public async Task NoServerThere_IsOneClearLine()
    {
        var options = new WarehouseOptions { ConnectionString = "Host=127.0.0.1;Port=1" };
        var refused = await Assert.ThrowsAsync<WarehouseException>(() => WarehouseClient.OpenAsync(options, Cancel));
        Assert.StartsWith("The ClickHouse server does not answer", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>A server may by default gather inserts and answer before it has them, and then it minds no token.</summary>
    [Fact]
    public async Task WhatWrites_IsTakenAtOnceWhateverTheServersDefault()
    {
        // Only the request is looked at: something that answers every one with nothing is server enough.
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        var port = ((System.Net.IPEndPoint)listener.LocalEndpoint).Port;
        using var server = new System.Net.HttpListener();
        listener.Stop();
        server.Prefixes.Add($"http://127.0.0.1:{port}/");
        server.Start();
        var asked = new List<string>();
        var answering = Task.Run(async () =>
        {
            for (var request = 0; request < 3; request++)
            {
                var context = await server.GetContextAsync();
                await context.Request.InputStream.CopyToAsync(Stream.Null, Cancel);
                asked.Add(context.Request.Url!.Query);
                context.Response.Close();
            }
        }, Cancel);
        using var warehouse = await WarehouseClient.OpenAsync(new() { ConnectionString = $"Host=127.0.0.1;Port={port}" }, Cancel);
        await warehouse.ExecuteAsync("INSERT INTO load_positions VALUES ('t', 'taken', 0, 1)", Cancel);
        await warehouse.InsertAsync("events", ["x"], new byte[] { 1 }, "token", Cancel);
        await answering;
        Assert.Equal(3, asked.Count);
        Assert.All(asked, query => Assert.Contains("async_insert=0", query, StringComparison.Ordinal));
    }

    [Fact]
    public async Task WrongOptions_AreListed()
    {
        var refused = await Assert.ThrowsAsync<ArgumentException>(() => WarehouseClient.OpenAsync(new() { Path = "x", Database = "a b", MaxMemoryMiB = 1 }, Cancel));
        Assert.Contains("Database", refused.Message, StringComparison.Ordinal);
        Assert.Contains("MaxMemoryMiB", refused.Message, StringComparison.Ordinal);
    }
}
