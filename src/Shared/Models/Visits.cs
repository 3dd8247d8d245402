using Media.Sessions;

namespace Media.Models;

/// <summary>When a reader was there: the words that labels are made of.</summary>
internal static class Visits
{
    /// <summary>Whether some session overlaps [from, to): it ends at from or later and starts before to. That is, whether there was an event in the window, or on both sides of it within one session.</summary>
    internal static bool Overlap(UserTimeline timeline, long fromMicros, long toMicros)
    {
        foreach (var session in timeline.Sessions)
            if (session.SessionEndMicros >= fromMicros && session.SessionStartMicros < toMicros) return true;
        return false;
    }
}
