using Media.Events;

namespace Media.Features.Articles;

// Features of articles: what an article did so far, beside what brand, hour and age let expect.
//   ArticleLog → ArticleTraffic (this file): one pass over the events, stopping at each instant asked for
//     HourlyCounts: traffic by hour → Season: what is usual at an hour of the week; AgeCurve: what share an article has at its age
//     Attention: the article's counts against season × age, and whether it bursts
//   → ArticleFeatures: the rows.

/// <summary>The traffic of brands and articles as of an instant that moves on: one pass over a log.</summary>
/// <remarks>
/// All that is answered is a function of the events before the instant; of whole hours where a habit is meant, since the hour under way is not over. Nothing older than
/// <see cref="LookBack"/> is read, so a pass begun there answers the same as one begun earlier. Not thread-safe.
/// </remarks>
internal sealed class ArticleTraffic
{
    private const long Hour = 3_600_000_000;
    private const int Surfaces = 7;
    private const int Positions = 4;

    // So many clicks at the usual rate are added to an article's own.
    private const double ClickPrior = 5;

    private const double CompetitionPrior = 0.05;

    private const int LongestUnseenHours = 24;

    private readonly ArticleLog _log;
    private readonly long _firstHour;
    private readonly long _dataFrom;
    private readonly Dictionary<string, Brand> _brands = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Tally> _tallies = [];
    private readonly AgeCurve _viewCurve;
    private readonly AgeCurve _offerCurve;
    private readonly List<int[]> _clicksByCell = [new int[2 * Surfaces * Positions]];
    private int[] _cellsNow = new int[2 * Surfaces * Positions];
    private int _next;
    private long _openHour;
    private Habits? _habits;

    /// <summary>Events older than this before an instant play no part: two weeks of habits, of articles that were eight days old when those began.</summary>
    public static TimeSpan LookBack { get; } = TimeSpan.FromHours(Season.Hours + AgeCurve.Hours + 1);

    /// <param name="firstAsOfMicros">The first instant that will be asked for.</param>
    public ArticleTraffic(ArticleLog log, long firstAsOfMicros)
    {
        _log = log;
        _firstHour = (firstAsOfMicros - EpochMicros.Of(LookBack)) / Hour;
        _openHour = _firstHour;
        _next = log.IndexAt(_firstHour * Hour);
        _dataFrom = log.Count > 0 ? log.Events[0].TimeMicros / Hour : 0;
        _viewCurve = new AgeCurve(_firstHour);
        _offerCurve = new AgeCurve(_firstHour);
    }

