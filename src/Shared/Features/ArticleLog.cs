using Media.Events;

namespace Media.Features;

/// <summary>What a reader did with an article.</summary>
public enum ArticleAct : byte { Impression, Click, View, VideoPlay, Reaction }

/// <summary>An article as its first event showed it.</summary>
/// <param name="PublishedAtMicros">µs since the Unix epoch, UTC; null where the data lacks it.</param>
/// <param name="FirstSeenMicros">µs since the Unix epoch, UTC: its first event.</param>
public sealed record LoggedArticle(string ArticleId, string? Brand, string? Category, string? Type, long? PublishedAtMicros, int? WordCount, long FirstSeenMicros);

/// <summary>One event of the log.</summary>
/// <param name="Reader">Index into <see cref="ArticleLog.Readers"/>.</param>
/// <param name="Article">Index into <see cref="ArticleLog.Articles"/>.</param>
/// <param name="Title">Index into <see cref="ArticleLog.Titles"/>; −1 = none.</param>
/// <param name="Position">0 = first; −1 = none.</param>
/// <param name="EngagedSeconds">Time on page or watched, s; NaN where there is none.</param>
public readonly record struct ArticleEvent(long TimeMicros, int Reader, int Article, int Title, ArticleAct Act, Surface? Surface, short Position, float EngagedSeconds);

/// <summary>Every offer, click, view, play and reaction in the order of time: what the models of articles look back on.</summary>
/// <remarks>
/// Ordered by time, equal times by event id, so the order in which the events are read does not matter. Readers, articles and titles are numbered in the order of
/// their first event: a log cut at an instant knows exactly those seen before it, and cutting costs nothing. 32 bytes an event. Immutable, thread-safe.
/// </remarks>
public sealed class ArticleLog
{
    private readonly ArticleEvent[] _events;
    private readonly Numbering _numbering;

    private ArticleLog(ArticleEvent[] events, int count, Numbering numbering)
    {
        (_events, Count, _numbering) = (events, count, numbering);
        var (readers, articles, titles) = (0, 0, 0);
        // A number is given at the first event that bears it, so the newest numbers among the first events are found from the end.
        if (count == events.Length) (readers, articles, titles) = (numbering.Readers.Count, numbering.Articles.Count, numbering.Titles.Count);
        else if (count > 0)
        {
            readers = Known(numbering.FirstEventOfReader, count);
            articles = Known(numbering.FirstEventOfArticle, count);
            titles = Known(numbering.FirstEventOfTitle, count);
        }
        (Readers, Articles, Titles) = (new Prefix<string>(numbering.Readers, readers), new Prefix<LoggedArticle>(numbering.Articles, articles), new Prefix<string>(numbering.Titles, titles));
    }

    /// <summary>A log without events.</summary>
    public static ArticleLog Empty { get; } = Of([]);

    /// <summary>The same for every cut of one log: what follows from its first events alone may be remembered under it.</summary>
    internal object Identity => _events;

    /// <summary>Events in the log.</summary>
    public int Count { get; }

    /// <summary>In order of time, then event id.</summary>
    public ReadOnlySpan<ArticleEvent> Events => _events.AsSpan(0, Count);

    /// <summary>User ids, in the order of their first event.</summary>
    public IReadOnlyList<string> Readers { get; }

    /// <summary>In the order of their first event.</summary>
    public IReadOnlyList<LoggedArticle> Articles { get; }

    /// <summary>Titles under which articles were offered or read, in the order of their first event.</summary>
    public IReadOnlyList<string> Titles { get; }

    /// <summary>The index of a reader; −1 when the log does not know them.</summary>
    public int ReaderOf(string userId) => _numbering.ReaderOf.TryGetValue(userId, out var index) && index < Readers.Count ? index : -1;

    /// <summary>The index of an article; −1 when the log does not know it.</summary>
    public int ArticleOf(string articleId) => _numbering.ArticleOf.TryGetValue(articleId, out var index) && index < Articles.Count ? index : -1;

    /// <summary>The index of a title; −1 when the log does not know it.</summary>
    public int TitleOf(string title) => _numbering.TitleOf.TryGetValue(title, out var index) && index < Titles.Count ? index : -1;

    /// <summary>The log as it was known just before an instant: events with a time &lt; <paramref name="micros"/>.</summary>
    /// <param name="micros">µs since the Unix epoch, UTC.</param>
    public ArticleLog Before(long micros) => new(_events, IndexAt(micros), _numbering);

