using System.IO.Compression;
using System.Text;
using Media.Jobs;
using Spectre.Console;

namespace Media.Tests.Jobs;

/// <summary>What a person sees who types something wrong: one clear line, an exit code other than 0, no stack trace.</summary>
public sealed class CommandLineTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("media-jobs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task UnknownVerb_IsNamed() => await RefusesAsync(2, "jurney", "jurney");

    [Fact]
    public async Task NumberOutOfRange_SaysTheRange() => await RefusesAsync(2, "from 60 to 3650, not 3", "--days", "3");

    [Fact]
    public async Task UnknownSource_ListsTheKnown() => await RefusesAsync(2, "simulator, deskdrop, ndjson", "--source", "oracle");

    [Fact]
    public async Task DateOfAnotherForm_IsShownTheRightOne() => await RefusesAsync(2, "write it as 2016-11-01", "train", "--test-as-of", "1.11.2016");

    [Fact]
    public async Task UnknownModel_ListsTheKnown() => await RefusesAsync(2, "There is no model 'chrun'; there are ad_revenue, article_performance, churn", "train", "chrun");

    [Fact]
    public async Task Trace_ShowsWhereBeforeItSaysWhat()
    {
        var (exit, errors) = await RunAsync("--source", "deskdrop", "--trace");

        Assert.Equal(1, exit);
        Assert.Contains("   at ", errors, StringComparison.Ordinal);
        Assert.Contains("--path FILE", errors.Trim().Split('\n')[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task SourceWithoutPath_AsksForIt() => await RefusesAsync(1, "--path FILE", "--source", "deskdrop");

    [Fact]
    public async Task WrongPath_IsNamed() => await RefusesAsync(1, "There is no file", "--source", "deskdrop", "--path", Path.Combine(_folder, "none.csv.gz"));

    [Fact]
    public async Task FolderAsPath_IsRefused() => await RefusesAsync(1, "is a folder", "--source", "deskdrop", "--path", _folder);

    [Fact]
    public async Task FileThatIsNoGzip_IsNamed()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "text.csv.gz"), "timestamp,eventType\n", TestContext.Current.CancellationToken);

        await RefusesAsync(1, "text.csv.gz", "--source", "deskdrop", "--path", Path.Combine(_folder, "text.csv.gz"));
    }

    [Fact]
    public async Task GzipCutOff_IsNamed()
    {
        var bytes = Gzip(Enumerable.Range(0, 5_000).Select(i => $"{1457963676 + i},VIEW,{i * 7919},{i % 97},{i},,,").Prepend("timestamp,eventType,contentId,personId,sessionId,userAgent,userRegion,userCountry"));
        await File.WriteAllBytesAsync(Path.Combine(_folder, "cut.csv.gz"), bytes[..(bytes.Length / 2)], TestContext.Current.CancellationToken);

        await RefusesAsync(1, "cut.csv.gz", "--source", "deskdrop", "--path", Path.Combine(_folder, "cut.csv.gz"));
    }

    [Fact]
    public async Task MissingColumn_IsNamed()
    {
        await File.WriteAllBytesAsync(Path.Combine(_folder, "short.csv.gz"), Gzip(["timestamp,eventType,contentId", "1,VIEW,2"]), TestContext.Current.CancellationToken);

        await RefusesAsync(1, "personId", "--source", "deskdrop", "--path", Path.Combine(_folder, "short.csv.gz"));
    }

    [Fact]
    public async Task OutputFolderThatCannotBeMade_IsNamed()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);

        await RefusesAsync(1, "Cannot write to the output folder", "--small", "--out", Path.Combine(file, "inside"));
    }

    [Fact]
    public async Task OutputFolderWithForeignFiles_IsLeftAlone()
    {
        var precious = Path.Combine(_folder, "precious.txt");
        await File.WriteAllTextAsync(precious, "mine", TestContext.Current.CancellationToken);

        await RefusesAsync(1, "holds files that no journey made", "--small", "--out", _folder);

        Assert.Equal("mine", await File.ReadAllTextAsync(precious, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task JourneyThatFails_LeavesTheFormerOneAsItWas()
    {
        var (place, cut) = (Path.Combine(_folder, "place"), Path.Combine(_folder, "cut.csv"));
        new JourneyFolder(place).Create();
        await File.WriteAllTextAsync(Path.Combine(place, "report.html"), "the former report", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(cut, "timestamp,eventType,contentId\n1,VIEW,2\n", TestContext.Current.CancellationToken);

        await RefusesAsync(1, "personId", "--source", "deskdrop", "--path", cut, "--out", place);

        Assert.Equal("the former report", await File.ReadAllTextAsync(Path.Combine(place, "report.html"), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task TwoJourneysInOnePlace_AreKeptApart()
    {
        var place = Path.Combine(_folder, "place");
        using var held = new JourneyFolder(place).Hold();

        await RefusesAsync(1, "Another journey is being written", "--small", "--out", place);
    }

    [Fact]
    public async Task VerbBeforeItsTurn_DoesNotBlockTheJourney()
    {
        var place = Path.Combine(_folder, "place");
        await RefusesAsync(1, "first", "train", "--out", place);

        Assert.Equal(place + ".next", new JourneyFolder(place).StartNext().Root);
    }

    [Fact]
    public async Task TooFewDays_AreRefusedBeforeAnythingIsDone() => await RefusesAsync(1, "--days 60 is too short", "--days", "60");

    [Theory]
    [InlineData("features", "run 'jobs journey', or 'jobs sessionize' first")]
    [InlineData("train", "run 'jobs journey', or 'jobs sessionize' first")]
    [InlineData("score", "run 'jobs journey', or 'jobs features' first")]
    [InlineData("bandit", "run 'jobs journey', or 'jobs sessionize' first")]
    [InlineData("report", "run 'jobs journey', or 'jobs sessionize' first")]
    public async Task VerbBeforeItsTurn_SaysTheNextStep(string verb, string nextStep) => await RefusesAsync(1, nextStep, verb, "--out", Path.Combine(_folder, "empty"));

    [Fact]
    public async Task Produce_WithoutKafka_SaysHowToSetIt() => await RefusesAsync(1, "Kafka__BootstrapServers", "produce");

    [Fact]
    public async Task Help_ListsEveryVerb()
    {
        var (exit, _) = await RunAsync("--help");

        Assert.Equal(0, exit);
    }

    private async Task RefusesAsync(int exitCode, string says, params string[] args)
    {
        var (exit, errors) = await RunAsync(args);

        Assert.Equal(exitCode, exit);
        Assert.Contains(says, errors, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", errors, StringComparison.Ordinal);
        Assert.DoesNotContain("unexpected", errors, StringComparison.Ordinal);
        Assert.True(errors.Trim().Split('\n').Length <= 2, $"one line and a pointer to --help at most, but was: {errors}");
    }

    private async Task<(int Exit, string Errors)> RunAsync(params string[] args)
    {
        var errors = new StringWriter();
        var console = new JobConsole(AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(TextWriter.Null) }), terminal: false);
        // Where a test names no folder, none may be written to.
        string[] all = args.Contains("--out") || args.Contains("--help") ? args : [.. args, "--out", Path.Combine(_folder, "out")];
        if (args is ["produce", ..] or ["jurney", ..]) all = args;
        var exit = await JobCommands.RunAsync(all, console, errors, TimeProvider.System, TestContext.Current.CancellationToken);
        return (exit, errors.ToString());
    }

    private static byte[] Gzip(IEnumerable<string> lines)
    {
        using var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionLevel.Fastest))
            gzip.Write(Encoding.UTF8.GetBytes(string.Join('\n', lines)));
        return bytes.ToArray();
    }
}
