using System.IO.Compression;
using System.Text;
using Media.Jobs;
using Spectre.Console;

namespace Media.Tests.Jobs;

/// <summary>Events written to a file by one verb and played from it by another.</summary>
public sealed class ProduceEventsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("media-produce-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task FileOfEvents_PlaysBackWhole_AndItsBrokenLinesAreKept()
    {
        var file = Path.Combine(_folder, "events.ndjson.gz");
        await RunAsync("produce", "--to", file, "--users", "25", "--days", "60", "--seed", "3");
        var lines = await LinesAsync(file);
        Assert.True(lines.Count > 1_000, $"{lines.Count} lines");
        await using (var stream = new GZipStream(File.Create(file), CompressionLevel.Fastest))
            await stream.WriteAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines.Append("this is no event").Append("{\"event_id\":7}"))), TestContext.Current.CancellationToken);

        await RunAsync("sessionize", "--source", "ndjson", "--path", file, "--out", Path.Combine(_folder, "file"));
        await RunAsync("sessionize", "--users", "25", "--days", "60", "--seed", "3", "--out", Path.Combine(_folder, "straight"));

        var (fromFile, straight) = (await IngestAsync("file"), await IngestAsync("straight"));
        Assert.Equal(lines.Count + 2, fromFile.Counts.Received);
        Assert.Equal(straight.Counts with { Received = lines.Count + 2, Bad = straight.Counts.Bad + 2 }, fromFile.Counts);
        Assert.Equal((straight.EventRows, straight.BadEventRows + 2, straight.SessionRows), (fromFile.EventRows, fromFile.BadEventRows, fromFile.SessionRows));
    }

    [Fact]
    public async Task FileThatCannotBeWritten_LeavesNothingBehind()
    {
        var errors = new StringWriter();
        var exit = await JobCommands.RunAsync(["produce", "--to", Path.Combine(_folder, "no", "such", "folder.ndjson"), "--users", "5"], Quiet(), errors, TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(1, exit);
        Assert.Contains("folder.ndjson", errors.ToString(), StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    private static async Task RunAsync(params string[] args)
    {
        var errors = new StringWriter();
        var exit = await JobCommands.RunAsync(args, Quiet(), errors, TimeProvider.System, TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (exit, errors.ToString()));
    }

    private static JobConsole Quiet() => new(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) }), terminal: false);

    private async Task<IngestResult> IngestAsync(string name) =>
        await RunResults.FindAsync<IngestResult>(new JourneyFolder(Path.Combine(_folder, name)), "ingest", TestContext.Current.CancellationToken) ?? throw new FileNotFoundException(name);

    private static async Task<List<string>> LinesAsync(string file)
    {
        using var reader = new StreamReader(new GZipStream(File.OpenRead(file), CompressionMode.Decompress));
        var lines = new List<string>();
        while (await reader.ReadLineAsync(TestContext.Current.CancellationToken) is { } line) lines.Add(line);
        return lines;
    }
}
