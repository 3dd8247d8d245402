using Media.Features;

namespace Media.Models;

/// <summary>Why one row's score is high: one feature, and how much its theme adds.</summary>
/// <param name="Effect">What the theme's features together add to the log-odds, &gt; 0.</param>
/// <param name="Words">In a sentence fragment that a marketer can read.</param>
public sealed record Reason(string Feature, double Effect, string Words);

/// <summary>SHAP values in words.</summary>
/// <remarks>
/// Contributions of one theme (<see cref="FeatureTheme"/>) are added up, since days since the last visit and the recency score are one reason told twice; the theme is told by
/// its strongest feature, beside the median of all rows given. Pure, thread-safe.
/// </remarks>
public static class Reasons
{
    /// <summary>For each row asked for at most <paramref name="count"/> reasons, the strongest first; only those that raise the score.</summary>
    /// <param name="x">All rows there are: what is usual is told from them.</param>
    /// <param name="asked">Which of them to explain.</param>
    /// <exception cref="ArgumentException">The model cannot explain itself, or count is not positive.</exception>
    public static IReadOnlyList<IReadOnlyList<Reason>> Of(IModel model, FeatureBatch x, ReadOnlySpan<int> asked, int count) => Of(model, x, asked, count, FeatureWords.ThemeOf, FeatureWords.Say);

    /// <summary>The same in other words.</summary>
    /// <param name="themeOf">What a feature is about.</param>
    /// <param name="say">Feature, value and the median of all rows in words.</param>
    /// <inheritdoc cref="Of(IModel, FeatureBatch, ReadOnlySpan{int}, int)" path="/param|/exception"/>
    public static IReadOnlyList<IReadOnlyList<Reason>> Of<TTheme>(IModel model, FeatureBatch x, ReadOnlySpan<int> asked, int count, Func<string, TTheme> themeOf, Func<string, double, double, string> say)
    {
        if (model is not IExplains explains) throw new ArgumentException($"A {model.GetType().Name} cannot say why.");
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (asked.Length == 0) return [];
        var all = x.Select(model.Features);
        var width = all.Names.Count;
        var usual = Enumerable.Range(0, width).Select(c => Median(all, c)).ToArray();
        var rows = all.Take(asked);
        var themes = rows.Names.Select(themeOf).ToArray();
        var contributions = explains.Contributions(rows);
        var reasons = new IReadOnlyList<Reason>[rows.Rows];
        for (var row = 0; row < rows.Rows; row++)
        {
            var (at, values) = (row * (width + 1), row * width);
            reasons[row] = [.. Enumerable.Range(0, width).GroupBy(c => themes[c])
                .Select(theme => (Effect: theme.Sum(c => contributions[at + c]), Strongest: theme.MaxBy(c => contributions[at + c])))
                .Where(t => t.Effect > 0).OrderByDescending(t => t.Effect).Take(count)
                .Select(t => new Reason(rows.Names[t.Strongest], t.Effect, say(rows.Names[t.Strongest], rows.Values[values + t.Strongest], usual[t.Strongest])))];
        }
        return reasons;
    }

    private static double Median(FeatureBatch rows, int column)
    {
        var values = Enumerable.Range(0, rows.Rows).Select(row => rows.Values[row * rows.Names.Count + column]).Where(float.IsFinite).Order().ToArray();
        return values.Length == 0 ? double.NaN : values[values.Length / 2];
    }
}
