using Media.Events;
using Media.Events.Simulator;
using Media.Streaming;

namespace Media.Tests.Jobs;

/// <summary>Some 9,000 records of 40 readers, out of order, some late, doubled and broken, in batches as a consumer gives them.</summary>
internal static class DisorderedLog
{
    public const int Partitions = 2;

    public static List<EventBatch> Make()
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
    public static EventBatch From(EventBatch batch, IReadOnlyDictionary<int, long> startAt) => new(
        [.. batch.Good.Where(g => g.Offset >= startAt.GetValueOrDefault(g.Partition))],
        [.. batch.Bad.Where(b => b.Offset >= startAt.GetValueOrDefault(b.Partition))],
        batch.NextOffsets.Where(p => p.Value > startAt.GetValueOrDefault(p.Key)).ToDictionary());
}
