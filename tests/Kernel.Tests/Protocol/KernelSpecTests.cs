using System.Text.Json.Nodes;
using Media.Kernel;
using Media.Kernel.Protocol;
using Media.Tests.Lake;

namespace Media.Tests.Protocol;

public sealed class KernelSpecTests : IDisposable
{
    private readonly TemporaryFolder _data = new();

    public void Dispose() => _data.Dispose();

    [Fact]
    public async Task Install_WritesAnAbsoluteCommandAndTellsWhereToLook()
    {
        var install = await KernelProcess.RunAsync("install", "--jupyter-data", _data.Path);

        Assert.True(install.Exit == 0, install.Errors);
        Assert.Contains("VS Code:", install.Output, StringComparison.Ordinal);
        Assert.Contains("Jupyter:", install.Output, StringComparison.Ordinal);
        var spec = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(_data.Path, "kernels", ".net-csharp", "kernel.json"), TestContext.Current.CancellationToken))!;
        var command = spec["argv"]!.AsArray().Select(a => (string)a!).ToList();
        Assert.True(Path.IsPathFullyQualified(command[0]) && File.Exists(command[0]), command[0]);
        Assert.True(Path.IsPathFullyQualified(command[1]) && File.Exists(command[1]), command[1]);
        Assert.Equal(["kernel", "{connection_file}"], command[2..]);
        Assert.Equal("message", (string?)spec["interrupt_mode"]);
    }

    [Theory]
    [InlineData("""{ "argv": ["dotnet", "interactive", "jupyter", "{connection_file}"], "display_name": ".NET (C#)", "language": "C#" }""")]
    [InlineData("not JSON")]
    public void KernelOfAnotherProduct_IsReplacedOnlyByForce(string other)
    {
        var file = Path.Combine(_data.Path, "kernels", KernelSpec.Name, "kernel.json");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, other);

        var refused = Assert.Throws<KernelException>(() => KernelSpec.Install(_data.Path, KernelSpec.Name, force: false));
        Assert.Contains("--force", refused.Message, StringComparison.Ordinal);
        Assert.Equal(other, File.ReadAllText(file));

        KernelSpec.Install(_data.Path, KernelSpec.Name, force: true);
        Assert.Contains("media-kernel", File.ReadAllText(file), StringComparison.Ordinal);
        KernelSpec.Install(_data.Path, KernelSpec.Name, force: false); // our own is replaced without a word
    }

    [Theory]
    [InlineData("{", "is no connection file of Jupyter")]
    [InlineData("""{ "shell_port": 1, "control_port": 2, "stdin_port": 3, "iopub_port": 4, "hb_port": 5, "key": "k", "signature_scheme": "hmac-md5" }""", "hmac-md5")]
    public void WrongConnectionFile_IsOneSentence(string content, string told)
    {
        var file = Path.Combine(_data.Path, "connection.json");
        File.WriteAllText(file, content);
        Assert.Contains(told, Assert.Throws<KernelException>(() => ConnectionFile.Read(file)).Message, StringComparison.Ordinal);
    }
}
