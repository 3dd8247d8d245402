using Media.Kernel.Notebooks;
using Media.Tests.Lake;

namespace Media.Tests.Notebooks;

/// <summary>The headless runner, as a person starts it.</summary>
public sealed class RunNotebookTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private string Copies => Path.Combine(_folder.Path, "out");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Cells_ShareTheirStateAndKeepTheirOutputs()
    {
        var notebook = TestNotebook.Write(_folder.Path, "state.ipynb", "var a = 40;", "Console.WriteLine(\"written\");\na + await Task.FromResult(2)", "display(HTML(\"<b>shown</b>\"));");
        var before = await File.ReadAllTextAsync(notebook, TestContext.Current.CancellationToken);

        var run = await KernelProcess.RunAsync("run", notebook, "--to", Copies);

        Assert.True(run.Exit == 0, run.Errors);
        Assert.Contains("3 cells in", run.Output, StringComparison.Ordinal);
        var copy = Path.Combine(Copies, "state.ipynb");
        Assert.Equal("written\n\n42", TestNotebook.Shown(copy, 1));
        var page = await File.ReadAllTextAsync(Path.Combine(Copies, "state.html"), TestContext.Current.CancellationToken);
        Assert.Contains("<b>shown</b>", page, StringComparison.Ordinal);
        Assert.Equal([1, 2, 3], NotebookFile.Read(copy).CodeCells.Select(c => c.ExecutionCount!.Value));
        Assert.Equal(before, await File.ReadAllTextAsync(notebook, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task DisplayThatIsUpdated_ShowsTheLastValueInItsPlace()
    {
        var notebook = TestNotebook.Write(_folder.Path, "update.ipynb", "var place = display(\"first\"); Console.Write(\"between\"); place.Update(\"last\");", "var bar = new ProgressBar(\"rows\", 100);\nfor (var i = 0; i <= 100; i++) bar.Report(i);");

        var run = await KernelProcess.RunAsync("run", notebook, "--to", Copies);

        Assert.True(run.Exit == 0, run.Errors);
        Assert.Equal("last\nbetween", TestNotebook.Shown(Path.Combine(Copies, "update.ipynb"), 0));
        Assert.Contains("100 of 100", TestNotebook.Shown(Path.Combine(Copies, "update.ipynb"), 1), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Parameters_StandInACellBehindTheDefaults()
    {
        var notebook = TestNotebook.Write(_folder.Path, "parameters.ipynb", 4,
            TestNotebook.Cell("code", "var users = 100; double l2 = 1; var brand = \"welt\"; var day = new DateOnly(2026, 1, 1); var fast = false;", ParameterCell.Tag),
            TestNotebook.Cell("code", "Console.Write($\"{users} {l2} {brand} {day:yyyy-MM-dd} {fast}\");"));

        var run = await KernelProcess.RunAsync("run", notebook, "--to", Copies, "-p", "users=7", "-p", "l2=0.5", "-p", "brand=5", "-p", "day=2026-02-03", "--parameter", "fast=true");

        Assert.True(run.Exit == 0, run.Errors);
        var copy = NotebookFile.Read(Path.Combine(Copies, "parameters.ipynb"));
        Assert.Equal([ParameterCell.InjectedTag], copy.CodeCells.ElementAt(1).Tags);
        Assert.Equal("7 0.5 5 2026-02-03 True", TestNotebook.Shown(copy.Path, 2));
    }

    [Theory]
    [InlineData("user=7", "has no parameter 'user'; it has users")]
    [InlineData("users=many", "of type number; 'many' is none")]
    public async Task WrongParameter_IsToldAndNothingRuns(string parameter, string told)
    {
        var notebook = TestNotebook.Write(_folder.Path, "parameters.ipynb", 4, TestNotebook.Cell("code", "var users = 100;", ParameterCell.Tag));

        var run = await KernelProcess.RunAsync("run", notebook, "--to", Copies, "-p", parameter);

        Assert.Equal(1, run.Exit);
        Assert.Contains(told, run.Errors, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Copies));
    }

    [Fact]
    public async Task BadNotebooks_AreToldOneByOneAndTheGoodOnesRun()
    {
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "1-broken.ipynb"), "{\"cells\": [\n<<<<<<< HEAD\n", TestContext.Current.CancellationToken);
        TestNotebook.Write(_folder.Path, "2-old.ipynb", 3);
        TestNotebook.Write(_folder.Path, "3-syntax.ipynb", "var fine = 1;", "// two\nvar x = ;");
        TestNotebook.Write(_folder.Path, "4-library.ipynb", "#r \"../nowhere/Media.Shared.dll\"\nusing Media.Events;");
        TestNotebook.Write(_folder.Path, "5-throws.ipynb", "var zero = 0;", "var one = 1;\none / zero");
        TestNotebook.Write(_folder.Path, "6-exits.ipynb", "Console.WriteLine(\"last words\"); Environment.Exit(3);", "1");
        TestNotebook.Write(_folder.Path, "7-overflows.ipynb", "int Deeper(int n) => Deeper(n + 1) + 1;\nDeeper(0)");
        TestNotebook.Write(_folder.Path, "8-good.ipynb", "6 * 7");

        var run = await KernelProcess.RunAsync("run", _folder.Path, "--to", Copies);

        Assert.Equal(1, run.Exit);
        Assert.Contains("1-broken.ipynb' is no notebook: it is not JSON from line 2 on", run.Errors, StringComparison.Ordinal);
        Assert.Contains("2-old.ipynb' has nbformat 3; expected 4", run.Errors, StringComparison.Ordinal);
        Assert.Contains("3-syntax.ipynb: cell [2] does not compile: line 2, column 9: CS1525", run.Errors, StringComparison.Ordinal);
        Assert.Contains("4-library.ipynb: cell [1] does not compile", run.Errors, StringComparison.Ordinal);
        Assert.Contains("Run 'dotnet build'", run.Errors, StringComparison.Ordinal);
        Assert.DoesNotContain("CS0234", run.Errors, StringComparison.Ordinal); // what follows from the missing library
        Assert.Contains("5-throws.ipynb: cell [2] failed in line 2: System.DivideByZeroException", run.Errors, StringComparison.Ordinal);
        Assert.Contains("6-exits.ipynb: cell [1] ended the process (exit code 3)", run.Errors, StringComparison.Ordinal);
        Assert.Contains("7-overflows.ipynb: cell [1] ended the process", run.Errors, StringComparison.Ordinal);
        Assert.Contains("Stack overflow", run.Errors, StringComparison.Ordinal);
        Assert.Contains("1 of 8 notebooks ran to their end.", run.Output, StringComparison.Ordinal);
        Assert.Contains("last words", TestNotebook.Shown(Path.Combine(Copies, "6-exits.ipynb"), 0), StringComparison.Ordinal);
        Assert.Equal("42", TestNotebook.Shown(Path.Combine(Copies, "8-good.ipynb"), 0));
    }

    [Fact]
    public async Task CellThatNeverEnds_IsStoppedAtTheLimit()
    {
        var notebook = TestNotebook.Write(_folder.Path, "endless.ipynb", "Console.WriteLine(\"begun\");", "while (true) { }", "1");

        var run = await KernelProcess.RunAsync("run", notebook, "--to", Copies, "--time-limit", "15");

        Assert.Equal(1, run.Exit);
        Assert.Contains("cell [2] had not ended when the time limit of 15 s was over", run.Errors, StringComparison.Ordinal);
        Assert.Equal("begun\n", TestNotebook.Shown(Path.Combine(Copies, "endless.ipynb"), 0));
    }

    [Fact]
    public async Task ThreadOfACellThatFails_IsToldAndTheNotebookGoesOn()
    {
        var notebook = TestNotebook.Write(_folder.Path, "thread.ipynb", "var thread = new Thread(() => throw new InvalidOperationException(\"lost\"));\nthread.Start();\nthread.Join();", "1 + 1");

        var run = await KernelProcess.RunAsync("run", notebook, "--to", Copies);

        Assert.True(run.Exit == 0, run.Errors);
        Assert.Contains("A thread that a cell started has failed: System.InvalidOperationException: lost", TestNotebook.Shown(Path.Combine(Copies, "thread.ipynb"), 0), StringComparison.Ordinal);
        Assert.Equal("2", TestNotebook.Shown(Path.Combine(Copies, "thread.ipynb"), 1));
    }

    [Fact]
    public async Task CopyThatWouldReplaceTheNotebook_IsRefused()
    {
        var notebook = TestNotebook.Write(_folder.Path, "self.ipynb", "1");
        var before = await File.ReadAllTextAsync(notebook, TestContext.Current.CancellationToken);

        var run = await KernelProcess.RunAsync("run", notebook, "--to", _folder.Path);

        Assert.Equal(1, run.Exit);
        Assert.Contains("would be written over", run.Errors, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllTextAsync(notebook, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("run")]
    [InlineData("run", "x.ipynb", "--time-limit", "0")]
    [InlineData("run", "x.ipynb", "-p", "=1")]
    [InlineData("walk")]
    public async Task WrongCommandLine_IsExitCode2(params string[] args)
    {
        var run = await KernelProcess.RunAsync(args);

        Assert.Equal(2, run.Exit);
        Assert.StartsWith("error: ", run.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task NotebookThatIsNotThere_IsOneLine()
    {
        var run = await KernelProcess.RunAsync("run", Path.Combine(_folder.Path, "nowhere.ipynb"));

        Assert.Equal(1, run.Exit);
        Assert.Single(run.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.Contains("cannot be read", run.Errors, StringComparison.Ordinal);
    }
}
