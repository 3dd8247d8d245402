using Media.Events;
using Media.Lake;
using Media.Sessions;
using Media.Spark;
using Media.Streaming;
using Media.Tests.Sessions;

namespace Media.Tests.Spark;

/// <summary>Sessions by Spark against those cut here: the same rows in every column.</summary>
[Collection(TestSpark.OneAtATime)]
public class SessionSqlTests(TestSpark spark)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task RandomStreams_GiveTheSameSessions(int seed)
    {
        // Small streams that lean on every edge: equal times, exactly the gap, the cap, absent fields. Each has readers of its own.
        await using var session = await spark.ConnectOrSkipAsync();
        var random = new Random(seed);
        var options = EventStreams.RandomOptions(random);
        var events = new List<(MediaEvent Event, bool IsLate)>();
        for (var stream = 0; stream < 150; stream++)
            events.AddRange(EventStreams.InOrder(random, options, 40).Select(e => (e with { UserId = new UserId($"{stream}/{e.UserId}") }, random.Next(20) == 0)));
        await HoldAsync(session, events, options);
    }

    [Fact]
    public async Task SecondDeliveries_CountOnce()
    {
        await using var session = await spark.ConnectOrSkipAsync();
        var random = new Random(4);
        var once = EventStreams.InOrder(random, new SessionOptions(), 300);
        var expected = Here(once.Select(e => (e, false)), new SessionOptions());
        SessionAssert.Same(expected, await ThereAsync(session, [.. once.Concat(once.Where(_ => random.Next(3) == 0)).Select(e => (e, false))], new SessionOptions()));
    }

    [Fact]
    public async Task NoEvents_GiveNoSessions()
    {
        await using var session = await spark.ConnectOrSkipAsync();
        Assert.Empty(await ThereAsync(session, [], new SessionOptions()));
    }

    private static async Task HoldAsync(SparkSession session, List<(MediaEvent Event, bool IsLate)> events, SessionOptions options) =>
        SessionAssert.Same(Here(events, options), await ThereAsync(session, events, options));

    private static List<Session> Here(IEnumerable<(MediaEvent Event, bool IsLate)> events, SessionOptions options)
    {
        var cutter = new Resessionizer(options, DateOnly.MinValue.AddDays(10), DateOnly.MinValue.AddDays(10));
        return [.. events.GroupBy(e => e.Event.UserId).SelectMany(g => cutter.Cut(g))];
    }

    private static async Task<List<Session>> ThereAsync(SparkSession session, List<(MediaEvent Event, bool IsLate)> events, SessionOptions options)
    {
        using var batch = EventColumns.From([.. events.Select((e, i) => new ConsumedEvent(e.Event, 0, i))], [.. events.Select(e => e.IsLate)]);
        await session.CreateDataFrame(batch).CreateOrReplaceTempViewAsync("test_events", Cancel);
        var sessions = new List<Session>();
        await foreach (var rows in session.Sql(SessionSql.Of("test_events", options)).CollectAsync(Cancel))
            using (rows)
                sessions.AddRange(SessionColumns.Read(rows));
        return sessions;
    }
}
