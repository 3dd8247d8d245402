using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;

namespace Media.Kernel.Scripting;

/// <summary>A package that a cell asks for.</summary>
/// <param name="Version">null = the newest</param>
internal sealed record PackageReference(string Id, string? Version);

/// <summary>A cell's code without what is not C#: package references (<c>#r "nuget: …"</c>) and the magics of .NET Interactive (<c>#!csharp</c>, <c>#!time</c> …).</summary>
/// <param name="Code">has as many lines as the cell, so that line numbers are the cell's</param>
/// <param name="Notes">what was left out, a sentence each</param>
internal sealed partial record CellText(string Code, IReadOnlyList<PackageReference> Packages, IReadOnlyList<string> Notes)
{
    /// <summary>Magics that begin a part in another language.</summary>
    private static readonly HashSet<string> OtherLanguages = new(StringComparer.Ordinal) { "#!fsharp", "#!f#", "#!pwsh", "#!powershell", "#!javascript", "#!js", "#!html", "#!sql", "#!kql", "#!mermaid", "#!markdown", "#!value", "#!http", "#!python" };

    public static CellText Of(string cell)
    {
        var code = cell.ReplaceLineEndings("\n");
        var lines = code.Split('\n');
        var (packages, notes) = (new List<PackageReference>(), new List<string>());
        var (otherLanguage, start) = (false, 0);
        var kept = (string[])lines.Clone();
        for (var i = 0; i < lines.Length; i++)
        {
            var (line, at) = (lines[i].Trim(), start + lines[i].Length - lines[i].TrimStart().Length);
            start += lines[i].Length + 1;
            var isMagic = line.StartsWith("#!", StringComparison.Ordinal) && !IsInsideToken(code, at);
            if (isMagic)
            {
                var magic = line.Split(' ', 2)[0];
                otherLanguage = OtherLanguages.Contains(magic);
                if (otherLanguage) notes.Add($"{magic}: this kernel runs C# only; this part of the cell was left out.");
                else if (magic is not ("#!csharp" or "#!c#")) notes.Add($"{magic}: ignored, this kernel has no magics.");
                kept[i] = "";
            }
            else if (otherLanguage)
            {
                kept[i] = "";
            }
            else if (PackageLine().Match(line) is { Success: true } package && !IsInsideToken(code, at))
            {
                packages.Add(new PackageReference(package.Groups["id"].Value, package.Groups["version"] is { Success: true } version ? version.Value : null));
                kept[i] = "";
            }
            else if (line.StartsWith("#i ", StringComparison.Ordinal) && !IsInsideToken(code, at))
            {
                notes.Add("#i: ignored; package sources come from NuGet.config.");
                kept[i] = "";
            }
        }
        return new CellText(string.Join('\n', kept), packages, notes);
    }

    /// <summary>Whether this position lies within a token, a string of several lines, say, that only looks like a directive.</summary>
    private static bool IsInsideToken(string code, int position) => CSharpSyntaxTree.ParseText(code, CellSyntax.Options).GetRoot().FindToken(position).Span.Contains(position);

    [GeneratedRegex("""^#r\s+"nuget:\s*(?<id>[^,"\s]+)\s*(,\s*(?<version>[^"\s]+)\s*)?"\s*;?$""")]
    private static partial Regex PackageLine();
}
