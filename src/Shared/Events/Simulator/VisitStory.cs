using System.Globalization;
using System.Runtime.CompilerServices;

namespace Media.Events.Simulator;

/// <summary>Tells a visit as events: offers, clicks, reading, ads, and what comes of them.</summary>
/// <remarks>
/// A visit: perhaps a landing article; then rounds of offered articles with one ad each, whose slot is chosen uniformly (propensity 1/5, so that the log
/// can judge other policies); clicked articles are read. Times rise strictly within a visit and never pass its longest length. Not thread-safe.
/// </remarks>
internal sealed class VisitStory(SimulatorOptions options, EventIds ids)
{
    // Where a round after the first takes place, and how often.
    private static readonly Surface[] LaterSurfaces = [Surface.Category, Surface.Article, Surface.Recommendation, Surface.Search];

    private static readonly double[] LaterSurfaceShares = [0.35, 0.30, 0.25, 0.10];

    private static readonly string[] AdCategories = ["automotive", "banking", "energy", "fashion", "grocery", "insurance", "mobility", "software", "telecom", "travel"];

    private static readonly string[] Queries =
    [
        "election results", "budget vote", "transfer news", "stock market today", "weather tomorrow", "chip makers", "tax reform", "cup final", "interest rates",
        "train strike", "new phone", "rent index", "energy prices", "film awards", "court ruling", "tennis draw", "pay talks", "city marathon", "border plan", "job market",
    ];

    /// <summary>Probability of each slot to be the one in which a round's ad is shown.</summary>
    internal const double SlotPropensity = 1.0 / 5;

    private readonly string[] _homeUrls = [.. options.Brands.Select(b => $"/{b.Name}")];
    private Visit _visit;
    private Draws _draws;
    private string _sessionId = "";
    private string _brand = "";
    private string _homeUrl = "";
    private Device _device = Device.All[0];
    private SubscriptionTier _tier;
    private long _now;
    private long _end;
    private int _told;
    private int _decisions;
    private List<MediaEvent> _into = [];

    /// <summary>Where a round after the first may take place, and how often.</summary>
    public static IEnumerable<(Surface Surface, double Share)> Later => LaterSurfaces.Zip(LaterSurfaceShares);

    /// <summary>Adds the visit's events, in time order.</summary>
    public void Tell(in Visit visit, FrontPage page, List<MediaEvent> into)
    {
        _visit = visit;
        _draws = new Draws(options.Seed, DrawsFor.Story, visit.Reader.Index, visit.Number);
        _sessionId = string.Create(CultureInfo.InvariantCulture, $"{visit.Reader.Index:D7}-{visit.Number:D5}");
        _brand = options.Brands[visit.Brand].Name;
        _homeUrl = _homeUrls[visit.Brand];
        _device = Device.All[visit.Device];
        _tier = visit.Tier;
        _now = visit.StartMicros;
        _end = visit.StartMicros + Visit.Longest(visit.Rounds) - Clock.Minute;
        (_told, _decisions, _into) = (0, 0, into);

        if (visit.Lands)
        {
            var story = page.StoryAt(_draws.Unit());
            Navigate(story.PageUrl);
            Read(story);
        }
        for (var round = 0; round < visit.Rounds; round++) TellRound(round, page);
        if (_tier == SubscriptionTier.Free && (visit.Subscribes || _draws.Chance(0.2))) Prompt();
        if (visit.SignsUp) SignUp();
        if (visit.Subscribes) Subscribe();
        if (_draws.Chance(0.9)) End();
    }

