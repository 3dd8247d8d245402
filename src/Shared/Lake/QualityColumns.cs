using Apache.Arrow;

namespace Media.Lake;

/// <summary>One figure of one run: a count that must add up, a share, a time.</summary>
/// <param name="Step">Where in the data's way, e.g. ingest, sessionize.</param>
/// <param name="Metric">snake_case, e.g. late_events.</param>
/// <param name="Value">NaN = could not be measured.</param>
/// <param name="MeasuredAtMicros">µs since the Unix epoch, UTC</param>
public sealed record QualityFigure(string RunId, string Step, string Metric, double Value, string? Unit, long MeasuredAtMicros);

/// <summary>Quality figures as rows of <see cref="Tables.Quality"/> and back. Pure, thread-safe.</summary>
public static class QualityColumns
{
    public static RecordBatch From(IReadOnlyList<QualityFigure> figures)
    {
        var batch = new BatchWriter(Tables.Quality, figures.Count);
        TextWriter run = batch.Text("run_id"), step = batch.Text("step"), metric = batch.Text("metric"), unit = batch.Text("unit");
        var value = batch.Doubles("value");
        var measured = batch.Longs("measured_at");
        var date = batch.Integers("measured_date");
        for (var row = 0; row < figures.Count; row++)
        {
            var figure = figures[row];
            run.Set(row, figure.RunId);
            step.Set(row, figure.Step);
            metric.Set(row, figure.Metric);
            if (!double.IsNaN(figure.Value)) value.Set(row, figure.Value);
            unit.Set(row, figure.Unit);
            measured.Set(row, figure.MeasuredAtMicros);
            date.Set(row, EpochDays.Of(figure.MeasuredAtMicros));
        }
        return batch.Build();
    }

    /// <summary>The rows as figures, in order.</summary>
    /// <exception cref="InvalidDataException">It is no batch of quality figures.</exception>
    public static QualityFigure[] Read(RecordBatch batch)
    {
        var columns = new BatchReader(batch);
        TextReader run = columns.Text("run_id"), step = columns.Text("step"), metric = columns.Text("metric"), unit = columns.Text("unit");
        var value = columns.Doubles("value");
        var measured = columns.Times("measured_at");
        var figures = new QualityFigure[batch.Length];
        for (var row = 0; row < figures.Length; row++)
            figures[row] = new QualityFigure(run.Need(row), step.Need(row), metric.Need(row), value[row] ?? double.NaN, unit[row], measured.Need(row));
        return figures;
    }
}
