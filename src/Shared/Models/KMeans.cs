using System.Numerics.Tensors;

namespace Media.Models;

/// <summary>Centres and which of them each point is nearest to.</summary>
/// <remarks>Centres: k × Width, row-major. Assignment: one per point, in [0, k). Inertia: sum of squared distances. Immutable, thread-safe.</remarks>
public sealed record Clustering(float[] Centres, int Width, int[] Assignment, double Inertia)
{
    public int K => Centres.Length / Width;
}

/// <summary>K-Means: k-means++ starts, Lloyd's iterations, the best of several.</summary>
/// <remarks>Pure, thread-safe; same points and seed, same result, whatever the number of cores.</remarks>
/// <seealso href="https://dl.acm.org/doi/10.5555/1283383.1283494">Arthur &amp; Vassilvitskii 2007, k-means++: the advantages of careful seeding</seealso>
public static class KMeans
{
    private const int MaxIterations = 100;

    /// <param name="points">rows × width, row-major, finite.</param>
    /// <param name="k">Clusters, 1 … rows. Fewer may hold points when points coincide.</param>
    /// <param name="restarts">Starts, ≥ 1; the one with the least inertia wins, the earlier of equal ones.</param>
    /// <exception cref="ArgumentException">The points are no whole rows, or k is out of range.</exception>
    public static Clustering Fit(float[] points, int width, int k, int restarts, int seed, CancellationToken cancel)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(restarts, 1);
        if (points.Length % width != 0) throw new ArgumentException($"{points.Length} numbers are no whole rows of {width}.");
        if (k < 1 || k > points.Length / width) throw new ArgumentException($"k is {k}; expected 1 to the {points.Length / width} rows.");
        var seeder = new Random(seed);
        var seeds = new int[restarts];
        for (var i = 0; i < restarts; i++) seeds[i] = seeder.Next();
        var runs = new Clustering[restarts];
        Parallel.For(0, restarts, new ParallelOptions { CancellationToken = cancel }, i => runs[i] = Run(points, width, k, new Random(seeds[i]), cancel));
        return runs.MinBy(r => r.Inertia)!;
    }

    /// <summary>The nearest centre of one point and how far it is; the first of equally near ones.</summary>
    public static (int Centre, float Distance) Nearest(ReadOnlySpan<float> centres, ReadOnlySpan<float> point)
    {
        var (nearest, least) = (0, float.PositiveInfinity);
        for (int at = 0, centre = 0; at < centres.Length; at += point.Length, centre++)
        {
            var distance = TensorPrimitives.Distance(centres.Slice(at, point.Length), point);
            if (distance < least) (nearest, least) = (centre, distance);
        }
        return (nearest, least);
    }

    private static Clustering Run(float[] points, int width, int k, Random random, CancellationToken cancel)
    {
        var rows = points.Length / width;
        var centres = Start(points, width, k, random);
        var assignment = new int[rows];
        Array.Fill(assignment, -1);
        var distances = new float[rows];
        var sums = new double[k * width];
        var sizes = new int[k];
        for (var iteration = 0; iteration < MaxIterations; iteration++)
        {
            cancel.ThrowIfCancellationRequested();
            if (!Assign()) break;
            Array.Clear(sums);
            Array.Clear(sizes);
            for (var row = 0; row < rows; row++)
            {
                sizes[assignment[row]]++;
                for (var c = 0; c < width; c++) sums[assignment[row] * width + c] += points[row * width + c];
            }
            for (var cluster = 0; cluster < k; cluster++)
                if (sizes[cluster] > 0)
                    for (var c = 0; c < width; c++) centres[cluster * width + c] = (float)(sums[cluster * width + c] / sizes[cluster]);
                else
                    MoveToFarthest(cluster);
        }
        Assign();
        return new Clustering(centres, width, assignment, distances.Sum(d => (double)d * d));

        bool Assign()
        {
            var changed = false;
            for (var row = 0; row < rows; row++)
            {
                var (nearest, distance) = Nearest(centres, points.AsSpan(row * width, width));
                changed |= assignment[row] != nearest;
                (assignment[row], distances[row]) = (nearest, distance);
            }
            return changed;
        }

        // An empty cluster serves no one; it takes the point that is served worst. Where all points lie on centres there is none to take.
        void MoveToFarthest(int cluster)
        {
            var farthest = Array.IndexOf(distances, distances.Max());
            if (distances[farthest] == 0) return;
            points.AsSpan(farthest * width, width).CopyTo(centres.AsSpan(cluster * width));
            distances[farthest] = 0;
        }
    }

    // Each next centre is a point drawn with a chance proportional to its squared distance from the centres so far.
    private static float[] Start(float[] points, int width, int k, Random random)
    {
        var rows = points.Length / width;
        var centres = new float[k * width];
        var weights = new double[rows];
        Array.Fill(weights, double.PositiveInfinity);
        var chosen = random.Next(rows);
        for (var cluster = 0; ; cluster++)
        {
            points.AsSpan(chosen * width, width).CopyTo(centres.AsSpan(cluster * width));
            if (cluster == k - 1) return centres;
            double total = 0;
            for (var row = 0; row < rows; row++)
            {
                double distance = TensorPrimitives.Distance(points.AsSpan(row * width, width), centres.AsSpan(cluster * width, width));
                weights[row] = Math.Min(weights[row], distance * distance);
                total += weights[row];
            }
            chosen = random.Next(rows);
            if (total == 0) continue;
            var left = random.NextDouble() * total;
            for (chosen = 0; chosen < rows - 1; chosen++)
                if ((left -= weights[chosen]) < 0) break;
        }
    }
}
