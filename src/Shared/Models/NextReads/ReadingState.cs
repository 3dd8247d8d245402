using Media.Features;

namespace Media.Models.NextReads;

/// <summary>A first reading: who or what, and when.</summary>
/// <param name="Of">The reader in an article's list, the article in a reader's.</param>
internal readonly record struct Reading(int Of, long Micros);

/// <summary>What was done with one article so far.</summary>
internal sealed class ArticleTrace(int firstReader, long firstMicros)
{
    /// <summary>Who had its first event: often its author or the one who passed it on.</summary>
    public int FirstReader { get; } = firstReader;
    public long FirstMicros { get; } = firstMicros;
    public long LastMicros { get; set; } = firstMicros;
    public int Events { get; set; }

    /// <summary>In the order of time.</summary>
    public List<Reading> Readers { get; } = [];

    public DecayedCounts Acts { get; } = new(firstMicros);
    public DecayedCounts FirstReadings { get; } = new(firstMicros);
    public DecayedCounts Reactions { get; } = new(firstMicros);
}

/// <summary>What one reader did so far.</summary>
internal sealed class ReaderTrace(long firstMicros)
{
    public long FirstMicros { get; } = firstMicros;
    public long LastMicros { get; set; } = firstMicros;

    /// <summary>Times of all events, ascending.</summary>
    public List<long> Events { get; } = [];

    /// <summary>Days on which there was an event, since the Unix epoch, ascending.</summary>
    public List<int> Days { get; } = [];

    /// <summary>In the order of time.</summary>
    public List<Reading> Articles { get; } = [];
    public HashSet<int> Seen { get; } = [];

    /// <summary>How often the article was offered without having been read by then.</summary>
    public Dictionary<int, int> Offers { get; } = [];

    /// <summary>Articles read after somebody else had, by who that first reader was.</summary>
    public Dictionary<int, int> ByFirstReader { get; } = [];

    /// <summary>Of the articles read after somebody else: how many, the sum of log(1 + age in hours), how many younger than a day, how many older than three.</summary>
    public int Aged { get; set; }
    public double LogAgeSum { get; set; }
    public int Young { get; set; }
    public int Old { get; set; }

    /// <summary>Readings per category and brand.</summary>
    public Dictionary<string, int> Topics { get; } = new(StringComparer.Ordinal);
}

/// <summary>Counts in which an event weighs e^(−age ⁄ τ), for several τ at once.</summary>
internal sealed class DecayedCounts(long startMicros)
{
    /// <summary>τ in days.</summary>
    public static IReadOnlyList<double> Days { get; } = [0.1, 0.25, 0.5, 1, 2, 7, 30];

    private readonly double[] _counts = new double[Days.Count];
    private long _atMicros = startMicros;

    public void Add(long micros)
    {
        var days = (micros - _atMicros) / (double)ReadingState.DayMicros;
        for (var t = 0; t < _counts.Length; t++) _counts[t] = _counts[t] * Math.Exp(-days / Days[t]) + 1;
        _atMicros = micros;
    }

    /// <param name="micros">At or after the last event.</param>
    /// <param name="decay">Position in <see cref="Days"/>.</param>
    public double At(long micros, int decay) => _counts[decay] * Math.Exp(-(micros - _atMicros) / (double)ReadingState.DayMicros / Days[decay]);
}

/// <summary>What is known of readers and articles just before an instant, brought forward through a log.</summary>
/// <remarks>Impressions count as offers only: an article is out from its first other event. Not thread-safe.</remarks>
internal sealed class ReadingState
{
    public const long HourMicros = 3_600_000_000;
    public const long DayMicros = 24 * HourMicros;
    private const double YoungHours = 24;
    private const double OldHours = 72;

    private readonly List<int> _known = [];
    private int _next;

    public ReadingState(ArticleLog log)
    {
        Log = log;
        Articles = new ArticleTrace?[log.Articles.Count];
        Readers = new ReaderTrace?[log.Readers.Count];
        FirstBy = new List<int>?[log.Readers.Count];
        LatestTitle = new int[log.Articles.Count];
        Array.Fill(LatestTitle, -1);
    }

    public ArticleLog Log { get; }

    /// <summary>Everything earlier is known, nothing else; µs since the Unix epoch, UTC.</summary>
    public long NowMicros { get; private set; } = long.MinValue;

    /// <summary>Time of the newest event known; <see cref="long.MinValue"/> before the first.</summary>
    public long LatestMicros { get; private set; } = long.MinValue;

    /// <summary>By index in the log; null = not out yet.</summary>
    public ArticleTrace?[] Articles { get; }

