namespace Media.Recommendation;

/// <summary>Work over rows in blocks, on all cores.</summary>
/// <remarks>A block's bounds depend on the number of rows alone, and what is written belongs to one block: so results are the same whatever the number of threads.</remarks>
internal static class RowBlocks
{
    /// <param name="threads">At most so many at a time; 0: as many as there are cores.</param>
    /// <param name="block">Gets the first row and the row after the last.</param>
    internal static void Run(int rows, int size, int threads, Action<int, int> block, CancellationToken cancel) =>
        Parallel.For(0, (rows + size - 1) / size, new ParallelOptions { MaxDegreeOfParallelism = threads == 0 ? -1 : threads, CancellationToken = cancel },
            b => block(b * size, Math.Min(rows, (b + 1) * size)));
}
