using Media.Sessions;

namespace Media.Features;

/// <summary>Everything that models look at: readers' sessions, and what was done with articles.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public sealed class History
{
    private readonly Lazy<Dictionary<string, UserTimeline>> _timelineOf;
    private readonly Lazy<IReadOnlyList<UserTimeline>> _timelines;

    /// <summary>The reader's timelines are looked up whole and cut when asked for.</summary>
    private readonly long _beforeMicros = long.MaxValue;

    /// <param name="timelines">In ordinal order of user id (<see cref="UserTimelines.From"/>).</param>
    /// <param name="articles"><see cref="ArticleLog.Empty"/> where no model reads it.</param>
    public History(IReadOnlyList<UserTimeline> timelines, ArticleLog articles)
    {
        (_timelines, Articles) = (new(timelines), articles);
        _timelineOf = new(() => timelines.ToDictionary(t => t.UserId.Value, StringComparer.Ordinal));
    }

    private History(History whole, long beforeMicros)
    {
        Articles = whole.Articles.Before(beforeMicros);
        _timelines = new(() => [.. whole.Timelines.Select(t => Cut(t, beforeMicros)).Where(t => t.Sessions.Count > 0)]);
        _timelineOf = whole._timelineOf;
        _beforeMicros = Math.Min(beforeMicros, whole._beforeMicros);
    }

    /// <summary>Readers with at least one session, in ordinal order of user id.</summary>
    public IReadOnlyList<UserTimeline> Timelines => _timelines.Value;

    public ArticleLog Articles { get; }

    /// <summary>One reader's sessions by start; none for an unknown reader.</summary>
    public IReadOnlyList<Session> SessionsOf(string userId) => _timelineOf.Value.TryGetValue(userId, out var timeline) ? Cut(timeline, _beforeMicros).Sessions : [];

    /// <summary>The history as it was known just before an instant: sessions that ended and events that happened before it, and nothing else.</summary>
    /// <param name="micros">µs since the Unix epoch, UTC.</param>
    public History Before(long micros) => new(this, micros);

    private static UserTimeline Cut(UserTimeline timeline, long micros) =>
        micros == long.MaxValue ? timeline : new(timeline.UserId, [.. timeline.Sessions.Where(s => s.SessionEndMicros < micros)]);
}
