namespace Media.Models;

/// <summary>How well two clusterings of the same rows agree, beyond chance; the clusters' numbers do not matter.</summary>
/// <remarks>1 for the same partition, 0 expected for unrelated ones, below 0 for worse. Symmetric. Pure, thread-safe.</remarks>
/// <seealso href="https://doi.org/10.1007/BF01908075">Hubert &amp; Arabie 1985, Comparing partitions</seealso>
public static class AdjustedRandIndex
{
    /// <exception cref="ArgumentException">The lengths differ, or there are fewer than two rows.</exception>
    public static double Of(ReadOnlySpan<int> first, ReadOnlySpan<int> second)
    {
        if (first.Length != second.Length) throw new ArgumentException($"second has {second.Length} rows but first has {first.Length}.");
        if (first.Length < 2) throw new ArgumentException("Agreement needs at least two rows.");
        var (both, ofFirst, ofSecond) = (new Dictionary<(int, int), long>(), new Dictionary<int, long>(), new Dictionary<int, long>());
        for (var i = 0; i < first.Length; i++)
        {
            both[(first[i], second[i])] = both.GetValueOrDefault((first[i], second[i])) + 1;
            ofFirst[first[i]] = ofFirst.GetValueOrDefault(first[i]) + 1;
            ofSecond[second[i]] = ofSecond.GetValueOrDefault(second[i]) + 1;
        }
        double together = both.Values.Sum(Pairs), inFirst = ofFirst.Values.Sum(Pairs), inSecond = ofSecond.Values.Sum(Pairs);
        var expected = inFirst * inSecond / Pairs(first.Length);
        var most = (inFirst + inSecond) / 2;
        // Both partitions trivial, all together or all alone: they are the same one.
        return most == expected ? 1 : (together - expected) / (most - expected);
    }

    private static double Pairs(long n) => n * (n - 1) / 2.0;
}