    /// <summary>Names of what <see cref="Write"/> writes.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "age_h", "age_published_h", "hour_of_day", "weekday", "hour_published", "weekday_published", "word_count", "is_video", "is_live",
        "title_words", "title_asks", "title_numbers", "title_colon", "titles",
        "article_impressions", "article_impressions_1h", "article_impressions_3h", "article_impressions_24h",
        "article_clicks", "article_click_rate", "article_clicks_over_expected", "article_home_impressions",
        "article_views", "article_views_1h", "article_views_3h", "article_views_6h", "article_views_24h", "article_readers", "article_reactions", "article_dwell_log_s",
        "views_level", "views_recent", "views_burst_probability", "attention_level", "attention_recent", "attention_burst_probability",
        "log_attention_level", "log_attention_recent", "log_click_ratio", "log_appeal",
        "log_usual_views_6h", "log_expected_views_6h", "log_usual_views_7d", "log_expected_views_7d",
        "brand_views_24h", "log_brand_views_7d", "log_brand_trend_7d", "log_trend_7d", "brand_views_over_usual_24h", "brand_fresh_articles", "log_brand_competition",
    ];

    /// <summary>Reads on to the events just before this instant.</summary>
    /// <param name="asOfMicros">Not before the instant of the last call.</param>
    public void Advance(long asOfMicros)
    {
        var events = _log.Events;
        while (_next < events.Length && events[_next].TimeMicros < asOfMicros)
        {
            CloseUntil(events[_next].TimeMicros / Hour);
            Add(events[_next++]);
        }
        CloseUntil(asOfMicros / Hour);
    }

    /// <summary>µs since the Unix epoch, UTC: the newest event read; <see cref="long.MinValue"/> before any.</summary>
    public long LatestMicros => _next > 0 ? _log.Events[_next - 1].TimeMicros : long.MinValue;

    /// <summary>An article's features as of the instant last advanced to.</summary>
    /// <param name="row">As long as <see cref="Names"/>.</param>
    public void Write(int article, long asOfMicros, Span<float> row)
    {
        var tally = TallyOf(article);
        var known = _log.Articles[article];
        var hour = asOfMicros / Hour;
        var habits = HabitsAt(hour);
        var brand = habits.Of(tally.Brand);
        var published = known.PublishedAtMicros ?? known.FirstSeenMicros;
        var views = AttentionOf(tally.Views, tally.Brand.Views, habits.ViewShares, tally.FirstHour, hour);
        var attention = AttentionOf(tally, brand, habits, hour);
        var (usual6, usual7) = (Usual(brand.Views, habits.ViewShares, tally.FirstHour, hour, hour + 6), Usual(brand.Views, habits.ViewShares, tally.FirstHour, hour, tally.FirstHour + 7 * 24));
        var clickRatio = ClickRatio(tally, habits);
        // Of the views some follow clicks, and only those rise with the rate of clicks.
        var appeal = 1 + habits.ClickedShare * (clickRatio - 1);
        var brandDay = tally.Brand.Views.Sum(hour - 24, hour);

        var at = 0;
        Put(row, ref at, (double)(asOfMicros - known.FirstSeenMicros) / Hour, (double)(asOfMicros - published) / Hour, asOfMicros / Hour % 24, asOfMicros / Hour / 24 % 7, published / Hour % 24, published / Hour / 24 % 7,
            known.WordCount ?? double.NaN, known.Type is null ? double.NaN : known.Type == "video" ? 1 : 0, known.Type is null ? double.NaN : known.Type == "live" ? 1 : 0);
        Put(row, ref at, MeanOf(tally.Titles, t => 1 + t.Count(c => c == ' ')), MeanOf(tally.Titles, t => t.Contains('?') ? 1 : 0), MeanOf(tally.Titles, t => t.Any(char.IsAsciiDigit) ? 1 : 0),
            MeanOf(tally.Titles, t => t.Contains(':') ? 1 : 0), tally.Titles.Count);
        Put(row, ref at, tally.Impressions, tally.Offers.Sum(hour - 1, hour + 1), tally.Offers.Sum(hour - 3, hour + 1), tally.Offers.Sum(hour - 24, hour + 1));
        Put(row, ref at, tally.Clicks, (tally.Clicks + ClickPrior * habits.ClickRate) / (tally.Impressions + ClickPrior), clickRatio, tally.Offered.AsSpan(0, Positions).ToArray().Sum());
        Put(row, ref at, tally.ViewCount, tally.Views.Sum(hour - 1, hour + 1), tally.Views.Sum(hour - 3, hour + 1), tally.Views.Sum(hour - 6, hour + 1), tally.Views.Sum(hour - 24, hour + 1),
            tally.Readers.Count, tally.Reactions, tally.Dwells > 0 ? tally.DwellLogs / tally.Dwells : double.NaN);
        Put(row, ref at, views.Level, views.Recent, views.BurstProbability, attention.Level, attention.Recent, attention.BurstProbability);
        Put(row, ref at, Math.Log(attention.Level), Math.Log(attention.Recent), Math.Log(clickRatio), Math.Log(appeal));
        Put(row, ref at, Math.Log(1 + usual6), Math.Log(1 + usual6 * attention.Level * attention.Recent * appeal), Math.Log(1 + usual7), Math.Log(1 + tally.ViewCount + usual7 * attention.Level * appeal));
        Put(row, ref at, brandDay, Math.Log(1 + tally.Brand.Views.Sum(hour - 168, hour)), brand.Trend, habits.Trend, (brandDay + 10) / (brand.UsualOfLastDay + 10), brand.FreshArticles, Math.Log(brand.Competition));
    }

    /// <summary>What is expected of an article in the hours after the instant last advanced to.</summary>
    /// <param name="asOfMicros">That instant.</param>
    public ArticleOutlook Ahead(int article, long asOfMicros, int hours)
    {
        var tally = TallyOf(article);
        var hour = asOfMicros / Hour;
        var habits = HabitsAt(hour);
        var brand = habits.Of(tally.Brand);
        var attention = AttentionOf(tally, brand, habits, hour);
        var (usual, all) = (Usual(brand.Views, brand.HasOffers ? habits.OfferShares : habits.ViewShares, tally.FirstHour, hour, hour + hours), 0.0);
        for (var h = hour; h < hour + hours; h++) all += brand.Views.At(h);
        return new ArticleOutlook(all > 0 ? usual / all : 0, attention.Level, attention.Recent, brand.Competition, ClickRatio(tally, habits));
    }

    /// <remarks>Offers tell it better than views, being more, where the data has them.</remarks>
    private static Attention AttentionOf(Tally tally, OfBrand brand, Habits habits, long hour) => brand.HasOffers
        ? AttentionOf(tally.Offers, tally.Brand.Offers, habits.OfferShares, tally.FirstHour, hour) : AttentionOf(tally.Views, tally.Brand.Views, habits.ViewShares, tally.FirstHour, hour);

    private static double ClickRatio(Tally tally, Habits habits)
    {
        var expectedClicks = 0.0;
        for (var cell = 0; cell < tally.Offered.Length; cell++) expectedClicks += tally.Offered[cell] * habits.ClickRates[cell];
        return (tally.Clicks + ClickPrior) / (expectedClicks + ClickPrior);
    }

    private static void Put(Span<float> row, ref int at, params ReadOnlySpan<double> values)
    {
        foreach (var value in values) row[at++] = (float)value;
    }

    /// <summary>Mean over the titles under which it was seen; readers of a headline test see one each.</summary>
    private double MeanOf(List<int> titles, Func<string, double> of) => titles.Count == 0 ? double.NaN : titles.Average(t => of(_log.Titles[t]));

    private static Attention AttentionOf(HourlyCounts ofArticle, HourlyCounts ofBrand, double[] shares, long firstHour, long hour)
    {
        var recentFrom = Math.Max(firstHour, hour - Attention.RecentHours);
        var (before, recent) = (0.0, 0.0);
        for (var h = firstHour; h <= hour; h++)
        {
            var expected = ofBrand[h] * shares[AgeCurve.StretchOf(h - firstHour)];
            if (h < recentFrom) before += expected;
            else recent += expected;
        }
        return Attention.Of(ofArticle.Sum(firstHour, recentFrom), before, ofArticle.Sum(recentFrom, hour + 1), recent);
    }

    /// <summary>Views that an average article of its age usually has in [from, to).</summary>
    private static double Usual(Season season, double[] shares, long firstHour, long from, long to)
    {
        var sum = 0.0;
        for (var h = from; h < to; h++) sum += season.At(h) * shares[AgeCurve.StretchOf(h - firstHour)];
        return sum;
    }

    private void Add(in ArticleEvent e)
    {
        var isNew = !_tallies.ContainsKey(e.Article);
        var tally = TallyOf(e.Article);
        var hour = e.TimeMicros / Hour;
        if (isNew)
            for (var unseen = tally.FirstHour; unseen < tally.SeenHour && tally.SeenHour == hour; unseen++)
            {
                _viewCurve.Add(unseen - tally.FirstHour, 0, tally.Brand.Views[unseen]);
                _offerCurve.Add(unseen - tally.FirstHour, 0, tally.Brand.Offers[unseen]);
            }
        if (e.Title >= 0 && !tally.Titles.Contains(e.Title)) tally.Titles.Add(e.Title);
        var cell = (int)(e.Surface ?? (Surface)(Surfaces - 1)) * Positions + Math.Clamp((int)e.Position, 0, Positions - 1);
        switch (e.Act)
        {
            case ArticleAct.Impression:
                tally.Impressions++;
                tally.Offered[cell]++;
                _cellsNow[cell]++;
                tally.Offers.Add(hour);
                tally.Brand.Offers.Add(hour);
                break;
            case ArticleAct.Click:
                tally.Clicks++;
                _cellsNow[Surfaces * Positions + cell]++;
                break;
            case ArticleAct.View or ArticleAct.VideoPlay:
                tally.ViewCount++;
                tally.Readers.Add(e.Reader);
                tally.Views.Add(hour);
                tally.Brand.Views.Add(hour);
                if (e.EngagedSeconds > 0)
                {
                    tally.Dwells++;
                    tally.DwellLogs += Math.Log(e.EngagedSeconds);
                }
                break;
            case ArticleAct.Reaction:
                tally.Reactions++;
                break;
        }
    }

    /// <summary>Closes the hours before this one: only then do they count as habit.</summary>
    private void CloseUntil(long hour)
    {
        for (; _openHour < hour; _openHour++)
        {
            foreach (var brand in _brands.Values)
            {
                var (views, offers) = (brand.Views[_openHour], brand.Offers[_openHour]);
                brand.Alive.RemoveAll(t => _openHour - t.FirstHour >= AgeCurve.Hours);
                if (views + offers == 0) continue;
                foreach (var tally in brand.Alive)
                {
                    _viewCurve.Add(_openHour - tally.FirstHour, tally.Views[_openHour], views);
                    _offerCurve.Add(_openHour - tally.FirstHour, tally.Offers[_openHour], offers);
                }
            }
            _viewCurve.Close();
            _offerCurve.Close();
            _clicksByCell.Add([.. _cellsNow]);
        }
    }

    private Tally TallyOf(int article)
    {
        if (_tallies.TryGetValue(article, out var known)) return known;
        var logged = _log.Articles[article];
        if (!_brands.TryGetValue(logged.Brand ?? "", out var brand)) _brands.Add(logged.Brand ?? "", brand = new Brand(_firstHour));
        var seen = logged.FirstSeenMicros / Hour;
        // Published a while before it was seen, it was on offer unseen, which is telling; from the next full hour on.
        var published = logged.PublishedAtMicros is { } at ? Math.Clamp((at + Hour - 1) / Hour, seen - LongestUnseenHours, seen) : seen;
        var tally = new Tally(brand, published, seen, Math.Max(_firstHour, seen));
        _tallies.Add(article, tally);
        // Of an old article that comes up again: a pass that began earlier had dropped it by now, and one that begins here must not know it either.
        if (_openHour - 1 - published < AgeCurve.Hours) brand.Alive.Add(tally);
        return tally;
    }

    private Habits HabitsAt(long hour)
    {
        if (_habits is { } habits && habits.Hour == hour) return habits;
        return _habits = new Habits(this, hour);
    }

    private sealed class Tally(Brand brand, long firstHour, long seenHour, long countedFrom)
    {
        public Brand Brand => brand;

        /// <summary>The first hour it was on offer, as far as is known.</summary>
        public long FirstHour => firstHour;

        /// <summary>The hour of its first event.</summary>
        public long SeenHour => seenHour;
        public HourlyCounts Views { get; } = new(countedFrom);
        public HourlyCounts Offers { get; } = new(countedFrom);
        public HashSet<int> Readers { get; } = [];
        public List<int> Titles { get; } = [];
        public int[] Offered { get; } = new int[Surfaces * Positions];
        public int Impressions, Clicks, ViewCount, Reactions, Dwells;
        public double DwellLogs;
    }

    private sealed class Brand(long firstHour)
    {
        public HourlyCounts Views { get; } = new(firstHour);
        public HourlyCounts Offers { get; } = new(firstHour);

        /// <summary>Articles not older than the age curve looks.</summary>
        public List<Tally> Alive { get; } = [];
    }

    /// <summary>What is usual, from the two weeks of whole hours before one.</summary>
    private sealed class Habits
    {
        private readonly ArticleTraffic _traffic;
        private readonly Dictionary<Brand, OfBrand> _ofBrand = [];

        public Habits(ArticleTraffic traffic, long hour)
        {
            (_traffic, Hour) = (traffic, hour);
            var from = hour - Season.Hours;
            ViewShares = traffic._viewCurve.Between(from, hour);
            OfferShares = traffic._offerCurve.Between(from, hour);
            int[] last = traffic._clicksByCell[^1], first = traffic._clicksByCell[(int)Math.Max(0, from - traffic._firstHour)];
            Trend = TrendOf(traffic._brands.Values);
            var (offers, clicks) = (0, 0);
            var cells = Surfaces * Positions;
            for (var cell = 0; cell < cells; cell++) (offers, clicks) = (offers + last[cell] - first[cell], clicks + last[cells + cell] - first[cells + cell]);
            ClickRate = offers > 0 ? (double)clicks / offers : 0;
            var views = traffic._brands.Values.Sum(b => b.Views.Sum(from, hour));
            ClickedShare = views > 0 ? Math.Min(1, (double)clicks / views) : 0;
            ClickRates = [.. Enumerable.Range(0, cells).Select(cell => (last[cells + cell] - first[cells + cell] + ClickPrior * ClickRate) / (last[cell] - first[cell] + ClickPrior))];
        }

        public long Hour { get; }
        public double Trend { get; }
        public double[] ViewShares { get; }
        public double[] OfferShares { get; }
        public double ClickRate { get; }

        /// <summary>Clicks per view, at most 1.</summary>
        public double ClickedShare { get; }

        /// <summary>By surface × position.</summary>
        public double[] ClickRates { get; }

        /// <summary>ln(traffic of the last week ÷ of the week before); 0 while nothing is known of that.</summary>
        private double TrendOf(IEnumerable<Brand> brands)
        {
            var (last, before) = (0, 0);
            if (Hour - 336 < _traffic._dataFrom) return 0;
            foreach (var brand in brands) (last, before) = (last + brand.Views.Sum(Hour - 168, Hour), before + brand.Views.Sum(Hour - 336, Hour - 168));
            return Math.Log((last + 100.0) / (before + 100.0));
        }

        private double Competition(Brand brand)
        {
            var hasOffers = brand.Offers.Sum(Hour - Season.Hours, Hour) > 0;
            var sum = CompetitionPrior;
            foreach (var tally in brand.Alive)
            {
                if (tally.SeenHour >= Hour) continue;
                // Of whole hours only: an answer for all rows of the hour.
                var attention = hasOffers ? AttentionOf(tally.Offers, brand.Offers, OfferShares, tally.FirstHour, Hour - 1) : AttentionOf(tally.Views, brand.Views, ViewShares, tally.FirstHour, Hour - 1);
                sum += attention.Level * (hasOffers ? OfferShares : ViewShares)[AgeCurve.StretchOf(Hour - tally.FirstHour)];
            }
            return sum;
        }

        public OfBrand Of(Brand brand)
        {
            if (_ofBrand.TryGetValue(brand, out var known)) return known;
            var views = new Season(brand.Views, Math.Max(_traffic._dataFrom, _traffic._firstHour), Hour);
            var usual = 0.0;
            for (var h = Hour - 24; h < Hour; h++) usual += views.At(h);
            known = new OfBrand(views, usual, brand.Offers.Sum(Hour - Season.Hours, Hour) > 0, brand.Alive.Count(t => Hour - t.SeenHour is >= 1 and <= 24), Competition(brand), TrendOf([brand]));
            _ofBrand.Add(brand, known);
            return known;
        }
    }

    /// <summary>What one brand has.</summary>
    /// <param name="Competition">Its articles' shares by level and age, beside those by age alone; 1 = as usual.</param>
    private sealed record OfBrand(Season Views, double UsualOfLastDay, bool HasOffers, int FreshArticles, double Competition, double Trend);
}
