namespace Media.Events.Simulator;

/// <summary>What one brand offers in one hour: its articles of the last days and each one's share of the exposure.</summary>
/// <remarks>Thread-safe; answers never change.</remarks>
internal sealed class FrontPage
{
    /// <summary>How much more strongly an article is offered while it bursts.</summary>
    public const double BurstFactor = 5;

    private readonly Story[] _stories;
    private readonly double[] _until;
    private Dictionary<string, int>? _indexOf;

    private FrontPage(Story[] stories, double[] until) => (_stories, _until) = (stories, until);

    /// <summary>The page at the hour that begins at <paramref name="hourMicros"/>: everything of these days published by then.</summary>
    /// <param name="days">The brand's articles, one array a day.</param>
    public static FrontPage At(IReadOnlyList<Story[]> days, long hourMicros, double signal)
    {
        var stories = new List<Story>(days.Sum(d => d.Length));
        foreach (var day in days)
            foreach (var story in day)
                if (story.PublishedMicros <= hourMicros) stories.Add(story);
        var until = new double[stories.Count];
        var total = 0.0;
        for (var i = 0; i < until.Length; i++) until[i] = total += Weight(stories[i], hourMicros, signal);
        for (var i = 0; i < until.Length; i++) until[i] /= total;
        return new FrontPage([.. stories], until);
    }

    /// <summary>How strongly an article is offered: promoted, fresh (a day makes it a third), bursting; the same for all at signal 0.</summary>
    public static double Weight(Story story, long atMicros, double signal) =>
        Weight(story.PublishedMicros, Math.Exp(story.Promotion) * (atMicros >= story.BurstStartMicros && atMicros < story.BurstEndMicros ? BurstFactor : 1), atMicros, signal);

    /// <summary>The same for an article promoted so many times as strongly as the median.</summary>
    public static double Weight(long publishedMicros, double strength, long atMicros, double signal) =>
        Math.Pow(strength * (Math.Exp(-(double)(atMicros - publishedMicros) / Clock.Hour / 22) + 0.01), signal);

    /// <summary>The article at this point of [0, 1), each holding a stretch as long as its share.</summary>
    public Story StoryAt(double point)
    {
        var found = Array.BinarySearch(_until, point);
        // A point on a border belongs to the stretch that begins there.
        return _stories[Math.Min(found >= 0 ? found + 1 : ~found, _stories.Length - 1)];
    }

    /// <summary>The article's share of the exposure; 0 when it is not on offer.</summary>
    public double Share(string articleId)
    {
        // Built for those alone who ask for shares; two threads that both build it build the same.
        _indexOf ??= _stories.Select((story, i) => (story.Headlines[0].ArticleId, i)).ToDictionary(s => s.ArticleId, s => s.i, StringComparer.Ordinal);
        return _indexOf.TryGetValue(articleId, out var i) ? _until[i] - (i == 0 ? 0 : _until[i - 1]) : 0;
    }
}
