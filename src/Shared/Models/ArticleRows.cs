using Media.Features;

namespace Media.Models;

/// <summary>What models of articles share.</summary>
internal static class ArticleRows
{
    /// <summary>More rows than this say nothing new of forty columns; training takes every second, third … row.</summary>
    private const int MostTrainingRows = 60_000;

    internal static IModel Fit(string name, IReadOnlyList<string> features, BoostedAmountOptions options, FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        var (thinned, labels) = Thinned(x, y.ToArray());
        return BoostedAmountModel.Fit(name, features, options, thinned, labels, cancel);
    }

    /// <summary>The rows to learn from: all, or as many as say something new.</summary>
    internal static (FeatureBatch X, float[] Y) Thinned(FeatureBatch x, float[] y)
    {
        var every = (y.Length + MostTrainingRows - 1) / MostTrainingRows;
        if (every <= 1 || y.Length != x.Rows) return (x, y);
        int[] chosen = [.. Enumerable.Range(0, x.Rows).Where(row => row % every == 0)];
        return (x.Take(chosen), [.. chosen.Select(row => y[row])]);
    }
}
