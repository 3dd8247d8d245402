using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;

namespace Media.Kernel.Scripting;

/// <summary>What went wrong in a cell, told with the cell's number, line and text.</summary>
internal static partial class CellErrors
{
    /// <summary>The name of an error that is not an exception.</summary>
    public const string Compilation = "CompilationError";

    private const string MissingLibrary = "CS0006";
    private const int MostErrors = 10;

    /// <summary>The name by which the compiler knows a cell, and by which it is found again in a stack trace.</summary>
    public static string FileName(int number) => $"cell[{number}]";

    public static CellError OfCompilation(IEnumerable<Diagnostic> diagnostics, string code, int number, string baseFolder)
    {
        var errors = diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).ToList();
        // Where a library is missing, all that it should have brought is missing too: the one error tells the cause.
        if (errors.Where(e => e.Id == MissingLibrary).ToList() is { Count: > 0 } missing) errors = missing;
        var (messages, traceback, firstLine) = (new List<string>(), new List<string>(), (int?)null);
        foreach (var error in errors.Take(MostErrors))
        {
            var span = error.Location.GetLineSpan();
            var (line, column) = (span.StartLinePosition.Line + 1, span.StartLinePosition.Character + 1);
            var inCell = error.Location.IsInSource && span.Path.EndsWith(FileName(number), StringComparison.Ordinal);
            var where = !error.Location.IsInSource ? "" : inCell ? $"line {line}, column {column}: " : $"{Path.GetRelativePath(baseFolder, span.Path)}, line {line}: ";
            var text = inCell ? code.ReplaceLineEndings("\n").Split('\n').ElementAtOrDefault(line - 1) ?? "" : "";
            var message = $"{where}{error.Id}: {error.GetMessage(System.Globalization.CultureInfo.InvariantCulture)}{Advice(error, text)}";
            messages.Add(message);
            traceback.Add(message);
            if (!inCell) continue;
            firstLine ??= line;
            traceback.AddRange(Excerpt(code, line, column));
        }
        if (errors.Count > MostErrors) messages.Add($"… and {errors.Count - MostErrors} more errors");
        return new CellError(Compilation, string.Join('\n', messages), traceback, firstLine);
    }

    public static CellError OfException(Exception exception, string code, int number)
    {
        // What reflection and tasks wrap around it says nothing.
        while (exception is System.Reflection.TargetInvocationException or AggregateException { InnerExceptions.Count: 1 } && exception.InnerException is { } inner) exception = inner;
        var trace = Readable(exception.ToString());
        int? line = null;
        foreach (var shown in trace)
        {
            if (CellLine().Match(shown) is not { Success: true } at || at.Groups["cell"].Value != $"{number}") continue;
            line = int.Parse(at.Groups["line"].ValueSpan, System.Globalization.CultureInfo.InvariantCulture);
            break;
        }
        return new CellError(exception.GetType().FullName ?? exception.GetType().Name, exception.Message, line is { } known ? [.. trace, .. Excerpt(code, known, null)] : trace, line);
    }

    /// <summary>Without the frames of the compiler and of this kernel, and with "cell 3, line 2" for what the compiler calls a submission.</summary>
    private static List<string> Readable(string trace) => [.. trace.ReplaceLineEndings("\n").Split('\n')
        .Where(line => !Machinery().IsMatch(line))
        .Select(line => MethodInCell().Replace(TopLevel().Replace(line, "   at cell ${cell}, line ${line}"), "   at ${method} in cell ${cell}, line ${line}"))];

    private static IEnumerable<string> Excerpt(string code, int line, int? column)
    {
        var lines = code.ReplaceLineEndings("\n").Split('\n');
        if (line > lines.Length) yield break;
        var prefix = $"  {line} | ";
        yield return prefix + lines[line - 1];
        if (column is { } c) yield return new string(' ', prefix.Length + c - 1) + "^";
    }

    /// <param name="line">the text of the error's line in the cell</param>
    private static string Advice(Diagnostic error, string line) => error.Id switch
    {
        "CS1002" when line.TrimStart().StartsWith("using var ", StringComparison.Ordinal) => ". C# scripting has no 'using var' at the top level of a cell: write a using block, or dispose in a later cell.",
        MissingLibrary when error.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains("nuget:", StringComparison.OrdinalIgnoreCase) => ". Write it in a cell, on a line of its own, as: #r \"nuget: Name, 1.2.3\".",
        MissingLibrary => ". Is it built? Run 'dotnet build' at the repository's root, then this cell again.",
        _ => "",
    };

    [GeneratedRegex(@"^\s*at (Microsoft\.CodeAnalysis\.Scripting\.|System\.Runtime\.ControlledExecution|Media\.Kernel\.Scripting\.|System\.Runtime\.CompilerServices\.(TaskAwaiter|AsyncMethodBuilderCore|ValueTaskAwaiter)|System\.Runtime\.ExceptionServices\.ExceptionDispatchInfo|System\.Threading\.Tasks\.Task\.(ExecuteWithThreadLocal|InnerInvoke)|System\.Threading\.ExecutionContext)|^--- End of stack trace")]
    private static partial Regex Machinery();

    [GeneratedRegex(@"^\s*at Submission#\d+\.<<Initialize>>d__\d+\.MoveNext\(\) in .*cell\[(?<cell>\d+)\]:line (?<line>\d+)$")]
    private static partial Regex TopLevel();

    [GeneratedRegex(@"^\s*at (Submission#\d+\.)?(?<method>.*) in .*cell\[(?<cell>\d+)\]:line (?<line>\d+)$")]
    private static partial Regex MethodInCell();

    [GeneratedRegex(@"cell (?<cell>\d+), line (?<line>\d+)$")]
    private static partial Regex CellLine();
}
