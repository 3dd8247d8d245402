using Media.Features;
using Media.Models.Text;

namespace Media.Models;

/// <summary>How often one title was offered and clicked.</summary>
public readonly record struct TestedTitle(string Title, int Impressions, int Clicks)
{
    /// <summary>ln of the click rate, half a click added, so that none is no −∞.</summary>
    public double LogRate => Math.Log((Clicks + 0.5) / (Impressions + 1));

    /// <summary>How far chance spreads it: its variance, to first order.</summary>
    public double LogRateVariance => 1 / (Clicks + 0.5) - 1.0 / (Impressions + 1);
}

/// <summary>An article offered under several titles.</summary>
/// <param name="StartMicros">µs since the Unix epoch, UTC: its first offer.</param>
/// <param name="Titles">Two or more, in ordinal order.</param>
public sealed record HeadlineTest(string ArticleId, long StartMicros, IReadOnlyList<TestedTitle> Titles)
{
    private const string Suffix = "_over_test";

    /// <summary>The columns of <see cref="FeaturesOf"/>: <see cref="HeadlineFeatures"/> less their mean over the article's titles.</summary>
    public static IReadOnlyList<string> FeatureNames { get; } = [.. HeadlineFeatures.Names.Select(OverTest)];

    internal static string OverTest(string feature) => feature + Suffix;

    /// <summary>The feature of <see cref="HeadlineFeatures"/> behind a column.</summary>
    internal static string Plain(string column) => column.EndsWith(Suffix, StringComparison.Ordinal) ? column[..^Suffix.Length] : column;

    /// <summary>A row per title, in the tests' order, as of the test's first offer.</summary>
    /// <remarks>No event lies behind a row: it is as old as a row of its instant may be.</remarks>
    public static FeatureBatch FeaturesOf(IReadOnlyList<HeadlineTest> tests)
    {
        var values = new List<float>();
        foreach (var test in tests)
        {
            var texts = test.Titles.Select(t => HeadlineFeatures.Of(t.Title)).ToArray();
            foreach (var text in texts)
                for (var c = 0; c < text.Length; c++) values.Add(text[c] - texts.Average(other => other[c]));
        }
        long[] asOf = [.. tests.SelectMany(t => t.Titles.Select(_ => t.StartMicros))];
        return new FeatureBatch(FeatureNames, [.. tests.SelectMany(t => t.Titles.Select(_ => t.ArticleId))], asOf, [.. asOf.Select(at => at - 1)], [.. values], [.. tests.SelectMany(t => t.Titles.Select(title => title.Title))]);
    }
}
