using System.Buffers;
using System.CommandLine;
using System.Globalization;
using Media.Events;
using Media.Events.Archives;
using Media.Events.Simulator;
using Media.Streaming;

namespace Media.Jobs;

/// <summary>A record on its way to the log: an event, or bytes that came as such.</summary>
/// <param name="Key">The reader, so that one reader's records stay in order.</param>
/// <param name="Refusal">A sentence, when it cannot be sent at all: it is larger than any log takes.</param>
internal readonly record struct Outgoing(UserId Key, MediaEvent? Event, byte[]? Json, string? Refusal = null)
{
    public void SendTo(EventProducer producer, CancellationToken cancel)
    {
        if (Event is not null) producer.Produce(Event, cancel);
        else producer.Produce(Key, Json ?? [], cancel);
    }

    public void WriteTo(IBufferWriter<byte> to)
    {
        if (Event is not null) EventWriter.Write(Event, to);
        else to.Write(Json);
    }
}

/// <summary>Where events come from.</summary>
internal abstract record EventSource
{
    /// <summary>As <c>--source</c> takes them.</summary>
    public static IReadOnlyList<string> Names { get; } = ["simulator", "deskdrop", "ndjson"];

    public abstract string Name { get; }

    /// <summary>For people: the name with what tells it from others of its kind.</summary>
    public abstract string Title { get; }

    /// <summary>0 when not known.</summary>
    public virtual long ExpectedEvents => 0;

    /// <summary>Finds what is wrong with it before anything is begun.</summary>
    /// <exception cref="JobException">It cannot be read.</exception>
    public virtual void Check() { }

    /// <summary>All records, in order; lazily.</summary>
    public abstract IEnumerable<Outgoing> Open();

    public abstract SourceResult Describe();

    /// <param name="small">Replaces the default numbers of readers and days, not those given.</param>
    public static EventSource From(ParseResult parsed, (int Users, int Days)? small = null)
    {
        var name = parsed.GetRequiredValue(JobOptions.Source);
        var path = parsed.GetValue(JobOptions.Path);
        if (name != "simulator")
        {
            if (string.IsNullOrEmpty(path)) throw new JobException($"--source {name} needs the file to read: --path FILE.");
            EventSource file = name == "deskdrop" ? new DeskdropSource(path, parsed.InvocationConfiguration.Error.WriteLine) : new JsonLinesSource(path);
            file.Check();
            return file;
        }
        if (path is not null) throw new JobException("--path goes with --source deskdrop or ndjson; the simulator reads no file.");
        return new SimulatorSource(new SimulatorOptions
        {
            Users = Given(JobOptions.Users, small?.Users),
            Days = Given(JobOptions.Days, small?.Days),
            Seed = parsed.GetValue(JobOptions.Seed),
            Signal = parsed.GetValue(JobOptions.Signal),
        });

        // What was typed comes before the small world's number, and that before the option's default.
        int Given(Option<int> option, int? smallValue) => parsed.GetResult(option) is { Implicit: false } ? parsed.GetValue(option) : smallValue ?? parsed.GetValue(option);
    }

    /// <summary>The simulated world that a lake was filled from.</summary>
    public static SimulatorOptions SimulatorOptionsOf(SourceResult source) => new() { Users = source.Users, Days = source.Days, Seed = source.Seed, Signal = source.Signal };
}

/// <summary>Simulated readers, as a network delivers their events: some late, some twice, some broken.</summary>
internal sealed record SimulatorSource(SimulatorOptions Options) : EventSource
{
    public override string Name => "simulator";

    public override string Title => string.Create(CultureInfo.InvariantCulture, $"simulator: {Options.Users:N0} readers, {Options.Days} days, seed {Options.Seed}{(Options.Signal == 1 ? "" : $", signal {Options.Signal}")}");

    /// <summary>A reader's day has about 4.8 events; only the progress bar depends on it.</summary>
    public override long ExpectedEvents => (long)(4.8 * Options.Users * Options.Days);

