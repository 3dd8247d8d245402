using Media.Sessions;

namespace Media.Features;

// The way of this folder: UserTimelines.cs groups sessions by reader (step 1) · UserProfile.cs folds a reader's sessions one by one (step 2) ·
//   BehaviourFeatures.cs, EngagementFeatures.cs, … declare each feature on one line, read from the profile (step 3) ·
//   FeatureCatalog.cs lists them all and fills a FeatureBatch as of an instant (step 4).

/// <summary>What one reader's sessions add up to so far: the fold from which all features are read.</summary>
/// <remarks>
/// Sessions are added in order of their end, each once; adding one later gives the same profile as folding all at once, so that a batch, a notebook
/// and a live service agree to the last bit. Not thread-safe while adding. Memory: one entry per brand and category met, and per session of the
/// 28 days before the latest.
/// </remarks>
public sealed class UserProfile
{
    /// <summary>How many of the latest sessions recent_engagement_score looks at.</summary>
    public const int RecentSessions = 5;

    /// <summary>Days of the longest window that <see cref="SessionsWithin"/> can count.</summary>
    public const int LongestWindowDays = 28;

    internal const long MicrosPerDay = 86_400_000_000;

    private readonly double[] _recentScores = new double[RecentSessions];
    private readonly List<long> _recentEnds = [];
    private Session? _latest;
    private long _firstStartMicros;
    private long _latestStartDay;

    /// <summary>The session added last.</summary>
    /// <exception cref="InvalidOperationException">None was added.</exception>
    public Session Latest => _latest ?? throw new InvalidOperationException("The profile has no session yet.");

    /// <summary>Sessions added.</summary>
    public int Sessions { get; private set; }

    /// <summary>Distinct UTC dates on which a session started.</summary>
    public int ActiveDays { get; private set; }

    /// <summary>Takes in the reader's next session.</summary>
    /// <exception cref="ArgumentException">It is another reader's, or ended before the latest one.</exception>
    public void Add(Session session)
    {
        if (_latest is not null && session.UserId != _latest.UserId) throw new ArgumentException($"The profile is of user '{_latest.UserId}' but the session of '{session.UserId}'.", nameof(session));
        if (_latest is not null && session.SessionEndMicros < _latest.SessionEndMicros) throw new ArgumentException($"Session {session.SessionId} ended at {session.SessionEndMicros} µs, before the latest one at {_latest.SessionEndMicros} µs.", nameof(session));

        var startDay = Math.DivRem(session.SessionStartMicros, MicrosPerDay, out var rest) - (rest < 0 ? 1 : 0);
        if (_latest is null || startDay != _latestStartDay) ActiveDays++;
        if (_latest is null) _firstStartMicros = session.SessionStartMicros;
        _latestStartDay = startDay;
        _latest = session;

        var engagementScore = session[SessionMetrics.EngagementScore];
        _recentScores[Sessions++ % RecentSessions] = engagementScore;
        var outside = 0;
        while (outside < _recentEnds.Count && _recentEnds[outside] < session.SessionEndMicros - LongestWindowDays * MicrosPerDay) outside++;
        _recentEnds.RemoveRange(0, outside);
        _recentEnds.Add(session.SessionEndMicros);

        DurationS.Add(session[SessionMetrics.DurationS]);
        Events.Add(session[SessionMetrics.TotalEvents]);
        PageViews.Add(session[SessionMetrics.PageViews]);
        Categories.Add(session[SessionMetrics.UniqueCategories]);
        ArticleImpressions.Add(session[SessionMetrics.ArticleImpressions]);
        ArticleClicks.Add(session[SessionMetrics.ArticleClicks]);
        ArticleViews.Add(session[SessionMetrics.ArticleViews]);
        Searches.Add(session[SessionMetrics.Searches]);
        NewsletterSignups.Add(session[SessionMetrics.NewsletterSignups]);
        AdClicks.Add(session[SessionMetrics.AdClicks]);
        EngagementScore.Add(engagementScore);
        VideoPlays.Add(session[SessionMetrics.VideoPlays]);
        if (!double.IsNaN(session[SessionMetrics.VideoCompletes]))
        {
            VideoCompletes.Add(session[SessionMetrics.VideoCompletes]);
            VideoPlaysWithOutcome.Add(session[SessionMetrics.VideoPlays]);
        }
        if (session.Brand is { } brand) Brands.Add(brand);
        if (session.TopCategory is { } category) TopCategories.Add(category);
    }

    /// <summary>Sessions that ended at or after as-of − days.</summary>
    /// <param name="asOfMicros">Later than the latest session's end.</param>
    /// <param name="days">Days of 24 h, 1–<see cref="LongestWindowDays"/>.</param>
    public int SessionsWithin(int days, long asOfMicros)
    {
        var count = 0;
        while (count < _recentEnds.Count && _recentEnds[^(count + 1)] >= asOfMicros - days * MicrosPerDay) count++;
        return count;
    }

    /// <summary>Days of 24 h from the latest session's end to as-of.</summary>
    public double DaysSinceLatest(long asOfMicros) => (asOfMicros - Latest.SessionEndMicros) / (double)MicrosPerDay;

    /// <summary>Days of 24 h from the first session's start to as-of.</summary>
    public double DaysSinceFirst(long asOfMicros) => (asOfMicros - _firstStartMicros) / (double)MicrosPerDay;

    /// <summary>Mean engagement score of the latest <see cref="RecentSessions"/> sessions, or of all when they are fewer.</summary>
    public double RecentEngagementScore
    {
        get
        {
            var sum = 0d;
            var count = Math.Min(Sessions, RecentSessions);
            for (var i = 0; i < count; i++) sum += _recentScores[i];
            return sum / count;
        }
    }

    internal Moments DurationS = new();
    internal Average Events;
    internal Average PageViews;
    internal Average Categories;
    internal Average ArticleImpressions;
    internal Average ArticleClicks;
    internal Average ArticleViews;
    internal Average Searches;
    internal Average NewsletterSignups;
    internal Average AdClicks;
    internal Average EngagementScore;
    internal Average VideoPlays;
    internal Average VideoCompletes;

    /// <summary>Video plays of the sessions whose video_completes is known.</summary>
    internal Average VideoPlaysWithOutcome;

    /// <summary>The sessions' brands, one each.</summary>
    internal Frequencies Brands { get; } = new();

    /// <summary>The sessions' top categories, one each.</summary>
    internal Frequencies TopCategories { get; } = new();
}
