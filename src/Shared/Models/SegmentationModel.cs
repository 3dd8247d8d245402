using System.ComponentModel.DataAnnotations;
using Media.Features;

namespace Media.Models;

/// <summary>Groups of readers who behave alike, found without labels and named by what sets them apart.</summary>
/// <remarks>
/// Features are brought to one scale (<see cref="Standardisation"/>) and clustered by <see cref="KMeans"/>. Every number of segments in the range
/// is tried on a sample: of those whose segments resampled readers find again, the most segments are taken whose silhouette comes close to the
/// highest, since a silhouette leans to two; if none is found again well enough, the number found best. Segments stand by size, largest first.
/// Immutable, thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1162/089976604773717621">Lange et al. 2004, Stability-based validation of clustering solutions</seealso>
public sealed record SegmentationEstimator : IEstimator
{
    /// <summary>Fewest rows to fit on.</summary>
    public const int MinRows = 100;

    public string Name => "segmentation";
    public IReadOnlyList<string> Features { get; } = [.. SegmentName.Words.Select(w => w.Feature)];

    /// <summary>Fewest segments tried, 2–50. Default 2.</summary>
    [Range(2, 50)] public int MinSegments { get; init; } = 2;

    /// <summary>Most segments tried, from the fewest to 50. Default 10.</summary>
    [Range(2, 50)] public int MaxSegments { get; init; } = 10;

    /// <summary>Starts of each clustering, 1–100. Default 4.</summary>
    [Range(1, 100)] public int Restarts { get; init; } = 4;

    /// <summary>Resamples behind each stability, 2–100. Default 8.</summary>
    [Range(2, 100)] public int Resamples { get; init; } = 8;

    /// <summary>Mean adjusted Rand index above which segments count as found again, 0–1. Default 0.8.</summary>
    [Range(0, 1)] public double MinStability { get; init; } = 0.8;

    /// <summary>Share of the highest silhouette that counts as close to it, 0–1; 1 takes the highest itself. Default 0.9.</summary>
    [Range(0, 1)] public double SilhouetteShare { get; init; } = 0.9;

    /// <summary>Rows on which numbers of segments are compared, ≥ <see cref="MinRows"/>. Default 2,000.</summary>
    [Range(MinRows, int.MaxValue)] public int SampleRows { get; init; } = 2_000;

    public int Seed { get; init; } = 1;

    /// <summary>Finds the segments; labels are not looked at.</summary>
    /// <exception cref="ArgumentException">Fewer than <see cref="MinRows"/> rows, a feature is missing, or options are out of range; all of these are listed.</exception>
    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        Options.Check(this, MaxSegments < MinSegments ? $"MaxSegments is {MaxSegments}, below MinSegments {MinSegments}." : null);
        if (x.Rows < MinRows) throw new ArgumentException($"Segmentation needs at least {MinRows} rows but x has {x.Rows}.");
        var (rows, width) = (x.Select(Features), Features.Count);
        var scale = Standardisation.Fit(rows.Values, width);
        var points = new float[rows.Values.Length];
        scale.Apply(rows.Values, points);

        var trials = Trials(Sampled(points, width), width, cancel);
        var chosen = Chosen(trials);
        return SegmentationModel.Of(Name, scale, rows, KMeans.Fit(points, width, chosen.Segments, Restarts, Seed, cancel), chosen, trials);
    }

    public IModel Load(Stream saved) => SegmentationModel.Load(Name, Features, saved);

    private SegmentTrial Chosen(List<SegmentTrial> trials)
    {
        var foundAgain = trials.Where(t => t.Stability >= MinStability).ToList();
        if (foundAgain.Count == 0) return trials.MaxBy(t => t.Stability)!;
        var highest = foundAgain.Max(t => t.Silhouette);
        // A silhouette of 0 or less means no structure: then the fewest segments say all there is.
        return highest <= 0 ? foundAgain[0] : foundAgain.Last(t => t.Silhouette >= SilhouetteShare * highest);
    }

    private float[] Sampled(float[] points, int width)
    {
        var rows = Enumerable.Range(0, points.Length / width).ToArray();
        if (rows.Length <= SampleRows) return points;
        new Random(Seed).Shuffle(rows);
        return Gathered(points, width, rows.AsSpan(0, SampleRows));
    }

    private List<SegmentTrial> Trials(float[] points, int width, CancellationToken cancel)
    {
        var rows = points.Length / width;
        var random = new Random(Seed);
        var resamples = new float[Resamples][];
        for (var i = 0; i < Resamples; i++)
        {
            var drawn = new int[rows];
            for (var r = 0; r < rows; r++) drawn[r] = random.Next(rows);
            resamples[i] = Gathered(points, width, drawn);
        }
        var trials = new List<SegmentTrial>();
        for (var k = MinSegments; k <= Math.Min(MaxSegments, rows); k++)
        {
            var whole = KMeans.Fit(points, width, k, Restarts, Seed, cancel);
            var agreement = new double[Resamples];
            Parallel.For(0, Resamples, new ParallelOptions { CancellationToken = cancel }, i =>
            {
                var centres = KMeans.Fit(resamples[i], width, k, Restarts, Seed + i + 1, cancel).Centres;
                var again = new int[rows];
                for (var r = 0; r < rows; r++) again[r] = KMeans.Nearest(centres, points.AsSpan(r * width, width)).Centre;
                agreement[i] = AdjustedRandIndex.Of(whole.Assignment, again);
            });
            Array.Sort(agreement);
            trials.Add(new SegmentTrial(k, Silhouette.Of(points, width, whole.Assignment, cancel), agreement.Average(), agreement[0], agreement[^1], DaviesBouldin.Of(points, width, whole.Assignment)));
        }
        return trials;
    }

    private static float[] Gathered(float[] points, int width, ReadOnlySpan<int> rows)
    {
        var gathered = new float[rows.Length * width];
        for (var i = 0; i < rows.Length; i++) points.AsSpan(rows[i] * width, width).CopyTo(gathered.AsSpan(i * width));
        return gathered;
    }
}

