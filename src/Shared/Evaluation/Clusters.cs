namespace Media.Evaluation;

/// <summary>Which rows are resampled in one piece because they are not independent: those of one reader, of one test.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed class Clusters
{
    private Clusters(int[] ofRow, int count) => (OfRow, Count) = (ofRow, count);

    /// <summary>Rows of equal keys are one cluster.</summary>
    /// <param name="keyOfRow">One per row judged, in their order.</param>
    public static Clusters Of<TKey>(IReadOnlyList<TKey> keyOfRow) where TKey : notnull
    {
        var (numbers, count) = Number(keyOfRow);
        return new Clusters(numbers, count);
    }

    public int Count { get; }

    /// <summary>The cluster of each row, 0 … Count − 1.</summary>
    internal int[] OfRow { get; }

    /// <summary>Keys numbered from 0 in the order of their first rows.</summary>
    internal static (int[] Numbers, int Count) Number<TKey>(IReadOnlyList<TKey> keys) where TKey : notnull
    {
        var known = new Dictionary<TKey, int>();
        var numbers = new int[keys.Count];
        for (var row = 0; row < numbers.Length; row++)
        {
            if (!known.TryGetValue(keys[row], out var number)) known.Add(keys[row], number = known.Count);
            numbers[row] = number;
        }
        return (numbers, known.Count);
    }
}