    private void TellRound(int round, FrontPage page)
    {
        var surface = round == 0 ? _visit.FirstSurface : LaterSurfaces[_draws.Pick(LaterSurfaceShares)];
        var offers = Visit.Offers(round);
        Span<bool> clicks = stackalloc bool[Visit.MostOffers];
        var stories = new Round();
        // Systematic sampling: each article's chance is offers × its share, and a random turn puts it at every position equally often.
        var point = _draws.Unit() / offers;
        var turn = _draws.Below(offers);
        var anyClick = false;
        Story? last = null;
        for (var i = 0; i < offers; i++)
        {
            var position = (i + turn) % offers;
            var story = page.StoryAt(point + (double)i / offers);
            if (ReferenceEquals(story, last)) continue;
            stories[position] = last = story;
            anyClick |= clicks[position] = _draws.Chance(Odds.Click(_visit.Reader, story, position, surface, options.Signal));
        }

        if (surface == Surface.Search) LookFor(anyClick);
        else if (round > 0) Navigate(surface == Surface.Category && stories[turn] is { } first ? first.CategoryUrl : _homeUrl);
        for (var position = 0; position < offers; position++)
            if (stories[position] is { } story) Offer(story, position, surface);
        ShowAd();
        for (var position = 0; position < offers; position++)
        {
            if (!clicks[position] || stories[position] is not { } story) continue;
            Click(story, position, surface);
            Read(story);
        }
    }

    private void Read(Story story)
    {
        var reader = _visit.Reader;
        var dwellMs = Math.Exp(Odds.DwellMeanLog(reader, story, options.Signal) + Odds.DwellSdLog * _draws.Normal());
        var left = Math.Max(1_000, (_end - _now) / 2_000);
        var ms = (long)Math.Min(Math.Min(dwellMs, Odds.LongestDwellMs), left);
        if (story.IsVideo)
        {
            Watch(story, ms / 1_000.0);
            return;
        }
        _now += ms * 1_000;
        // 230 words a minute are read, three times as many skimmed.
        var needed = story.WordCount * 60_000.0 / 230;
        var progress = Math.Round(Math.Min(100, 100 * ms / needed * _draws.Between(0.9, 2.2)), 1);
        View(story, ms, Math.Round(Math.Min(100, progress * _draws.Between(1, 1.4)), 1), progress);
        if (_draws.Chance(0.08)) React(story);
    }

    /// <summary>Moves the clock on by some seconds; less when the visit nears its longest length, so that times still rise.</summary>
    private long After(double fromSeconds, double toSeconds)
    {
        var step = (long)(_draws.Between(fromSeconds, toSeconds) * Clock.Second);
        _now += Math.Max(1, Math.Min(step, (_end - _now) / 4));
        return _now;
    }

    private void Navigate(string to)
    {
        var now = _told == 0 ? _now : After(0.4, 3);
        Add(new Navigation
        {
            EventId = ids.Next(now), EventTimeMicros = now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = _told == 0 ? to : _homeUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            ToPage = to,
        });
    }

    private void Offer(Story story, int position, Surface surface)
    {
        var now = _told == 0 ? _now : After(0.2, 1.5);
        Add(new ArticleImpression
        {
            EventId = ids.Next(now), EventTimeMicros = now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = _homeUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            Article = story.Headlines[story.HeadlineFor(_visit.Reader)], Position = position, Surface = surface,
        });
    }

    private void Click(Story story, int position, Surface surface)
    {
        var now = After(1, 6);
        Add(new ArticleClick
        {
            EventId = ids.Next(now), EventTimeMicros = now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = _homeUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            Article = story.Headlines[story.HeadlineFor(_visit.Reader)], Position = position, Surface = surface,
        });
    }

    private void View(Story story, long timeOnPageMs, double scrollDepth, double readProgress)
    {
        Add(new ArticleView
        {
            EventId = ids.Next(_now), EventTimeMicros = _now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = story.PageUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            Article = story.Headlines[story.HeadlineFor(_visit.Reader)], TimeOnPageMs = timeOnPageMs, ScrollDepth = scrollDepth, ReadProgress = readProgress,
            IsComplete = readProgress >= 90,
        });
    }

