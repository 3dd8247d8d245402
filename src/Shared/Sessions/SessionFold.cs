using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Media.Events;

namespace Media.Sessions;

/// <summary>The events of one session, taken in one after another, and what the metrics read of them.</summary>
/// <remarks>
/// Order: event time, then event id; the caller keeps it, and the session's bounds. <see cref="Close"/> leaves the fold empty for the next
/// session. Not thread-safe. What each value means stands beside its metric in <see cref="SessionMetrics"/>.
/// </remarks>
public sealed class SessionFold
{
    private const double MicrosPerSecond = 1e6;
    private const double DeepReadPercent = 75;
    private const long QuickExitMs = 10_000;

    private readonly Frequencies _pages = new();
    private readonly Frequencies _articles = new();
    private readonly Frequencies _categories = new();
    private readonly Frequencies _brands = new();
    private readonly Func<SessionFold, double>[] _metrics = [.. SessionMetrics.All.Select(m => m.OfEvents ?? (_ => double.NaN))];
    private Sums _sums;

    /// <summary>Takes in the session's next event.</summary>
    /// <param name="isLate">It had arrived after the allowed lateness and is put back by a repair.</param>
    public void Add(MediaEvent e, bool isLate)
    {
        AddEnvelope(e);
        if (isLate) _sums.LateEvents++;
        switch (e)
        {
            case ArticleImpression: _sums.ArticleImpressions++; return;
            case AdImpression: _sums.AdImpressions++; return;
            case ArticleView view: AddView(view); break;
            case ArticleClick: _sums.ArticleClicks++; _sums.FirstClickMicros ??= e.EventTimeMicros; break;
            case VideoPlay play: AddPlay(play); break;
            case AdClick click: AddAdClick(click); break;
            case Search search: _sums.Searches++; _sums.SearchClicked.Add(search.ClickedResult); break;
            case Navigation: _sums.Navigations++; break;
            case Reaction reaction: ReactionsByKind.Add((int?)reaction.Kind); break;
            case SubscriptionPrompt: _sums.SubscriptionPrompts++; break;
            case NewsletterSignup: _sums.NewsletterSignups++; break;
            case SubscriptionStart: _sums.SubscriptionStarts++; break;
            case SessionEnd: break;
            default: throw new ArgumentException($"{e.GetType().Name} is no event of the family.", nameof(e));
        }
        if (e.Article is { } article) AddContent(article);
    }

    /// <summary>The session of the events taken in; its number among the reader's sessions is still to be given (<see cref="SessionNumbering"/>).</summary>
    /// <exception cref="InvalidOperationException">No event was taken in.</exception>
    public Session Close(ClosedBy closedBy)
    {
        var first = First;
        var metrics = new double[_metrics.Length];
        for (var i = 0; i < metrics.Length; i++) metrics[i] = _metrics[i](this);
        var session = new Session
        {
            SessionId = IdOf(first.UserId, first.EventTimeMicros),
            UserId = first.UserId,
            SessionStartMicros = first.EventTimeMicros,
            SessionEndMicros = _sums.EndMicros,
            Brand = _sums.Brand,
            Country = _sums.Country,
            City = _sums.City,
            DeviceType = _sums.DeviceType,
            DeviceOs = _sums.DeviceOs,
            Browser = _sums.Browser,
            Timezone = _sums.Timezone,
            SubscriptionTier = _sums.SubscriptionTier,
            UserSegment = _sums.UserSegment,
            Referrer = _sums.Referrer,
            LandingArticleId = _sums.LandingArticleId,
            ExitArticleId = _sums.ExitArticleId,
            TopCategory = _categories.MostFrequent,
            ClosedBy = closedBy,
            Metrics = metrics,
        };
        Clear();
        return session;
    }

