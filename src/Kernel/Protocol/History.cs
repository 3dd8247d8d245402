using System.IO.Enumeration;
using System.Text.Json.Nodes;

namespace Media.Kernel.Protocol;

/// <summary>What was run in this session, and what it gave; gone with it. Not thread-safe.</summary>
internal sealed class History
{
    private sealed record Entry(int Line, string Input, string? Output);

    private readonly List<Entry> _entries = [];

    public void Add(int line, string input, string? output) => _entries.Add(new Entry(line, input, output));

    /// <summary>Answers history_request: tail, range (of this session; there is no other) or search.</summary>
    public JsonArray Answer(JupyterMessage request)
    {
        var found = request.Text("hist_access_type") switch
        {
            "range" => _entries.Where(e => e.Line >= request.Number("start", 0) && e.Line < request.Number("stop", int.MaxValue)),
            "search" => Search(request.Text("pattern") is { Length: > 0 } pattern ? pattern : "*", request.Flag("unique", false)).TakeLast(request.Number("n", int.MaxValue)),
            _ => _entries.TakeLast(request.Number("n", int.MaxValue)),
        };
        var withOutput = request.Flag("output", false);
        return [.. found.Select(e => (JsonNode)new JsonArray(0, e.Line, withOutput ? new JsonArray(e.Input, e.Output) : e.Input))];
    }

    private IEnumerable<Entry> Search(string pattern, bool unique)
    {
        var found = _entries.Where(e => FileSystemName.MatchesSimpleExpression(pattern, e.Input, ignoreCase: false));
        return unique ? found.GroupBy(e => e.Input).Select(same => same.Last()).OrderBy(e => e.Line) : found;
    }
}
