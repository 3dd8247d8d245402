using System.Collections.Concurrent;
using System.Globalization;

namespace Media.Events.Simulator;

/// <summary>The true odds of an ad in one slot.</summary>
/// <param name="ClickProbability">In [0, 1].</param>
/// <param name="MeanRevenueUsd">Mean revenue of a click, USD; a Gamma of shape 2 around it.</param>
public readonly record struct SlotOdds(double ClickProbability, double MeanRevenueUsd)
{
    /// <summary>Expected revenue of one ad, USD.</summary>
    public double ValueUsd => ClickProbability * MeanRevenueUsd;
}

/// <summary>The true ad revenue of a visit, as known when it starts.</summary>
/// <param name="ProbabilityOfAny">That at least one ad is clicked, in [0, 1].</param>
/// <param name="MeanUsd">Expected revenue, visits without a click included, USD.</param>
public readonly record struct RevenueOdds(double ProbabilityOfAny, double MeanUsd);

/// <summary>The true distribution of time on page: log-normal.</summary>
/// <param name="MeanLogMs">Mean of the natural logarithm of milliseconds.</param>
/// <param name="SdLog">Its standard deviation: the noise that no model can remove.</param>
public readonly record struct DwellOdds(double MeanLogMs, double SdLog);

/// <summary>The true probability behind every label: what a perfect model would answer, and so the ceiling of every real one.</summary>
/// <remarks>
/// Made from the options alone; nothing of it stands in an event. The odds know the reader's and the article's latent traits, and of the past what is asked
/// for. Thread-safe. Holds one run of visits, about 15 MB at the default size, and the articles asked for.
/// </remarks>
public sealed class SimulatedTruth
{
    private readonly SimulatorOptions _options;
    private readonly Newsroom _newsroom;
    private readonly Reader[] _readers;

    /// <summary>Day on which each reader subscribes; <see cref="int.MaxValue"/> = not in this run.</summary>
    private readonly int[] _subscribesOn;

    /// <summary>Day on which each reader signs up for a newsletter; <see cref="int.MaxValue"/> = not in this run.</summary>
    private readonly int[] _signsUpOn;

    /// <summary>Visits by brand, in order of their days.</summary>
    private readonly Visit[][] _visits;

    /// <summary>How many visits each reader makes in this run.</summary>
    private readonly int[] _visitsOf;
    private readonly Lazy<KnowableAds> _knowableAds;
    private readonly ConcurrentDictionary<(int Brand, int Day), Story[]> _published = new();
    private readonly ConcurrentDictionary<(int Brand, long HourMicros), FrontPage> _pages = new();
    private readonly ConcurrentDictionary<(int Brand, long HourMicros), (int Visits, int Landings)> _visitsOfHour = new();
    private readonly ConcurrentDictionary<double, double> _byForm = new();

    /// <exception cref="ArgumentException">An option is out of range; all faults are listed.</exception>
    public SimulatedTruth(SimulatorOptions options)
    {
        options.Validate();
        _options = options;
        _newsroom = new Newsroom(options);
        _knowableAds = new Lazy<KnowableAds>(() => new KnowableAds(options.Signal));
        _readers = Reader.All(options, _newsroom.CategoryNames.Length);
        _subscribesOn = new int[_readers.Length];
        _visitsOf = new int[_readers.Length];
        _signsUpOn = new int[_readers.Length];
        Array.Fill(_subscribesOn, int.MaxValue);
        Array.Fill(_signsUpOn, int.MaxValue);
        var byBrand = options.Brands.Select(_ => new List<Visit>()).ToArray();
        var calendar = new Calendar(options, _readers);
        var today = new List<Visit>();
        for (var day = 0; day < options.Days; day++)
        {
            today.Clear();
            calendar.NextDay(today);
            foreach (var visit in today)
            {
                byBrand[visit.Brand].Add(visit);
                _visitsOf[visit.Reader.Index]++;
                if (visit.Subscribes) _subscribesOn[visit.Reader.Index] = day;
                if (visit.SignsUp) _signsUpOn[visit.Reader.Index] = day;
            }
        }
        _visits = [.. byBrand.Select(v => v.ToArray())];
    }

    /// <summary>Readers of the simulation, also those who never came.</summary>
    public IEnumerable<UserId> Users => _readers.Select(r => r.UserId);

    /// <summary>The group that a reader was drawn from.</summary>
    /// <exception cref="ArgumentException">No reader of this simulation.</exception>
    public UserSegment Segment(UserId user) => Find(user).Segment;

