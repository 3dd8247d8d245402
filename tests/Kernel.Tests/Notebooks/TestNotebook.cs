using System.Text.Json.Nodes;
using Media.Kernel.Notebooks;

namespace Media.Tests.Notebooks;

/// <summary>Notebooks written by tests.</summary>
internal static class TestNotebook
{
    public static string Write(string folder, string name, params string[] code) => Write(folder, name, 4, [.. code.Select(c => Cell("code", c))]);

    public static string Write(string folder, string name, int nbformat, params JsonObject[] cells)
    {
        var path = Path.Combine(folder, name);
        File.WriteAllText(path, new JsonObject
        {
            ["cells"] = new JsonArray([.. cells]),
            ["metadata"] = new JsonObject { ["kernelspec"] = new JsonObject { ["display_name"] = ".NET (C#)", ["language"] = "C#", ["name"] = ".net-csharp" } },
            ["nbformat"] = nbformat,
            ["nbformat_minor"] = 5,
        }.ToJsonString());
        return path;
    }

    public static JsonObject Cell(string type, string source, params string[] tags)
    {
        var cell = new JsonObject { ["cell_type"] = type, ["id"] = Guid.NewGuid().ToString("N")[..8], ["metadata"] = tags.Length == 0 ? new JsonObject() : new JsonObject { ["tags"] = new JsonArray([.. tags.Select(t => (JsonNode)t)]) }, ["source"] = source };
        if (type == "code") (cell["outputs"], cell["execution_count"]) = (new JsonArray(), null);
        return cell;
    }

    /// <summary>All that a code cell shows, as text: streams, plain forms, errors.</summary>
    public static string Shown(string path, int codeCell) => string.Join('\n', NotebookFile.Read(path).CodeCells.ElementAt(codeCell).Outputs.Select(o => NotebookCell.Text(o!["text"] ?? o["data"]?["text/plain"] ?? o["evalue"])));
}
