using Media.Models;

namespace Media.Evaluation;

/// <summary>Means of per-instance metrics with intervals from resampling users: instances of one user are not independent, so they are drawn together.</summary>
/// <remarks>Percentile bootstrap; same seed, same intervals, whatever the number of cores. Thread-safe.</remarks>
public static class MeanOfUsers
{
    /// <param name="metrics">Each a value per instance.</param>
    /// <param name="users">Whose instance each is; any numbers.</param>
    /// <returns>An estimate per metric, all from the same resamples.</returns>
    /// <exception cref="ArgumentException">No instance, or a metric has not one value per instance.</exception>
    public static Estimate[] Of(IReadOnlyList<double[]> metrics, IReadOnlyList<int> users, BootstrapOptions options, CancellationToken cancel)
    {
        Options.Check(options);
        if (users.Count == 0) throw new ArgumentException("There is no instance to take a mean of.");
        foreach (var metric in metrics)
            if (metric.Length != users.Count) throw new ArgumentException($"A metric has {metric.Length} values for {users.Count} instances.");
        var places = new Dictionary<int, int>();
        foreach (var user in users) places.TryAdd(user, places.Count);
        var counts = new int[places.Count];
        var sums = metrics.Select(_ => new double[places.Count]).ToArray();
        for (var i = 0; i < users.Count; i++)
        {
            var place = places[users[i]];
            counts[place]++;
            for (var m = 0; m < metrics.Count; m++) sums[m][place] += metrics[m][i];
        }

        // Adjacent seeds of System.Random give related streams; seeds drawn from one stream do not.
        var seeder = new Random(options.Seed);
        var seeds = Enumerable.Range(0, options.Resamples).Select(_ => seeder.Next()).ToArray();
        var draws = metrics.Select(_ => new double[options.Resamples]).ToArray();
        Parallel.For(0, options.Resamples, new ParallelOptions { CancellationToken = cancel }, r =>
        {
            var random = new Random(seeds[r]);
            var instances = 0L;
            var drawn = new double[metrics.Count];
            for (var i = 0; i < counts.Length; i++)
            {
                var place = random.Next(counts.Length);
                instances += counts[place];
                for (var m = 0; m < drawn.Length; m++) drawn[m] += sums[m][place];
            }
            for (var m = 0; m < drawn.Length; m++) draws[m][r] = drawn[m] / instances;
        });
        return [.. metrics.Select((metric, m) => BootstrapDraws.Interval(metric.Average(), draws[m], options.Confidence))];
    }
}