    /// <summary>Churn: probability that the reader has no session within the horizon.</summary>
    /// <param name="sessionStartMicros">All the reader's sessions so far, ascending; later ones than as-of are passed over.</param>
    /// <param name="asOfMicros">µs since the Unix epoch, a midnight UTC.</param>
    /// <param name="horizon">Whole days.</param>
    /// <exception cref="ArgumentException">Unknown reader, no session before as-of, as-of not a midnight, or the horizon not in whole days.</exception>
    public double ChurnProbability(UserId user, ReadOnlySpan<long> sessionStartMicros, long asOfMicros, TimeSpan horizon)
    {
        var reader = Find(user);
        var (latest, asOf, days) = Days(user, sessionStartMicros, asOfMicros, horizon);
        var odds = new LifeOdds(_options, reader, IsFree(reader, asOf), HasNewsletter(reader, asOf));
        return odds.NoVisit(odds.Reads(latest, asOf), asOf, days);
    }

    /// <summary>Conversion: probability that the reader starts a subscription within the horizon; 0 for one who has a subscription.</summary>
    /// <inheritdoc cref="ChurnProbability" path="/param|/exception"/>
    public double ConversionProbability(UserId user, ReadOnlySpan<long> sessionStartMicros, long asOfMicros, TimeSpan horizon)
    {
        var reader = Find(user);
        var (latest, asOf, days) = Days(user, sessionStartMicros, asOfMicros, horizon);
        if (!IsFree(reader, asOf)) return 0;
        var odds = new LifeOdds(_options, reader, free: true, HasNewsletter(reader, asOf));
        return 1 - odds.NoSubscription(odds.Reads(latest, asOf), asOf, days);
    }

    /// <summary>Click: probability that the reader clicks this article when it is offered there.</summary>
    /// <param name="position">0 = first</param>
    /// <exception cref="ArgumentException">No such reader or article.</exception>
    public double ClickProbability(UserId user, string articleId, int position, Surface surface) =>
        Odds.Click(Find(user), Story(articleId), position, surface, _options.Signal);

    /// <summary>Engagement: how long the reader stays with this article once it is opened. Cut at 600 s, which touches about one view in a thousand.</summary>
    /// <exception cref="ArgumentException">No such reader or article.</exception>
    public DwellOdds Dwell(UserId user, string articleId) => new(Odds.DwellMeanLog(Find(user), Story(articleId), _options.Signal), Odds.DwellSdLog);

    /// <summary>Recommendation: how likely this article is the reader's next read: its exposure at that hour × the probability of a click at the top of the home page.</summary>
    /// <remarks>A utility to rank by; 0 when the article is not on offer.</remarks>
    /// <param name="atMicros">µs since the Unix epoch.</param>
    /// <exception cref="ArgumentException">No such reader or article.</exception>
    public double ReadingUtility(UserId user, string articleId, long atMicros)
    {
        var (brand, _, _) = _newsroom.Locate(articleId);
        return Page(brand, atMicros).Share(articleId) * ClickProbability(user, articleId, 0, Surface.Home);
    }

    /// <summary>Ad revenue: what a visit of this reader brings.</summary>
    /// <exception cref="ArgumentException">No such reader.</exception>
    public RevenueOdds AdRevenue(UserId user)
    {
        var reader = Find(user);
        var (click, usd) = (0.0, 0.0);
        foreach (var slot in Enum.GetValues<AdSlot>())
        {
            var odds = AdSlotOdds(reader, slot);
            click += odds.ClickProbability / 5;
            usd += odds.ValueUsd / 5;
        }
        var none = 0.0;
        for (var rounds = 1; rounds <= Reader.MostRounds; rounds++) none += Odds.ProbabilityOfRounds(reader.ExtraRounds, rounds) * Math.Pow(1 - click, rounds);
        return new RevenueOdds(1 - none, Odds.MeanRounds(reader.ExtraRounds) * usd);
    }

    /// <summary>Ad revenue: what a visit of a reader is expected to bring, in USD, to one who knows how readers are drawn but of this one only the segment and earlier visits.</summary>
    /// <param name="adsOfVisits">Ads shown in each earlier visit; a session of more than a visit can have counts as one with the most.</param>
    /// <param name="clicks">on all these ads</param>
    public double KnowableAdRevenueUsd(UserSegment segment, IReadOnlyCollection<int> adsOfVisits, int clicks)
    {
        Span<int> visits = stackalloc int[Reader.MostRounds];
        foreach (var ads in adsOfVisits)
            if (ads > 0) visits[Math.Min(ads, Reader.MostRounds) - 1]++;
        return _knowableAds.Value.ExpectedUsd(segment, visits, adsOfVisits.Sum(), clicks);
    }

