using System.Globalization;
using Media.Kernel.Scripting;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Media.Kernel.Notebooks;

/// <summary>Values from the command line, put into a cell of their own behind the one tagged "parameters", as papermill does.</summary>
/// <remarks>They are assigned, not declared again: a value of another type than the notebook's own default does not compile.</remarks>
/// <seealso href="https://papermill.readthedocs.io/en/latest/usage-parameterize.html">papermill, parameterize</seealso>
internal static class ParameterCell
{
    public const string Tag = "parameters";
    public const string InjectedTag = "injected-parameters";

    /// <exception cref="KernelException">The notebook has no such parameter, or the value is not of its type.</exception>
    public static void Inject(NotebookFile notebook, IReadOnlyDictionary<string, string> values)
    {
        foreach (var old in notebook.Cells.Where(c => c.Tags.Contains(InjectedTag)).ToList()) notebook.Remove(old);
        if (values.Count == 0) return;
        var cell = notebook.CodeCells.FirstOrDefault(c => c.Tags.Contains(Tag))
            ?? throw new KernelException($"'{notebook.Path}' takes no parameters: no cell of it is tagged '{Tag}'.");
        var declared = Declared(cell.Source);
        var lines = values.Select(v => declared.TryGetValue(v.Key, out var variable) ? $"{v.Key} = {Literal(v.Key, variable, v.Value)};"
            : throw new KernelException($"'{notebook.Path}' has no parameter '{v.Key}'; it has {(declared.Count == 0 ? "none" : string.Join(", ", declared.Keys))}."));
        notebook.Insert(NotebookCell.Code(string.Join('\n', lines.Prepend("// From the command line.")), InjectedTag), cell);
    }

    /// <summary>Each variable's type as it is written: of <c>var</c>, what its value tells.</summary>
    private static Dictionary<string, string> Declared(string source) => CSharpSyntaxTree.ParseText(CellText.Of(source).Code, CellSyntax.Options).GetRoot()
        .DescendantNodes().OfType<FieldDeclarationSyntax>()
        .SelectMany(field => field.Declaration.Variables.Select(v => (v.Identifier.Text, Type: TypeOf(field.Declaration.Type, v.Initializer?.Value))))
        .ToDictionary(v => v.Text, v => v.Type, StringComparer.Ordinal);

    private static string TypeOf(TypeSyntax type, ExpressionSyntax? value)
    {
        if (!type.IsVar) return type.ToString();
        if (value is PrefixUnaryExpressionSyntax sign) value = sign.Operand;
        return value switch
        {
            LiteralExpressionSyntax { Token.Value: { } literal } => literal switch { string => "string", bool => "bool", float => "float", double => "double", decimal => "decimal", _ => "number" },
            InterpolatedStringExpressionSyntax => "string",
            ObjectCreationExpressionSyntax created => created.Type.ToString(),
            _ => "",
        };
    }

    private static string Literal(string name, string type, string value)
    {
        var isNumber = double.TryParse(value, NumberStyles.Float & ~NumberStyles.AllowLeadingWhite & ~NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number);
        return type.TrimEnd('?') switch
        {
            "string" => SymbolDisplay.FormatLiteral(value, quote: true),
            "bool" when value is "true" or "false" => value,
            "float" when isNumber => value + "f",
            "decimal" when isNumber => value + "m",
            "double" when isNumber => value + "d",
            "DateOnly" or "DateTimeOffset" or "TimeSpan" or "TimeOnly" => $"{type.TrimEnd('?')}.Parse({SymbolDisplay.FormatLiteral(value, quote: true)}, System.Globalization.CultureInfo.InvariantCulture)",
            "number" or "int" or "long" or "short" or "byte" or "uint" or "ulong" or "ushort" when isNumber => value,
            "" => throw new KernelException($"The parameter '{name}' cannot be given: its default is no plain value. Declare its type: int, double, string, bool, DateOnly, TimeSpan …"),
            _ => throw new KernelException($"The parameter '{name}' is of type {type}; '{value}' is none."),
        };
    }
}
