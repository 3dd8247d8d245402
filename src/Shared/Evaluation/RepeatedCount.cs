using Media.Events;

namespace Media.Evaluation;

/// <summary>What a table of sessions holds when a daily job appends the sessions of the last days and never asks whether they are there already.</summary>
/// <remarks>Per day of the log, cumulative. Immutable, thread-safe.</remarks>
/// <param name="Days">UTC days, rising without a gap.</param>
/// <param name="Rows">Rows in the table after the day's run.</param>
/// <param name="Distinct">Distinct session ids among them: the sessions there are.</param>
/// <param name="WindowDays">Days that each run reads: how often a session older than this stands in the table.</param>
public sealed record RepeatedCount(IReadOnlyList<DateOnly> Days, IReadOnlyList<long> Rows, IReadOnlyList<long> Distinct, int WindowDays)
{
    /// <summary>How often a session stands in the table at the end, on average.</summary>
    public double TimesEach => (double)Rows[^1] / Distinct[^1];

    /// <param name="sessions">Id and start (µs since the Unix epoch, UTC); an id that comes again is the same session.</param>
    /// <param name="windowDays">Days that a run reads, its own among them; ≥ 1.</param>
    /// <exception cref="ArgumentException">No session, or no day to read.</exception>
    public static RepeatedCount Of(IEnumerable<(string SessionId, long StartMicros)> sessions, int windowDays)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(windowDays);
        var startedOn = new Dictionary<DateOnly, long>();
        foreach (var session in sessions.DistinctBy(s => s.SessionId))
        {
            var day = DateOnly.FromDateTime(EpochMicros.Instant(session.StartMicros).UtcDateTime);
            startedOn[day] = startedOn.GetValueOrDefault(day) + 1;
        }
        if (startedOn.Count == 0) throw new ArgumentException("There is no session to count.", nameof(sessions));

        var (days, rows, distinct) = (new List<DateOnly>(), new List<long>(), new List<long>());
        var (appended, known, read) = (0L, 0L, 0L);
        for (var day = startedOn.Keys.Min(); day <= startedOn.Keys.Max(); day = day.AddDays(1))
        {
            var today = startedOn.GetValueOrDefault(day);
            read += today - startedOn.GetValueOrDefault(day.AddDays(-windowDays));
            (appended, known) = (appended + read, known + today);
            days.Add(day);
            rows.Add(appended);
            distinct.Add(known);
        }
        return new RepeatedCount(days, rows, distinct, windowDays);
    }
}
