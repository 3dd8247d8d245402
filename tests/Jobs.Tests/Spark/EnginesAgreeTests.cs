using Media.Lake;
using Media.Sessions;
using Media.Tests.Engines;
using Media.Tests.Jobs.Kafka;
using Media.Tests.Sessions;

namespace Media.Tests.Jobs.Spark;

/// <summary>The same log and the same lake through this engine and through Spark: the same rows.</summary>
[Trait("Category", "Long")]
public sealed class EnginesAgreeTests : IDisposable
{
    private const string Topic = "agree";
    private static readonly SessionOptions Options = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("media-engines-agree-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact(Explicit = true)]
    public async Task Log_ThroughBoth_GivesTheSameEventsAndSessions()
    {
        await using var kafka = await RealKafka.StartOrSkipAsync(Cancel);
        await using var spark = await RealSpark.StartOrSkipAsync([], Cancel);
        var on = JobProcess.On(kafka, Topic);
        on["Spark__Url"] = spark.Url;
        var (here, there) = (Path.Combine(_folder, "here"), Path.Combine(_folder, "there"));
        await SaidAsync(on, "produce", "--users", "150", "--days", "60");
        await SaidAsync(on, "sessionize", "--no-warehouse", "--until-caught-up", "--out", here);
        var said = await SaidAsync(on, "sessionize", "--engine", "spark", "--until-caught-up", "--out", there);
        TestContext.Current.TestOutputHelper!.WriteLine(said);

        var (ours, theirs) = (await EventsAsync(here), await EventsAsync(there));
        Assert.True(ours.Count > 40_000, $"only {ours.Count} events");
        Assert.Equal(ours.Order(StringComparer.Ordinal), theirs.Order(StringComparer.Ordinal));
        Assert.Equal((await RowsAsync(here, Tables.BadEvents, BadEventColumns.Read)).Select(b => (b.Partition, b.Offset, b.Reason, b.Field)).Order(),
            (await RowsAsync(there, Tables.BadEvents, BadEventColumns.Read)).Select(b => (b.Partition, b.Offset, b.Reason, b.Field)).Order());

        // What was staged has been let go.
        Assert.Empty(Directory.EnumerateFiles(Path.Combine(there, "lake", "_spark"), "part-*.parquet", SearchOption.AllDirectories));

        // Read again, nothing is added.
        await SaidAsync(on, "sessionize", "--engine", "spark", "--until-caught-up", "--out", there);
        Assert.Equal(theirs.Count, (await EventsAsync(there)).Count);

        // Spark's one watermark is not ours of each partition, so late events may differ; cut anew, with all of them, the sessions do not.
        foreach (var lake in new[] { here, there }) await SaidAsync(on, "resessionize", "--from", "2025-01-01", "--to", "2027-12-31", "--out", lake);
        var (a, b) = (await SessionsAsync(here), await SessionsAsync(there));
        var closedByBoth = Math.Min(a.Max(s => s.SessionStartMicros), b.Max(s => s.SessionStartMicros)) - (long)(Options.Cap + Options.AllowedLateness).TotalMicroseconds;
        var (closedHere, closedThere) = (a.Where(s => s.SessionStartMicros < closedByBoth).ToList(), b.Where(s => s.SessionStartMicros < closedByBoth).ToList());
        Assert.True(closedHere.Count > 3_500, $"only {closedHere.Count} sessions");
        SessionAssert.Same(closedHere.Select(WithoutLate), closedThere.Select(WithoutLate));

        // One lake, cut by either engine: nothing to change, late events counted.
        Assert.Contains("are as they should be", await SaidAsync(on, "resessionize", "--engine", "spark", "--from", "2025-01-01", "--to", "2027-12-31", "--out", here), StringComparison.Ordinal);
        Assert.Contains(a, s => s[SessionMetrics.LateEvents] > 0);

        // Neither goes on with the other's lake.
        var (refused, refusal) = await JobProcess.RunAsync(on, "sessionize", "--no-warehouse", "--until-caught-up", "--out", there);
        Assert.True(refused == 1 && refusal.Contains("Spark feeds this lake", StringComparison.Ordinal), refusal);
        (refused, refusal) = await JobProcess.RunAsync(on, "sessionize", "--engine", "spark", "--until-caught-up", "--out", here);
        Assert.True(refused == 1 && refusal.Contains("Keep to one engine", StringComparison.Ordinal), refusal);
    }

    [Fact(Explicit = true)]
    public async Task Deskdrop_CutByBoth_IsTheSame() => await CutByBothAsync([], ["sessionize", "--source", "deskdrop", "--path", SharedData.PathOrSkip("data", "deskdrop", "interactions_20160314_20161130.csv.gz")], ("2016-01-01", "2016-12-31"));

    [Fact(Explicit = true)]
    public async Task MillionEvents_CutByTwoExecutorProcesses_AreTheSame() =>
        await CutByBothAsync(["spark.master=local-cluster[2,1,1024]"], ["sessionize", "--users", "1150", "--days", "180"], ("2025-01-01", "2027-12-31"));

    /// <summary>A lake of one engine's, of which the other finds nothing to change.</summary>
    private async Task CutByBothAsync(IReadOnlyList<string> settings, string[] play, (string First, string Last) days)
    {
        await using var spark = await RealSpark.StartOrSkipAsync(settings, Cancel);
        var on = new Dictionary<string, string> { ["Spark__Url"] = spark.Url };
        await SaidAsync(on, [.. play, "--out", _folder]);
        var late = (await RowsAsync(_folder, Tables.Events, EventColumns.Read)).Count(e => e.IsLate);
        await SaidAsync(on, "resessionize", "--from", days.First, "--to", days.Last, "--out", _folder);
        var said = await SaidAsync(on, "resessionize", "--engine", "spark", "--from", days.First, "--to", days.Last, "--out", _folder);
        TestContext.Current.TestOutputHelper!.WriteLine($"{late} late events\n{said}");
        Assert.Contains("are as they should be", said, StringComparison.Ordinal);
    }

    /// <summary>Spark does not mark late events.</summary>
    private static Session WithoutLate(Session session)
    {
        var metrics = session.Metrics.ToArray();
        metrics[SessionMetrics.LateEvents.Index] = 0;
        return session with { Metrics = metrics };
    }

    private static async Task<string> SaidAsync(IReadOnlyDictionary<string, string> on, params string[] arguments)
    {
        var (exit, said) = await JobProcess.RunAsync(on, arguments);
        Assert.True(exit == 0, said);
        return said;
    }

    /// <summary>What an event is, but for which of two deliveries it came with and whether it is marked late.</summary>
    private static async Task<List<string>> EventsAsync(string folder) =>
        [.. (await RowsAsync(folder, Tables.Events, EventColumns.Read)).Select(e => $"{e.Consumed.Event.EventId} {e.Consumed.Event}")];

    private static async Task<List<Session>> SessionsAsync(string folder) => await RowsAsync(folder, Tables.Sessions, SessionColumns.Read);

    private static async Task<List<T>> RowsAsync<T>(string folder, TableSchema schema, Func<Apache.Arrow.RecordBatch, T[]> read)
    {
        var rows = new List<T>();
        await foreach (var batch in (await DeltaTable.OpenAsync(new LocalObjectStore(Path.Combine(folder, "lake")), schema.Name, Cancel)).ReadAsync(Cancel))
            using (batch)
                rows.AddRange(read(batch));
        return rows;
    }
}