    /// <summary>An article that is a video is played, not read.</summary>
    private void Watch(Story story, double watchedS)
    {
        var duration = 30 + story.WordCount / 5.0;
        var rate = _draws.Pick([0.85, 0.10, 0.05]) switch { 0 => 1.0, 1 => 1.25, _ => 1.5 };
        var watched = Math.Round(Math.Min(watchedS, duration), 1);
        _now += Math.Max(1, (long)(watched * Clock.Second));
        Add(new VideoPlay
        {
            EventId = ids.Next(_now), EventTimeMicros = _now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = story.PageUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            Article = story.Headlines[story.HeadlineFor(_visit.Reader)], VideoId = story.Headlines[0].ArticleId, VideoDurationS = duration, WatchedS = watched,
            IsComplete = watched >= 0.95 * duration, PlaybackRate = rate,
        });
    }

    private void ShowAd()
    {
        var now = After(0.2, 1);
        var slot = (AdSlot)_draws.Below(5);
        var category = AdCategories[_draws.Below(AdCategories.Length)];
        var decision = string.Create(CultureInfo.InvariantCulture, $"{_sessionId}-{_decisions++}");
        Add(new AdImpression
        {
            EventId = ids.Next(now), EventTimeMicros = now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = _homeUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            AdSlot = slot, AdCategory = category, DecisionId = decision, Propensity = SlotPropensity,
        });
        if (!_draws.Chance(Odds.AdClick(_visit.Reader, slot, options.Signal))) return;
        now = After(1, 5);
        Add(new AdClick
        {
            EventId = ids.Next(now), EventTimeMicros = now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = _homeUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            AdSlot = slot, AdCategory = category, DecisionId = decision, RevenueUsd = Math.Round(_draws.Gamma2(Odds.AdRevenueUsd(slot, options.Signal)), 4),
        });
    }

    private void LookFor(bool clicked)
    {
        var now = After(2, 10);
        Add(new Search
        {
            EventId = ids.Next(now), EventTimeMicros = now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = _homeUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            Query = Queries[_draws.Below(Queries.Length)], ResultsCount = 2 + _draws.Poisson(12, 60), ClickedResult = clicked,
        });
    }

    private void React(Story story)
    {
        var now = After(0.5, 5);
        Add(new Reaction
        {
            EventId = ids.Next(now), EventTimeMicros = now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = story.PageUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            Article = story.Headlines[story.HeadlineFor(_visit.Reader)], Kind = (ReactionKind)_draws.Pick([0.45, 0.20, 0.18, 0.10, 0.07]),
        });
    }

    private void Prompt()
    {
        var now = After(0.5, 4);
        Add(new SubscriptionPrompt
        {
            EventId = ids.Next(now), EventTimeMicros = now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = _homeUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            PromptType = (PromptType)_draws.Below(3),
        });
    }

    private void SignUp()
    {
        var now = After(4, 20);
        Add(new NewsletterSignup
        {
            EventId = ids.Next(now), EventTimeMicros = now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = _homeUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            NewsletterType = _visit.Reader.Newsletter,
        });
    }

    private void Subscribe()
    {
        var now = After(10, 60);
        _tier = _visit.Reader.NextTier;
        Add(new SubscriptionStart
        {
            EventId = ids.Next(now), EventTimeMicros = now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = _homeUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            Tier = _tier,
        });
    }

    private void End()
    {
        var now = After(1, 10);
        Add(new SessionEnd
        {
            EventId = ids.Next(now), EventTimeMicros = now, UserId = _visit.Reader.UserId, ClientSessionId = _sessionId, Brand = _brand, PageUrl = _homeUrl,
            Referrer = _visit.Referrer, DeviceType = _device.Type, DeviceOs = _device.Os, Browser = _device.Browser, Country = _visit.Reader.Place.Country,
            City = _visit.Reader.Place.City, Timezone = _visit.Reader.Place.Timezone, SubscriptionTier = _tier, UserSegment = _visit.Reader.Segment, SchemaVersion = SchemaVersions.Live,
            TotalDurationS = Math.Round((now - _visit.StartMicros) / 1e6, 3), TotalEvents = _told + 1,
        });
    }

    private void Add(MediaEvent mediaEvent)
    {
        _into.Add(mediaEvent);
        _told++;
    }

    /// <summary>The stories of a round by position, without an allocation; none where an offer fell away.</summary>
    [InlineArray(Visit.MostOffers)]
    private struct Round
    {
        private Story? _first;
    }
}
