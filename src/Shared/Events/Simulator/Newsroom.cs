using System.Globalization;

namespace Media.Events.Simulator;

/// <summary>The latent traits of one article, and what of it is shown.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
internal sealed class Story
{
    /// <summary>Index into the categories of all brands.</summary>
    public required int Category { get; init; }
    public required string CategoryUrl { get; init; }
    public required string PageUrl { get; init; }
    public required long PublishedMicros { get; init; }
    public required int WordCount { get; init; }
    public required bool IsVideo { get; init; }

    /// <summary>Standard normal: how good it is; raises clicks and time on page.</summary>
    public required double Quality { get; init; }

    /// <summary>Logarithm of how readily the editors place it.</summary>
    public required double Promotion { get; init; }

    /// <summary>While this lasts the whole country wants to read it; empty when start = end.</summary>
    public required long BurstStartMicros { get; init; }
    public required long BurstEndMicros { get; init; }

    /// <summary>One, or the two of a headline test: the same article under other titles.</summary>
    public required Article[] Headlines { get; init; }

    /// <summary>Log-odds that each headline adds to a click.</summary>
    public required double[] HeadlineEffects { get; init; }

    /// <summary>The headline this reader sees, always the same one.</summary>
    public int HeadlineFor(Reader reader) => Headlines.Length == 1 ? 0 : (int)(Draws.Mix((ulong)PublishedMicros ^ (ulong)reader.Index) % (ulong)Headlines.Length);
}

/// <summary>Writes every brand's articles of every day; the same article each time it is asked.</summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class Newsroom
{
    /// <summary>Days an article stays on offer, its own included.</summary>
    public const int DaysOnOffer = 7;

    /// <summary>Standard deviation of <see cref="Story.Promotion"/>, whose mean is 0.</summary>
    public const double PromotionSd = 0.5;

    /// <summary>Share of articles that burst.</summary>
    public const double BurstProbability = 0.06;

    /// <summary>Hours after publication between which a burst starts, and between which it lasts; uniform.</summary>
    public static readonly (double From, double To) BurstStartHours = (2, 30), BurstHours = (3, 8);

    private readonly SimulatorOptions _options;
    private readonly int[][] _categories;
    private readonly string[][] _categoryUrls;

    public Newsroom(SimulatorOptions options)
    {
        _options = options;
        CategoryNames = [.. options.Brands.SelectMany(b => b.Categories).Distinct(StringComparer.Ordinal)];
        var index = CategoryNames.Select((name, i) => (name, i)).ToDictionary(p => p.name, p => p.i, StringComparer.Ordinal);
        _categories = [.. options.Brands.Select(b => b.Categories.Select(c => index[c]).ToArray())];
        _categoryUrls = [.. options.Brands.Select(b => b.Categories.Select(c => $"/{b.Name}/{c}").ToArray())];
    }

    /// <summary>All brands' categories, each once.</summary>
    public string[] CategoryNames { get; }

    /// <summary>The articles that a brand publishes on a day (0 = the first; negative days lie before the run).</summary>
    public Story[] Publish(int brand, int day)
    {
        var stories = new Story[_options.ArticlesPerBrandPerDay];
        for (var i = 0; i < stories.Length; i++) stories[i] = Write(brand, day, i);
        return stories;
    }

    /// <summary>Brand, day and number that an article's id spells.</summary>
    /// <exception cref="ArgumentException">No article of this simulation.</exception>
    public (int Brand, int Day, int Number) Locate(string articleId)
    {
        var parts = articleId.Split('-');
        if (parts.Length == 3 && DateOnly.TryParseExact(parts[1], "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            && int.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < _options.ArticlesPerBrandPerDay)
            for (var brand = 0; brand < _options.Brands.Count; brand++)
                if (_options.Brands[brand].Name == parts[0]) return (brand, date.DayNumber - _options.StartDate.DayNumber, number);
        throw new ArgumentException($"Article '{articleId}' is not of this simulation; expected brand-yyyyMMdd-number.");
    }

    private Story Write(int brand, int day, int number)
    {
        var draws = new Draws(_options.Seed, DrawsFor.Article, brand, (long)day * 1_000 + number);
        var name = _options.Brands[brand].Name;
        var date = _options.StartDate.AddDays(day);
        var id = string.Create(CultureInfo.InvariantCulture, $"{name}-{date:yyyyMMdd}-{number:D3}");
        var within = draws.Below(_categories[brand].Length);
        var categoryName = _options.Brands[brand].Categories[within];
        // Spread over the day so that each hour has its news: the number gives the stretch, a draw the place in it.
        var published = _options.StartMicros + day * Clock.Day + (long)((number + draws.Unit()) / _options.ArticlesPerBrandPerDay * Clock.Day);
        var kind = draws.Pick([0.55, 0.15, 0.12, 0.12, 0.06]);
        var words = Math.Clamp((int)(520 * Math.Exp(0.5 * draws.Normal())), 120, 4_000);
        var quality = draws.Normal();
        var promotion = PromotionSd * draws.Normal();
        var bursts = draws.Chance(BurstProbability);
        var burstStart = published + (long)(draws.Between(BurstStartHours.From, BurstStartHours.To) * Clock.Hour);
        var burstEnd = bursts ? burstStart + (long)(draws.Between(BurstHours.From, BurstHours.To) * Clock.Hour) : burstStart;
        var headlines = new Article[draws.Chance(0.4) ? 2 : 1];
        var effects = new double[headlines.Length];
        for (var i = 0; i < headlines.Length; i++)
        {
            var headline = Headline.Compose(categoryName, ref draws);
            effects[i] = headline.Effect;
            headlines[i] = new Article(id, categoryName, headline.Text, Kinds[kind], published, words);
        }
        return new Story
        {
            Category = _categories[brand][within], CategoryUrl = _categoryUrls[brand][within], PublishedMicros = published, WordCount = words,
            PageUrl = $"/{name}/{categoryName}/{id}", IsVideo = Kinds[kind] == "video",
            Quality = quality, Promotion = promotion, BurstStartMicros = burstStart, BurstEndMicros = burstEnd,
            Headlines = headlines, HeadlineEffects = effects,
        };
    }

    private static readonly string[] Kinds = ["news", "analysis", "opinion", "video", "live"];
}
