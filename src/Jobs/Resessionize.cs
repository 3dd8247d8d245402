using System.CommandLine;
using Apache.Arrow;
using Media.Events;
using Media.Lake;
using Media.Sessions;

namespace Media.Jobs;

/// <summary>The verb <c>resessionize</c>: cuts days of the lake into sessions anew, with the events that came too late for the stream.</summary>
/// <remarks>
/// Which sessions may change and what becomes of them is decided here for both engines; they differ only in who cuts the events: this process, which holds
/// the days' events in memory, or Spark. One commit replaces all days that change.
/// </remarks>
internal static class Resessionize
{
    public static Command Command(JobConsole console)
    {
        var from = JobOptions.Date("--from", "First day.");
        var to = JobOptions.Date("--to", "Last day, that day included. Default: the first.");
        var engine = JobOptions.Engine("Who cuts the events: this process, or Spark at Spark__Url, which must reach the lake by the same address.");
        var verb = new Command("resessionize", "Cuts days of the lake into sessions anew, late events included. A sessionizer that runs takes its partitions up anew. Afterwards 'reconcile --repair' or 'warehouse load' brings the warehouse along.") { JobOptions.Out, from, to, engine };
        from.Required = true;
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            var lake = folder.OpenLake();
            var (first, last) = (Day(parsed.GetRequiredValue(from)!.Value), Day(parsed.GetValue(to) ?? parsed.GetRequiredValue(from)!.Value));
            if (last < first) throw new JobException($"--to {last:yyyy-MM-dd} is before --from {first:yyyy-MM-dd}.");
            Cutter cutter = parsed.GetRequiredValue(engine) == JobOptions.Spark
                ? (days, starts, token) => CutOnSpark.RunAsync(JobConfiguration.Spark(), folder, days, starts, console, token)
                : (days, starts, token) => CutHereAsync(lake, days, starts, token);
            var done = await RunAsync(lake, new Resessionizer(new SessionOptions(), first, last), cutter, console, cancel);
            console.Line(done.Readers == 0
                ? $"  All sessions of {first:yyyy-MM-dd} to {last:yyyy-MM-dd} are as they should be."
                : $"  {JobConsole.Count(done.Readers)} readers: {JobConsole.Count(done.Written)} sessions new or changed, {JobConsole.Count(done.Removed)} merged into others; {JobConsole.Count(done.Days)} days written.");
            return 0;
        });
        return verb;
    }

    /// <summary>Cuts events into sessions.</summary>
    /// <param name="starts">µs since the Unix epoch from which a reader's events are cut; a reader not named begins with <see cref="Resessionizer.StartMicros"/>.</param>
    /// <returns>The sessions of each reader in order of their start, not numbered.</returns>
    internal delegate Task<IReadOnlyDictionary<UserId, IReadOnlyList<Session>>> Cutter(Resessionizer days, IReadOnlyDictionary<UserId, long> starts, CancellationToken cancel);

    /// <summary>Replaces what differs.</summary>
    public static async Task<Resessionized> RunAsync(IObjectStore lake, Resessionizer days, Cutter cutter, JobConsole console, CancellationToken cancel)
    {
        var table = await LakeSessions.OpenAsync(lake, Tables.Sessions, cancel);
        var readFrom = DateOnly.FromDateTime(EpochMicros.Instant(days.ReadFromMicros).UtcDateTime);
        var version = (await table.StateAsync(cancel)).Version;
        var (existing, before) = await console.StepAsync("read sessions", () => ReadSessionsAsync(table, version, readFrom, cancel));
        var (newest, partitionOf) = await console.StepAsync("read what the stream has closed", () => ReadProgressAsync(lake, cancel));
        var starts = existing.Select(r => (r.Key, Start: days.CutFrom(r.Value))).Where(r => r.Start < days.StartMicros).ToDictionary(r => r.Key, r => r.Start);
        var cut = await console.StepAsync("cut", () => cutter(days, starts, cancel));

        var numbering = new SessionNumbering();
        numbering.Begin(before);
        var (readers, made, removed) = (0L, 0L, 0L);
        var touched = new HashSet<DateOnly>();
        var after = new Dictionary<UserId, IReadOnlyList<Session>>();
        foreach (var user in existing.Keys.Union(cut.Keys))
        {
            var old = existing.GetValueOrDefault(user, []);
            SessionRepair? repair;
            try { repair = days.Compare(old, cut.GetValueOrDefault(user, []), newest.GetValueOrDefault(partitionOf.GetValueOrDefault(user, -1), long.MinValue)); }
            catch (InvalidOperationException e) { throw new JobException(e.Message, e); }
            if (repair is null) continue;
            if (repair.Kept.Count > 0) numbering.Continue(repair.Kept[^1]);
            var anew = repair.New.Concat(repair.After.Select(s => s with { Metrics = [.. s.Metrics] })).ToList();
            foreach (var session in anew) numbering.Number(session);
            // Rows that stay the same are written as they were.
            var known = old.ToDictionary(s => s.SessionId, StringComparer.Ordinal);
            var rowsOf = anew.Select(s => known.TryGetValue(s.SessionId, out var row) && Resessionizer.AreSame(row, s) ? row : s).ToList();
            var (written, gone) = (rowsOf.Except(old).ToList(), repair.Replaced.ExceptBy(anew.Select(s => s.SessionId), s => s.SessionId).ToList());
            touched.UnionWith(written.Concat(gone).Select(DayOf));
            after.Add(user, [.. repair.Kept, .. rowsOf]);
            (readers, made, removed) = (readers + 1, made + written.Count, removed + gone.Count);
        }
        if (readers == 0) return new Resessionized(0, 0, 0, 0);

        var rows = existing.Where(r => !after.ContainsKey(r.Key)).Concat(after).SelectMany(r => r.Value).Where(s => touched.Contains(DayOf(s)))
            .OrderBy(s => s.SessionStartMicros).ThenBy(s => s.SessionId, StringComparer.Ordinal).ToList();
        try
        {
            if ((await table.StateAsync(cancel)).Version != version) throw new DeltaConflictException($"Table '{table.Path}' is no longer at version {version}.");
            // A sessionizer that runs keeps each reader's last number: it must not go on with one of before.
            var claims = await SessionPipeline.ClaimAllAsync(
                await LakeSessions.OpenAsync(lake, Tables.Events, cancel), await DeltaTable.CreateOrOpenAsync(lake, Tables.BadEvents.Name, Tables.BadEvents, cancel), table, cancel);
            await console.StepAsync("replace the days", () => table.ReplaceDaysAsync(rows.Count == 0 ? [] : [SessionColumns.From(rows)], touched, claims, cancel));
        }
        catch (Exception e) when (e is DeltaConflictException or StaleTransactionException) { throw new JobException("Another job wrote sessions meanwhile, and nothing was replaced; run this again, or stop 'sessionize' first.", e); }
        return new Resessionized(readers, made, removed, touched.Count);
    }

    /// <summary>The days' events, cut by this process.</summary>
    public static async Task<IReadOnlyDictionary<UserId, IReadOnlyList<Session>>> CutHereAsync(IObjectStore lake, Resessionizer days, IReadOnlyDictionary<UserId, long> starts, CancellationToken cancel)
    {
        var table = await LakeSessions.OpenAsync(lake, Tables.Events, cancel);
        var events = new Dictionary<UserId, List<(MediaEvent, bool)>>();
        await foreach (var batch in table.ReadAsync(new ReadOptions { Ranges = [ColumnRange.Micros("event_time", days.ReadFromMicros, days.ReadToMicros - 1)] }, cancel))
            using (batch)
                foreach (var (consumed, isLate) in EventColumns.Read(batch))
                {
                    var e = consumed.Event;
                    if (e.EventTimeMicros >= days.ReadToMicros || e.EventTimeMicros < starts.GetValueOrDefault(e.UserId, days.StartMicros)) continue;
                    if (!events.TryGetValue(e.UserId, out var own)) events.Add(e.UserId, own = []);
                    own.Add((e, isLate));
                }
        return events.ToDictionary(r => r.Key, r => days.Cut(r.Value));
    }

    /// <summary>Sessions from a day on by reader, in order, and each reader's last one before them.</summary>
    private static async Task<(Dictionary<UserId, IReadOnlyList<Session>> From, Dictionary<UserId, PreviousSession> Before)> ReadSessionsAsync(DeltaTable table, long version, DateOnly day, CancellationToken cancel)
    {
        var sessions = new List<Session>();
        await foreach (var batch in table.ReadAsync(new ReadOptions { Version = version, Ranges = [ColumnRange.Days("event_date", day, null)] }, cancel))
            using (batch)
                sessions.AddRange(SessionColumns.Read(batch));
        var before = await LastSessions.ReadAsync(table, new ReadOptions { Version = version, Ranges = [ColumnRange.Days("event_date", null, day.AddDays(-1))] }, cancel);
        return (sessions.GroupBy(s => s.UserId).ToDictionary(g => g.Key, g => (IReadOnlyList<Session>)[.. g.OrderBy(s => s.SessionStartMicros)]), before);
    }

    /// <summary>The newest event time of each Kafka partition, and each reader's partition.</summary>
    private static async Task<(Dictionary<int, long> Newest, Dictionary<UserId, int> PartitionOf)> ReadProgressAsync(IObjectStore lake, CancellationToken cancel)
    {
        var (newest, partitionOf) = (new Dictionary<int, long>(), new Dictionary<UserId, int>());
        await foreach (var batch in (await LakeSessions.OpenAsync(lake, Tables.Events, cancel)).ReadAsync(new ReadOptions { Columns = ["user_id", "kafka_partition", "event_time"] }, cancel))
            using (batch)
            {
                var users = (StringArray)batch.Column("user_id");
                var partitions = ((Int32Array)batch.Column("kafka_partition")).Values;
                var times = ((TimestampArray)batch.Column("event_time")).Values;
                for (var row = 0; row < batch.Length; row++)
                {
                    newest[partitions[row]] = Math.Max(newest.GetValueOrDefault(partitions[row], long.MinValue), times[row]);
                    partitionOf[new UserId(users.GetString(row))] = partitions[row];
                }
            }
        return (newest, partitionOf);
    }

    private static DateOnly DayOf(Session session) => Day(EpochMicros.Instant(session.SessionStartMicros));

    private static DateOnly Day(DateTimeOffset instant) => DateOnly.FromDateTime(instant.UtcDateTime);
}

/// <summary>What was found to differ.</summary>
/// <param name="Written">Sessions that are new or have changed, if only in their number.</param>
/// <param name="Removed">Sessions that are no more: their events are in others now.</param>
/// <param name="Days">Days written.</param>
internal sealed record Resessionized(long Readers, long Written, long Removed, int Days);
