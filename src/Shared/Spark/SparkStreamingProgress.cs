using System.Globalization;
using System.Text.Json;

namespace Media.Spark;

/// <summary>How one batch of a stream went.</summary>
/// <param name="BatchId">0 for the first of a checkpoint</param>
/// <param name="Timestamp">start of the batch</param>
/// <param name="InputRows">rows read, of all sources together; so are the rates</param>
/// <param name="InputRowsPerSecond">rate of arrival; NaN when Spark cannot tell, as for the first batch</param>
/// <param name="ProcessedRowsPerSecond">rate of the work; NaN when Spark cannot tell</param>
/// <param name="Duration">of the whole batch</param>
/// <param name="Watermark">null when the stream has none or it has not moved yet</param>
/// <param name="StateRows">rows that aggregations hold open</param>
/// <param name="StateBytes">what these take, bytes</param>
/// <param name="RowsDroppedByWatermark">rows of this batch that came too late and are in no result</param>
/// <param name="DeltaVersion">with a Delta table as source: versions of it before this one have been read wholly; null with other sources</param>
/// <param name="Json">all that Spark tells, sources and sink too</param>
public sealed record SparkStreamingProgress(
    long BatchId, DateTimeOffset Timestamp, long InputRows, double InputRowsPerSecond, double ProcessedRowsPerSecond, TimeSpan Duration, DateTimeOffset? Watermark,
    long StateRows, long StateBytes, long RowsDroppedByWatermark, long? DeltaVersion, string Json)
{
    /// <summary>Reads what Spark writes.</summary>
    /// <exception cref="SparkException">It is not a progress.</exception>
    internal static SparkStreamingProgress Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var root = document.RootElement;
            var (states, sources) = (root.GetProperty("stateOperators"), root.GetProperty("sources"));
            return new SparkStreamingProgress(
                root.GetProperty("batchId").GetInt64(), Instant(root.GetProperty("timestamp")), Sum(sources, "numInputRows"),
                Rate(sources, "inputRowsPerSecond"), Rate(sources, "processedRowsPerSecond"), TimeSpan.FromMilliseconds(root.GetProperty("batchDuration").GetInt64()),
                root.TryGetProperty("eventTime", out var times) && times.TryGetProperty("watermark", out var mark) && Instant(mark) is var at && at > DateTimeOffset.UnixEpoch ? at : null,
                Sum(states, "numRowsTotal"), Sum(states, "memoryUsedBytes"), Sum(states, "numRowsDroppedByWatermark"), Reached(sources), json);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            throw new SparkException($"What Spark tells of a stream's progress cannot be read: {json}", e);
        }
    }

    private static DateTimeOffset Instant(JsonElement value) => DateTimeOffset.Parse(value.GetString() ?? "", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal);

    // Spark leaves out a rate that it cannot tell.
    private static double Rate(JsonElement sources, string name)
    {
        var rates = sources.EnumerateArray().Where(s => s.TryGetProperty(name, out var rate) && rate.ValueKind == JsonValueKind.Number).Select(s => s.GetProperty(name).GetDouble()).ToList();
        return rates.Count == 0 ? double.NaN : rates.Sum();
    }

    // Where the first source ends: for Delta an object, written as text.
    private static long? Reached(JsonElement sources)
    {
        if (sources.EnumerateArray().FirstOrDefault() is not { ValueKind: JsonValueKind.Object } source || !source.TryGetProperty("endOffset", out var end)
            || end.ValueKind != JsonValueKind.String || end.GetString() is not ['{', ..] text) return null;
        using var offset = JsonDocument.Parse(text);
        return offset.RootElement.TryGetProperty("reservoirVersion", out var version) ? version.GetInt64() : null;
    }

    private static long Sum(JsonElement parts, string name) => parts.EnumerateArray().Sum(part => part.TryGetProperty(name, out var value) ? value.GetInt64() : 0);
}
