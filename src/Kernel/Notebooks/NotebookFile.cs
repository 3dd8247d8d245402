using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Media.Kernel.Notebooks;

// Notebooks without a front end:
//   NotebookFile.cs and NotebookCell.cs: the file (step 1) → ParameterCell.cs: values from the command line (step 2) → RunNotebook.cs: one process per notebook, CellWorker.cs
//     inside it, WorkerMessage.cs between them (step 3) → HtmlPage.cs with CodeColours.cs: a page to read (step 4).
//   StripNotebook.cs and CheckNotebook.cs keep outputs and a person's own paths out of git.

/// <summary>A notebook: an .ipynb file of format 4, all of it kept, also what is not looked at here.</summary>
/// <seealso href="https://nbformat.readthedocs.io/en/latest/format_description.html">The notebook file format</seealso>
internal sealed class NotebookFile
{
    private const int Format = 4;

    /// <summary>As Jupyter writes it, so that a notebook that went through here shows no other change.</summary>
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true, IndentSize = 1, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private NotebookFile(string path, JsonObject json) => (Path, Json) = (path, json);

    public string Path { get; }
    public string Name => System.IO.Path.GetFileName(Path);
    public string Folder => System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(Path))!;
    public JsonObject Json { get; }
    public IEnumerable<NotebookCell> Cells => Array.Select(cell => new NotebookCell(cell!.AsObject()));
    public IEnumerable<NotebookCell> CodeCells => Cells.Where(cell => cell.IsCode);

    private JsonArray Array => Json["cells"]!.AsArray();

    /// <exception cref="KernelException">It cannot be read, is no notebook, or is of another format.</exception>
    public static NotebookFile Read(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new KernelException($"'{path}' cannot be read: {fault.Message}", fault);
        }
        return Parse(path, text);
    }

    public static NotebookFile Parse(string path, string text)
    {
        JsonNode? json;
        try
        {
            json = JsonNode.Parse(text);
        }
        catch (JsonException fault)
        {
            throw new KernelException($"'{path}' is no notebook: it is not JSON from line {fault.LineNumber + 1} on. A merge may have broken it; restore it from git.", fault);
        }
        if (json is not JsonObject notebook) throw new KernelException($"'{path}' is no notebook: it holds no JSON object.");
        if (notebook["nbformat"] is not JsonValue format || !format.TryGetValue(out int version)) throw new KernelException($"'{path}' is no notebook: it has no nbformat.");
        if (version != Format) throw new KernelException($"'{path}' has nbformat {version}; expected {Format}. Convert it: jupyter nbconvert --to notebook --nbformat {Format} --inplace {path}");
        if (notebook["cells"] is not JsonArray cells) throw new KernelException($"'{path}' is no notebook: it has no list of cells.");
        for (var i = 0; i < cells.Count; i++)
            if (!NotebookCell.IsOne(cells[i])) throw new KernelException($"'{path}' is no notebook: cell {i + 1} of {cells.Count} has no cell_type or no source.");
        return new NotebookFile(path, notebook);
    }

    /// <summary>Puts a cell behind another; null: at the beginning.</summary>
    public void Insert(NotebookCell cell, NotebookCell? behind) => Array.Insert(behind is null ? 0 : Array.IndexOf(behind.Json) + 1, cell.Json);

    public void Remove(NotebookCell cell) => Array.Remove(cell.Json);

    public string ToText() => Json.ToJsonString(Layout) + "\n";

    /// <summary>Written beside and renamed, so that a file by this name is always whole.</summary>
    public void Save(string path)
    {
        var partial = path + ".partial";
        File.WriteAllText(partial, ToText());
        File.Move(partial, path, overwrite: true);
    }
}
