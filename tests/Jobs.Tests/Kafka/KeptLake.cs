using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Apache.Arrow;
using Media.Lake;

namespace Media.Tests.Jobs.Kafka;

/// <summary>What a lake holds: its event ids, its bad records, and one hash over its sessions.</summary>
/// <param name="EventIds">As many as there are rows.</param>
/// <param name="BadRecords">Bytes, hex, as many as there are rows.</param>
/// <param name="SessionsHash">SHA-256 over all sessions, each with every column, in order of their ids.</param>
internal sealed record KeptLake(List<string> EventIds, List<string> BadRecords, int Sessions, string SessionsHash)
{
    public int DistinctEvents => EventIds.Distinct(StringComparer.Ordinal).Count();

    public static async Task<KeptLake> ReadAsync(string folder)
    {
        var cancel = TestContext.Current.CancellationToken;
        var lake = new LocalObjectStore(folder);
        var (events, bad, sessions) = (new List<string>(), new List<string>(), new List<string>());
        await foreach (var batch in (await DeltaTable.OpenAsync(lake, Tables.Events.Name, cancel)).ReadAsync(new ReadOptions { Columns = ["event_id"] }, cancel))
            using (batch)
                for (var row = 0; row < batch.Length; row++) events.Add(((StringArray)batch.Column("event_id")).GetString(row));
        await foreach (var batch in (await DeltaTable.OpenAsync(lake, Tables.BadEvents.Name, cancel)).ReadAsync(cancel))
            using (batch)
                bad.AddRange(BadEventColumns.Read(batch).Select(b => Convert.ToHexString(b.Raw.Span)));
        await foreach (var batch in (await DeltaTable.OpenAsync(lake, Tables.Sessions.Name, cancel)).ReadAsync(cancel))
            using (batch)
                sessions.AddRange(SessionColumns.Read(batch).Select(s => string.Create(CultureInfo.InvariantCulture,
                    $"{s.SessionId} {s.UserId} {s.SessionStartMicros} {s.SessionEndMicros} {s.Brand} {s.Country} {s.City} {s.DeviceType} {s.DeviceOs} {s.Browser} {s.Timezone} {s.SubscriptionTier} {s.UserSegment} {s.Referrer} {s.LandingArticleId} {s.ExitArticleId} {s.TopCategory} {s.ClosedBy} {string.Join(',', s.Metrics.Select(m => m.ToString("R", CultureInfo.InvariantCulture)))}")));
        sessions.Sort(StringComparer.Ordinal);
        return new KeptLake(events, bad, sessions.Count, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', sessions))))[..16]);
    }
}