/// <summary>One number of segments that was tried.</summary>
/// <param name="Silhouette">−1 to 1.</param>
/// <param name="Stability">Mean adjusted Rand index between the segments and those found in resampled readers, at most 1.</param>
/// <param name="LeastStability">The least of the resamples' indices.</param>
/// <param name="MostStability">The highest of them.</param>
/// <param name="DaviesBouldin">≥ 0, less is better.</param>
public sealed record SegmentTrial(int Segments, double Silhouette, double Stability, double LeastStability, double MostStability, double DaviesBouldin);

/// <summary>Who a segment is.</summary>
/// <param name="Name">What sets it apart, in words; no two segments share one.</param>
/// <param name="Users">Training rows in it.</param>
/// <param name="Means">Mean of each of the model's features, in its own unit; null where no row of the segment has it.</param>
/// <param name="ZScores">Distance of each feature's mean from all readers', in standard deviations of its logarithm.</param>
public sealed record SegmentProfile(string Name, int Users, IReadOnlyList<double?> Means, IReadOnlyList<double> ZScores);

/// <summary>Segments found.</summary>
/// <remarks>Outputs: 2 a row — the segment's position in <see cref="Profiles"/>, and the distance from its centre in standard deviations, ≥ 0. Immutable, thread-safe.</remarks>
public sealed class SegmentationModel : IModel
{
    private readonly string _name;
    private readonly Saved _saved;

    private SegmentationModel(string name, IReadOnlyList<string> features, Saved saved) => (_name, Features, _saved) = (name, features, saved);

    public IReadOnlyList<string> Features { get; }
    public int Outputs => 2;

    /// <summary>Largest first.</summary>
    public IReadOnlyList<SegmentProfile> Profiles => _saved.Profiles;

    /// <summary>Every number of segments tried, rising.</summary>
    public IReadOnlyList<SegmentTrial> Trials => _saved.Trials;

    /// <summary>The number of segments chosen, with its figures.</summary>
    public SegmentTrial Chosen => _saved.Chosen;

    internal static SegmentationModel Of(string name, Standardisation scale, FeatureBatch rows, Clustering found, SegmentTrial chosen, IReadOnlyList<SegmentTrial> trials)
    {
        var width = found.Width;
        var sizes = new int[found.K];
        var sums = new double[found.K * width];
        var present = new int[found.K * width];
        for (var row = 0; row < rows.Rows; row++)
        {
            var cluster = found.Assignment[row];
            sizes[cluster]++;
            for (var c = 0; c < width; c++)
            {
                var value = rows.Values[row * width + c];
                if (!float.IsFinite(value)) continue;
                sums[cluster * width + c] += value;
                present[cluster * width + c]++;
            }
        }
        // A cluster that coinciding points left empty is no segment.
        var order = Enumerable.Range(0, found.K).Where(s => sizes[s] > 0).OrderByDescending(s => sizes[s]).ToArray();
        List<List<double>> zScores = [.. order.Select(s => found.Centres.AsSpan(s * width, width).ToArray().Select(z => (double)z).ToList())];
        var names = SegmentName.Of(zScores);
        var profiles = order.Select((s, i) => new SegmentProfile(names[i], sizes[s],
            [.. Enumerable.Range(s * width, width).Select(at => present[at] == 0 ? (double?)null : sums[at] / present[at])], zScores[i]));
        float[] centres = [.. order.SelectMany(s => found.Centres.AsSpan(s * width, width).ToArray())];
        return new SegmentationModel(name, rows.Names, new Saved(scale, centres, [.. profiles], chosen, trials));
    }

    internal static SegmentationModel Load(string name, IReadOnlyList<string> features, Stream saved)
    {
        var body = ModelFile.Read<Saved>(saved, name, features);
        if (body.Scale.Means.Length != features.Count || body.Scale.Scales.Length != features.Count || body.Profiles.Count == 0
            || body.Centres.Length != body.Profiles.Count * features.Count)
            throw new InvalidDataException($"The saved segments do not fit their {features.Count} features: {body.Profiles.Count} profiles, {body.Centres.Length} numbers in the centres.");
        return new SegmentationModel(name, features, body);
    }

    public void Predict(FeatureBatch x, Span<double> scores)
    {
        if (scores.Length != x.Rows * Outputs) throw new ArgumentException($"scores has {scores.Length} places but {x.Rows} rows need {x.Rows * Outputs}.");
        var rows = x.Select(Features);
        var points = new float[rows.Values.Length];
        _saved.Scale.Apply(rows.Values, points);
        for (var row = 0; row < x.Rows; row++)
            (scores[2 * row], scores[2 * row + 1]) = KMeans.Nearest(_saved.Centres, points.AsSpan(row * Features.Count, Features.Count));
    }

    public void Save(Stream to) => ModelFile.Write(to, _name, Features, _saved);

    internal sealed record Saved(Standardisation Scale, float[] Centres, IReadOnlyList<SegmentProfile> Profiles, SegmentTrial Chosen, IReadOnlyList<SegmentTrial> Trials);
}