    /// <summary>Article performance and trending: expected views (plays, of a video) in the visits that start in [from, to), given who visits when.</summary>
    /// <param name="fromMicros">µs since the Unix epoch</param>
    /// <param name="toMicros">µs since the Unix epoch</param>
    /// <exception cref="ArgumentException">No such article.</exception>
    public double ExpectedViews(string articleId, long fromMicros, long toMicros)
    {
        var (brand, _, _) = _newsroom.Locate(articleId);
        var story = Story(articleId);
        // Later visits are offered it no more.
        toMicros = Math.Min(toMicros, story.PublishedMicros + Newsroom.DaysOnOffer * Clock.Day);
        var views = 0.0;
        foreach (var visit in Visit.Between(_visits[brand], Math.Max(fromMicros, story.PublishedMicros), toMicros))
        {
            var share = Page(brand, visit.StartMicros).Share(articleId);
            if (share == 0) continue;
            if (visit.Lands) views += share;
            views += ViewsOfRound(visit.Reader, story, share, Visit.Offers(0), visit.FirstSurface);
            foreach (var (surface, often) in VisitStory.Later)
                views += (visit.Rounds - 1) * often * ViewsOfRound(visit.Reader, story, share, Visit.Offers(1), surface);
        }
        return views;
    }

    /// <summary>Recommendation: probability that the reader views (plays, if it is a video) an article in one visit to its brand that starts in [from, to), at an hour as likely as others come then.</summary>
    /// <param name="fromMicros">µs since the Unix epoch, a full hour</param>
    /// <param name="toMicros">µs since the Unix epoch</param>
    /// <returns>0 when nobody comes.</returns>
    /// <exception cref="ArgumentException">No such reader or article.</exception>
    public double ReadProbability(UserId user, string articleId, long fromMicros, long toMicros)
    {
        var (brand, _, _) = _newsroom.Locate(articleId);
        var (reader, story) = (Find(user), Story(articleId));
        var hours = new List<ExposedHour>();
        for (var hour = fromMicros; hour < toMicros; hour += Clock.Hour)
        {
            var (visits, landings) = _visitsOfHour.GetOrAdd((brand, hour), key => (Visit.Between(_visits[key.Brand], key.HourMicros, key.HourMicros + Clock.Hour).Count(),
                Visit.Between(_visits[key.Brand], key.HourMicros, key.HourMicros + Clock.Hour).Count(v => v.Lands)));
            hours.Add(new ExposedHour(visits == 0 ? 0 : Page(brand, hour).Share(articleId), visits, landings));
        }
        return new Exposure(hours).ReadProbability((position, surface) => Odds.Click(reader, story, position, surface, _options.Signal), Odds.MeanRounds(reader.ExtraRounds));
    }

    /// <summary>Headline: click-through rate of the article under this title at the top of the home page, mean over all readers.</summary>
    /// <exception cref="ArgumentException">No such article, or never under this title.</exception>
    public double HeadlineClickRate(string articleId, string title)
    {
        var story = Story(articleId);
        var headline = Array.FindIndex(story.Headlines, h => h.Title == title);
        if (headline < 0) throw new ArgumentException($"Article '{articleId}' was never offered as '{title}'.");
        return _readers.Average(r => Odds.Click(r, story, headline, 0, Surface.Home, _options.Signal));
    }

    /// <summary>Headline: expected logarithm of <see cref="HeadlineClickRate"/> to one who knows how articles, titles and readers are drawn, but of these only the title's text.</summary>
    /// <remarks>It shows the title's form; what the title has of its own, and how good the article is, no event tells before the first offer.</remarks>
    public double KnowableHeadlineLogClickRate(string title) => _byForm.GetOrAdd(Headline.FormEffect(title), effect => Odds.ExpectedLogClickRate(effect, _options.Signal));

    /// <summary>Ad placement: the odds of an ad shown to this reader.</summary>
    /// <exception cref="ArgumentException">No such reader.</exception>
    public SlotOdds AdSlotOdds(UserId user, AdSlot slot) => AdSlotOdds(Find(user), slot);

    /// <summary>Ad placement: how many ads the run is expected to show this reader, given their visits.</summary>
    /// <exception cref="ArgumentException">No such reader.</exception>
    public double ExpectedAds(UserId user) => ExpectedAds(Find(user));

    /// <summary>Ad placement: the mean odds over the run's ads, each reader counting as often as one is shown to them.</summary>
    public SlotOdds AdSlotOdds(AdSlot slot)
    {
        var (clicks, ads) = (0.0, 0.0);
        foreach (var reader in _readers)
        {
            var shown = ExpectedAds(reader);
            ads += shown;
            clicks += shown * AdSlotOdds(reader, slot).ClickProbability;
        }
        return new SlotOdds(clicks / ads, Odds.AdRevenueUsd(slot, _options.Signal));
    }

    private SlotOdds AdSlotOdds(Reader reader, AdSlot slot) => new(Odds.AdClick(reader, slot, _options.Signal), Odds.AdRevenueUsd(slot, _options.Signal));

