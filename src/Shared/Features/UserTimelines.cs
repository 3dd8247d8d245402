using Media.Events;
using Media.Sessions;

namespace Media.Features;

/// <summary>Sessions grouped by reader.</summary>
public static class UserTimelines
{
    /// <summary>One timeline per reader.</summary>
    /// <remarks>Readers in ordinal order of user id, sessions by start: the same result from the same sessions in any order.</remarks>
    public static IReadOnlyList<UserTimeline> From(IEnumerable<Session> sessions)
    {
        var byUser = new Dictionary<UserId, List<Session>>();
        foreach (var session in sessions)
        {
            if (!byUser.TryGetValue(session.UserId, out var own)) byUser.Add(session.UserId, own = []);
            own.Add(session);
        }
        var timelines = new List<UserTimeline>(byUser.Count);
        foreach (var (user, own) in byUser)
        {
            own.Sort((a, b) => a.SessionStartMicros.CompareTo(b.SessionStartMicros));
            timelines.Add(new UserTimeline(user, own));
        }
        timelines.Sort((a, b) => string.CompareOrdinal(a.UserId.Value, b.UserId.Value));
        return timelines;
    }
}
