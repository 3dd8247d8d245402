using System.Text.Json.Nodes;

namespace Media.Kernel.Notebooks;

/// <summary>Takes out of a notebook what a run put in: outputs, counts, times, and what front ends note about themselves.</summary>
internal static class StripNotebook
{
    /// <summary>Of a cell: whether it is folded, when it ran, what a run with parameters or an editor wrote down.</summary>
    private static readonly string[] Volatile = ["execution", "papermill", "vscode", "ExecuteTime", "collapsed", "scrolled", "trusted"];

    /// <returns>Whether the file had anything of it, and was written anew.</returns>
    /// <exception cref="KernelException">It is no notebook.</exception>
    public static bool Strip(string path)
    {
        var notebook = NotebookFile.Read(path);
        var before = notebook.ToText();
        RemoveOutputs(notebook);
        foreach (var injected in notebook.Cells.Where(c => c.Tags.Contains(ParameterCell.InjectedTag)).ToList()) notebook.Remove(injected);
        foreach (var metadata in notebook.Cells.Select(c => c.Json["metadata"]).Append(notebook.Json["metadata"]).OfType<JsonObject>())
            foreach (var name in Volatile) metadata.Remove(name);
        (notebook.Json["metadata"] as JsonObject)?.Remove("widgets");
        if (notebook.ToText() == before) return false;
        notebook.Save(path);
        return true;
    }

    public static void RemoveOutputs(NotebookFile notebook)
    {
        foreach (var cell in notebook.CodeCells) (cell.Outputs, cell.ExecutionCount) = ([], null);
    }
}
