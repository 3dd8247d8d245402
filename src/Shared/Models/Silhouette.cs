using System.Numerics.Tensors;

namespace Media.Models;

/// <summary>How much nearer points are to their own cluster than to the next: the mean of (b − a) / max(a, b).</summary>
/// <remarks>a: mean distance to the other points of the own cluster; b: least mean distance to another cluster. Range −1 to 1; a cluster of one
/// counts 0, and so does everything when there is one cluster only. Exact, rows² distances. Pure, thread-safe, deterministic on any number of cores.</remarks>
/// <seealso href="https://doi.org/10.1016/0377-0427(87)90125-7">Rousseeuw 1987, Silhouettes</seealso>
public static class Silhouette
{
    /// <param name="points">rows × width, row-major.</param>
    /// <param name="assignment">A cluster number ≥ 0 per row.</param>
    /// <exception cref="ArgumentException">No rows, or the lengths do not fit.</exception>
    public static double Of(float[] points, int width, int[] assignment, CancellationToken cancel)
    {
        var rows = assignment.Length;
        if (rows == 0 || points.Length != rows * width) throw new ArgumentException($"points has {points.Length} numbers but {rows} rows of {width} were expected, at least one.");
        var sizes = new int[assignment.Max() + 1];
        foreach (var cluster in assignment) sizes[cluster]++;
        if (sizes.Count(s => s > 0) < 2) return 0;
        var widths = new double[rows];
        Parallel.For(0, rows, new ParallelOptions { CancellationToken = cancel }, () => new double[sizes.Length], (row, _, sums) =>
        {
            var own = assignment[row];
            if (sizes[own] == 1) return sums;
            Array.Clear(sums);
            var point = points.AsSpan(row * width, width);
            for (var other = 0; other < rows; other++) sums[assignment[other]] += TensorPrimitives.Distance(point, points.AsSpan(other * width, width));
            var a = sums[own] / (sizes[own] - 1);
            var b = double.PositiveInfinity;
            for (var cluster = 0; cluster < sizes.Length; cluster++)
                if (cluster != own && sizes[cluster] > 0) b = Math.Min(b, sums[cluster] / sizes[cluster]);
            widths[row] = Math.Max(a, b) is var most and > 0 ? (b - a) / most : 0;
            return sums;
        }, _ => { });
        return widths.Average();
    }
}
