using Media.Events;
using Media.Features;
using Media.Lake;
using Media.Sessions;

namespace Media.Jobs;

/// <summary>The lake's sessions as the later steps need them: one timeline per reader.</summary>
/// <param name="Version">The sessions table's version that was read.</param>
/// <param name="Rows">Rows read.</param>
/// <param name="DistinctIds">Distinct session ids among them; equal to the rows when nothing is doubled.</param>
internal sealed record LakeSessions(IReadOnlyList<UserTimeline> Timelines, long Version, long Rows, long DistinctIds, DateTimeOffset FirstStart, DateTimeOffset LastEnd)
{
    /// <summary>Midnight after the newest event: as of then everything in the lake is known.</summary>
    public DateTimeOffset Now => new DateTimeOffset(LastEnd.UtcDateTime.Date, TimeSpan.Zero).AddDays(1);

    /// <exception cref="JobException">There are no sessions yet.</exception>
    public static async Task<LakeSessions> ReadAsync(IObjectStore lake, CancellationToken cancel)
    {
        var table = await OpenAsync(lake, Tables.Sessions, cancel);
        var version = (await table.StateAsync(cancel)).Version;
        var sessions = new List<Session>();
        await foreach (var batch in table.ReadAsync(new ReadOptions { Version = version }, cancel))
            using (batch)
                sessions.AddRange(SessionColumns.Read(batch));
        if (sessions.Count == 0) throw new JobException("The lake holds no sessions yet; run 'jobs sessionize' (or 'jobs journey') first.");
        var ids = new HashSet<string>(sessions.Select(s => s.SessionId), StringComparer.Ordinal);
        return new LakeSessions(UserTimelines.From(sessions), version, sessions.Count, ids.Count, EpochMicros.Instant(sessions.Min(s => s.SessionStartMicros)), EpochMicros.Instant(sessions.Max(s => s.SessionEndMicros)));
    }

    /// <summary>Opens a table of the lake, or gives null when no job has made it yet.</summary>
    public static async Task<DeltaTable?> TryOpenAsync(IObjectStore lake, TableSchema schema, CancellationToken cancel)
    {
        try { return await DeltaTable.OpenAsync(lake, schema.Name, cancel); }
        catch (FileNotFoundException) { return null; }
    }

    /// <summary>Opens a table of the lake.</summary>
    /// <exception cref="JobException">It is not there.</exception>
    public static async Task<DeltaTable> OpenAsync(IObjectStore lake, TableSchema schema, CancellationToken cancel)
    {
        try { return await DeltaTable.OpenAsync(lake, schema.Name, cancel); }
        catch (FileNotFoundException e) { throw new JobException($"The lake has no table '{schema.Name}' yet; run 'jobs journey', or 'jobs {(schema == Tables.Features ? "features" : "sessionize")}' first.", e); }
    }
}