    /// <summary>Article performance and trending: the odds of an article's views after an instant, as far as events before it can tell.</summary>
    /// <remarks>All else that had happened by then is given, and of what comes only the odds: no model of events does better. <see cref="ExpectedViews(string, long, long)"/>, which knows the article's traits and who will visit, does.</remarks>
    /// <exception cref="ArgumentException">No such article or reader, an article is not published yet, or an as-of lies outside the run.</exception>
    public IReadOnlyList<IReadOnlyList<ViewsOdds>> KnowableViews(IReadOnlyList<ViewsQuestion> questions)
    {
        var knowable = new KnowableViews(_options, _newsroom, _readers, _visits, questions);
        return [.. questions.AsParallel().AsOrdered().Select(knowable.Of)];
    }

    /// <summary>Recommendation: how the articles are expected to be on offer, hour by hour of the time asked about, as far as events before it can tell.</summary>
    /// <remarks>As of a full hour. What is given beside is as for <see cref="KnowableViews(IReadOnlyList{ViewsQuestion})"/>.</remarks>
    /// <exception cref="ArgumentException">As there, or an as-of is no full hour.</exception>
    internal IReadOnlyList<Exposure> KnowableExposures(IReadOnlyList<ViewsQuestion> questions)
    {
        if (questions.FirstOrDefault(q => q.AsOfMicros % Clock.Hour != 0) is { } odd) throw new ArgumentException($"{odd.AsOfMicros} µs is no full hour: exposures are told by the hour.");
        var knowable = new KnowableViews(_options, _newsroom, _readers, _visits, questions);
        return [.. questions.AsParallel().AsOrdered().Select(knowable.ExposureOf)];
    }

    private double ViewsOfRound(Reader reader, Story story, double share, int offers, Surface surface)
    {
        var click = 0.0;
        for (var position = 0; position < offers; position++) click += Odds.Click(reader, story, position, surface, _options.Signal) / offers;
        return Math.Min(1, offers * share) * click;
    }

    private double ExpectedAds(Reader reader) => _visitsOf[reader.Index] * Odds.MeanRounds(reader.ExtraRounds);

    private bool IsFree(Reader reader, int asOfDay) => reader.StartTier == SubscriptionTier.Free && _subscribesOn[reader.Index] >= asOfDay;

    private bool HasNewsletter(Reader reader, int asOfDay) => _signsUpOn[reader.Index] < asOfDay;

    private (int Latest, int AsOf, int Horizon) Days(UserId user, ReadOnlySpan<long> sessionStartMicros, long asOfMicros, TimeSpan horizon)
    {
        var (asOf, rest) = Math.DivRem(asOfMicros - _options.StartMicros, Clock.Day);
        if (rest != 0) throw new ArgumentException(string.Create(CultureInfo.InvariantCulture, $"as-of {asOfMicros} µs is not a midnight UTC: the truth is exact for whole days only."));
        if (horizon.Ticks <= 0 || horizon.Ticks % TimeSpan.TicksPerDay != 0) throw new ArgumentException($"The horizon {horizon} is not one or more whole days.");
        for (var i = sessionStartMicros.Length - 1; i >= 0; i--)
            if (sessionStartMicros[i] < asOfMicros) return ((int)((sessionStartMicros[i] - _options.StartMicros) / Clock.Day), (int)asOf, horizon.Days);
        throw new ArgumentException($"Reader '{user}' has no session before as-of: nothing is known of them.");
    }

    /// <summary>Click, engagement and recommendation: what was to be known at each moment; to be fed with offers and readings as they happened.</summary>
    internal KnowableReading KnowableReading() => new(this, _options.Signal);

    /// <exception cref="ArgumentException">No such reader or article.</exception>
    internal (Reader Reader, Story Story) Locate(UserId user, string articleId) => (Find(user), Story(articleId));

    private Reader Find(UserId user)
    {
        var dash = user.Value.LastIndexOf('-');
        if (dash > 0 && int.TryParse(user.Value.AsSpan(dash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var index)
            && index < _readers.Length && _readers[index].UserId == user)
            return _readers[index];
        throw new ArgumentException($"'{user}' is no reader of this simulation.");
    }

    private Story Story(string articleId)
    {
        var (brand, day, number) = _newsroom.Locate(articleId);
        return Published(brand, day)[number];
    }

    private Story[] Published(int brand, int day) => _published.GetOrAdd((brand, day), key => _newsroom.Publish(key.Brand, key.Day));

    private FrontPage Page(int brand, long atMicros)
    {
        var sinceStart = atMicros - _options.StartMicros;
        var hour = atMicros - sinceStart % Clock.Hour;
        return _pages.GetOrAdd((brand, hour), key =>
        {
            var day = (int)((key.HourMicros - _options.StartMicros) / Clock.Day);
            var days = Enumerable.Range(0, Newsroom.DaysOnOffer).Select(back => Published(key.Brand, day - back)).ToArray();
            return FrontPage.At(days, key.HourMicros, _options.Signal);
        });
    }
}
