using System.Numerics.Tensors;

namespace Media.Models;

/// <summary>How much clusters overlap: the mean, over clusters, of the worst ratio of their widths to the distance of their centres.</summary>
/// <remarks>Width: mean distance of a cluster's points to its mean. Range ≥ 0, less is better; 0 when there is one cluster only; infinite when two means coincide. Pure, thread-safe.</remarks>
/// <seealso href="https://doi.org/10.1109/TPAMI.1979.4766909">Davies &amp; Bouldin 1979, A cluster separation measure</seealso>
public static class DaviesBouldin
{
    /// <param name="points">rows × width, row-major.</param>
    /// <param name="assignment">A cluster number ≥ 0 per row.</param>
    /// <exception cref="ArgumentException">No rows, or the lengths do not fit.</exception>
    public static double Of(ReadOnlySpan<float> points, int width, ReadOnlySpan<int> assignment)
    {
        var rows = assignment.Length;
        if (rows == 0 || points.Length != rows * width) throw new ArgumentException($"points has {points.Length} numbers but {rows} rows of {width} were expected, at least one.");
        var clusters = 0;
        foreach (var cluster in assignment) clusters = Math.Max(clusters, cluster + 1);
        var (sizes, means, widths) = (new int[clusters], new float[clusters * width], new double[clusters]);
        for (var row = 0; row < rows; row++)
        {
            sizes[assignment[row]]++;
            var mean = means.AsSpan(assignment[row] * width, width);
            TensorPrimitives.Add(mean, points.Slice(row * width, width), mean);
        }
        for (var cluster = 0; cluster < clusters; cluster++)
        {
            var mean = means.AsSpan(cluster * width, width);
            if (sizes[cluster] > 0) TensorPrimitives.Divide(mean, sizes[cluster], mean);
        }
        for (var row = 0; row < rows; row++)
            widths[assignment[row]] += TensorPrimitives.Distance(points.Slice(row * width, width), means.AsSpan(assignment[row] * width, width)) / sizes[assignment[row]];

        var (sum, held) = (0.0, 0);
        for (var one = 0; one < clusters; one++)
        {
            if (sizes[one] == 0) continue;
            held++;
            var worst = 0.0;
            for (var other = 0; other < clusters; other++)
                if (other != one && sizes[other] > 0)
                    worst = Math.Max(worst, (widths[one] + widths[other]) / TensorPrimitives.Distance<float>(means.AsSpan(one * width, width), means.AsSpan(other * width, width)));
            sum += worst;
        }
        return sum / held;
    }
}
