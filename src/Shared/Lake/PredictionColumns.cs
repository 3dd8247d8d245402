using Apache.Arrow;
using Media.Events;

namespace Media.Lake;

/// <summary>One number a model gave for one reader.</summary>
/// <param name="Model">The model's name, snake_case.</param>
/// <param name="Version">The registry's version of it.</param>
/// <param name="AsOfMicros">µs since the Unix epoch, UTC: the instant of the features.</param>
/// <param name="Output">Which of the model's numbers, 0 = the first.</param>
/// <param name="ScoredAtMicros">µs since the Unix epoch, UTC</param>
public sealed record Prediction(string Model, string Version, UserId UserId, long AsOfMicros, int Output, double Score, long ScoredAtMicros);

/// <summary>Predictions as rows of <see cref="Tables.Predictions"/> and back. Pure, thread-safe.</summary>
public static class PredictionColumns
{
    public static RecordBatch From(IReadOnlyList<Prediction> predictions)
    {
        var batch = new BatchWriter(Tables.Predictions, predictions.Count);
        TextWriter model = batch.Text("model"), version = batch.Text("model_version"), user = batch.Text("user_id");
        ValueWriter<long> asOf = batch.Longs("as_of"), scored = batch.Longs("scored_at");
        ValueWriter<int> output = batch.Integers("output"), date = batch.Integers("as_of_date");
        var score = batch.Doubles("score");
        for (var row = 0; row < predictions.Count; row++)
        {
            var prediction = predictions[row];
            model.Set(row, prediction.Model);
            version.Set(row, prediction.Version);
            user.Set(row, prediction.UserId.Value);
            asOf.Set(row, prediction.AsOfMicros);
            output.Set(row, prediction.Output);
            score.Set(row, prediction.Score);
            scored.Set(row, prediction.ScoredAtMicros);
            date.Set(row, EpochDays.Of(prediction.AsOfMicros));
        }
        return batch.Build();
    }

    /// <summary>The rows as predictions, in order.</summary>
    /// <exception cref="InvalidDataException">It is no batch of predictions.</exception>
    public static Prediction[] Read(RecordBatch batch)
    {
        var columns = new BatchReader(batch);
        TextReader model = columns.Text("model"), version = columns.Text("model_version"), user = columns.Text("user_id");
        ValueReader<long> asOf = columns.Times("as_of"), scored = columns.Times("scored_at");
        var output = columns.Integers("output");
        var score = columns.Doubles("score");
        var predictions = new Prediction[batch.Length];
        for (var row = 0; row < predictions.Length; row++)
            predictions[row] = new Prediction(model.Need(row), version.Need(row), new UserId(user.Need(row)), asOf.Need(row), output.Need(row), score.Need(row), scored.Need(row));
        return predictions;
    }
}
