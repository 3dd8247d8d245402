using System.Diagnostics;
using Media.Kernel.Display;
using Media.Kernel.Scripting;
using Media.Tests.Lake;

namespace Media.Tests.Scripting;

public sealed class CellSessionTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly RecordedOutputs _outputs = new();
    private readonly CellSession _session;
    private int _number;

    public CellSessionTests() => _session = new CellSession(_folder.Path) { Grace = Limit / 2 }; // a busy machine stops threads late

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Declarations_AreSeenByLaterCells()
    {
        Ok("record Reader(string Name, int Visits); int Twice(int n) => 2 * n;");
        Ok("using System.Globalization; var reader = new Reader(\"ada\", 3);");
        Assert.Equal("6", Ok("Twice(reader.Visits)"));
        Assert.Equal("Invariant Language (Invariant Country)", Ok("CultureInfo.InvariantCulture.EnglishName"));
        Assert.Equal("8", Ok("var reader = 8; reader")); // declared anew, of another type
    }

    [Fact]
    public void LastExpression_IsShownAndAStatementIsNot()
    {
        Assert.Equal("3", Ok("1 + 2"));
        Assert.Null(OkOrNull("var x = 1 + 2;"));
        Assert.Null(OkOrNull("(object)null"));
        Assert.Null(OkOrNull("// nothing"));
        Assert.Equal("7", Ok("await Task.FromResult(7)"));
    }

    [Fact]
    public void Exception_TellsTheCellsLineAndKeepsWhatWasDeclared()
    {
        Ok("int Fail(int n)\n{\n    return n > 0 ? Fail(n - 1) : throw new InvalidOperationException(\"deep\");\n}");
        var result = Run("var kept = 5;\n\nFail(2);");

        Assert.Equal(CellStatus.Failed, result.Status);
        Assert.Equal(("System.InvalidOperationException", "deep", 3), (result.Error!.Name, result.Error.Message, result.Error.Line));
        Assert.Contains("   at cell 2, line 3", result.Error.Traceback);
        Assert.Contains(result.Error.Traceback, l => l.Contains("Fail(Int32 n) in cell 1, line 3", StringComparison.Ordinal));
        Assert.Contains(result.Error.Traceback, l => l.EndsWith("3 | Fail(2);", StringComparison.Ordinal));
        Assert.DoesNotContain(result.Error.Traceback, l => l.Contains("Microsoft.CodeAnalysis", StringComparison.Ordinal));
        Assert.Equal("5", Ok("kept"));
    }

    [Fact]
    public void CellThatDoesNotCompile_LeavesNothingBehind()
    {
        Ok("var x = 1;");
        var result = Run("var x = \"other\";\nnowhere.Call();");
        Assert.Equal((CellStatus.Failed, 2), (result.Status, result.Error!.Line));
        Assert.Contains("CS0103", result.Error.Message, StringComparison.Ordinal);
        Assert.Equal("1", Ok("x"));
    }

    [Fact]
    public void UsingVar_IsToldToBeNoneOfScripting() =>
        Assert.Contains("write a using block", Run("using var text = new StringReader(\"x\");").Error!.Message, StringComparison.Ordinal);

    [Fact]
    public void OldMagics_AreIgnoredWithANote()
    {
        Assert.Equal("3", Ok("#!csharp\n#!time\nvar text = \"\"\"\n#!time\n\"\"\";\n1 + 2"));
        Assert.Contains("#!time: ignored", _outputs.Text("stderr"), StringComparison.Ordinal);
        Assert.Equal("6", Ok("text.Length")); // the line within the string is the string's
        Assert.Equal("4", Ok("#!fsharp\nlet x = 1\n#!csharp\n2 + 2"));
        Assert.Contains("this part of the cell was left out", _outputs.Text("stderr"), StringComparison.Ordinal);
    }

    [Fact]
    public void LoadedFile_SharesItsDeclarationsAndNamesItsErrors()
    {
        File.WriteAllText(Path.Combine(_folder.Path, "setup.csx"), "int Answer() => 42;");
        Assert.Equal("42", Ok("#load \"setup.csx\"\nAnswer()"));
        File.WriteAllText(Path.Combine(_folder.Path, "broken.csx"), "\nint Answer( => 42;");
        Assert.Contains("broken.csx, line 2", Run("#load \"broken.csx\"").Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PackageOfNuget_IsInstalledOnceAndSeenByLaterCells()
    {
        Ok("#r \"nuget: Sylvan.Data.Csv, 1.4.4\"");
        Assert.Contains("Installed Sylvan.Data.Csv 1.4.4", _outputs.Text("stdout"), StringComparison.Ordinal);
        Assert.Equal("b", Ok("using var csv = Sylvan.Data.Csv.CsvDataReader.Create(new StringReader(\"a\\nb\"));\ncsv.Read();\ncsv.GetString(0)".Replace("using var", "var", StringComparison.Ordinal)));
        var missing = Run("#r \"nuget: No.Such.Package.As.This, 1.0.0\"");
        Assert.Equal("PackageError", missing.Error!.Name);
        Assert.Contains("No.Such.Package.As.This", missing.Error.Message, StringComparison.Ordinal);
        Assert.Equal("2", Ok("1 + 1"));
    }

    [Fact]
    public void LibraryAndItsDependencies_LoadWithTheirNativeParts()
    {
        var library = Path.Combine(RepositoryFolder.Path, "src", "Shared", "bin", Configuration, "net10.0", "Media.Shared.dll");
        Ok($"#r \"{library}\"\nusing Media.Streaming;\nusing Plotly.NET;\nvar broker = EmbeddedBroker.Start();");
        Assert.StartsWith("127.0.0.1:", Ok("broker.BootstrapServers"), StringComparison.Ordinal);
        Ok("broker.Dispose();");
        var figure = Run("Plotly.NET.CSharp.Chart.Line<double, double, string>([0, 1], [0, 1])");
        Assert.Null(figure.Error);
        Assert.Contains("\"data\"", figure.Shown!.Forms["application/vnd.plotly.v1+json"], StringComparison.Ordinal);
        Assert.Contains("plotly", _outputs.Text("display"), StringComparison.Ordinal); // the script, ahead of the first figure
    }

    /// <summary>The way of each kind of code that waits or works in managed code.</summary>
    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("var n = 0L; foreach (var i in Enumerable.Range(0, int.MaxValue)) foreach (var j in Enumerable.Range(0, int.MaxValue)) n += j; n")]
    [InlineData("await Task.Delay(TimeSpan.FromHours(1));")]
    [InlineData("Thread.Sleep(TimeSpan.FromHours(1));")]
    [InlineData("await Task.Yield();\nwhile (true) { }")]
    [InlineData("async Task<int> Forever() { await Task.Delay(1); while (true) { } }\nForever().Result")]
    [InlineData("IEnumerable<int> Endless() { while (true) if (Environment.TickCount < 0 && Environment.TickCount > 0) yield return 1; }\nEndless()")]
    [InlineData("Parallel.For(0, 8, i => { while (true) { } });")]
    public async Task Interrupt_StopsTheCellAndKeepsTheState(string code)
    {
        Ok("var kept = 5;");
        var running = Task.Run(() => Run($"display(\"begun\");\n{code}"), TestContext.Current.CancellationToken);
        await Begun();
        var interrupted = Stopwatch.GetTimestamp();
        _session.Interrupt();
        var result = await running.WaitAsync(Limit, TestContext.Current.CancellationToken);
        TestContext.Current.TestOutputHelper?.WriteLine($"interrupted after {Stopwatch.GetElapsedTime(interrupted).TotalMilliseconds:0} ms: {code.ReplaceLineEndings(" ")}");

        Assert.Equal(CellStatus.Interrupted, result.Status);
        Assert.DoesNotContain("goes on", result.Error!.Message, StringComparison.Ordinal);
        Assert.Equal("5", Ok("kept"));
    }

    [Fact]
    public async Task CellThatTakesTheToken_EndsInGoodOrder()
    {
        Ok("var tidied = false;");
        var running = Task.Run(() => Run("try { display(\"begun\"); await Task.Delay(TimeSpan.FromHours(1), Cancel); } finally { tidied = true; }"), TestContext.Current.CancellationToken);
        await Begun();
        _session.Interrupt();
        Assert.Equal(CellStatus.Interrupted, (await running.WaitAsync(Limit, TestContext.Current.CancellationToken)).Status);
        Assert.Equal("true", Ok("tidied"));
    }

    [Fact]
    public void FiveHundredCells_NeedNoMoreMemoryEach()
    {
        var after = new Dictionary<int, long>();
        for (var i = 1; i <= 500; i++)
        {
            Ok($"var x{i} = {(i == 1 ? "0" : $"x{i - 1}")} + 1;\nEnumerable.Range(0, x{i}).Select(v => new {{ v, Twice = 2 * v }}).ToList()");
            if (i is 100 or 300 or 500) after[i] = GC.GetTotalMemory(forceFullCollection: true);
        }
        var (first, second) = (after[300] - after[100], after[500] - after[300]);
        TestContext.Current.TestOutputHelper?.WriteLine($"managed memory after 100, 300, 500 cells: {after[100] >> 10:N0}, {after[300] >> 10:N0}, {after[500] >> 10:N0} KiB; {second / 200.0 / 1024:0} KiB a cell");
        // A cell leaves its own code and values, as much as any other; references that pile up would make each cost more than the one before.
        Assert.True(second < 1.3 * first + (4 << 20), $"200 cells took {first >> 10} KiB, the next 200 {second >> 10} KiB.");
        Assert.True(second < 200 * 128 * 1024, $"{second >> 10} KiB for 200 cells.");
    }

    private static string Configuration => AppContext.BaseDirectory.Contains($"{Path.DirectorySeparatorChar}Release{Path.DirectorySeparatorChar}", StringComparison.Ordinal) ? "Release" : "Debug";

    private async Task Begun()
    {
        var begun = Stopwatch.GetTimestamp();
        while (!_outputs.Text("display").Contains("begun", StringComparison.Ordinal))
        {
            Assert.True(Stopwatch.GetElapsedTime(begun) < Limit, "The cell did not start.");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }
    }

    private CellResult Run(string code) => _session.Run(code, ++_number, _outputs);

    private string Ok(string code) => OkOrNull(code) ?? "";

    private string? OkOrNull(string code)
    {
        var result = Run(code);
        Assert.True(result.Status == CellStatus.Ok, string.Join('\n', result.Error?.Traceback ?? []));
        return result.Shown?.Forms[MimeBundle.Plain];
    }
}
