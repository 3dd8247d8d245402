namespace Media.Models;

/// <summary>What to believe of a test's titles: what a model expected of them, moved by what was counted so far, the more the more was counted.</summary>
/// <remarks>
/// ln of a title's click rate is the article's own level, of which nothing is assumed, plus what the model expects of the title over its test, plus what the title has of its own beyond
/// that: normal, with a variance that past tests show. Empirical Bayes, so the best of several is not overrated for being picked. Immutable, thread-safe.
/// </remarks>
/// <param name="OwnVariance">Variance of what titles have of their own, ≥ 0, in squares of ln click rate.</param>
/// <seealso href="https://doi.org/10.1080/01621459.1983.10477920">Morris 1983, Parametric Empirical Bayes Inference</seealso>
public readonly record struct HeadlineBelief(double OwnVariance)
{
    /// <summary>The variance left in past tests beyond the model's expectation and the chance of counting, by moments; 0 when chance explains all, or there is no test.</summary>
    /// <param name="past">Each with one expectation per title: ln click rate over the test's mean.</param>
    public static HeadlineBelief Of(IEnumerable<(HeadlineTest Test, double[] Expected)> past)
    {
        var (left, degrees) = (0.0, 0);
        foreach (var (test, expected) in past)
        {
            double[] over = [.. test.Titles.Select((t, i) => t.LogRate - expected[i])];
            var (mean, titles) = (over.Average(), over.Length);
            left += over.Sum(o => (o - mean) * (o - mean)) - test.Titles.Sum(t => t.LogRateVariance) * (titles - 1) / titles;
            degrees += titles - 1;
        }
        return new HeadlineBelief(degrees == 0 ? 0 : Math.Max(0, left / degrees));
    }

    /// <summary>ln click rate of each title over the test's level: the model's expectation plus the part of the surprise that is not put down to chance.</summary>
    /// <exception cref="ArgumentException">Another number of expectations than titles.</exception>
    public double[] Of(HeadlineTest test, IReadOnlyList<double> expected)
    {
        if (expected.Count != test.Titles.Count) throw new ArgumentException($"expected has {expected.Count} entries but the test has {test.Titles.Count} titles.");
        var own = OwnVariance;
        var (surprise, weights) = (0.0, 0.0);
        for (var i = 0; i < expected.Count; i++)
        {
            var weight = 1 / (own + test.Titles[i].LogRateVariance);
            surprise += weight * (test.Titles[i].LogRate - expected[i]);
            weights += weight;
        }
        var level = surprise / weights;
        return [.. test.Titles.Select((t, i) => expected[i] + own / (own + t.LogRateVariance) * (t.LogRate - expected[i] - level))];
    }
}