    /// <summary>By index in the log; null = not seen yet.</summary>
    public ReaderTrace?[] Readers { get; }

    /// <summary>By index of the article: the title of its newest event, as an index into the log's; −1 = none.</summary>
    public int[] LatestTitle { get; }

    /// <summary>Whether anything was offered yet.</summary>
    public bool HasOffers { get; private set; }

    /// <summary>The articles whose first event is this reader's.</summary>
    public List<int>?[] FirstBy { get; }

    /// <summary>When any reader turned to any article for the first time, ascending.</summary>
    public List<long> FirstReadingTimes { get; } = [];

    /// <summary>Articles that are out, in the order in which they came out.</summary>
    public IReadOnlyList<int> Known => _known;

    /// <exception cref="ArgumentException">The instant lies before the present one.</exception>
    public void AdvanceTo(long micros)
    {
        if (micros < NowMicros) throw new ArgumentException($"The state is at {NowMicros} µs and cannot go back to {micros}.");
        var events = Log.Events;
        for (; _next < events.Length && events[_next].TimeMicros < micros; _next++)
        {
            LatestMicros = events[_next].TimeMicros;
            Take(events[_next]);
        }
        NowMicros = micros;
    }

    /// <summary>How many of ascending times are at or after an instant.</summary>
    public static int CountSince(List<long> times, long micros)
    {
        var at = times.BinarySearch(micros - 1);
        at = at < 0 ? ~at : at;
        while (at < times.Count && times[at] < micros) at++;
        return times.Count - at;
    }

    /// <summary>How many of readings in the order of time are at or after an instant.</summary>
    public static int CountSince(List<Reading> readings, long micros)
    {
        var count = 0;
        while (count < readings.Count && readings[readings.Count - 1 - count].Micros >= micros) count++;
        return count;
    }

    private void Take(in ArticleEvent e)
    {
        if (e.Title >= 0) LatestTitle[e.Article] = e.Title;
        if (e.Act == ArticleAct.Impression)
        {
            HasOffers = true;
            // Offers before a reader's first act say nothing of that reader yet.
            if (Readers[e.Reader] is { } offered && !offered.Seen.Contains(e.Article)) offered.Offers[e.Article] = offered.Offers.GetValueOrDefault(e.Article) + 1;
            return;
        }
        var reader = Readers[e.Reader] ??= new ReaderTrace(e.TimeMicros);
        if (Articles[e.Article] is not { } article)
        {
            Articles[e.Article] = article = new ArticleTrace(e.Reader, e.TimeMicros);
            _known.Add(e.Article);
            (FirstBy[e.Reader] ??= []).Add(e.Article);
        }
        article.LastMicros = e.TimeMicros;
        article.Events++;
        article.Acts.Add(e.TimeMicros);
        if (e.Act == ArticleAct.Reaction) article.Reactions.Add(e.TimeMicros);
        reader.LastMicros = e.TimeMicros;
        reader.Events.Add(e.TimeMicros);
        var day = (int)Math.Floor(e.TimeMicros / (double)DayMicros);
        if (reader.Days.Count == 0 || reader.Days[^1] != day) reader.Days.Add(day);
        if (reader.Seen.Add(e.Article)) TakeFirstReading(e, reader, article);
    }

    private void TakeFirstReading(in ArticleEvent e, ReaderTrace reader, ArticleTrace article)
    {
        FirstReadingTimes.Add(e.TimeMicros);
        article.FirstReadings.Add(e.TimeMicros);
        article.Readers.Add(new Reading(e.Reader, e.TimeMicros));
        reader.Articles.Add(new Reading(e.Article, e.TimeMicros));
        reader.Offers.Remove(e.Article);
        foreach (var topic in TopicsOf(Log.Articles[e.Article])) reader.Topics[topic] = reader.Topics.GetValueOrDefault(topic) + 1;
        if (article.FirstReader == e.Reader) return;
        var hours = (e.TimeMicros - article.FirstMicros) / (double)HourMicros;
        reader.ByFirstReader[article.FirstReader] = reader.ByFirstReader.GetValueOrDefault(article.FirstReader) + 1;
        reader.Aged++;
        reader.LogAgeSum += Math.Log(1 + hours);
        if (hours < YoungHours) reader.Young++;
        if (hours > OldHours) reader.Old++;
    }

    private static IEnumerable<string> TopicsOf(LoggedArticle article)
    {
        if (article.Category is { } category) yield return CategoryKey(article.Brand, category);
        if (article.Brand is { } brand) yield return brand;
    }

    public static string CategoryKey(string? brand, string category) => $"{brand}\n{category}";
}
