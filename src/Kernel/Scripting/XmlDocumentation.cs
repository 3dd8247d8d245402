using System.Globalization;
using System.Net;
using System.Text;
using Microsoft.CodeAnalysis;

namespace Media.Kernel.Scripting;

/// <summary>An assembly's documentation, looked up in the compiler's XML files only when a name is inspected: some tens of milliseconds then, no memory otherwise.</summary>
/// <param name="files">the first that knows a name answers</param>
internal sealed class XmlDocumentation(IReadOnlyList<string> files) : DocumentationProvider
{
    private readonly IReadOnlyList<string> _files = files;

    public override bool Equals(object? obj) => obj is XmlDocumentation other && other._files.SequenceEqual(_files);

    public override int GetHashCode() => _files.Count == 0 ? 0 : _files[0].GetHashCode(StringComparison.Ordinal);

    protected override string? GetDocumentationForSymbol(string documentationMemberID, CultureInfo preferredCulture, CancellationToken cancellationToken) =>
        _files.Select(file => Member(file, documentationMemberID, cancellationToken)).FirstOrDefault(found => found is not null) ?? "";

    /// <summary>What stands between the member's tags, each of which the compiler writes on a line of its own.</summary>
    private static string? Member(string file, string id, CancellationToken cancel)
    {
        var begin = $"<member name=\"{WebUtility.HtmlEncode(id)}\">";
        StringBuilder? found = null;
        foreach (var line in File.ReadLines(file))
        {
            cancel.ThrowIfCancellationRequested();
            if (found is null)
            {
                var at = line.IndexOf(begin, StringComparison.Ordinal);
                if (at < 0) continue;
                found = new StringBuilder().AppendLine(line[(at + begin.Length)..]);
            }
            else
            {
                found.AppendLine(line);
            }
            if (line.Contains("</member>", StringComparison.Ordinal)) return found.ToString().Replace("</member>", "", StringComparison.Ordinal);
        }
        return null;
    }
}
