using System.Runtime.InteropServices;
using Media.Events;

namespace Media.Sessions;

/// <summary>The reader's session before this one.</summary>
/// <param name="Number">Its session_number, from 1.</param>
/// <param name="EndMicros">Its session_end, µs since the Unix epoch, UTC.</param>
public readonly record struct PreviousSession(int Number, long EndMicros, ClosedBy ClosedBy);

/// <summary>Each reader's last session, and the metrics that a session has of the one before: the step after the cut, whichever engine made it.</summary>
/// <remarks>Memory: some 24 bytes beside the user id per reader ever seen. Not thread-safe.</remarks>
public sealed class SessionNumbering
{
    private static readonly SessionMetric[] Metrics = [.. SessionMetrics.All.Where(m => m.AfterPrevious is not null)];
    private readonly Dictionary<UserId, PreviousSession> _last = [];

    /// <summary>Readers seen.</summary>
    public int Readers => _last.Count;

    public bool TryGetLast(UserId user, out PreviousSession last) => _last.TryGetValue(user, out last);

    /// <summary>Takes over the readers' last sessions from a table of sessions.</summary>
    /// <exception cref="ArgumentException">A reader has one already.</exception>
    public void Begin(IReadOnlyDictionary<UserId, PreviousSession> last)
    {
        foreach (var (user, session) in last) _last.Add(user, session);
    }

    /// <summary>Goes on behind a session that is numbered already.</summary>
    public void Continue(Session last) => _last[last.UserId] = new PreviousSession((int)last[SessionMetrics.SessionNumber], last.SessionEndMicros, last.ClosedBy);

    /// <summary>Fills in the session's metrics of this kind and keeps it as its reader's last. A reader's sessions come in order of their start.</summary>
    /// <exception cref="ArgumentException">It begins before the reader's last one has ended.</exception>
    public void Number(Session session)
    {
        ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(_last, session.UserId, out var exists);
        if (exists && session.SessionStartMicros <= last.EndMicros)
            throw new ArgumentException($"Session {session.SessionId} begins at {session.SessionStartMicros} µs, before the reader's last one has ended ({last.EndMicros} µs).", nameof(session));
        foreach (var metric in Metrics) session.Metrics[metric.Index] = metric.AfterPrevious!(session, exists ? last : null);
        last = new PreviousSession((int)session[SessionMetrics.SessionNumber], session.SessionEndMicros, session.ClosedBy);
    }
}
