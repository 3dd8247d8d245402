using System.CommandLine;
using System.IO.Compression;
using System.Buffers;
using Media.Streaming;

namespace Media.Jobs;

/// <param name="Sent">Records that the log has.</param>
/// <param name="Refused">Records that are larger than it takes.</param>
internal readonly record struct SendResult(long Sent, long Refused)
{
    /// <exception cref="JobException">Some were refused.</exception>
    public void Check()
    {
        if (Refused > 0) throw new JobException($"{JobConsole.Count(Refused)} records are larger than the log takes and were not sent; the other {JobConsole.Count(Sent)} were.");
    }
}

/// <summary>The verb <c>produce</c>: a source's events into Kafka, or into a file of JSON lines.</summary>
internal static class ProduceEvents
{
    private const int MostShown = 20;

    public static Command Command(JobConsole console, TimeProvider time)
    {
        var to = new Option<string?>("--to") { Description = "Write the events as JSON lines to this file (.ndjson, or .ndjson.gz) instead of Kafka." };
        var verb = new Command("produce", "Sends a source's events to Kafka (Kafka__BootstrapServers), or to a file.")
        {
            JobOptions.Source, JobOptions.Path, JobOptions.Users, JobOptions.Days, JobOptions.Seed, JobOptions.Signal, to,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var source = EventSource.From(parsed);
            if (parsed.GetValue(to) is { } file)
            {
                (await console.ProgressAsync($"write {file}", source.ExpectedEvents, "events", done => Task.Run(() => WriteFile(source, file, done, console.Line, cancel), CancellationToken.None))).Check();
                return 0;
            }
            var kafka = JobConfiguration.Kafka() ?? throw new JobException(
                "No Kafka is configured: set Kafka__BootstrapServers=host:9092, or write a file with --to FILE. (The embedded broker lives inside one process: 'journey' and 'sessionize --source …' use it.)");
            foreach (var difference in (await KafkaTopic.EnsureAsync(kafka, cancel)).Differences) console.Line($"– {difference}");
            var result = await console.ProgressAsync($"produce to {kafka.Topic}", source.ExpectedEvents, "events", done => Task.Run(() =>
            {
                using var producer = new EventProducer(kafka, pacing: null);
                return Send(source, producer, done, console.Line, cancel);
            }, CancellationToken.None));
            result.Check();
            return 0;
        });
        return verb;
    }

    /// <summary>Sends everything and waits until the log has it; a request to stop ends it after the event at hand.</summary>
    /// <param name="tell">Told in a sentence of each record, up to some, that is larger than the log takes; the others go on.</param>
    public static SendResult Send(EventSource source, EventProducer producer, Action<long> progress, Action<string> tell, CancellationToken cancel)
    {
        var (sent, refused) = (0L, 0L);
        foreach (var outgoing in source.Open())
        {
            if (cancel.IsCancellationRequested) break;
            try
            {
                if (outgoing.Refusal is { } refusal)
                {
                    Refuse(refusal);
                    continue;
                }
                outgoing.SendTo(producer, cancel);
            }
            catch (RecordTooLargeException tooLarge)
            {
                Refuse(tooLarge.Message);
                continue;
            }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { break; }
            if (++sent % 10_000 == 0) progress(sent);
        }
        producer.Flush(CancellationToken.None);
        progress(sent);
        return new SendResult(sent, refused);

        void Refuse(string sentence)
        {
            if (++refused <= MostShown) tell($"– {sentence}");
        }
    }

    private static SendResult WriteFile(EventSource source, string path, Action<long> progress, Action<string> tell, CancellationToken cancel)
    {
        var (written, refused) = (0L, 0L);
        // Written beside and renamed at the end, so that a file by this name is always whole.
        var partial = path + ".partial";
        try
        {
            using (var file = File.Create(partial))
            using (Stream stream = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new GZipStream(file, CompressionLevel.Fastest) : new BufferedStream(file, 1 << 20))
            {
                var json = new ArrayBufferWriter<byte>(4096);
                foreach (var outgoing in source.Open())
                {
                    cancel.ThrowIfCancellationRequested();
                    if (outgoing.Refusal is { } refusal)
                    {
                        if (++refused <= MostShown) tell($"– {refusal}");
                        continue;
                    }
                    json.ResetWrittenCount();
                    outgoing.WriteTo(json);
                    stream.Write(json.WrittenSpan);
                    stream.WriteByte((byte)'\n');
                    if (++written % 10_000 == 0) progress(written);
                }
            }
            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
        progress(written);
        return new SendResult(written, refused);
    }
}
