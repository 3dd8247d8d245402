using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Completion;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Host.Mef;
using Microsoft.CodeAnalysis.QuickInfo;
using Microsoft.CodeAnalysis.Text;

namespace Media.Kernel.Scripting;

/// <param name="Text">what is put in</param>
/// <param name="Kind">"method", "property", "class" …, lower case</param>
internal readonly record struct CompletionItem(string Text, string Kind);

/// <param name="Start">first character that is replaced</param>
/// <param name="End">behind the last one that is replaced</param>
internal sealed record Completions(int Start, int End, IReadOnlyList<CompletionItem> Items);

/// <summary>Answers what may follow in a cell, and what a name in it means, with its documentation; knows the cells that ran.</summary>
/// <remarks>
/// Positions count UTF-16 units. Costs memory only once it is asked: a headless run never is. Asked by one thread at a time; <see cref="Add"/> may be called from another.
/// </remarks>
internal sealed class Completion(References references)
{
    private const int MostItems = 500;

    private readonly List<(string Code, ImmutableArray<MetadataReference> References)> _pending = [];
    private AdhocWorkspace? _workspace;
    private ProjectId? _lastCell;

    /// <summary>A cell that ran, with the references it brought.</summary>
    public void Add(string code, ImmutableArray<MetadataReference> added)
    {
        lock (_pending) _pending.Add((code, added));
    }

    public async Task<Completions> CompleteAsync(string code, int position, CancellationToken cancel)
    {
        var document = Document(code);
        var service = CompletionService.GetService(document)!;
        var list = await service.GetCompletionsAsync(document, position, cancellationToken: cancel);
        var typed = list.Span.Start <= position ? code[list.Span.Start..position] : "";
        var items = list.ItemsList.Where(i => i.FilterText.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
            .OrderBy(i => i.SortText, StringComparer.Ordinal)
            .Select(i => new CompletionItem(i.DisplayText, i.Tags.FirstOrDefault(t => t is not ("Public" or "Private" or "Protected" or "Internal"))?.ToLowerInvariant() ?? ""))
            .Where(i => i.Text.Length > 0)
            .DistinctBy(i => i.Text).Take(MostItems).ToList();
        return new Completions(list.Span.Start, Math.Max(position, list.Span.End), items);
    }

    /// <summary>Signature and documentation of the name at this position, or, between the parentheses of a call, of what is called; null where there is none.</summary>
    public async Task<string?> InspectAsync(string code, int position, CancellationToken cancel)
    {
        var document = Document(code);
        var service = QuickInfoService.GetService(document)!;
        foreach (var at in Positions(await document.GetSyntaxRootAsync(cancel), code, position))
        {
            var info = await service.GetQuickInfoAsync(document, at, cancel);
            if (info is { Sections.IsEmpty: false }) return string.Join("\n", info.Sections.Where(s => s.Kind != QuickInfoSectionKinds.Usage).Select(s => s.Text.ReplaceLineEndings("\n").Trim()).Where(s => s.Length > 0));
        }
        return null;
    }

    /// <summary>The name at the cursor, the name just before it, and what is called around it.</summary>
    private static IEnumerable<int> Positions(SyntaxNode? root, string code, int position)
    {
        if (root is null || code.Length == 0) yield break;
        foreach (var at in (int[])[position, position - 1])
            if (at >= 0 && at < code.Length && root.FindToken(at) is var token && token.Span.Contains(at) && (token.IsKind(SyntaxKind.IdentifierToken) || token.IsKeyword())) yield return at;
        var called = root.FindToken(Math.Clamp(position - 1, 0, code.Length - 1)).Parent?.AncestorsAndSelf().OfType<ArgumentListSyntax>().FirstOrDefault()?.Parent;
        if (called is InvocationExpressionSyntax invocation) yield return (invocation.Expression is MemberAccessExpressionSyntax member ? member.Name : invocation.Expression).SpanStart;
        if (called is ObjectCreationExpressionSyntax creation) yield return creation.Type.SpanStart;
    }

    private Document Document(string code)
    {
        _workspace ??= new AdhocWorkspace(MefHostServices.Create(MefHostServices.DefaultAssemblies));
        List<(string Code, ImmutableArray<MetadataReference> References)> cells;
        lock (_pending)
        {
            cells = [.. _pending];
            _pending.Clear();
        }
        foreach (var cell in cells)
        {
            var ran = AsProject(_workspace.CurrentSolution, cell.Code, cell.References);
            _workspace.TryApplyChanges(ran.Project.Solution);
            _lastCell = ran.Project.Id;
        }
        return AsProject(_workspace.CurrentSolution, code, []);
    }

    /// <summary>A cell as a project that continues the one before it.</summary>
    private Document AsProject(Solution solution, string code, ImmutableArray<MetadataReference> added)
    {
        var project = ProjectId.CreateNewId();
        var options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, usings: CellSession.Imports, allowUnsafe: true, metadataReferenceResolver: references);
        var document = DocumentId.CreateNewId(project);
        return solution
            .AddProject(ProjectInfo.Create(project, VersionStamp.Create(), "cell", project.Id.ToString("N"), LanguageNames.CSharp, compilationOptions: options, parseOptions: CellSyntax.Options,
                metadataReferences: added.Distinct(), projectReferences: _lastCell is null ? [] : [new ProjectReference(_lastCell)], isSubmission: true))
            .AddDocument(document, "cell.csx", SourceText.From(code)).GetDocument(document)!;
    }
}