    // Some events are held back longer than the sessionizer's lateness of 6 h, so that the journey shows what becomes of them.
    public override IEnumerable<Outgoing> Open() =>
        Disorder.Of(new EventSimulator(Options).Events(), new DisorderOptions { Seed = Options.Seed, DelayedShare = 0.01, LongestDelay = TimeSpan.FromHours(7) })
            .Select(arrival => new Outgoing(arrival.UserId, arrival.Event, arrival.Event is null ? arrival.Broken.ToArray() : null));

    public override SourceResult Describe() => new(Name, null, Options.Users, Options.Days, Options.Seed, Options.Signal);
}

/// <summary>The Deskdrop archive: real reading of an internal news site.</summary>
/// <param name="Tell">Told in a sentence each of rows that were left out.</param>
internal sealed record DeskdropSource(string Path, Action<string> Tell) : EventSource
{
    public override string Name => "deskdrop";

    public override string Title => $"deskdrop: {System.IO.Path.GetFileName(Path)}";

    public override void Check() => SourceFile.Open(Path).Dispose();

    public override IEnumerable<Outgoing> Open()
    {
        using var file = SourceFile.Open(Path);
        foreach (var e in DeskdropArchive.Read(file, Path, Tell, CancellationToken.None)) yield return new Outgoing(e.UserId, e, null);
    }

    public override SourceResult Describe() => new(Name, System.IO.Path.GetFileName(Path), 0, 0, 0, 1);
}

/// <summary>Events as JSON lines, as <c>produce --to</c> writes them; a line that is no event reaches the log all the same and becomes a bad event.</summary>
internal sealed record JsonLinesSource(string Path) : EventSource
{
    public override string Name => "ndjson";

    public override string Title => $"ndjson: {System.IO.Path.GetFileName(Path)}";

    public override void Check() => SourceFile.Open(Path).Dispose();

    public override IEnumerable<Outgoing> Open()
    {
        using var file = SourceFile.Open(Path);
        using var stream = Path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) ? new CheckedGzipStream(file, Path) : (Stream)new BufferedStream(file, 1 << 20);
        var reader = new EventReader();
        var tooLong = new Queue<string>();
        foreach (var line in JsonLines.Read(stream, Path, (number, bytes) => tooLong.Enqueue(TooLong(number, bytes))))
        {
            while (tooLong.TryDequeue(out var refusal)) yield return new Outgoing(new UserId(""), null, null, refusal);
            // Only the key is taken from this reading; the consumer reads the bytes anew and gives the verdict. Bad records share one key.
            var known = reader.TryRead(line, DateTimeOffset.MaxValue.AddDays(-2), -1, -1, out var good, out _);
            yield return new Outgoing(known && good is not null ? good.UserId : new UserId(""), null, line);
        }
        while (tooLong.TryDequeue(out var refusal)) yield return new Outgoing(new UserId(""), null, null, refusal);
    }

    private string TooLong(long number, long bytes) => string.Create(CultureInfo.InvariantCulture, $"Line {number} of '{Path}' has {bytes:N0} bytes; a record may have {JsonLines.MaxBytes:N0}. It was not sent.");

    public override SourceResult Describe() => new(Name, System.IO.Path.GetFileName(Path), 0, 0, 0, 1);
}

/// <summary>Opens a source's file, or says in one sentence why not.</summary>
internal static class SourceFile
{
    /// <exception cref="JobException">There is no such file, or it cannot be read.</exception>
    public static FileStream Open(string path)
    {
        if (Directory.Exists(path)) throw new JobException($"'{path}' is a folder; --path takes a file.");
        try { return File.OpenRead(path); }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException) { throw new JobException($"There is no file '{path}'.", e); }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException) { throw new JobException($"The file '{path}' cannot be read: {e.Message}", e); }
    }
}
