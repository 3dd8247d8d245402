using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Media.Recommendation;

/// <summary>Rows of factors, one per user or item.</summary>
/// <remarks>Row-major, rows × width.</remarks>
internal sealed class FactorMatrix(int rows, int width)
{
    private const int GramBlock = 1024;
    private readonly float[] _cells = new float[checked(rows * width)];

    internal int Rows => rows;

    internal int Width => width;

    internal Span<float> Row(int row) => _cells.AsSpan(row * width, width);

    internal Span<float> Cells => _cells;

    /// <summary>into += scale · row. For rows of some dozens of factors, to which a call into a library costs as much as the sum.</summary>
    internal static void AddScaled(ReadOnlySpan<float> row, float scale, Span<float> into)
    {
        ref var from = ref MemoryMarshal.GetReference(row);
        ref var to = ref MemoryMarshal.GetReference(into[..row.Length]);
        var (i, scales) = (0, Vector256.Create(scale));
        for (; i <= row.Length - Vector256<float>.Count; i += Vector256<float>.Count)
            Vector256.FusedMultiplyAdd(Vector256.LoadUnsafe(ref from, (nuint)i), scales, Vector256.LoadUnsafe(ref to, (nuint)i)).StoreUnsafe(ref to, (nuint)i);
        for (; i < row.Length; i++) into[i] = MathF.FusedMultiplyAdd(row[i], scale, into[i]);
    }

    /// <summary>width × width sums of the rows' products, in double precision across blocks.</summary>
    internal float[] Gram(int threads, CancellationToken cancel)
    {
        // Sums of fixed blocks, added in their order: the same whatever the number of threads.
        var sums = new float[(rows + GramBlock - 1) / GramBlock][];
        RowBlocks.Run(rows, GramBlock, threads, (start, end) =>
        {
            var sum = sums[start / GramBlock] = new float[width * width];
            for (var row = start; row < end; row++)
            {
                var cells = Row(row);
                for (var i = 0; i < width; i++)
                    if (cells[i] != 0) TensorPrimitives.MultiplyAdd(cells[..(i + 1)], cells[i], sum.AsSpan(i * width, i + 1), sum.AsSpan(i * width, i + 1));
            }
        }, cancel);
        var total = new double[width * width];
        foreach (var sum in sums)
            for (var i = 0; i < sum.Length; i++) total[i] += sum[i];
        var gram = new float[width * width];
        for (var i = 0; i < width; i++)
            for (var j = 0; j <= i; j++) gram[i * width + j] = gram[j * width + i] = (float)total[i * width + j];
        return gram;
    }
}
