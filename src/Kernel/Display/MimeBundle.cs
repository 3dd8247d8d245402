using System.Text.Json;
using System.Text.Json.Nodes;

namespace Media.Kernel.Display;

// What a cell shows, from the value to the front end:
//   Notebook.cs: display(x), HTML(…), SVG(…), PNG(…), what a cell may call (step 1) → DisplayFormats.cs: which forms a value has (step 2), by
//   TableFormat.cs (rows and records), PlotlyFormat.cs (figures) and PlainText.cs → MimeBundle.cs: those forms, by MIME type (step 3)
//   → ICellOutputs.cs: who takes them (step 4), the protocol's publisher or the headless runner's pipe.
//   DisplayedValue.cs and ProgressBar.cs show the same place anew; LiveConsole.cs hands on what is written to Console while the cell runs.

/// <summary>One value in several forms, by MIME type; a front end shows the richest that it knows.</summary>
/// <remarks>Text as it is, pictures in base64, MIME types of JSON as JSON text. "text/plain" is always there. Immutable.</remarks>
internal sealed record MimeBundle(IReadOnlyDictionary<string, string> Forms)
{
    public const string Plain = "text/plain";
    public const string Html = "text/html";

    public static MimeBundle Of(string plain, params ReadOnlySpan<(string MimeType, string Content)> richer)
    {
        var forms = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (mimeType, content) in richer) forms[mimeType] = content;
        forms.TryAdd(Plain, plain);
        return new MimeBundle(forms);
    }

    /// <summary>As the protocol and the notebook format want it: JSON types as JSON, everything else as a string.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject();
        foreach (var (mimeType, content) in Forms) json[mimeType] = IsJson(mimeType) ? Parsed(content) : content;
        return json;
    }

    private static bool IsJson(string mimeType) => mimeType == "application/json" || mimeType.EndsWith("+json", StringComparison.Ordinal);

    /// <summary>What is not JSON is shown as the text that it is.</summary>
    private static JsonNode? Parsed(string content)
    {
        try
        {
            return JsonNode.Parse(content);
        }
        catch (JsonException)
        {
            return JsonValue.Create(content);
        }
    }
}
