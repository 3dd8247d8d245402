namespace Media.Streaming;

/// <summary>Who answers for what is read of a consumer's partitions: told when the group gives it some and takes some away.</summary>
/// <remarks>Called on the thread that reads, in the middle of a read; the group waits meanwhile, at most its longest time between two reads (5 min).</remarks>
public interface IPartitionOwner
{
    /// <summary>The group gives these partitions.</summary>
    /// <returns>Per partition, the offset to begin at; a partition not named begins at the log's beginning. The group's own offsets are not asked.</returns>
    IReadOnlyDictionary<int, long> Take(IReadOnlyCollection<int> partitions);

    /// <summary>The group wants these partitions back: the last chance to make safe what was handed over of them.</summary>
    /// <returns>Per partition, the next offset of what is safe, to be told to the group before it goes on.</returns>
    IReadOnlyDictionary<int, long> Release(IReadOnlyCollection<int> partitions);

    /// <summary>The group has given these partitions to another member already, since this one fell silent: what is not yet safe is that one's to read.</summary>
    void Lose(IReadOnlyCollection<int> partitions);
}