    /// <summary>The index of the first event at or after an instant; <see cref="Count"/> when there is none.</summary>
    /// <param name="micros">µs since the Unix epoch, UTC.</param>
    public int IndexAt(long micros)
    {
        var (low, high) = (0, Count);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (_events[middle].TimeMicros < micros) low = middle + 1;
            else high = middle;
        }
        return low;
    }

    /// <summary>The log of these events; those about no article are passed over.</summary>
    public static ArticleLog Of(IEnumerable<MediaEvent> events)
    {
        var gathering = new Gathering();
        foreach (var e in events) gathering.Add(e);
        return gathering.ToLog();
    }

    private static int Known(List<int> firstEvents, int count)
    {
        var at = firstEvents.BinarySearch(count);
        return at < 0 ? ~at : at;
    }

    /// <summary>Collects events in any order.</summary>
    public sealed class Gathering
    {
        private readonly List<Gathered> _gathered = [];
        private readonly Dictionary<string, string> _readers = new(StringComparer.Ordinal);
        private readonly Dictionary<Article, Article> _articles = [];

        /// <summary>Adds an event; one that is not about an article is passed over.</summary>
        public void Add(MediaEvent e)
        {
            if (e.Article is not { } article) return;
            switch (e)
            {
                case ArticleImpression i: Add(e.EventTimeMicros, e.EventId, e.UserId.Value, e.Brand, article, ArticleAct.Impression, i.Surface, i.Position, null); break;
                case ArticleClick c: Add(e.EventTimeMicros, e.EventId, e.UserId.Value, e.Brand, article, ArticleAct.Click, c.Surface, c.Position, null); break;
                case ArticleView v: Add(e.EventTimeMicros, e.EventId, e.UserId.Value, e.Brand, article, ArticleAct.View, null, null, v.TimeOnPageMs / 1000.0); break;
                case VideoPlay p: Add(e.EventTimeMicros, e.EventId, e.UserId.Value, e.Brand, article, ArticleAct.VideoPlay, null, null, p.WatchedS); break;
                case Reaction: Add(e.EventTimeMicros, e.EventId, e.UserId.Value, e.Brand, article, ArticleAct.Reaction, null, null, null); break;
            }
        }

        /// <summary>Adds an event told by its fields.</summary>
        /// <param name="timeMicros">µs since the Unix epoch, UTC.</param>
        /// <param name="engagedSeconds">Time on page or watched, s; null where there is none.</param>
        public void Add(long timeMicros, EventId id, string userId, string? brand, Article article, ArticleAct act, Surface? surface, int? position, double? engagedSeconds)
        {
            // One instance of each id and article: an event read from a file brings its own.
            if (!_readers.TryGetValue(userId, out var reader)) _readers.Add(userId, reader = userId);
            if (!_articles.TryGetValue(article, out var known)) _articles.Add(article, known = article);
            _gathered.Add(new Gathered(timeMicros, id, reader, known, brand, act, surface, (short)Math.Min(position ?? -1, short.MaxValue), (float?)engagedSeconds ?? float.NaN));
        }

        public ArticleLog ToLog()
        {
            _gathered.Sort(static (a, b) => a.TimeMicros != b.TimeMicros ? a.TimeMicros.CompareTo(b.TimeMicros) : a.EventId.CompareTo(b.EventId));
            var numbering = new Numbering();
            var events = new ArticleEvent[_gathered.Count];
            for (var i = 0; i < events.Length; i++)
            {
                var g = _gathered[i];
                events[i] = new ArticleEvent(g.TimeMicros, numbering.Reader(g.Reader, i), numbering.Article(g, i), numbering.Title(g.Article.Title, i), g.Act, g.Surface, g.Position, g.EngagedSeconds);
            }
            return new ArticleLog(events, events.Length, numbering);
        }
    }

    private readonly record struct Gathered(long TimeMicros, EventId EventId, string Reader, Article Article, string? Brand, ArticleAct Act, Surface? Surface, short Position, float EngagedSeconds);

    /// <summary>Who got which number, and at which event.</summary>
    private sealed class Numbering
    {
        public readonly List<string> Readers = [];
        public readonly List<LoggedArticle> Articles = [];
        public readonly List<string> Titles = [];
        public readonly List<int> FirstEventOfReader = [];
        public readonly List<int> FirstEventOfArticle = [];
        public readonly List<int> FirstEventOfTitle = [];
        public readonly Dictionary<string, int> ReaderOf = new(StringComparer.Ordinal);
        public readonly Dictionary<string, int> ArticleOf = new(StringComparer.Ordinal);
        public readonly Dictionary<string, int> TitleOf = new(StringComparer.Ordinal);

        public int Reader(string id, int at) => Number(ReaderOf, id, Readers, id, FirstEventOfReader, at);

        public int Article(in Gathered g, int at) => ArticleOf.TryGetValue(g.Article.ArticleId, out var known) ? known
            : Number(ArticleOf, g.Article.ArticleId, Articles,
                new LoggedArticle(g.Article.ArticleId, g.Brand, g.Article.Category, g.Article.Type, g.Article.PublishedAtMicros, g.Article.WordCount, g.TimeMicros), FirstEventOfArticle, at);

        public int Title(string? title, int at) => title is null ? -1 : Number(TitleOf, title, Titles, title, FirstEventOfTitle, at);

        private static int Number<T>(Dictionary<string, int> numbers, string key, List<T> all, T one, List<int> firstEvents, int at)
        {
            if (numbers.TryGetValue(key, out var known)) return known;
            numbers.Add(key, all.Count);
            all.Add(one);
            firstEvents.Add(at);
            return all.Count - 1;
        }
    }

    /// <summary>The first so many of a list.</summary>
    private sealed class Prefix<T>(List<T> all, int count) : IReadOnlyList<T>
    {
        public int Count => count;
        public T this[int index] => index < count ? all[index] : throw new ArgumentOutOfRangeException(nameof(index), $"{index} is not below {count}.");
        public IEnumerator<T> GetEnumerator() => all.Take(count).GetEnumerator();
        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
