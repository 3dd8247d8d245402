using Media.Jobs;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;
using Media.Tests.Lake;

namespace Media.Tests.Jobs;

/// <summary>The log's way into the lake, with the process dying anywhere on it.</summary>
public sealed class SessionPipelineTests : IDisposable
{
    private const string Topic = "test";
    private static readonly List<EventBatch> Log = DisorderedLog.Make();
    private readonly string _folder = Directory.CreateTempSubdirectory("media-pipeline-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task WholeRun_AccountsForEveryRecord()
    {
        var lake = new LocalObjectStore(_folder);
        var pipeline = await OpenAsync(lake);
        foreach (var batch in Log) await pipeline.TakeAsync(batch);
        await pipeline.FlushAsync();

        var counts = pipeline.Counts;
        Assert.Equal(Log.Sum(b => b.Received), counts.Received);
        Assert.Equal(counts.Received, counts.Good + counts.Bad);
        Assert.Equal(counts.Good, counts.Accepted + counts.Late + counts.Duplicates);
        Assert.True(counts is { Bad: > 0, Late: > 0, Duplicates: > 0 }, $"the log holds all kinds: {counts}");
        var kept = await KeptAsync(lake);
        Assert.Equal(counts.Accepted + counts.Late, kept.Events.Count);
        Assert.Equal(counts.Bad, kept.BadEvents.Count);
        Assert.Equal(counts.Sessions, kept.Sessions.Count);
        Assert.True(counts.LateDuplicates > 0, "a second delivery that comes later than the allowed lateness is found in the lake");
        Assert.Equal(Log.SelectMany(b => b.Good).Select(g => g.Event.EventId.ToString()).Distinct().Order(StringComparer.Ordinal),
            kept.Events.Select(e => e.Split(' ')[0]).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task ProcessDyingAtAnyWrite_LosesAndDoublesNothing(int seed)
    {
        var whole = new LocalObjectStore(Path.Combine(_folder, "whole"));
        var pipeline = await OpenAsync(whole);
        foreach (var batch in Log) await pipeline.TakeAsync(batch);
        await pipeline.FlushAsync();

        // Each run dies at its nth write, which may lie between a table's data and its log, or between two tables.
        var random = new Random(seed);
        var local = new LocalObjectStore(Path.Combine(_folder, "dying"));
        var deaths = 0;
        for (var done = false; !done;)
        {
            var dying = new DyingStore(local, writes: deaths < 40 ? random.Next(1, 30) : int.MaxValue);
            try
            {
                var run = await OpenAsync(dying);
                foreach (var batch in Log)
                {
                    var rest = DisorderedLog.From(batch, run.StartAt);
                    if (rest.Received > 0) await run.TakeAsync(rest);
                }
                await run.FlushAsync();
                done = true;
            }
            catch (IOException e) when (e.Message == DyingStore.Death) { deaths++; }
        }

        Assert.True(deaths >= 5, $"it died {deaths} times only");
        var (expected, actual) = (await KeptAsync(whole), await KeptAsync(local));
        Assert.Equal(expected.Events.Order(StringComparer.Ordinal), actual.Events.Order(StringComparer.Ordinal));
        Assert.Equal(expected.BadEvents.Order(), actual.BadEvents.Order());
        Assert.Equal(expected.Sessions.Order(StringComparer.Ordinal), actual.Sessions.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task SecondSessionizerOnTheSameLake_TakesOver_AndTheFirstIsRefused()
    {
        var lake = new LocalObjectStore(_folder);
        var first = await OpenAsync(lake);
        await first.TakeAsync(Log[0]);
        var second = await OpenAsync(lake);
        await second.TakeAsync(Log[0]);

        // Each has the same batch in hand; only the one that claimed the partitions last may write it.
        Assert.Contains("Another sessionizer", (await Assert.ThrowsAsync<PartitionTakenException>(first.CommitAsync)).Message, StringComparison.Ordinal);
        await second.CommitAsync();
        await first.GiveUpAsync();
        Assert.Equal((0, 0, 0, 0), (first.Counts.Received, first.Counts.Good, first.Counts.Bad, first.Counts.Accepted));
        Assert.Equal(Log[0].Good.DistinctBy(g => g.Event.EventId).Count(), (await KeptAsync(lake)).Events.Count);
    }

    [Fact]
    public async Task ZombieWithAnotherCut_OfTheSameOffsets_WritesNothing()
    {
        var lake = new LocalObjectStore(_folder);
        var zombie = await OpenAsync(lake);
        await zombie.TakeAsync(Log[0]);
        await zombie.CommitAsync();
        foreach (var batch in Log[1..8]) await zombie.TakeAsync(batch);

        var owner = await OpenAsync(lake);
        Assert.Equal(zombie.StartAt, owner.StartAt);
        foreach (var batch in Log[1..3]) await owner.TakeAsync(batch);
        await owner.CommitAsync();
        var before = await KeptAsync(lake);

        // Its batches reach further than the owner's: nothing but what they go on from tells that they overlap.
        await Assert.ThrowsAsync<PartitionTakenException>(zombie.CommitAsync);
        await zombie.GiveUpAsync();
        var after = await KeptAsync(lake);
        Assert.Equal(before.Events, after.Events);
        Assert.Equal(before.BadEvents, after.BadEvents);
    }

    [Fact]
    public async Task ZombieThatOnlyFlushes_WritesNothing()
    {
        var lake = new LocalObjectStore(_folder);
        var zombie = await OpenAsync(lake);
        foreach (var batch in Log[..3]) await zombie.TakeAsync(batch);
        await zombie.CommitAsync();
        var owner = await OpenAsync(lake);
        var before = (await KeptAsync(lake)).Sessions;

        // No new offset: the sessions that it would close are the owner's to close.
        await Assert.ThrowsAsync<PartitionTakenException>(zombie.FlushAsync);
        Assert.Equal(before, (await KeptAsync(lake)).Sessions);
        foreach (var batch in Log[3..]) await owner.TakeAsync(batch);
        await owner.FlushAsync();
        await AssertAsUndisturbedAsync(lake);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task PartitionsMovingBetweenInstances_ReleasedOrLost_ChangeNothing(int seed)
    {
        var lake = new LocalObjectStore(Path.Combine(_folder, "shared"));
        var random = new Random(seed);
        var instances = new List<SessionPipeline>();
        for (var i = 0; i < 3; i++)
            instances.Add(await SessionPipeline.OpenAsync(lake, Topic, new SessionOptions(), new PipelineOptions { CommitEvents = 500 }, TimeProvider.System, TestContext.Current.CancellationToken));
        var owner = new int[DisorderedLog.Partitions];
        var next = new long[DisorderedLog.Partitions];
        for (var p = 0; p < owner.Length; p++) await MoveAsync(p, random.Next(instances.Count));
        var ends = Log.SelectMany(b => b.NextOffsets).GroupBy(n => n.Key).ToDictionary(g => g.Key, g => g.Max(n => n.Value));
        var (released, lost, refused) = (0, 0, 0);
        while (ends.Any(e => next[e.Key] < e.Value))
        {
            var partition = random.Next(owner.Length);
            if (random.NextDouble() < 0.4)
            {
                var from = instances[owner[partition]];
                var to = (owner[partition] + 1) % instances.Count;
                if (random.NextDouble() < 0.5)
                {
                    await from.ReleaseAsync([partition]);
                    released++;
                    await MoveAsync(partition, to);
                }
                else
                {
                    // The group gives it away while this one sleeps; it may or may not wake up before it tries to commit.
                    await MoveAsync(partition, to);
                    var asleep = random.NextDouble() < 0.5;
                    try
                    {
                        if (asleep) await from.CommitAsync();
                        await from.LoseAsync([partition]);
                    }
                    catch (PartitionTakenException)
                    {
                        refused++;
                        var others = from.Partitions.Where(p => p != partition).ToList();
                        await from.GiveUpAsync();
                        foreach (var other in others) await MoveAsync(other, instances.IndexOf(from));
                    }
                    lost++;
                }
                continue;
            }
            var until = Math.Min(ends[partition], next[partition] + random.Next(1, 700));
            await instances[owner[partition]].TakeAsync(Between(partition, next[partition], until));
            next[partition] = until;
        }
        foreach (var instance in instances) await instance.FlushAsync();

        Assert.True(released >= 3 && lost >= 3 && refused >= 1, $"{released} released, {lost} lost, {refused} refused");
        await AssertAsUndisturbedAsync(lake);
        Assert.Equal(Log.Sum(b => b.Received), instances.Sum(i => i.Counts.Received - i.Counts.Replayed));

        async Task MoveAsync(int partition, int to)
        {
            await instances[to].TakeUpAsync([partition], TestContext.Current.CancellationToken);
            owner[partition] = to;
            next[partition] = instances[to].StartAt.GetValueOrDefault(partition);
        }
    }

    /// <summary>The records of a partition from an offset to before another, as a consumer gives them.</summary>
    private static EventBatch Between(int partition, long from, long to) => new(
        [.. Log.SelectMany(b => b.Good).Where(g => g.Partition == partition && g.Offset >= from && g.Offset < to)],
        [.. Log.SelectMany(b => b.Bad).Where(g => g.Partition == partition && g.Offset >= from && g.Offset < to)], new Dictionary<int, long> { [partition] = to });

    private async Task AssertAsUndisturbedAsync(IObjectStore lake)
    {
        var whole = new LocalObjectStore(Path.Combine(_folder, "whole"));
        var pipeline = await OpenAsync(whole);
        foreach (var batch in Log) await pipeline.TakeAsync(batch);
        await pipeline.FlushAsync();
        var (expected, actual) = (await KeptAsync(whole), await KeptAsync(lake));
        Assert.Equal(expected.Events.Order(StringComparer.Ordinal), actual.Events.Order(StringComparer.Ordinal));
        Assert.Equal(expected.BadEvents.Order(), actual.BadEvents.Order());
        Assert.Equal(expected.Sessions.Order(StringComparer.Ordinal), actual.Sessions.Order(StringComparer.Ordinal));
    }

    private static Task<SessionPipeline> OpenAsync(IObjectStore lake) =>
        SessionPipeline.OpenAsync(lake, Topic, DisorderedLog.Partitions, new SessionOptions(), new PipelineOptions { CommitEvents = 1_000 }, TimeProvider.System, TestContext.Current.CancellationToken);

    private static async Task<(List<string> Events, List<(int, long)> BadEvents, List<string> Sessions)> KeptAsync(IObjectStore lake)
    {
        var cancel = TestContext.Current.CancellationToken;
        var (events, bad, sessions) = (new List<string>(), new List<(int, long)>(), new List<string>());
        await foreach (var batch in (await DeltaTable.OpenAsync(lake, Tables.Events.Name, cancel)).ReadAsync(cancel))
            events.AddRange(EventColumns.Read(batch).Select(e => $"{e.Consumed.Event.EventId} {e.Consumed.Partition}/{e.Consumed.Offset} {e.IsLate}"));
        await foreach (var batch in (await DeltaTable.OpenAsync(lake, Tables.BadEvents.Name, cancel)).ReadAsync(cancel))
            bad.AddRange(BadEventColumns.Read(batch).Select(b => (b.Partition, b.Offset)));
        await foreach (var batch in (await DeltaTable.OpenAsync(lake, Tables.Sessions.Name, cancel)).ReadAsync(cancel))
            sessions.AddRange(SessionColumns.Read(batch).Select(s => $"{s.SessionId} {s.SessionStartMicros}–{s.SessionEndMicros} {string.Join(',', s.Metrics)}"));
        return (events, bad, sessions);
    }

    /// <summary>A real store whose process dies at a write: that one and all after it never reach the disk.</summary>
    private sealed class DyingStore(IObjectStore store, int writes) : PassingStore(store)
    {
        public const string Death = "The process died here.";
        private int _left = writes;

        public override Task PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
        {
            Live();
            return base.PutAsync(key, bytes, cancel);
        }

        public override Task<bool> TryPutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
        {
            Live();
            return base.TryPutAsync(key, bytes, cancel);
        }

        private void Live()
        {
            if (Interlocked.Decrement(ref _left) < 0) throw new IOException(Death);
        }
    }
}
