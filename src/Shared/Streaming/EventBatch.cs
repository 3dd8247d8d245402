using Media.Events;

namespace Media.Streaming;

/// <summary>A good event with the place in the log it came from.</summary>
public readonly record struct ConsumedEvent(MediaEvent Event, int Partition, long Offset);

/// <summary>What one read of the log gave: every record is in <see cref="Good"/> or in <see cref="Bad"/>.</summary>
/// <remarks>Good is in log order within a partition.</remarks>
/// <param name="NextOffsets">Per partition, the offset to read next once this batch is safe.</param>
public sealed record EventBatch(IReadOnlyList<ConsumedEvent> Good, IReadOnlyList<BadEvent> Bad, IReadOnlyDictionary<int, long> NextOffsets)
{
    public int Received => Good.Count + Bad.Count;
}
