using Media.Events;
using Media.Features;

namespace Media.Models;

/// <summary>What models of articles share.</summary>
internal static class ArticleRows
{
    /// <summary>More rows than this say nothing new of forty columns; training takes every second, third … row.</summary>
    private const int MostTrainingRows = 60_000;

    private static readonly long Week = EpochMicros.Of(TimeSpan.FromDays(7));

    /// <summary>Whether an instant lies in the week that begins at a grid instant.</summary>
    internal static bool InWeekOf(IReadOnlyList<long> asOfs, long micros)
    {
        var (low, high) = (0, asOfs.Count);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (asOfs[middle] <= micros) low = middle + 1;
            else high = middle;
        }
        return low > 0 && micros < asOfs[low - 1] + Week;
    }

    internal static IModel Fit(string name, IReadOnlyList<string> features, BoostedAmountOptions options, FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        var every = (y.Length + MostTrainingRows - 1) / MostTrainingRows;
        if (every <= 1 || y.Length != x.Rows) return BoostedAmountModel.Fit(name, features, options, x, y, cancel);
        var labels = y.ToArray();
        int[] chosen = [.. Enumerable.Range(0, x.Rows).Where(row => row % every == 0)];
        return BoostedAmountModel.Fit(name, features, options, x.Take(chosen), [.. chosen.Select(row => labels[row])], cancel);
    }
}
