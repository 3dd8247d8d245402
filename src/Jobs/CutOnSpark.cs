using System.Globalization;
using Apache.Arrow;
using Apache.Arrow.Types;
using Media.Events;
using Media.Lake;
using Media.Sessions;
using Media.Spark;

namespace Media.Jobs;

/// <summary>Days of the lake's events, cut into sessions by Spark: what <see cref="Resessionize.CutHereAsync"/> does in this process.</summary>
internal static class CutOnSpark
{
    public static async Task<IReadOnlyDictionary<UserId, IReadOnlyList<Session>>> RunAsync(
        SparkConnection connection, JourneyFolder folder, Resessionizer days, IReadOnlyDictionary<UserId, long> starts, JobConsole console, CancellationToken cancel)
    {
        await using var spark = await SparkLake.ConnectAsync(connection, cancel);
        console.Line($"  Spark {spark.SparkVersion} at {connection}");
        await spark.Read("delta", SparkLake.Path(folder, Tables.Events.Name)).CreateOrReplaceTempViewAsync("lake_events", cancel);
        await spark.CreateDataFrame(Batch(starts)).CreateOrReplaceTempViewAsync("reader_starts", cancel);
        await spark.Sql(string.Create(CultureInfo.InvariantCulture, $"""
            SELECT lake_events.* FROM lake_events LEFT JOIN reader_starts USING (user_id)
            WHERE event_time >= timestamp_micros(coalesce(start_micros, {days.StartMicros})) AND event_time < timestamp_micros({days.ReadToMicros})
              AND event_date >= CAST(timestamp_micros({days.ReadFromMicros}) AS DATE) AND event_date <= CAST(timestamp_micros({days.ReadToMicros}) AS DATE)
            """)).CreateOrReplaceTempViewAsync("days_events", cancel);
        var sessions = new List<Session>();
        await foreach (var batch in spark.Sql(SessionSql.Of("days_events", new SessionOptions())).CollectAsync(cancel))
            using (batch)
                sessions.AddRange(SessionColumns.Read(batch));
        return sessions.GroupBy(s => s.UserId).ToDictionary(g => g.Key, g => (IReadOnlyList<Session>)[.. g.OrderBy(s => s.SessionStartMicros)]);
    }

    private static RecordBatch Batch(IReadOnlyDictionary<UserId, long> starts)
    {
        var (users, micros) = (new StringArray.Builder(), new Int64Array.Builder());
        foreach (var (user, start) in starts)
        {
            users.Append(user.Value);
            micros.Append(start);
        }
        var schema = new Schema([new Field("user_id", StringType.Default, nullable: false), new Field("start_micros", Int64Type.Default, nullable: false)], metadata: null);
        return new RecordBatch(schema, [users.Build(), micros.Build()], starts.Count);
    }
}
