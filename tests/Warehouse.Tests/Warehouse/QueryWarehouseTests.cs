using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Media.Jobs;
using Media.Lake;
using Media.Streaming;
using Media.Tests.Jobs;
using Media.Tests.Lake;
using Media.Warehouse;

namespace Media.Tests.Warehouse;

/// <summary>The verb query, as a process of its own beside a warehouse of its own.</summary>
public sealed class QueryWarehouseTests(TestWarehouse tests, QueryWarehouseTests.Built built) : IClassFixture<QueryWarehouseTests.Built>
{
    private const string Endless = "SELECT count() FROM numbers(1000000000000) WHERE sipHash64(number) = 1";

    /// <summary>What a process has beside the engine's limit, MiB: the engine's code, .NET, and the blocks and pages that are being passed on. It is what WarehouseOptions.MaxMemoryMiB tells.</summary>
    private const int ProcessOverheadMiB = 560;

    private const int LeastLimitMiB = 256;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("map('a', 1, 'b', NULL)", "{'a': 1, 'b': NULL}")]
    [InlineData("tuple(1, 'it''s', toDate('2026-01-02'))", @"(1, 'it\'s', 2026-01-02)")]
    [InlineData("CAST(tuple(1, 'x'), 'Tuple(n UInt8, `a b` LowCardinality(Nullable(String)))')", "(1, 'x')")]
    [InlineData("[toDate('2026-01-02')]", "[2026-01-02]")]
    [InlineData("[map('k', [tuple(1, 'a')])]", "[{'k': [(1, 'a')]}]")]
    [InlineData("CAST(NULL AS Nullable(String))", "NULL")]
    [InlineData("''", "")]
    [InlineData("toNullable(toDate('2026-01-02'))", "2026-01-02")]
    [InlineData("toDateTime64('2026-01-02 03:04:05.5', 3, 'UTC')", "2026-01-02 03:04:05.5")]
    [InlineData("[1.5, 1e-9, 0]", "[1.5, 1E-9, 0]")]
    [InlineData("1 = 1", "true")]
    [InlineData("CAST('a', 'Enum8(\\'a\\' = 1, \\'b,(\\' = 2)')", "a")]
    [InlineData("toFixedString('ab', 3)", @"ab\x00")]
    [InlineData("concat('a', char(10), char(27), '[31mred')", @"a\n\x1B[31mred")]
    public async Task ValueOfAnyType_IsReadable(string sql, string text)
    {
        using var warehouse = await tests.OpenAsync();
        var answer = await warehouse.QueryAsync(sql == "1 = 1" ? "SELECT CAST(1, 'Bool')" : $"SELECT {sql}", [], Cancel);
        Assert.Equal(text, AnswerText.Of(answer.Types[0])(Assert.Single(answer.Rows)[0]));
    }

    [Fact]
    public void RowsTooWideForTheWidth_ArePrintedAsBlocks()
    {
        var (console, output) = JobsRun.Console();
        console.Records(["id", "text"], [["1", new string('x', 400)], ["2", "y"]], first: 7);
        Assert.Equal(["row 7", "  id:   1", $"  text: {new string('x', 400)}", "row 8", "  id:   2", "  text: y"], output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries));
        (console, output) = JobsRun.Console();
        console.Records(["id", "text"], [["1", "y"]], first: 1);
        Assert.Matches("id +text", output.ToString());
    }

    [Fact]
    public async Task WideRows_AreReadableAndBounded()
    {
        var run = await AskAsync("--sql", "SELECT * FROM sessions");
        Assert.Equal((0, ""), (run.Exit, run.Errors));
        Assert.DoesNotContain("…", run.Output, StringComparison.Ordinal);
        Assert.Equal(1_000, Regex.Count(run.Output, "^  session_id: +[0-9a-zA-Z-]+$", RegexOptions.Multiline));
        Assert.EndsWith("There are more rows than these 1,000; --rows N prints so many.\n", run.Output, StringComparison.Ordinal);
        run = await AskAsync("--rows", "3", "--sql", "SELECT number FROM numbers(3)");
        Assert.DoesNotContain("more rows", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("session_length", "--days", "40")]
    [InlineData("segment_clicks", "--chart", "--hours=48")]
    public async Task NamedQuestion_IsBoundedAlike(params string[] question)
    {
        var run = await AskAsync([.. question, "--rows", "5"]);
        Assert.Equal((0, ""), (run.Exit, run.Errors));
        Assert.Contains("There are more rows than these 5", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnswerOfAHundredMillionRows_TakesNoMemory()
    {
        var folder = await built.FolderAsync();
        using var job = MeasuredJob.Start(folder, "query", "--sql", "SELECT number, toString(number) AS text FROM numbers(100000000)", "--rows", "100000");
        var (exit, lines) = await job.EndAsync();
        Assert.Equal(0, exit);
        Assert.InRange(lines, 100_000, 101_000);
        Assert.InRange(job.PeakMiB, 1, LeastLimitMiB + ProcessOverheadMiB);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak {job.PeakMiB} MiB"));
    }

    [Fact]
    public async Task Rebuild_StaysWithinTheLimitAndWhatTheProcessTakesBeside()
    {
        var folder = await built.FolderAsync();
        using var copy = new TemporaryFolder();
        Directory.CreateSymbolicLink(Path.Combine(copy.Path, "lake"), Path.Combine(folder, "lake"));
        using var job = MeasuredJob.Start(copy.Path, "warehouse", "rebuild");
        Assert.Equal(0, (await job.EndAsync()).Exit);
        Assert.InRange(job.PeakMiB, 1, LeastLimitMiB + ProcessOverheadMiB);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak {job.PeakMiB} MiB"));
    }

    [Theory]
    [InlineData(Endless, false)]
    [InlineData("SELECT number FROM numbers(1000000000000) WHERE number < 5000 OR sipHash64(number) = 1", true)]
    public async Task Interrupt_EndsARunningQueryAtOnce(string sql, bool printsFirst)
    {
        var folder = await built.FolderAsync();
        using var job = MeasuredJob.Start(folder, "query", "--rows", "100000", "--sql", sql);
        // The rows that come first, or else work that no start of a process takes.
        await job.UntilAsync(() => printsFirst ? job.Lines > 4_000 : job.ProcessorTime > TimeSpan.FromSeconds(5));
        var started = Stopwatch.GetTimestamp();
        job.Interrupt();
        var (exit, _) = await job.EndAsync();
        Assert.Equal(130, exit);
        Assert.Equal("Stopped on request, before the answer was whole.\n", job.Errors);
        // Without it the engine goes on until the timeout, ten minutes.
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0, 20);
    }

    [Theory]
    [InlineData("other files", "holds other files and no warehouse")]
    [InlineData("tables gone", "has no tables")]
    [InlineData("database emptied", "cannot be opened")]
    [InlineData("table garbled", "cannot be opened")]
    [InlineData("parts cut off", "has damaged files, whose rows are missing in")]
    [InlineData("table gone", "lacks events")]
    [InlineData("a file", "cannot be written to")]
    public async Task DamagedFolder_IsOneClearLine(string harm, string told)
    {
        var folder = await built.FolderAsync();
        using var copy = new TemporaryFolder();
        var warehouse = Path.Combine(copy.Path, "warehouse");
        Harm(harm, Path.Combine(folder, "warehouse"), warehouse);
        var run = await JobsProcess.RunAsync(new Dictionary<string, string>(), "query", "--out", copy.Path, "--sql", "SELECT count() FROM events");
        Assert.Equal((1, ""), (run.Exit, run.Output));
        Assert.Contains(told, run.Errors, StringComparison.Ordinal);
        Assert.Equal(1, run.Errors.Count('\n'));
        if (harm == "other files") Assert.Equal(["notes.txt"], Directory.EnumerateFileSystemEntries(warehouse).Select(Path.GetFileName));
    }

    [Fact]
    public async Task FolderThatCannotBeWritten_IsOneClearLine()
    {
        using var folder = new TemporaryFolder();
        var mounted = Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder.Path) == 0;
        Assert.SkipUnless(mounted, "This machine lets nobody mount a small disk (it takes root).");
        try
        {
            Directory.CreateDirectory(Path.Combine(folder.Path, "warehouse", "store"));
            await File.WriteAllTextAsync(Path.Combine(folder.Path, "warehouse", "media.lock"), "", Cancel);
            Assert.Equal(0, Run("mount", "-o", "remount,ro", folder.Path));
            var run = await JobsProcess.RunAsync(new Dictionary<string, string>(), "query", "--out", folder.Path, "--sql", "SELECT 1");
            Assert.Equal(1, run.Exit);
            Assert.Contains("cannot be written to", run.Errors, StringComparison.Ordinal);
            Assert.Equal(1, run.Errors.Count('\n'));
        }
        finally
        {
            Run("umount", folder.Path);
        }
    }

    private static void Harm(string harm, string sound, string warehouse)
    {
        if (harm == "a file")
        {
            // A folder by this name is asked for; what stands in its way is inside.
            Directory.CreateDirectory(Path.Combine(warehouse, "media.lock"));
            return;
        }
        Directory.CreateDirectory(warehouse);
        if (harm == "other files")
        {
            File.WriteAllText(Path.Combine(warehouse, "notes.txt"), "");
            return;
        }
        Assert.Equal(0, Run("cp", "-a", $"{sound}/.", warehouse));
        if (harm == "tables gone") Directory.Delete(Path.Combine(warehouse, "store"), recursive: true);
        else if (harm == "table gone") File.Delete(Tables(warehouse).Single(f => Path.GetFileName(f) == "events.sql"));
        else if (harm == "database emptied") File.WriteAllText(Path.Combine(warehouse, "metadata", "media.sql"), "");
        else if (harm == "table garbled") File.WriteAllText(Tables(warehouse).Single(f => Path.GetFileName(f) == "events.sql"), "garbage");
        else
            foreach (var file in Directory.EnumerateFiles(Path.Combine(warehouse, "store"), "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) is "columns.txt" or "checksums.txt"))
                File.WriteAllText(file, "");
    }

    private static IEnumerable<string> Tables(string warehouse) => Directory.EnumerateFiles(Path.Combine(warehouse, "store"), "*.sql", SearchOption.AllDirectories);

    private async Task<ProcessRun> AskAsync(params string[] args) =>
        await JobsProcess.RunAsync(new Dictionary<string, string> { ["Warehouse__MaxMemoryMiB"] = $"{LeastLimitMiB}" }, ["query", .. args, "--out", await built.FolderAsync()]);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }

    /// <summary>A folder with a lake of 200,000 sessions, so that they fill several blocks, and the warehouse made of it. Made once.</summary>
    public sealed class Built : IDisposable
    {
        private readonly TemporaryFolder _folder = new();
        private bool _made;

        public async Task<string> FolderAsync()
        {
            Assert.SkipUnless(WarehouseClient.EmbeddedIsHere, "The embedded ClickHouse was not restored (npm).");
            if (_made) return _folder.Path;
            var lake = new LocalObjectStore(Path.Combine(_folder.Path, "lake"));
            var (events, sessions) = SimulatedWarehouse.Simulate(users: 600, days: 90);
            var table = await DeltaTable.CreateOrOpenAsync(lake, "events", Media.Lake.Tables.Events, Cancel);
            await table.AppendAsync([EventColumns.From([.. events.Select((e, i) => new ConsumedEvent(e, 0, i))], [])], transaction: null, Cancel);
            table = await DeltaTable.CreateOrOpenAsync(lake, "sessions", Media.Lake.Tables.Sessions, Cancel);
            for (var rows = 0; rows < 200_000; rows += sessions.Count) await table.AppendAsync([SessionColumns.From(sessions)], transaction: null, Cancel);
            var run = await JobsProcess.RunAsync(new Dictionary<string, string>(), "warehouse", "rebuild", "--out", _folder.Path);
            Assert.True(run.Exit == 0, run.Errors);
            _made = true;
            return _folder.Path;
        }

        public void Dispose() => _folder.Dispose();
    }

    /// <summary>A job's process whose output is only counted, and whose memory is watched.</summary>
    private sealed class MeasuredJob : IDisposable
    {
        private static readonly TimeSpan Longest = TimeSpan.FromMinutes(3);
        private readonly Process _process;
        private readonly Task _counted, _watched;
        private readonly Task<string> _errors;
        private int _lines;

        private MeasuredJob(Process process)
        {
            _process = process;
            _counted = Task.Run(async () => { while (await process.StandardOutput.ReadLineAsync(Cancel) is not null) Interlocked.Increment(ref _lines); }, Cancel);
            _errors = process.StandardError.ReadToEndAsync(Cancel);
            _watched = WatchAsync();
        }

        public int Lines => Volatile.Read(ref _lines);

        /// <summary>The most memory that was resident at once, as the kernel tells it.</summary>
        public int PeakMiB { get; private set; }

        public string Errors { get; private set; } = "";

        public TimeSpan ProcessorTime
        {
            get
            {
                _process.Refresh();
                return _process.TotalProcessorTime;
            }
        }

        public static MeasuredJob Start(string folder, params string[] args)
        {
            // A script may run these tests in the background, where Ctrl-C is ignored by all that is started there.
            var start = new ProcessStartInfo("env", ["--default-signal=INT", "dotnet", Path.Combine(AppContext.BaseDirectory, "Media.Jobs.dll"), .. args, "--out", folder]) { RedirectStandardOutput = true, RedirectStandardError = true };
            start.Environment["Warehouse__MaxMemoryMiB"] = $"{LeastLimitMiB}";
            // A busy machine prints slowly, and the engine waits for it.
            start.Environment["Warehouse__QueryTimeout"] = "00:10:00";
            return new MeasuredJob(Process.Start(start)!);
        }

        public void Interrupt() => Assert.Equal(0, Run("kill", "-INT", $"{_process.Id}"));

        public async Task UntilAsync(Func<bool> condition)
        {
            for (var waited = Stopwatch.StartNew(); !condition(); await Task.Delay(20, Cancel))
            {
                Assert.False(_process.HasExited, "It ended early.");
                Assert.True(waited.Elapsed < Longest, "It has not come so far in time.");
            }
        }

        public async Task<(int Exit, int Lines)> EndAsync()
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
            limit.CancelAfter(Longest);
            await _process.WaitForExitAsync(limit.Token);
            await Task.WhenAll(_counted, _watched);
            Errors = await _errors;
            return (_process.ExitCode, _lines);
        }

        public void Dispose()
        {
            if (!_process.HasExited) _process.Kill();
            _process.Dispose();
        }

        private async Task WatchAsync()
        {
            while (!_process.HasExited)
            {
                try
                {
                    foreach (var line in await File.ReadAllLinesAsync($"/proc/{_process.Id}/status", Cancel))
                        if (line.StartsWith("VmHWM:", StringComparison.Ordinal)) PeakMiB = int.Parse(Regex.Match(line, @"\d+").Value, CultureInfo.InvariantCulture) / 1024;
                }
                catch (IOException)
                {
                    // It has just ended.
                    return;
                }
                await Task.Delay(10, Cancel);
            }
        }
    }
}
