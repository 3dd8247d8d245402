using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Media.Kernel.Notebooks;
using Media.Kernel.Protocol;
using Media.Tests.Lake;
using Media.Tests.Notebooks;

namespace Media.Tests.Jupyter;

/// <summary>Real Jupyter on the installed kernel: Debian's nbconvert and the Jupyter project's own test of kernels.</summary>
public sealed partial class DebianJupyterTests : IDisposable
{
    /// <summary>Debian's own Python, the one that has Debian's packages.</summary>
    private const string Python = "/usr/bin/python3";

    private readonly TemporaryFolder _folder = new();

    private Dictionary<string, string> Environment => new() { ["JUPYTER_DATA_DIR"] = _folder.Path, ["JUPYTER_CONFIG_DIR"] = _folder.Path, ["JUPYTER_RUNTIME_DIR"] = _folder.Path, ["HOME"] = _folder.Path };

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task KernelTestOfJupyter_Passes()
    {
        await InstallOrSkip("jupyter_kernel_test", "python3-jupyter-kernel-test");

        var test = await ProcessRun.OfAsync(Python, [Path.Combine(AppContext.BaseDirectory, "Jupyter", "kernel_test.py")], Environment, AppContext.BaseDirectory);

        TestContext.Current.TestOutputHelper?.WriteLine(test.Errors);
        Assert.True(test.Exit == 0, test.Errors);
        Assert.True(int.Parse(Ran().Match(test.Errors).Groups[1].ValueSpan, System.Globalization.CultureInfo.InvariantCulture) >= 12, test.Errors);
    }

    [Fact]
    public async Task Nbconvert_ExecutesANotebookThatLoadsTheLibrary()
    {
        await InstallOrSkip("nbconvert", "jupyter-nbconvert");

        var convert = await Nbconvert(Path.Combine(RepositoryFolder.Path, "tests", "Kernel.Tests", "Fixtures", "small.ipynb"));

        Assert.True(convert.Exit == 0, convert.Errors);
        Assert.Equal("68 events of 3 readers\n", TestNotebook.Shown(Path.Combine(_folder.Path, "small.ipynb"), 1).Split("\n\n")[0]);
        Assert.Contains(NotebookFile.Read(Path.Combine(_folder.Path, "small.ipynb")).CodeCells.SelectMany(c => c.Outputs), o => o!["data"]?["application/vnd.plotly.v1+json"] is JsonObject);
    }

    /// <summary>A long run: the default one executes each notebook already, headless.</summary>
    [Theory(Explicit = true), Trait("Category", "Long"), MemberData(nameof(EveryNotebookTests.Notebooks), MemberType = typeof(EveryNotebookTests))]
    public async Task Nbconvert_ExecutesEveryNotebook(string name)
    {
        await InstallOrSkip("nbconvert", "jupyter-nbconvert");

        var convert = await Nbconvert(Path.Combine(RepositoryFolder.Path, "notebooks", name));

        Assert.True(convert.Exit == 0, convert.Errors);
    }

    private Task<ProcessRun> Nbconvert(string notebook) =>
        ProcessRun.OfAsync(Python, ["-m", "nbconvert", "--to", "notebook", "--execute", "--ExecutePreprocessor.timeout=300", "--ExecutePreprocessor.startup_timeout=120", "--output-dir", _folder.Path, notebook], Environment, AppContext.BaseDirectory);

    private async Task InstallOrSkip(string module, string package)
    {
        var found = File.Exists(Python) && (await ProcessRun.OfAsync(Python, ["-c", $"import {module}, jupyter_client"], Environment, AppContext.BaseDirectory)).Exit == 0;
        if (!found) Assert.Skip($"{Python} has no {module}: apt-get install jupyter-client {package}.");
        KernelSpec.Install(_folder.Path, KernelSpec.Name, force: false);
    }

    [GeneratedRegex(@"Ran (\d+) tests")]
    private static partial Regex Ran();
}
