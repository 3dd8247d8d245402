using System.Net;
using System.Text;
using Media.Kernel.Scripting;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Media.Kernel.Notebooks;

/// <summary>C# as HTML, with a class for keywords (k), texts (s), numbers (n) and comments (c).</summary>
internal static class CodeColours
{
    public static string ToHtml(string code)
    {
        var html = new StringBuilder();
        foreach (var token in CSharpSyntaxTree.ParseText(code, CellSyntax.Options).GetRoot().DescendantTokens(descendIntoTrivia: false))
        {
            Trivia(token.LeadingTrivia);
            Part(token.ToString(), Class(token));
            Trivia(token.TrailingTrivia);
        }
        return html.ToString();

        void Trivia(SyntaxTriviaList list)
        {
            foreach (var trivia in list) Part(trivia.ToFullString(), trivia.IsDirective ? "k" : trivia.Kind().ToString().Contains("Comment", StringComparison.Ordinal) ? "c" : null);
        }

        void Part(string text, string? name)
        {
            if (text.Length == 0) return;
            if (name is not null) html.Append("<span class=\"").Append(name).Append("\">");
            html.Append(WebUtility.HtmlEncode(text));
            if (name is not null) html.Append("</span>");
        }
    }

    private static string? Class(SyntaxToken token) => token.Kind() switch
    {
        SyntaxKind.NumericLiteralToken => "n",
        SyntaxKind.StringLiteralToken or SyntaxKind.CharacterLiteralToken or SyntaxKind.SingleLineRawStringLiteralToken or SyntaxKind.MultiLineRawStringLiteralToken
            or SyntaxKind.InterpolatedStringStartToken or SyntaxKind.InterpolatedStringTextToken or SyntaxKind.InterpolatedStringEndToken or SyntaxKind.InterpolatedVerbatimStringStartToken
            or SyntaxKind.InterpolatedSingleLineRawStringStartToken or SyntaxKind.InterpolatedMultiLineRawStringStartToken or SyntaxKind.InterpolatedRawStringEndToken or SyntaxKind.Utf8StringLiteralToken => "s",
        var kind when SyntaxFacts.IsKeywordKind(kind) || token.IsContextualKeyword() || token.IsKind(SyntaxKind.IdentifierToken) && token.Text is "var" => "k",
        _ => null,
    };
}
