using Media.Events;
using Media.Events.Simulator;
using Media.Jobs;
using Media.Lake;
using Media.Sessions;
using Media.Streaming;

namespace Media.Tests.Jobs;

/// <summary>The log's way into the lake, with the process dying anywhere on it.</summary>
public sealed class SessionPipelineTests : IDisposable
{
    private const string Topic = "test";
    private const int Partitions = 2;
    private static readonly List<EventBatch> Log = MakeLog();
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
                    var rest = From(batch, run.StartAt);
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
    public async Task SecondSessionizerOnTheSameLake_IsRefused()
    {
        var lake = new LocalObjectStore(_folder);
        var first = await OpenAsync(lake);
        var second = await OpenAsync(lake);
        await first.TakeAsync(Log[0]);
        await first.CommitAsync();

        await second.TakeAsync(Log[0]);
        Assert.Contains("Another sessionizer", (await Assert.ThrowsAsync<JobException>(second.CommitAsync)).Message, StringComparison.Ordinal);
    }

    private static Task<SessionPipeline> OpenAsync(IObjectStore lake) =>
        SessionPipeline.OpenAsync(lake, Topic, Partitions, new SessionOptions(), new PipelineOptions { CommitEvents = 1_000 }, TimeProvider.System, TestContext.Current.CancellationToken);

    /// <summary>Some 9,000 records of 40 readers, out of order, some late, doubled and broken, in batches as a consumer gives them.</summary>
    private static List<EventBatch> MakeLog()
    {
        var events = new EventSimulator(new SimulatorOptions { Users = 40, Days = 30, Seed = 7 }).Events();
        var arrivals = Disorder.Of(events, new DisorderOptions { DelayedShare = 0.05, LongestDelay = TimeSpan.FromHours(12), BrokenShare = 0.01, DuplicateShare = 0.02 });
        var offsets = new long[Partitions];
        var batches = new List<EventBatch>();
        foreach (var chunk in arrivals.Chunk(400))
        {
            var (good, bad, next) = (new List<ConsumedEvent>(), new List<BadEvent>(), new Dictionary<int, long>());
            foreach (var arrival in chunk)
            {
                var partition = (arrival.UserId.Value[^1] & 1) % Partitions;
                var offset = offsets[partition]++;
                next[partition] = offset + 1;
                if (arrival.Event is { } e) good.Add(new ConsumedEvent(e, partition, offset));
                else bad.Add(new BadEvent(BadEventReason.Undecodable, null, arrival.Broken, DateTimeOffset.UnixEpoch.AddYears(56), partition, offset));
            }
            batches.Add(new EventBatch(good, bad, next));
        }
        return batches;
    }

    /// <summary>What a consumer that begins at these offsets gets of the batch.</summary>
    private static EventBatch From(EventBatch batch, IReadOnlyDictionary<int, long> startAt) => new(
        [.. batch.Good.Where(g => g.Offset >= startAt.GetValueOrDefault(g.Partition))],
        [.. batch.Bad.Where(b => b.Offset >= startAt.GetValueOrDefault(b.Partition))],
        batch.NextOffsets.Where(p => p.Value > startAt.GetValueOrDefault(p.Key)).ToDictionary());

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
    private sealed class DyingStore(IObjectStore store, int writes) : IObjectStore
    {
        public const string Death = "The process died here.";
        private int _left = writes;

        public Task PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
        {
            Live();
            return store.PutAsync(key, bytes, cancel);
        }

        public Task<bool> TryPutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken cancel)
        {
            Live();
            return store.TryPutAsync(key, bytes, cancel);
        }

        public Task<byte[]?> GetAsync(string key, CancellationToken cancel) => store.GetAsync(key, cancel);
        public Task<byte[]?> GetRangeAsync(string key, long offset, int length, CancellationToken cancel) => store.GetRangeAsync(key, offset, length, cancel);
        public Task<StoredObject?> FindAsync(string key, CancellationToken cancel) => store.FindAsync(key, cancel);
        public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken cancel) => store.ListAsync(prefix, cancel);
        public Task DeleteAsync(string key, CancellationToken cancel) => store.DeleteAsync(key, cancel);

        private void Live()
        {
            if (Interlocked.Decrement(ref _left) < 0) throw new IOException(Death);
        }
    }
}
