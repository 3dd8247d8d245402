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
}

/// <summary>Percentile bootstrap over test rows.</summary>
/// <remarks>
/// A resample draws as many rows as there are, with replacement, and is drawn again if it holds one class only. Rows must be independent: one
/// row a user, as in a test of one as-of instant; with several rows a user the intervals come out too narrow. Thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1214/aos/1176344552">Efron 1979, Bootstrap methods: another look at the jackknife</seealso>
public static class Bootstrap
{
    /// <summary>One metric of one ranking with its interval.</summary>
    public static Estimate Of(RankedRows rows, RankedMetric metric, BootstrapOptions options, CancellationToken cancel) =>
        Draw([rows], [metric], options, cancel).Estimate(0, 0);

    /// <summary>How much the first ranking's metric exceeds the second's, both on the same resampled rows.</summary>
    /// <exception cref="ArgumentException">The rankings are not of the same rows.</exception>
    public static Estimate Difference(RankedRows first, RankedRows second, RankedMetric metric, BootstrapOptions options, CancellationToken cancel) =>
        Draw([first, second], [metric], options, cancel).Compare(0, 1, 0, (a, b) => a - b);

    /// <summary>Every metric of every ranking on the same resamples, so that any two can be compared in pairs.</summary>
    /// <param name="rankings">Rankings of the same labelled rows by different scores.</param>
    /// <exception cref="ArgumentException">The rankings are not of the same rows.</exception>
    public static BootstrapDraws Draw(IReadOnlyList<RankedRows> rankings, IReadOnlyList<RankedMetric> metrics, BootstrapOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        if (rankings.Count == 0) throw new ArgumentException("No ranking to resample.");
        var n = rankings[0].Count;
        var positive = LabelsByRow(rankings[0]);
        foreach (var ranking in rankings)
            if (!LabelsByRow(ranking).AsSpan().SequenceEqual(positive)) throw new ArgumentException("The rankings hold other rows or other labels.");

        var values = new double[rankings.Count, metrics.Count];
        for (var ranking = 0; ranking < rankings.Count; ranking++)
            for (var metric = 0; metric < metrics.Count; metric++)
                values[ranking, metric] = metrics[metric](rankings[ranking], rankings[ranking].Once);

        // Adjacent seeds of System.Random give related streams; seeds drawn from one stream do not.
        var seeds = new int[options.Resamples];
        var seeder = new Random(options.Seed);
        for (var r = 0; r < seeds.Length; r++) seeds[r] = seeder.Next();

        var draws = new double[rankings.Count, metrics.Count][];
        for (var ranking = 0; ranking < rankings.Count; ranking++)
            for (var metric = 0; metric < metrics.Count; metric++)
                draws[ranking, metric] = new double[options.Resamples];

        Parallel.For(0, options.Resamples, new ParallelOptions { CancellationToken = cancel }, () => (ByRow: new int[n], Ranked: new int[n]), (r, _, counts) =>
        {
            var random = new Random(seeds[r]);
            int positives;
            do
            {
                Array.Clear(counts.ByRow);
                positives = 0;
                for (var i = 0; i < n; i++)
                {
                    var row = random.Next(n);
                    counts.ByRow[row]++;
                    if (positive[row]) positives++;
                }
            } while (positives == 0 || positives == n);
            for (var ranking = 0; ranking < rankings.Count; ranking++)
            {
                var rows = rankings[ranking].Rows;
                for (var i = 0; i < n; i++) counts.Ranked[i] = counts.ByRow[rows[i]];
                for (var metric = 0; metric < metrics.Count; metric++)
                    draws[ranking, metric][r] = metrics[metric](rankings[ranking], counts.Ranked);
            }
            return counts;
        }, _ => { });
        return new BootstrapDraws(values, draws, options.Confidence);
    }

    private static bool[] LabelsByRow(RankedRows ranking)
    {
        var labels = new bool[ranking.Count];
        for (var i = 0; i < labels.Length; i++) labels[ranking.Rows[i]] = ranking.IsPositive[i];
        return labels;
    }
}

/// <summary>The metrics of several rankings on the same resamples.</summary>
/// <remarks>Immutable, thread-safe. Rankings and metrics are meant by their position in the call that drew them.</remarks>
public sealed class BootstrapDraws
{
    private readonly double[,] _values;
    private readonly double[,][] _draws;
    private readonly double _confidence;

    internal BootstrapDraws(double[,] values, double[,][] draws, double confidence) => (_values, _draws, _confidence) = (values, draws, confidence);

    public Estimate Estimate(int ranking, int metric) => Interval(_values[ranking, metric], [.. _draws[ranking, metric]]);

    /// <summary>A figure of two rankings' metrics, computed anew in each resample: their difference, their ratio.</summary>
    public Estimate Compare(int first, int second, int metric, Func<double, double, double> figure)
    {
        var (a, b) = (_draws[first, metric], _draws[second, metric]);
        var figures = new double[a.Length];
        for (var r = 0; r < figures.Length; r++) figures[r] = figure(a[r], b[r]);
        return Interval(figure(_values[first, metric], _values[second, metric]), figures);
    }

    private Estimate Interval(double value, double[] draws)
    {
        Array.Sort(draws);
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
