using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Media.Recommendation;

/// <summary>A dense symmetric matrix that can be inverted in its own place, block by block, on all cores.</summary>
/// <remarks>
/// <para>The inverse is taken by the sweep operator over blocks of pivots: for pivots K and the other rows R, with D = A_KK⁻¹,
/// A_RR −= A_RK D A_KR, A_RK := A_RK D, A_KK := −D; when all are swept, −A⁻¹ stands there. Only the lower triangle is computed: n³ ⁄ 2 multiply-adds,
/// nearly all of them in one kernel.</para>
/// <para>Rows are padded to whole tiles, with ones on the diagonal, so that the kernel has no edges. 4 n² bytes. Not thread-safe.</para>
/// </remarks>
/// <seealso href="https://doi.org/10.1080/00031305.1979.10482688">Goodnight 1979, A tutorial on the SWEEP operator</seealso>
internal sealed class SymmetricMatrix
{
    private const int TileRows = 6;
    private const int TileColumns = 16;
    private const int RowBlock = 48;
    private const int Pivots = 96;

    private readonly int _stride;
    private readonly float[] _cells;

    /// <summary>All zero.</summary>
    internal SymmetricMatrix(int size)
    {
        Size = size;
        _stride = (size + RowBlock - 1) / RowBlock * RowBlock;
        _cells = new float[checked(_stride * _stride)];
        for (var i = size; i < _stride; i++) _cells[i * _stride + i] = 1;
    }

    internal int Size { get; }

    /// <summary>A row; before <see cref="Invert"/> only what is left of the diagonal, and the diagonal, is read.</summary>
    internal Span<float> Row(int row) => _cells.AsSpan(row * _stride, Size);

    /// <summary>Becomes the inverse, both triangles filled.</summary>
    /// <exception cref="ArithmeticException">The matrix is not positive definite.</exception>
    internal void Invert(int threads, CancellationToken cancel)
    {
        var others = new float[_stride * Pivots];
        var swept = new float[_stride * Pivots];
        for (var first = 0; first < _stride; first += Pivots)
        {
            cancel.ThrowIfCancellationRequested();
            var width = Math.Min(Pivots, _stride - first);
            var inverse = InvertPivots(first, width);
            RowBlocks.Run(_stride, RowBlock, threads, (start, end) => Prepare(first, width, inverse, others, swept, start, end), cancel);
            RowBlocks.Run(_stride, RowBlock, threads, (start, end) => Sweep(width, others, swept, start, end), cancel);
            RowBlocks.Run(_stride, RowBlock, threads, (start, end) => Store(first, width, inverse, swept, start, end), cancel);
        }
        // Rows are mirrored by the block that owns the place written to.
        RowBlocks.Run(_stride, RowBlock, threads, (start, end) =>
        {
            for (var row = start; row < end; row++)
            {
                var lower = _cells.AsSpan(row * _stride, row + 1);
                TensorPrimitives.Negate(lower, lower);
            }
        }, cancel);
        RowBlocks.Run(_stride, RowBlock, threads, (start, end) =>
        {
            for (var column = start; column < _stride; column++)
                for (var row = start; row < Math.Min(end, column); row++) _cells[row * _stride + column] = _cells[column * _stride + row];
        }, cancel);
    }

    /// <summary>The inverse of the square of pivots, in double precision: errors made here would be spread over everything.</summary>
    private float[] InvertPivots(int first, int width)
    {
        var square = new double[width * width];
        for (var i = 0; i < width; i++)
            for (var j = 0; j <= i; j++) square[i * width + j] = square[j * width + i] = _cells[(first + i) * _stride + first + j];
        for (var k = 0; k < width; k++)
        {
            var pivot = square[k * width + k];
            if (!(pivot > 0)) throw new ArithmeticException($"The matrix is not positive definite: pivot {first + k} is {pivot}.");
            var pivotRow = square.AsSpan(k * width, width);
            for (var i = 0; i < width; i++)
            {
                if (i == k) continue;
                var row = square.AsSpan(i * width, width);
                var factor = row[k] / pivot;
                row[k] = 0;
                TensorPrimitives.MultiplyAdd(pivotRow, -factor, row, row);
                row[k] = -factor;
            }
            pivotRow[k] = 1;
            TensorPrimitives.Divide(pivotRow, pivot, pivotRow);
        }
        return Array.ConvertAll(square, v => (float)v);
    }

