using System.Text.Json.Nodes;
using Media.Kernel.Notebooks;
using Media.Tests.Lake;

namespace Media.Tests.Notebooks;

public sealed class StripNotebookTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ExecutedNotebook_LosesWhatTheRunPutInAndNothingElse()
    {
        var clean = TestNotebook.Write(_folder.Path, "clean.ipynb", 4, TestNotebook.Cell("markdown", "# Prose"), TestNotebook.Cell("code", "var users = 1;", "parameters"), TestNotebook.Cell("code", "users"));
        NotebookFile.Read(clean).Save(clean); // laid out as Jupyter does
        var executed = NotebookFile.Read(clean);
        ParameterCell.Inject(executed, new Dictionary<string, string> { ["users"] = "2" });
        foreach (var cell in executed.CodeCells)
        {
            (cell.ExecutionCount, cell.Outputs) = (1, [new JsonObject { ["output_type"] = "stream", ["name"] = "stdout", ["text"] = "2" }]);
            cell.Json["metadata"]!["execution"] = new JsonObject { ["iopub.status.busy"] = "2026-01-01" };
        }
        var dirty = Path.Combine(_folder.Path, "dirty.ipynb");
        executed.Save(dirty);
        Assert.Contains(CheckNotebook.Faults(dirty), f => f.Contains("3 cells have outputs", StringComparison.Ordinal));

        Assert.True(StripNotebook.Strip(dirty));

        Assert.Equal(File.ReadAllText(clean), File.ReadAllText(dirty));
        Assert.False(StripNotebook.Strip(dirty));
        Assert.Empty(CheckNotebook.Faults(dirty));
    }

    [Theory]
    [InlineData("#r \"/srv/x/Media.Shared.dll\"", true)]
    [InlineData("var path = \"/home/ada/lake\";", true)]
    [InlineData("var path = @\"C:\\Users\\ada\\lake\";", true)]
    [InlineData("#load \"~/setup.csx\"", true)]
    [InlineData("#r \"../src/Shared/bin/Debug/net10.0/Media.Shared.dll\"", false)]
    [InlineData("await client.PostAsync(\"/predict/churn\", body);", false)]
    [InlineData("var lake = \"s3://media/lake\"; var url = \"http://127.0.0.1:5080/media/x\"; // a/b and/or c", false)]
    public void PathOfOneMachine_IsAFault(string code, bool isFault)
    {
        var notebook = TestNotebook.Write(_folder.Path, "paths.ipynb", code);

        Assert.Equal(isFault, CheckNotebook.Faults(notebook).Count > 0);
    }

    [Fact]
    public async Task WrongKernelAndBrokenFile_AreToldByTheCommand()
    {
        var other = NotebookFile.Read(TestNotebook.Write(_folder.Path, "python.ipynb", "1"));
        other.Json["metadata"]!["kernelspec"]!["name"] = "python3";
        other.Save(other.Path);
        await File.WriteAllTextAsync(Path.Combine(_folder.Path, "broken.ipynb"), "{", TestContext.Current.CancellationToken);
        TestNotebook.Write(_folder.Path, "good.ipynb", "1");

        var check = await KernelProcess.RunAsync("check", _folder.Path);

        Assert.Equal(1, check.Exit);
        Assert.Contains("Its kernel is 'python3', expected '.net-csharp'", check.Errors, StringComparison.Ordinal);
        Assert.Contains("broken.ipynb' is no notebook", check.Errors, StringComparison.Ordinal);
        Assert.Contains("1 of 3 notebooks are fit for git.", check.Output, StringComparison.Ordinal);
    }
}
