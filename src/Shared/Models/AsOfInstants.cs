using Media.Events;

namespace Media.Models;

/// <summary>The grid instants that rows are asked for.</summary>
internal static class AsOfInstants
{
    /// <exception cref="ArgumentException">No instant, or they do not ascend.</exception>
    internal static void Check(IReadOnlyList<long> asOfs)
    {
        if (asOfs.Count == 0) throw new ArgumentException("There is no as-of instant to take rows at.");
        for (var i = 1; i < asOfs.Count; i++)
            if (asOfs[i] <= asOfs[i - 1]) throw new ArgumentException($"As-of instants must ascend, but {asOfs[i]} µs follows {asOfs[i - 1]} µs.");
    }

    /// <summary>The instant whose window of this length holds a happening whole; −1 for none.</summary>
    /// <param name="fromMicros">When it begins, µs since the Unix epoch, UTC.</param>
    /// <param name="untilMicros">When its outcome is known.</param>
    internal static int Of(IReadOnlyList<long> asOfs, TimeSpan window, long fromMicros, long untilMicros)
    {
        var (low, high) = (0, asOfs.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (asOfs[middle] <= fromMicros) low = middle + 1;
            else high = middle;
        }
        return low > 0 && untilMicros <= asOfs[low - 1] + EpochMicros.Of(window) ? low - 1 : -1;
    }
}
