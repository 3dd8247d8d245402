using Apache.Arrow;
using Media.Bandit;
using Media.Events;

namespace Media.Lake;

/// <summary>The columns of <see cref="Tables.Events"/> that an <see cref="AdLog"/> is made of. Pure, thread-safe.</summary>
public static class AdLogColumns
{
    /// <summary>The columns to read.</summary>
    public static IReadOnlyList<string> Names { get; } = ["event_type", "event_time", "user_id", "user_segment", "decision_id", "ad_slot", "propensity", "revenue_usd"];

    /// <summary>Adds a batch's ads. One without a decision id is passed over: it can be joined to no click.</summary>
    /// <exception cref="InvalidDataException">It is no batch of events.</exception>
    public static void Read(RecordBatch batch, AdLog.Gathering into)
    {
        var reader = new BatchReader(batch);
        TextReader type = reader.Text("event_type"), user = reader.Text("user_id"), segment = reader.Text("user_segment"), decision = reader.Text("decision_id"), slot = reader.Text("ad_slot");
        var time = reader.Times("event_time");
        ValueReader<double> propensity = reader.Doubles("propensity"), revenue = reader.Doubles("revenue_usd");
        for (var row = 0; row < batch.Length; row++)
        {
            if (decision[row] is not { } id || slot.Word<AdSlot>(row) is not { } place) continue;
            switch (type.NeedWord<EventType>(row))
            {
                case EventType.AdImpression: into.AddImpression(id, user.Need(row), segment.Word<UserSegment>(row), place, propensity[row], time.Need(row)); break;
                case EventType.AdClick: into.AddClick(id, revenue[row] ?? 0, time.Need(row)); break;
            }
        }
    }
}
