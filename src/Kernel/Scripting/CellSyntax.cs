using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Media.Kernel.Scripting;

internal enum Completeness
{
    Complete,
    Incomplete,
    Invalid,
}

/// <summary>What can be said of a cell without compiling it.</summary>
internal static class CellSyntax
{
    public static readonly CSharpParseOptions Options = new(LanguageVersion.Preview, DocumentationMode.Parse, SourceCodeKind.Script);

    public static Completeness Of(string code)
    {
        var tree = SyntaxFactory.ParseSyntaxTree(code, Options);
        return !SyntaxFactory.IsCompleteSubmission(tree) ? Completeness.Incomplete
            : tree.GetDiagnostics().Any(d => d.Severity == DiagnosticSeverity.Error) ? Completeness.Invalid
            : Completeness.Complete;
    }

    /// <summary>Whether it ends with an expression without a semicolon, whose value is to be shown.</summary>
    public static bool EndsWithExpression(SyntaxTree tree) =>
        tree.GetRoot().ChildNodes().LastOrDefault() is GlobalStatementSyntax { Statement: ExpressionStatementSyntax { SemicolonToken.IsMissing: true } };
}
