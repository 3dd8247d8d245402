using Media.Events;
using Media.Lake;

namespace Media.Jobs;

/// <summary>The figures of each run, kept in the lake's quality table.</summary>
internal static class QualityLog
{
    public static async Task AppendAsync(IObjectStore lake, TimeProvider time, string step, IReadOnlyList<(string Metric, double Value)> figures, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var run = Guid.CreateVersion7(now).ToString("D");
        var table = await DeltaTable.CreateOrOpenAsync(lake, Tables.Quality.Name, Tables.Quality, time, cancel);
        await table.AppendAsync([QualityColumns.From([.. figures.Select(f => new QualityFigure(run, step, f.Metric, f.Value, null, EpochMicros.Of(now)))])], transaction: null, cancel);
    }
}