    /// <summary>First 32 hex digits (lower case) of SHA-256 over the UTF-8 text "user_id:session_start µs".</summary>
    public static string IdOf(UserId user, long sessionStartMicros)
    {
        Span<byte> text = stackalloc byte[4 * UserId.MaxLength + 1 + 20];
        var length = Encoding.UTF8.GetBytes(user.Value, text);
        text[length++] = (byte)':';
        sessionStartMicros.TryFormat(text[length..], out var digits, default, CultureInfo.InvariantCulture);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..(length + digits)], hash);
        return Convert.ToHexStringLower(hash[..16]);
    }

    internal static double Ratio(double numerator, double denominator) => denominator > 0 ? numerator / denominator : double.NaN;

    internal double PerMinute(double amount) => Ratio(amount, DurationS / 60);

    internal double SecondsTo(long? micros) => micros is { } at ? (at - First.EventTimeMicros) / MicrosPerSecond : double.NaN;

    internal int Events => _sums.Events;
    internal double DurationS => (_sums.EndMicros - First.EventTimeMicros) / MicrosPerSecond;
    internal double EngagedS => Math.Min(DurationS, _sums.EngagedS.Total);
    internal double UniquePages => _pages.Distinct > 0 ? _pages.Distinct : double.NaN;
    internal int PageViews => Math.Max(_sums.ArticleViews + _sums.Navigations, _pages.Distinct);
    internal int UniqueArticles => _articles.Distinct;
    internal double UniqueCategories => _categories.Distinct > 0 || _articles.Total == 0 ? _categories.Distinct : double.NaN;
    internal double UniqueBrands => _brands.Distinct > 0 ? _brands.Distinct : double.NaN;
    internal double CategoryEntropy => _categories.Entropy;
    internal double TopCategoryShare => Ratio(_categories.Highest, _categories.Total);
    internal int ArticleImpressions => _sums.ArticleImpressions;
    internal int ArticleClicks => _sums.ArticleClicks;
    internal int ArticleViews => _sums.ArticleViews;
    internal Measure ArticleCompleted => _sums.ArticleCompleted;
    internal Measure TimeOnPageS => _sums.TimeOnPageS;
    internal Measure ScrollDepth => _sums.ScrollDepth;
    internal Measure ReadProgress => _sums.ReadProgress;
    internal Measure DeepRead => _sums.DeepRead;
    internal Measure QuickExit => _sums.QuickExit;
    internal int VideoPlays => _sums.VideoPlays;
    internal Measure VideoCompleted => _sums.VideoCompleted;
    internal Measure WatchedS => _sums.WatchedS;
    internal int AdImpressions => _sums.AdImpressions;
    internal int AdClicks => _sums.AdClicks;
    internal Measure RevenueUsd => _sums.RevenueUsd;
    internal Tally AdClicksBySlot { get; } = new(Vocabulary<AdSlot>.Names.Count);
    internal int Searches => _sums.Searches;
    internal Measure SearchClicked => _sums.SearchClicked;
    internal int Navigations => _sums.Navigations;
    internal int SubscriptionPrompts => _sums.SubscriptionPrompts;
    internal int NewsletterSignups => _sums.NewsletterSignups;
    internal int SubscriptionStarts => _sums.SubscriptionStarts;
    internal Tally ReactionsByKind { get; } = new(Vocabulary<ReactionKind>.Names.Count);
    internal double EngagementScore => 2d * ArticleViews + 3d * ArticleClicks + 5d * VideoPlays + 20d * NewsletterSignups + OrZero(UniquePages) + 2 * OrZero(UniqueCategories);
    internal DateTimeOffset Start => First.EventTime;
    internal int StartDayOfWeek => Start.DayOfWeek is DayOfWeek.Sunday ? 7 : (int)Start.DayOfWeek;
    internal long? FirstClickMicros => _sums.FirstClickMicros;
    internal long? FirstAdClickMicros => _sums.FirstAdClickMicros;
    internal double LongestGapS => Events > 1 ? _sums.LongestGapMicros / MicrosPerSecond : double.NaN;
    internal double BrandSwitches => _brands.Distinct > 0 ? _sums.BrandSwitches : double.NaN;
    internal int LateEvents => _sums.LateEvents;

    private MediaEvent First => _sums.First ?? throw new InvalidOperationException("A session has at least one event.");

    private void AddEnvelope(MediaEvent e)
    {
        if (_sums.Events++ > 0) _sums.LongestGapMicros = Math.Max(_sums.LongestGapMicros, e.EventTimeMicros - _sums.EndMicros);
        _sums.First ??= e;
        _sums.EndMicros = e.EventTimeMicros;
        if (e.Brand is { } brand)
        {
            if (_sums.LastBrand is { } last && !string.Equals(last, brand)) _sums.BrandSwitches++;
            _sums.Brand ??= brand;
            _sums.LastBrand = brand;
            _brands.Add(brand);
        }
        if (e.PageUrl is { } page) _pages.Add(page);
        _sums.Country ??= e.Country;
        _sums.City ??= e.City;
        _sums.DeviceType ??= e.DeviceType;
        _sums.DeviceOs ??= e.DeviceOs;
        _sums.Browser ??= e.Browser;
        _sums.Timezone ??= e.Timezone;
        _sums.SubscriptionTier ??= e.SubscriptionTier;
        _sums.UserSegment ??= e.UserSegment;
        _sums.Referrer ??= e.Referrer;
    }

    private void AddView(ArticleView view)
    {
        _sums.ArticleViews++;
        _sums.ArticleCompleted.Add(view.IsComplete);
        _sums.TimeOnPageS.Add(view.TimeOnPageMs / 1000d);
        _sums.EngagedS.Add(view.TimeOnPageMs / 1000d);
        _sums.QuickExit.Add(view.TimeOnPageMs is { } ms ? ms < QuickExitMs : null);
        _sums.ScrollDepth.Add(view.ScrollDepth);
        _sums.ReadProgress.Add(view.ReadProgress);
        _sums.DeepRead.Add(view.ReadProgress is { } percent ? percent >= DeepReadPercent : null);
    }

    private void AddPlay(VideoPlay play)
    {
        _sums.VideoPlays++;
        _sums.VideoCompleted.Add(play.IsComplete);
        _sums.WatchedS.Add(play.WatchedS);
        _sums.EngagedS.Add(play.WatchedS);
    }

    private void AddAdClick(AdClick click)
    {
        _sums.AdClicks++;
        _sums.FirstAdClickMicros ??= click.EventTimeMicros;
        _sums.RevenueUsd.Add(click.RevenueUsd);
        AdClicksBySlot.Add((int?)click.AdSlot);
    }

    private void AddContent(Article article)
    {
        _sums.LandingArticleId ??= article.ArticleId;
        _sums.ExitArticleId = article.ArticleId;
        _articles.Add(article.ArticleId);
        if (article.Category is { } category) _categories.Add(category);
    }

    private void Clear()
    {
        _sums = default;
        _pages.Clear();
        _articles.Clear();
        _categories.Clear();
        _brands.Clear();
        AdClicksBySlot.Clear();
        ReactionsByKind.Clear();
    }

    private static double OrZero(double value) => double.IsNaN(value) ? 0 : value;

    /// <summary>All that must start from nothing for each session; its default is that nothing.</summary>
    private struct Sums
    {
        public MediaEvent? First;
        public long EndMicros, LongestGapMicros;
        public long? FirstClickMicros, FirstAdClickMicros;
        public int Events, LateEvents, BrandSwitches;
        public int ArticleImpressions, ArticleClicks, ArticleViews, VideoPlays, AdImpressions, AdClicks;
        public int Searches, Navigations, SubscriptionPrompts, NewsletterSignups, SubscriptionStarts;
        public Measure EngagedS, ArticleCompleted, TimeOnPageS, ScrollDepth, ReadProgress, DeepRead, QuickExit, VideoCompleted, WatchedS, RevenueUsd, SearchClicked;
        public string? Brand, LastBrand, Country, City, DeviceOs, Browser, Timezone, LandingArticleId, ExitArticleId;
        public DeviceType? DeviceType;
        public SubscriptionTier? SubscriptionTier;
        public UserSegment? UserSegment;
        public Referrer? Referrer;
    }
}
