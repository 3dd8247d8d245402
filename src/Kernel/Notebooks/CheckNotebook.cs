using System.Text.RegularExpressions;
using Media.Kernel.Protocol;

namespace Media.Kernel.Notebooks;

/// <summary>Whether a notebook may go into git: no outputs, the right kernel, no path that is only one person's.</summary>
internal static partial class CheckNotebook
{
    /// <returns>A sentence for each fault; none when it may.</returns>
    public static IReadOnlyList<string> Faults(string path)
    {
        NotebookFile notebook;
        try
        {
            notebook = NotebookFile.Read(path);
        }
        catch (KernelException fault)
        {
            return [fault.Message];
        }
        var faults = new List<string>();
        var withOutputs = notebook.CodeCells.Count(c => c.Outputs.Count > 0);
        if (withOutputs > 0) faults.Add($"{withOutputs} cells have outputs: run 'strip'.");
        else if (notebook.CodeCells.Any(c => c.ExecutionCount is not null)) faults.Add("Cells have execution counts: run 'strip'.");
        if (notebook.Cells.Any(c => c.Tags.Contains(ParameterCell.InjectedTag))) faults.Add("A cell holds parameters of one run: run 'strip'.");
        var kernel = notebook.Json["metadata"]?["kernelspec"]?["name"]?.ToString();
        if (kernel != KernelSpec.Name) faults.Add($"Its kernel is '{kernel ?? "none"}', expected '{KernelSpec.Name}': choose {KernelSpec.DisplayName} and save.");
        var number = 0;
        foreach (var cell in notebook.Cells)
        {
            number++;
            foreach (Match found in AbsolutePath().Matches(cell.Source)) faults.Add($"Cell {number} of {notebook.Cells.Count()} names a path of one machine: {found.Value}");
            if (!cell.IsCode) continue;
            foreach (Match found in RootedReference().Matches(cell.Source)) faults.Add($"Cell {number} of {notebook.Cells.Count()} loads from a path of one machine: {found.Value}");
        }
        return faults;
    }

    /// <summary>Home folders and the usual roots of Unix, drives and shares of Windows; a route of an API (/predict/churn) is none.</summary>
    [GeneratedRegex(@"(?<![\w./:-])(/(home|Users|root|tmp|var|opt|mnt|media|srv|work|workspaces|usr|etc)/[^\s""'`)\]]+|[A-Za-z]:\\[^\s""'`]+|\\\\\w+\\[^\s""'`]+)|file:///[^\s""'`)]+")]
    private static partial Regex AbsolutePath();

    [GeneratedRegex(@"^\s*#(r|load)\s+""(/|[A-Za-z]:|~)[^""]*""", RegexOptions.Multiline)]
    private static partial Regex RootedReference();
}
