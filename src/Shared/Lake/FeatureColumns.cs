using Apache.Arrow;
using Media.Features;

namespace Media.Lake;

/// <summary>Features as rows of <see cref="Tables.Features"/> and back. NaN is null in the table. Pure, thread-safe.</summary>
public static class FeatureColumns
{
    /// <summary>The batch's rows; a feature that the table lacks is added to it by the append.</summary>
    public static RecordBatch From(FeatureBatch features)
    {
        var batch = new BatchWriter(Tables.Features, features.Rows);
        var user = batch.Text("user_id");
        ValueWriter<long> asOf = batch.Longs("as_of"), latest = batch.Longs("latest_event");
        for (var row = 0; row < features.Rows; row++)
        {
            user.Set(row, features.Entities[row]);
            asOf.Set(row, features.AsOfMicros[row]);
            latest.Set(row, features.LatestEventMicros[row]);
        }
        for (var i = 0; i < features.Names.Count; i++)
        {
            var column = batch.Floats(features.Names[i]);
            for (var row = 0; row < features.Rows; row++)
                if (features.Values[row * features.Names.Count + i] is var value && !float.IsNaN(value)) column.Set(row, value);
        }
        var date = batch.Integers("as_of_date");
        for (var row = 0; row < features.Rows; row++) date.Set(row, EpochDays.Of(features.AsOfMicros[row]));
        return batch.Build();
    }

    /// <summary>The rows with these features, in this order; all of the catalogue when null.</summary>
    /// <exception cref="InvalidDataException">It is no batch of features, or lacks one of the names.</exception>
    public static FeatureBatch Read(RecordBatch batch, IReadOnlyList<string>? names = null)
    {
        names ??= FeatureCatalog.Names;
        var columns = new BatchReader(batch);
        var user = columns.Text("user_id");
        ValueReader<long> asOf = columns.Times("as_of"), latest = columns.Times("latest_event");
        var (users, asOfMicros, latestMicros) = (new string[batch.Length], new long[batch.Length], new long[batch.Length]);
        for (var row = 0; row < batch.Length; row++)
            (users[row], asOfMicros[row], latestMicros[row]) = (user.Need(row), asOf.Need(row), latest.Need(row));
        var values = new float[batch.Length * names.Count];
        for (var i = 0; i < names.Count; i++)
        {
            var column = columns.Floats(names[i]);
            for (var row = 0; row < batch.Length; row++) values[row * names.Count + i] = column[row] ?? float.NaN;
        }
        return new FeatureBatch(names, users, asOfMicros, latestMicros, values);
    }
}
