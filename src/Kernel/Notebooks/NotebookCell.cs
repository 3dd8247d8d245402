using System.Text.Json.Nodes;

namespace Media.Kernel.Notebooks;

/// <summary>One cell of a notebook; changes go to the notebook that it is of.</summary>
internal sealed record NotebookCell(JsonObject Json)
{
    private const string TagsKey = "tags";

    public bool IsCode => (string?)Json["cell_type"] == "code";
    public bool IsMarkdown => (string?)Json["cell_type"] == "markdown";

    public string Source => Text(Json["source"]);

    public IReadOnlyList<string> Tags => Json["metadata"]?[TagsKey] is JsonArray tags ? [.. tags.Select(t => t?.ToString() ?? "")] : [];

    public JsonArray Outputs
    {
        get => Json["outputs"] as JsonArray ?? [];
        set => Json["outputs"] = value;
    }

    public int? ExecutionCount
    {
        get => Json["execution_count"] is JsonValue value && value.TryGetValue(out int count) ? count : null;
        set => Json["execution_count"] = value;
    }

    public static NotebookCell Code(string source, string tag) => new(new JsonObject
    {
        ["cell_type"] = "code",
        ["execution_count"] = null,
        ["id"] = Guid.NewGuid().ToString("N")[..8],
        ["metadata"] = new JsonObject { [TagsKey] = new JsonArray(tag) },
        ["outputs"] = new JsonArray(),
        ["source"] = Lines(source),
    });

    public static bool IsOne(JsonNode? node) => node is JsonObject cell && cell["cell_type"] is JsonValue && cell["source"] is JsonValue or JsonArray;

    /// <summary>A text of the format: a string, or its lines.</summary>
    public static string Text(JsonNode? text) => text is JsonArray lines ? string.Concat(lines.Select(l => l?.ToString())) : text?.ToString() ?? "";

    private static JsonArray Lines(string text)
    {
        var lines = text.Split('\n');
        return [.. lines.Select((line, i) => (JsonNode)(i < lines.Length - 1 ? line + "\n" : line))];
    }
}
