using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Media.Kernel.Protocol;

/// <summary>The file by which Jupyter and VS Code find the kernel and start it.</summary>
/// <seealso href="https://jupyter-client.readthedocs.io/en/stable/kernels.html#kernel-specs">Kernel specs</seealso>
internal static class KernelSpec
{
    /// <summary>The name that C# notebooks bear in their metadata, .NET Interactive's too.</summary>
    public const string Name = ".net-csharp";
    public const string DisplayName = ".NET (C#)";
    public const string Language = "C#";

    private const string ProductKey = "product";
    private const string Product = "media-kernel";

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes it; our own from before is replaced.</summary>
    /// <param name="dataFolder">Jupyter's, in which "kernels" lies</param>
    /// <param name="force">replace another product's too</param>
    /// <returns>The file.</returns>
    /// <exception cref="KernelException">Another product has a kernel by this name.</exception>
    public static string Install(string dataFolder, string name, bool force)
    {
        var file = Path.Combine(dataFolder, "kernels", name, "kernel.json");
        if (!force && Owner(file) is { } owner)
            throw new KernelException($"'{file}' is the kernel of another product ({owner}). Nothing was changed: install under another name with --name NAME, or replace it with --force.");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        var spec = new JsonObject
        {
            ["argv"] = new JsonArray(DotnetHost.Path, DotnetHost.KernelAssembly, "kernel", "{connection_file}"),
            ["display_name"] = name == Name ? DisplayName : $"{DisplayName}, {name}",
            ["language"] = Language,
            ["interrupt_mode"] = "message",
            ["metadata"] = new JsonObject { [ProductKey] = Product },
        };
        File.WriteAllText(file, spec.ToJsonString(Json) + "\n");
        return file;
    }

    /// <summary>Where Jupyter looks first: JUPYTER_DATA_DIR, or the user's own folder.</summary>
    /// <seealso href="https://docs.jupyter.org/en/latest/use/jupyter-directories.html#data-files">Jupyter's data files</seealso>
    public static string DefaultDataFolder()
    {
        if (Environment.GetEnvironmentVariable("JUPYTER_DATA_DIR") is { Length: > 0 } set) return set;
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return OperatingSystem.IsWindows() ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "jupyter")
            : OperatingSystem.IsMacOS() ? Path.Combine(home, "Library", "Jupyter")
            : Path.Combine(Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } data ? data : Path.Combine(home, ".local", "share"), "jupyter");
    }

    /// <summary>Whose kernel the file is, in a word or two; null when there is none or it is ours.</summary>
    private static string? Owner(string file)
    {
        if (!File.Exists(file)) return null;
        try
        {
            var spec = JsonNode.Parse(File.ReadAllText(file));
            if ((string?)spec?["metadata"]?[ProductKey] == Product) return null;
            return string.Join(' ', spec?["argv"]?.AsArray().Take(3).Select(a => a?.ToString()) ?? ["unknown"]);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException)
        {
            return "unreadable";
        }
    }
}
