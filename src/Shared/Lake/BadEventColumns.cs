using Apache.Arrow;
using Media.Events;

namespace Media.Lake;

/// <summary>Bad events as rows of <see cref="Tables.BadEvents"/> and back. Pure, thread-safe.</summary>
public static class BadEventColumns
{
    public static RecordBatch From(IReadOnlyList<BadEvent> events)
    {
        var batch = new BatchWriter(Tables.BadEvents, events.Count);
        TextWriter reason = batch.Text("reason"), field = batch.Text("field"), raw = batch.Text("raw");
        ValueWriter<long> received = batch.Longs("received_at"), offset = batch.Longs("kafka_offset");
        ValueWriter<int> partition = batch.Integers("kafka_partition"), date = batch.Integers("received_date");
        for (var row = 0; row < events.Count; row++)
        {
            var bad = events[row];
            var micros = EpochMicros.Of(bad.ReceivedAt);
            reason.Set<BadEventReason>(row, bad.Reason);
            field.Set(row, bad.Field);
            raw.Set(row, bad.Raw.Span);
            received.Set(row, micros);
            partition.Set(row, bad.Partition);
            offset.Set(row, bad.Offset);
            date.Set(row, EpochDays.Of(micros));
        }
        return batch.Build();
    }

    /// <summary>The rows as bad events, in order.</summary>
    /// <exception cref="InvalidDataException">It is no batch of bad events.</exception>
    public static BadEvent[] Read(RecordBatch batch)
    {
        var columns = new BatchReader(batch);
        TextReader reason = columns.Text("reason"), field = columns.Text("field"), raw = columns.Text("raw");
        var received = columns.Times("received_at");
        var partition = columns.Integers("kafka_partition");
        var offset = columns.Longs("kafka_offset");
        var events = new BadEvent[batch.Length];
        for (var row = 0; row < events.Length; row++)
            events[row] = new BadEvent(reason.NeedWord<BadEventReason>(row), field[row], raw.NeedBytes(row), EpochMicros.Instant(received.Need(row)), partition.Need(row), offset.Need(row));
        return events;
    }
}
