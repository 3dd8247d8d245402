namespace Media.Features.Articles;

/// <summary>An article's usual share of its brand's traffic by its age: traffic at that age ÷ what its brand had in those hours.</summary>
/// <remarks>
/// Kept as running totals by whole hour, so that the curve of any stretch of hours is the difference of two totals: whole numbers, equal however the pass began.
/// Not thread-safe.
/// </remarks>
internal sealed class AgeCurve(long firstHour)
{
    /// <summary>Ages are looked at up to this many hours.</summary>
    public const int Hours = 8 * 24;

    // Single hours of the first day, stretches of 4 h to the third, of 12 h beyond: as fine as counts allow.
    public const int Stretches = 24 + 12 + (Hours - 72) / 12;

    private readonly List<long[]> _totals = [new long[2 * Stretches]];
    private long[]? _open;

    public static int StretchOf(long age) => (int)(age < 24 ? Math.Max(0, age) : age < 72 ? 24 + (age - 24) / 4 : 36 + Math.Min(age, Hours - 1) / 12 - 6);

    /// <summary>Adds what an article of this age and its brand had in the hour that is being closed.</summary>
    public void Add(long age, int ofArticle, int ofBrand)
    {
        _open ??= [.. _totals[^1]];
        var at = StretchOf(age);
        _open[at] += ofArticle;
        _open[Stretches + at] += ofBrand;
    }

    /// <summary>Closes the hour: the next additions are of the next.</summary>
    public void Close()
    {
        _totals.Add(_open ?? _totals[^1]);
        _open = null;
    }

    /// <summary>The share by stretch of age over the hours [from, to), all of them closed; 0 where nothing was seen.</summary>
    public double[] Between(long from, long to)
    {
        var (last, first) = (Totals(to), Totals(from));
        var shares = new double[Stretches];
        for (var i = 0; i < Stretches; i++)
        {
            var of = last[Stretches + i] - first[Stretches + i];
            shares[i] = of == 0 ? 0 : (double)(last[i] - first[i]) / of;
        }
        return shares;
    }

    private long[] Totals(long hour) => _totals[(int)Math.Clamp(hour - firstHour, 0, _totals.Count - 1)];
}