    /// <summary>Copies A_RK, a row per row, and A_RK D in panels of <see cref="TileColumns"/> rows, as the kernel reads them. The pivots' own rows are zero in both.</summary>
    private void Prepare(int first, int width, float[] inverse, float[] others, float[] swept, int start, int end)
    {
        for (var row = start; row < end; row++)
        {
            var own = others.AsSpan(row * width, width);
            if (row >= first + width) _cells.AsSpan(row * _stride + first, width).CopyTo(own);
            else if (row >= first) own.Clear();
            else
                for (var k = 0; k < width; k++) own[k] = _cells[(first + k) * _stride + row];
            var panel = row / TileColumns * TileColumns * width + row % TileColumns;
            for (var k = 0; k < width; k++) swept[panel + k * TileColumns] = TensorPrimitives.Dot<float>(own, inverse.AsSpan(k * width, width));
        }
    }

    private void Sweep(int width, float[] others, float[] swept, int start, int end)
    {
        for (var column = 0; column < end; column += TileColumns)
        {
            ref var panel = ref swept[column * width];
            for (var row = start; row < end; row += TileRows) SubtractTile(ref _cells[row * _stride + column], _stride, ref others[row * width], ref panel, width);
        }
    }

    private void Store(int first, int width, float[] inverse, float[] swept, int start, int end)
    {
        for (var row = start; row < end; row++)
        {
            var panel = row / TileColumns * TileColumns * width + row % TileColumns;
            if (row >= first + width)
                for (var k = 0; k < width; k++) _cells[row * _stride + first + k] = swept[panel + k * TileColumns];
            else if (row >= first)
                for (var k = 0; k < width; k++) _cells[row * _stride + first + k] = -inverse[(row - first) * width + k];
            else
                for (var k = 0; k < width; k++) _cells[(first + k) * _stride + row] = swept[panel + k * TileColumns];
        }
    }

    /// <summary>6 × 16 cells −= (6 rows of width) × (width × 16): twelve sums that stay in registers.</summary>
    private static void SubtractTile(ref float cells, int stride, ref float left, ref float right, int width)
    {
        Vector256<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default, d0 = default, d1 = default, e0 = default, e1 = default, f0 = default, f1 = default;
        for (var k = 0; k < width; k++)
        {
            var low = Vector256.LoadUnsafe(ref right, (nuint)(k * TileColumns));
            var high = Vector256.LoadUnsafe(ref right, (nuint)(k * TileColumns + 8));
            var x = Vector256.Create(Unsafe.Add(ref left, k));
            a0 = Vector256.MultiplyAddEstimate(x, low, a0);
            a1 = Vector256.MultiplyAddEstimate(x, high, a1);
            x = Vector256.Create(Unsafe.Add(ref left, k + width));
            b0 = Vector256.MultiplyAddEstimate(x, low, b0);
            b1 = Vector256.MultiplyAddEstimate(x, high, b1);
            x = Vector256.Create(Unsafe.Add(ref left, k + 2 * width));
            c0 = Vector256.MultiplyAddEstimate(x, low, c0);
            c1 = Vector256.MultiplyAddEstimate(x, high, c1);
            x = Vector256.Create(Unsafe.Add(ref left, k + 3 * width));
            d0 = Vector256.MultiplyAddEstimate(x, low, d0);
            d1 = Vector256.MultiplyAddEstimate(x, high, d1);
            x = Vector256.Create(Unsafe.Add(ref left, k + 4 * width));
            e0 = Vector256.MultiplyAddEstimate(x, low, e0);
            e1 = Vector256.MultiplyAddEstimate(x, high, e1);
            x = Vector256.Create(Unsafe.Add(ref left, k + 5 * width));
            f0 = Vector256.MultiplyAddEstimate(x, low, f0);
            f1 = Vector256.MultiplyAddEstimate(x, high, f1);
        }
        Subtract(ref cells, 0, a0, a1);
        Subtract(ref cells, stride, b0, b1);
        Subtract(ref cells, 2 * stride, c0, c1);
        Subtract(ref cells, 3 * stride, d0, d1);
        Subtract(ref cells, 4 * stride, e0, e1);
        Subtract(ref cells, 5 * stride, f0, f1);

        static void Subtract(ref float cells, int at, Vector256<float> low, Vector256<float> high)
        {
            (Vector256.LoadUnsafe(ref cells, (nuint)at) - low).StoreUnsafe(ref cells, (nuint)at);
            (Vector256.LoadUnsafe(ref cells, (nuint)at + 8) - high).StoreUnsafe(ref cells, (nuint)at + 8);
        }
    }
}
