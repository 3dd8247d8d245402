using Apache.Arrow;
using Media.Spark;
using Media.Tests.Engines;
using Media.Tests.Lake;

namespace Media.Tests.Spark;

/// <summary>Broken and ended streams, and a server that restarts: nothing is lost, and nothing runs twice.</summary>
/// <remarks>On a server of its own, which ends every stream after 3 s, asks for a token, and is killed.</remarks>
[Collection(TestSpark.OneAtATime)]
public sealed class SparkReattachTests(ShortStreams server) : IClassFixture<ShortStreams>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task StreamEndedByTheServer_IsTakenUpAgain()
    {
        var spark = await server.SparkOrSkipAsync();
        await using var proxy = new CutProxy(spark.Port);
        await using var session = await ConnectAsync(proxy.Port);
        // 10 s of work: three streams of 3 s end on the way.
        Assert.Equal(["n=100"], await RowText.SortedAsync(session.Sql("SELECT count(*) AS n FROM (SELECT reflect('java.lang.Thread', 'sleep', 200L) AS nothing FROM range(0, 100, 1, 2)) WHERE nothing = 'null'").CollectAsync(Cancel)));
        Assert.Equal(1, proxy.Accepted); // it was no broken connection
    }

    [Fact]
    public async Task ConnectionCutInMidResult_GivesEveryRowOnceAndInOrder()
    {
        var spark = await server.SparkOrSkipAsync();
        await using var proxy = new CutProxy(spark.Port);
        await using var session = await ConnectAsync(proxy.Port);
        var (expected, cuts, next) = (0L, 0, proxy.FromServer + (4 << 20));
        await foreach (var batch in session.Sql("SELECT id, sha2(cast(id AS string), 512) AS text FROM range(0, 600000, 1, 6)").CollectAsync(Cancel))
        {
            foreach (var id in ((Int64Array)batch.Column(0)).Values) Assert.Equal(expected++, id);
            if (proxy.FromServer < next) continue;
            proxy.Cut();
            cuts++;
            next = proxy.FromServer + (4 << 20);
        }
        Assert.Equal(600_000, expected);
        Assert.True(cuts >= 3, $"{cuts} cuts");
    }

    [Fact]
    public async Task ConnectionCutDuringAWrite_WritesOnce()
    {
        var spark = await server.SparkOrSkipAsync();
        await using var proxy = new CutProxy(spark.Port);
        await using var session = await ConnectAsync(proxy.Port);
        var writing = session.Sql("SELECT id, reflect('java.lang.Thread', 'sleep', 300L) AS nothing FROM range(0, 20, 1, 2)").WriteAsync(
            new SparkWrite { Path = $"{_folder.Path}/t", Mode = SparkSaveMode.Append }, Cancel);
        for (var cuts = 0; cuts < 5 && !writing.IsCompleted; cuts++)
        {
            await Task.WhenAny(writing, Task.Delay(500, Cancel));
            proxy.Cut();
        }
        await writing;
        Assert.True(proxy.Accepted > 1);
        Assert.Equal(["n=20"], await RowText.SortedAsync(session.Sql($"SELECT count(*) AS n FROM delta.`{_folder.Path}/t`").CollectAsync(Cancel)));
        Assert.Single(Directory.GetFiles($"{_folder.Path}/t/_delta_log", "*.json"));
    }

    [Fact]
    public async Task PlanThatNeverArrived_IsSentAgain()
    {
        var spark = await server.SparkOrSkipAsync();
        await using var proxy = new CutProxy(spark.Port);
        await using var session = await ConnectAsync(proxy.Port);
        proxy.Refuses = true;
        proxy.Cut();
        var counting = session.Sql("SELECT count(*) AS n FROM range(10)").CollectAsync(Cancel);
        var rows = RowText.SortedAsync(counting);
        var refused = proxy.Accepted;
        for (var waited = 0; proxy.Accepted < refused + 2 && waited < 600; waited++) await Task.Delay(50, Cancel);
        proxy.Refuses = false;
        Assert.Equal(["n=10"], await rows);
    }

    [Fact]
    public async Task ServerGoneForGood_IsToldInOneLine()
    {
        var spark = await server.SparkOrSkipAsync();
        await using var proxy = new CutProxy(spark.Port);
        await using var session = await SparkSession.ConnectAsync(server.At(proxy.Port) with { Retries = 2 }, null, Cancel);
        var rows = session.Sql("SELECT reflect('java.lang.Thread', 'sleep', 200L) FROM range(0, 100, 1, 2)").CollectAsync(Cancel).ToListAsync(Cancel);
        proxy.Refuses = true;
        proxy.Cut();
        var fault = await Assert.ThrowsAsync<SparkException>(async () => await rows);
        Assert.Contains($"Spark at sc://127.0.0.1:{proxy.Port} cannot be reached", fault.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', fault.Message);
    }

    [Fact]
    public async Task WrongToken_IsRefused()
    {
        var spark = await server.SparkOrSkipAsync();
        foreach (var url in new[] { spark.Url, $"{spark.Url}/;token=wrong" })
        {
            var fault = await Assert.ThrowsAsync<SparkException>(() => SparkSession.ConnectAsync(SparkConnection.Parse(url), null, Cancel));
            Assert.Contains("refuses the caller", fault.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("wrong", fault.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task RestartedServer_IsToldApart()
    {
        var spark = await server.SparkOrSkipAsync();
        await using var lost = await ConnectAsync(spark.Port);
        await lost.Sql("SELECT 1 AS n").CreateOrReplaceTempViewAsync("mine", Cancel);
        await spark.KillAsync(Cancel);
        await spark.StartAsync(Cancel);
        foreach (var ask in new Func<Task>[] { async () => await lost.Table("mine").CollectAsync(Cancel).ToListAsync(Cancel), () => lost.SetAsync("spark.sql.shuffle.partitions", "3", Cancel) })
        {
            var fault = await Assert.ThrowsAsync<SparkException>(ask);
            Assert.Contains("has restarted", fault.Message, StringComparison.Ordinal);
            Assert.StartsWith("INVALID_HANDLE.", fault.ErrorClass, StringComparison.Ordinal);
        }
        await using var again = await ConnectAsync(spark.Port);
        Assert.Equal(["n=1"], await RowText.SortedAsync(again.Sql("SELECT 1 AS n").CollectAsync(Cancel)));
    }

    private Task<SparkSession> ConnectAsync(int port) => SparkSession.ConnectAsync(server.At(port), null, Cancel);
}

/// <summary>The server of these tests, started when one first asks for it.</summary>
public sealed class ShortStreams : IAsyncDisposable
{
    private const string Token = "s3cret";

    internal static readonly string[] Settings = ["spark.connect.execute.reattachable.senderMaxStreamDuration=3s", $"spark.connect.authenticate.token={Token}"];

    private RealSpark? _spark;

    internal async Task<RealSpark> SparkOrSkipAsync() => _spark ??= await RealSpark.StartOrSkipAsync(Settings, TestContext.Current.CancellationToken);

    internal SparkConnection At(int port) => SparkConnection.Parse($"sc://127.0.0.1:{port}/;token={Token}");

    public ValueTask DisposeAsync() => _spark?.DisposeAsync() ?? ValueTask.CompletedTask;
}
