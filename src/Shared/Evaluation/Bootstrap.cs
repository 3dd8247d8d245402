using System.ComponentModel.DataAnnotations;
using Media.Models;

namespace Media.Evaluation;

/// <summary>How often to resample and how wide an interval to give.</summary>
public sealed record BootstrapOptions
{
    /// <summary>Resamples, 100–100,000. Default 1,000.</summary>
    [Range(100, 100_000)] public int Resamples { get; init; } = 1_000;

    /// <summary>Share of the resamples inside the interval, 0.5–0.999. Default 0.95.</summary>
    [Range(0.5, 0.999)] public double Confidence { get; init; } = 0.95;

    /// <summary>Same seed, same intervals, whatever the number of cores. Default 1.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Rows drawn in one piece; null draws each row, or each list of ranked lists, by itself. Default null.</summary>
    public Clusters? Clusters { get; init; }
}

/// <summary>Percentile bootstrap over judged rows, over lists, or over clusters of rows.</summary>
/// <remarks>
/// A resample draws as many units as there are, with replacement; it is drawn again if it cannot be judged, as when it holds one class only. Rows of one
/// reader are not independent: give <see cref="BootstrapOptions.Clusters"/>, or the intervals come out too narrow. Thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1214/aos/1176344552">Efron 1979, Bootstrap methods: another look at the jackknife</seealso>
/// <seealso href="https://doi.org/10.1111/j.1467-9868.2007.00593.x">Field, Welsh 2007, Bootstrapping clustered data</seealso>
public static class Bootstrap
{
    /// <summary>One metric of one judgement with its interval.</summary>
    public static Estimate Of<TRows>(TRows rows, Metric<TRows> metric, BootstrapOptions options, CancellationToken cancel) where TRows : JudgedRows =>
        Draw([rows], [metric], options, cancel).Estimate(0, 0);

    /// <summary>How much the first judgement's metric exceeds the second's, both on the same resampled rows.</summary>
    /// <exception cref="ArgumentException">They are not of the same rows.</exception>
    public static Estimate Difference<TRows>(TRows first, TRows second, Metric<TRows> metric, BootstrapOptions options, CancellationToken cancel) where TRows : JudgedRows =>
        Draw([first, second], [metric], options, cancel).Compare(0, 1, 0, (a, b) => a - b);

    /// <summary>Every metric of every judgement on the same resamples, so that any two can be compared in pairs.</summary>
    /// <param name="judged">The same labelled rows by different scores.</param>
    /// <exception cref="ArgumentException">They are not of the same rows, or the clusters are not of these rows.</exception>
    public static BootstrapDraws Draw<TRows>(IReadOnlyList<TRows> judged, IReadOnlyList<Metric<TRows>> metrics, BootstrapOptions options, CancellationToken cancel)
        where TRows : JudgedRows
    {
        Options.Check(options);
        if (judged.Count == 0) throw new ArgumentException("Nothing to resample.");
        foreach (var other in judged)
            if (other.Count != judged[0].Count || !other.Given.AsSpan().SequenceEqual(judged[0].Given)) throw new ArgumentException("The judgements are of other rows or other labels.");
        if (options.Clusters is { } clusters && clusters.OfRow.Length != judged[0].Given.Length)
            throw new ArgumentException($"Clusters holds {clusters.OfRow.Length} rows but {judged[0].Given.Length} are judged.");
        var units = options.Clusters?.Count ?? judged[0].Count;
        var unitsOf = judged.Select(j => options.Clusters is { } given ? j.UnitsOf(given.OfRow) : j.OwnUnits).ToArray();

        var values = new double[judged.Count, metrics.Count];
        var draws = new double[judged.Count, metrics.Count][];
        for (var j = 0; j < judged.Count; j++)
            for (var metric = 0; metric < metrics.Count; metric++)
            {
                values[j, metric] = metrics[metric](judged[j], judged[j].Once);
                draws[j, metric] = new double[options.Resamples];
            }

        // Adjacent seeds of System.Random give related streams; seeds drawn from one stream do not.
        var seeds = new int[options.Resamples];
        var seeder = new Random(options.Seed);
        for (var r = 0; r < seeds.Length; r++) seeds[r] = seeder.Next();

        Parallel.For(0, options.Resamples, new ParallelOptions { CancellationToken = cancel }, () => (OfUnit: new int[units], OfThing: new int[judged[0].Count]), (r, _, counts) =>
        {
            var random = new Random(seeds[r]);
            do
            {
                Array.Clear(counts.OfUnit);
                for (var i = 0; i < units; i++) counts.OfUnit[random.Next(units)]++;
                Spread(counts.OfUnit, unitsOf[0], counts.OfThing);
            } while (!judged[0].CanJudge(counts.OfThing));
            for (var j = 0; j < judged.Count; j++)
            {
                if (j > 0) Spread(counts.OfUnit, unitsOf[j], counts.OfThing);
                for (var metric = 0; metric < metrics.Count; metric++) draws[j, metric][r] = metrics[metric](judged[j], counts.OfThing);
            }
            return counts;
        }, _ => { });
        return new BootstrapDraws(values, draws, options.Confidence);
    }

    private static void Spread(int[] ofUnit, int[] unitOf, int[] ofThing)
    {
        for (var i = 0; i < ofThing.Length; i++) ofThing[i] = ofUnit[unitOf[i]];
    }
}

/// <summary>The metrics of several judgements on the same resamples.</summary>
/// <remarks>Immutable, thread-safe. Judgements and metrics are meant by their position in the call that drew them. Resamples that leave a figure undefined
/// (NaN) do not count in its interval; with none left the interval is NaN.</remarks>
public sealed class BootstrapDraws
{
    private readonly double[,] _values;
    private readonly double[,][] _draws;
    private readonly double _confidence;

    internal BootstrapDraws(double[,] values, double[,][] draws, double confidence) => (_values, _draws, _confidence) = (values, draws, confidence);

    public Estimate Estimate(int judged, int metric) => Interval(_values[judged, metric], _draws[judged, metric]);

    /// <summary>A figure of one metric of two judgements, computed anew in each resample: their difference, their ratio.</summary>
    public Estimate Compare(int first, int second, int metric, Func<double, double, double> figure)
    {
        var (a, b) = (_draws[first, metric], _draws[second, metric]);
        var figures = new double[a.Length];
        for (var r = 0; r < figures.Length; r++) figures[r] = figure(a[r], b[r]);
        return Interval(figure(_values[first, metric], _values[second, metric]), figures);
    }

    private Estimate Interval(double value, double[] drawn)
    {
        double[] draws = [.. drawn.Where(d => !double.IsNaN(d)).Order()];
        if (draws.Length == 0) return new Estimate(value, double.NaN, double.NaN);
        return new Estimate(value, Quantile(draws, (1 - _confidence) / 2), Quantile(draws, (1 + _confidence) / 2));
    }

    // Linear between order statistics: type 7 of Hyndman & Fan 1996, the default of R and NumPy.
    private static double Quantile(double[] sorted, double share)
    {
        var position = share * (sorted.Length - 1);
        var below = (int)position;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (position - below) * (sorted[above] - sorted[below]);
    }
}
