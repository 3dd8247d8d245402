using System.Collections;
using System.Globalization;
using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Media.Kernel.Display;

/// <summary>Sequences of records as a table, a single record as a table of its properties; in HTML and in plain text.</summary>
internal static class TableFormat
{
    /// <summary>Rows shown; a sequence is read that far and one row further, and no more.</summary>
    public const int MostRows = 50;

    private const int MostPlainWidth = 60;

    private sealed record Table(IReadOnlyList<string> Header, IReadOnlyList<IReadOnlyList<(string Text, bool IsNumber)>> Rows, string? Note);

    /// <summary>The table, or null when the value is neither a record nor a sequence of things with properties.</summary>
    public static MimeBundle? Of(object value)
    {
        var table = value is IEnumerable sequence ? Sequence(sequence) : IsRecord(value.GetType()) ? Properties(value) : null;
        return table is null ? null : MimeBundle.Of(Text(table), (MimeBundle.Html, Html(table)));
    }

    private static Table? Sequence(IEnumerable sequence)
    {
        // A type that says itself how it looks, or whose items are plain values, is no table: do not even begin to read it.
        if (sequence is string || ItemType(sequence) is { } declared && IsPlain(declared)) return null;
        var (rows, more) = (new List<object?>(), false);
        foreach (var row in sequence)
        {
            more = rows.Count == MostRows;
            if (more) break;
            rows.Add(row);
        }
        var types = rows.Where(r => r is not null).Select(r => r!.GetType()).Distinct().ToList();
        if (types.Count == 0 || types.Any(IsPlain)) return null;
        // Rows of several types (events, say): what the first has, then what others add.
        var columns = types.SelectMany(Columns).DistinctBy(c => c.Name).ToList();
        if (columns.Count == 0) return null;
        var cells = rows.Select(row => (IReadOnlyList<(string, bool)>)[.. columns.Select(column => Cell(row, column.Name))]).ToList();
        var note = !more ? null : sequence is ICollection counted ? string.Create(CultureInfo.InvariantCulture, $"first {MostRows} of {counted.Count:N0} rows") : $"first {MostRows} rows; there are more";
        return new Table([.. columns.Select(c => c.Name)], cells, note);
    }

    private static Table Properties(object record) =>
        new(["property", "value"], [.. Columns(record.GetType()).Select(c => (IReadOnlyList<(string, bool)>)[(c.Name, false), Cell(record, c.Name)])], null);

    private static Type? ItemType(IEnumerable sequence) =>
        sequence.GetType().GetInterfaces().FirstOrDefault(i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IEnumerable<>))?.GetGenericArguments()[0];

    private static bool IsPlain(Type type) =>
        type.IsPrimitive || type.IsEnum || type == typeof(string) || type == typeof(decimal) || typeof(IFormattable).IsAssignableFrom(type) || Nullable.GetUnderlyingType(type) is { } inner && IsPlain(inner)
        || typeof(IEnumerable).IsAssignableFrom(type) || typeof(MemberInfo).IsAssignableFrom(type);

    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null || type.IsDefined(typeof(CompilerGeneratedAttribute)) && type.Name.Contains("AnonymousType", StringComparison.Ordinal);

    /// <summary>Public properties, and public fields (value tuples have nothing else), those of base types first.</summary>
    private static IEnumerable<MemberInfo> Columns(Type type) => type.GetMembers(BindingFlags.Public | BindingFlags.Instance)
        .Where(m => m is FieldInfo || m is PropertyInfo property && property.CanRead && property.GetIndexParameters().Length == 0 && !property.PropertyType.IsByRefLike)
        .OrderBy(m => Depth(m.DeclaringType));

    private static int Depth(Type? type) => type is null ? 0 : 1 + Depth(type.BaseType);

    private static (string Text, bool IsNumber) Cell(object? row, string column)
    {
        if (row is null) return ("", false);
        try
        {
            var value = row.GetType().GetMember(column, BindingFlags.Public | BindingFlags.Instance).FirstOrDefault() switch
            {
                PropertyInfo property => property.GetValue(row),
                FieldInfo field => field.GetValue(row),
                _ => null, // another type's column
            };
            return (PlainText.Short(value), value is sbyte or byte or short or ushort or int or uint or long or ulong or float or double or decimal);
        }
        catch (TargetInvocationException fault)
        {
            return ($"({(fault.InnerException ?? fault).GetType().Name})", false); // the getter failed, the other columns did not
        }
    }

    private static string Html(Table table)
    {
        var html = new StringBuilder("<table><thead><tr>");
        foreach (var name in table.Header) html.Append("<th>").Append(WebUtility.HtmlEncode(name)).Append("</th>");
        html.Append("</tr></thead><tbody>");
        foreach (var row in table.Rows)
        {
            html.Append("<tr>");
            foreach (var (text, isNumber) in row) html.Append(isNumber ? "<td style=\"text-align:right\">" : "<td style=\"text-align:left\">").Append(WebUtility.HtmlEncode(text)).Append("</td>");
            html.Append("</tr>");
        }
        html.Append("</tbody></table>");
        if (table.Note is not null) html.Append("<p>").Append(WebUtility.HtmlEncode(table.Note)).Append("</p>");
        return html.ToString();
    }

    private static string Text(Table table)
    {
        static string Cut(string text)
        {
            var line = text.ReplaceLineEndings(" ");
            return line.Length <= MostPlainWidth ? line : line[..(MostPlainWidth - 1)] + "…";
        }
        var widths = table.Header.Select((name, c) => table.Rows.Select(r => Cut(r[c].Text).Length).Append(name.Length).Max()).ToArray();
        var text = new StringBuilder();
        Line(table.Header.Select(h => (h, false)));
        foreach (var row in table.Rows) Line(row);
        if (table.Note is not null) text.Append('(').Append(table.Note).Append(')');
        return text.ToString().TrimEnd('\n');

        void Line(IEnumerable<(string Text, bool IsNumber)> cells) =>
            text.Append(string.Join("  ", cells.Select((c, i) => c.IsNumber ? Cut(c.Text).PadLeft(widths[i]) : Cut(c.Text).PadRight(widths[i]))).TrimEnd()).Append('\n');
    }
}
