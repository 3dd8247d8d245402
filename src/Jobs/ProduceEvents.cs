using System.CommandLine;
using System.IO.Compression;
using System.Buffers;
using Media.Streaming;

namespace Media.Jobs;

/// <summary>The verb <c>produce</c>: a source's events into Kafka, or into a file of JSON lines.</summary>
internal static class ProduceEvents
{
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
                await console.ProgressAsync($"write {file}", source.ExpectedEvents, "events", done => Task.Run(() => WriteFile(source, file, done, cancel), CancellationToken.None));
                return 0;
            }
            var kafka = JobConfiguration.Kafka() ?? throw new JobException(
                "No Kafka is configured: set Kafka__BootstrapServers=host:9092, or write a file with --to FILE. (The embedded broker lives inside one process: 'journey' and 'sessionize --source …' use it.)");
            await KafkaTopic.EnsureAsync(kafka, cancel);
            await console.ProgressAsync($"produce to {kafka.Topic}", source.ExpectedEvents, "events", done => Task.Run(() =>
            {
                using var producer = new EventProducer(kafka, pacing: null);
                return Send(source, producer, done, cancel);
            }, CancellationToken.None));
            return 0;
        });
        return verb;
    }

    /// <summary>Sends everything and waits until the log has it; a request to stop ends it after the event at hand.</summary>
    /// <returns>Records sent.</returns>
    public static long Send(EventSource source, EventProducer producer, Action<long> progress, CancellationToken cancel)
    {
        var sent = 0L;
        foreach (var outgoing in source.Open())
        {
            if (cancel.IsCancellationRequested) break;
            try { outgoing.SendTo(producer, cancel); }
            catch (OperationCanceledException) when (cancel.IsCancellationRequested) { break; }
            if (++sent % 10_000 == 0) progress(sent);
        }
        producer.Flush(CancellationToken.None);
        progress(sent);
        return sent;
    }

    private static long WriteFile(EventSource source, string path, Action<long> progress, CancellationToken cancel)
    {
        var written = 0L;
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
        return written;
    }
}
