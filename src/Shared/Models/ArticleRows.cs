using Media.Features;

namespace Media.Models;

/// <summary>What models of articles share.</summary>
internal static class ArticleRows
{
    /// <summary>More rows than this say nothing new of forty columns; training takes every second, third … row.</summary>
    private const int MostTrainingRows = 60_000;

    internal static IModel Fit(string name, IReadOnlyList<string> features, BoostedAmountOptions options, FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        var every = (y.Length + MostTrainingRows - 1) / MostTrainingRows;
        if (every <= 1 || y.Length != x.Rows) return BoostedAmountModel.Fit(name, features, options, x, y, cancel);
        var labels = y.ToArray();
        int[] chosen = [.. Enumerable.Range(0, x.Rows).Where(row => row % every == 0)];
        return BoostedAmountModel.Fit(name, features, options, x.Take(chosen), [.. chosen.Select(row => labels[row])], cancel);
    }
}
