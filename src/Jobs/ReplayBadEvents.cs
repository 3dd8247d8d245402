using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Apache.Arrow;
using Media.Events;
using Media.Lake;
using Media.Streaming;

namespace Media.Jobs;

/// <summary>The verb <c>replay-bad</c>: records that were no events, mended or read by a program that was mended, back into the log under the event_id they had.</summary>
/// <remarks>
/// Run twice it doubles nothing: what the lake's events hold by id is left out here, and what is still under way comes to the sessionizer as a second delivery, which it drops,
/// however late. A replayed event later than the allowed lateness is kept in events, in no session.
/// </remarks>
internal static class ReplayBadEvents
{
    private const int MostShown = 20;
    private static readonly JsonWriterOptions Lines = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static Command Command(JobConsole console, TimeProvider time)
    {
        var reason = new Option<BadEventReason?>("--reason")
        {
            Description = $"Only those of this reason: {string.Join(", ", Vocabulary<BadEventReason>.Names)}.",
            CustomParser = result =>
            {
                if (Vocabulary<BadEventReason>.TryParse(result.Tokens[0].Value, out var known)) return known;
                result.AddError($"--reason takes one of {string.Join(", ", Vocabulary<BadEventReason>.Names)}, not '{result.Tokens[0].Value}'.");
                return null;
            },
        };
        var field = new Option<string?>("--field") { Description = "Only those whose fault lies in this field." };
        var from = JobOptions.Date("--from", "Only those received on this day or later.");
        var to = JobOptions.Date("--to", "Only those received on this day or earlier.");
        var corrections = new Option<string?>("--corrections") { Description = "JSON lines, each with kafka_partition and kafka_offset of a bad event and the mended event; only these are sent. Without it the records are read anew as they are." };
        var export = new Option<string?>("--list") { Description = "Send nothing; write the bad events to this file as JSON lines, each to be given its 'event' and handed to --corrections." };
        var verb = new Command("replay-bad", "Sends records of bad_events to the log again (Kafka__BootstrapServers): mended ones, or those that this program can read by now. Each keeps its event_id and counts once, however often it is sent.")
        {
            JobOptions.Out, reason, field, from, to, corrections, export,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            var lake = folder.OpenLake();
            var wanted = new Wanted(parsed.GetValue(reason), parsed.GetValue(field), Day(parsed.GetValue(from)), Day(parsed.GetValue(to)));
            var bad = await ReadAsync(lake, wanted, cancel);
            if (parsed.GetValue(export) is { } file)
            {
                WriteList(bad, file);
                console.Line($"  {JobConsole.Count(bad.Count)} bad events in '{file}'");
                return 0;
            }
            var kafka = JobConfiguration.Kafka() ?? throw new JobException("No Kafka is configured: set Kafka__BootstrapServers=host:9092, or write the bad events to a file with --list FILE.");
            var candidates = parsed.GetValue(corrections) is { } mended ? Mended(bad, mended, kafka, time) : AsTheyAre(bad, time, console);
            var there = await InLakeAsync(lake, candidates, cancel);
            var send = candidates.Where(c => !there.Contains(c.Event.EventId)).DistinctBy(c => c.Event.EventId).ToList();
            if (send.Count > 0)
            {
                await console.StepAsync($"replay to {kafka.Topic}", () => Task.Run(() =>
                {
                    using var producer = new EventProducer(kafka, pacing: null);
                    foreach (var (e, json) in send) producer.Produce(e.UserId, json, cancel);
                    producer.Flush(cancel);
                    return send.Count;
                }, CancellationToken.None));
            }
            console.Line($"  {JobConsole.Count(bad.Count)} bad events, {JobConsole.Count(candidates.Count)} of them events now: {JobConsole.Count(send.Count)} sent, {JobConsole.Count(candidates.Count - send.Count)} in the lake already");
            return 0;
        });
        return verb;
    }

    private static DateOnly? Day(DateTimeOffset? instant) => instant is { } at ? DateOnly.FromDateTime(at.UtcDateTime) : null;

    private sealed record Wanted(BadEventReason? Reason, string? Field, DateOnly? From, DateOnly? To)
    {
        public bool Has(BadEvent bad) =>
            (Reason is null || bad.Reason == Reason) && (Field is null || bad.Field == Field)
            && DateOnly.FromDateTime(bad.ReceivedAt.UtcDateTime) is var day && (From is null || day >= From) && (To is null || day <= To);
    }

    private readonly record struct Candidate(MediaEvent Event, byte[] Json);

    private static async Task<List<BadEvent>> ReadAsync(IObjectStore lake, Wanted wanted, CancellationToken cancel)
    {
        var table = await LakeSessions.OpenAsync(lake, Tables.BadEvents, cancel);
        var bad = new List<BadEvent>();
        await foreach (var batch in table.ReadAsync(new ReadOptions { Ranges = wanted is { From: null, To: null } ? [] : [ColumnRange.Days("received_date", wanted.From, wanted.To)] }, cancel))
            using (batch)
                bad.AddRange(BadEventColumns.Read(batch).Where(wanted.Has));
        return [.. bad.OrderBy(b => b.Partition).ThenBy(b => b.Offset)];
    }

    /// <summary>Those that can be read as they are, as after a mend of the reader.</summary>
    private static List<Candidate> AsTheyAre(List<BadEvent> bad, TimeProvider time, JobConsole console)
    {
        var reader = new EventReader();
        var good = new List<Candidate>();
        var still = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var record in bad)
        {
            var raw = record.Raw.ToArray();
            if (reader.TryRead(raw, time.GetUtcNow(), record.Partition, record.Offset, out var e, out var fault)) good.Add(new Candidate(e, raw));
            else still[Words(fault)] = still.GetValueOrDefault(Words(fault)) + 1;
        }
        foreach (var (fault, count) in still.OrderByDescending(s => s.Value)) console.Line($"  still no event: {JobConsole.Count(count)} × {fault}");
        return good;
    }

    /// <summary>The events of the file, each held against the bad event whose place it takes.</summary>
    /// <exception cref="JobException">A line is at fault; all are named, and nothing is sent.</exception>
    private static List<Candidate> Mended(List<BadEvent> bad, string path, KafkaOptions kafka, TimeProvider time)
    {
        var byPlace = bad.ToDictionary(b => (b.Partition, b.Offset));
        var reader = new EventReader();
        var (good, faults) = (new List<Candidate>(), new List<string>());
        using var file = SourceFile.Open(path);
        var number = 0;
        foreach (var line in JsonLines.Read(file, path, (n, bytes) => faults.Add($"Line {n} has {bytes:N0} bytes; a record may have {JsonLines.MaxBytes:N0}.")))
        {
            number++;
            try
            {
                using var json = JsonDocument.Parse(line);
                var root = json.RootElement;
                if (root.ValueKind != JsonValueKind.Object || !Whole(root, "kafka_partition", out var partition) || !Whole(root, "kafka_offset", out var offset))
                {
                    faults.Add($"Line {number} has no kafka_partition and kafka_offset.");
                    continue;
                }
                // A line of the list that was left as it is.
                if (!root.TryGetProperty("event", out var mended) || mended.ValueKind == JsonValueKind.Null) continue;
                if (!byPlace.TryGetValue(((int)partition, offset), out var record))
                {
                    faults.Add($"Line {number}: there is no bad event at partition {partition} offset {offset} of {kafka.Topic} (among those asked for).");
                    continue;
                }
                var bytes = Encoding.UTF8.GetBytes(mended.GetRawText());
                if (!reader.TryRead(bytes, time.GetUtcNow(), record.Partition, record.Offset, out var e, out var fault)) faults.Add($"Line {number}: the event is still none: {Words(fault)}.");
                else if (IdOf(record) is { } id && id != e.EventId.Value) faults.Add($"Line {number}: the record's event_id was {id:D}, not {e.EventId}; it must stay.");
                else good.Add(new Candidate(e, bytes));
            }
            catch (JsonException)
            {
                faults.Add($"Line {number} is no JSON.");
            }
        }
        if (faults.Count > 0)
            throw new JobException($"Nothing was sent; of '{path}': {string.Join(' ', faults.Take(MostShown))}{(faults.Count > MostShown ? $" … and {faults.Count - MostShown} more." : "")}");
        return good;
    }

    private static bool Whole(JsonElement line, string name, out long value)
    {
        value = 0;
        return line.TryGetProperty(name, out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt64(out value);
    }

    /// <summary>The event_id that a bad record has all the same; null where none can be read.</summary>
    private static Guid? IdOf(BadEvent bad)
    {
        try
        {
            using var json = JsonDocument.Parse(bad.Raw);
            return json.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("event_id", out var id) && id.ValueKind == JsonValueKind.String && Guid.TryParseExact(id.GetString(), "D", out var known) ? known : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Words(BadEvent bad) => $"{Vocabulary<BadEventReason>.Name(bad.Reason)}{(bad.Field is null ? "" : $" ({bad.Field})")}";

    /// <summary>Which of these events the lake holds.</summary>
    private static async Task<HashSet<EventId>> InLakeAsync(IObjectStore lake, List<Candidate> candidates, CancellationToken cancel)
    {
        var there = new HashSet<EventId>();
        if (candidates.Count == 0 || await LakeSessions.TryOpenAsync(lake, Tables.Events, cancel) is not { } events) return there;
        var wanted = candidates.Select(c => c.Event.EventId).ToHashSet();
        foreach (var day in candidates.Select(c => DateOnly.FromDateTime(c.Event.EventTime.UtcDateTime)).Distinct())
            await foreach (var batch in events.ReadAsync(new ReadOptions { Columns = ["event_id"], Ranges = [ColumnRange.Days("event_date", day, day)] }, cancel))
                using (batch)
                {
                    var ids = (StringArray)batch.Column("event_id");
                    for (var row = 0; row < batch.Length; row++)
                        if (new EventId(Guid.Parse(ids.GetString(row))) is var id && wanted.Contains(id)) there.Add(id);
                }
        return there;
    }

    /// <summary>One line each: the place, the reason, the bytes as text (or Base64 where they are none).</summary>
    private static void WriteList(List<BadEvent> bad, string path)
    {
        using var file = File.Create(path);
        foreach (var record in bad)
        {
            using (var json = new Utf8JsonWriter(file, Lines))
            {
                json.WriteStartObject();
                json.WriteNumber("kafka_partition", record.Partition);
                json.WriteNumber("kafka_offset", record.Offset);
                json.WriteString("reason", Vocabulary<BadEventReason>.Name(record.Reason));
                if (record.Field is not null) json.WriteString("field", record.Field);
                if (System.Text.Unicode.Utf8.IsValid(record.Raw.Span)) json.WriteString("raw", record.Raw.Span);
                else json.WriteBase64String("raw_base64", record.Raw.Span);
                json.WriteNull("event");
                json.WriteEndObject();
            }
            file.WriteByte((byte)'\n');
        }
    }
}
