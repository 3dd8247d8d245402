using Media.Kernel.Notebooks;
using Media.Tests.Lake;

namespace Media.Tests.Notebooks;

/// <summary>Each notebook of the repository runs to its end against the library as it is built, and is fit for git; its page draws its figures.</summary>
public sealed class EveryNotebookTests : IDisposable
{
    /// <summary>What a notebook may take on a machine that does other things too: generous, since a slow one is not a wrong one.</summary>
    private const string LimitSeconds = "300";

    private readonly TemporaryFolder _copies = new();

    private static string Folder { get; } = Path.Combine(RepositoryFolder.Path, "notebooks");

    public static TheoryData<string> Notebooks => [.. Found().Select(f => Path.GetFileName(f))];

    public void Dispose() => _copies.Dispose();

    [Fact]
    public void ThereAreNotebooks() => Assert.NotEmpty(Found());

    [Theory, MemberData(nameof(Notebooks))]
    public async Task Notebook_RunsToItsEnd(string name)
    {
        var run = await KernelProcess.RunAsync("run", Path.Combine(Folder, name), "--to", _copies.Path, "--time-limit", LimitSeconds);

        Assert.True(run.Exit == 0, run.Errors);
        TestContext.Current.TestOutputHelper?.WriteLine(run.Output);
        var figures = NotebookFile.Read(Path.Combine(_copies.Path, name)).CodeCells.SelectMany(c => c.Outputs).Count(o => o!["data"]?["application/vnd.plotly.v1+json"] is not null);
        Assert.True(figures > 0, $"{name} shows no figure.");
        var page = await File.ReadAllTextAsync(Path.Combine(_copies.Path, Path.ChangeExtension(name, ".html")), TestContext.Current.CancellationToken);
        Assert.Equal(figures, page.Split("window.Plotly.newPlot(").Length - 1);
    }

    [Theory, MemberData(nameof(Notebooks))]
    public void Notebook_IsFitForGit(string name) => Assert.Empty(CheckNotebook.Faults(Path.Combine(Folder, name)));

    [Theory, MemberData(nameof(Notebooks))]
    public void Notebook_EndsWithWhatTheJobDoes(string name)
    {
        var last = NotebookFile.Read(Path.Combine(Folder, name)).Cells.Last();
        Assert.True(last.IsMarkdown, $"{name} ends with code.");
        Assert.Contains("dotnet run --project src/", last.Source, StringComparison.Ordinal);
    }

    private static IEnumerable<string> Found() => Directory.GetFiles(Folder, "*.ipynb").Order(StringComparer.Ordinal);
}
