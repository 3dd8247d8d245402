using System.Collections;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json.Nodes;

namespace Media.Jobs;

/// <summary>Values of the warehouse as a person reads them: as ClickHouse writes them, numbers short, no control character let through to the terminal. Pure, thread-safe.</summary>
internal static class AnswerText
{
    /// <summary>An absent value.</summary>
    public const string Null = "NULL";

    /// <summary>What writes the values of a column.</summary>
    /// <param name="type">ClickHouse's, e.g. Map(String, Array(Date)).</param>
    public static Func<object?, string> Of(string type) => Writer(type, inside: false);

    /// <summary>Text with its control characters as escapes: a value could otherwise break the table, or tell the terminal what to do.</summary>
    public static string Plain(string text)
    {
        if (!text.Any(char.IsControl)) return text;
        var plain = new StringBuilder(text.Length + 8);
        foreach (var c in text)
            _ = c switch
            {
                '\n' => plain.Append(@"\n"),
                '\r' => plain.Append(@"\r"),
                '\t' => plain.Append(@"\t"),
                _ when char.IsControl(c) => plain.Append(CultureInfo.InvariantCulture, $@"\x{(int)c:X2}"),
                _ => plain.Append(c),
            };
        return plain.ToString();
    }

    /// <param name="inside">Whether the value stands inside of another: then text is quoted.</param>
    private static Func<object?, string> Writer(string type, bool inside)
    {
        var (name, parts) = Taken(type);
        switch (name)
        {
            case "Nullable" or "LowCardinality" when parts is [var only]: return Writer(only, inside);
            case "SimpleAggregateFunction" when parts.Count > 1: return Writer(parts[^1], inside);
            case "Date" or "Date32": return value => value is DateTime day ? day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : Text(value, inside);
            case "Array" when parts is [var item]:
                var each = Writer(item, inside: true);
                return value => value is IList items ? List(items, each) : Text(value, inside);
            case "Map" when parts is [var key, var value]:
                var (keys, values) = (Writer(key, inside: true), Writer(value, inside: true));
                return map => map is IDictionary pairs ? Map(pairs, keys, values) : Text(map, inside);
            case "Tuple":
                var members = parts.Select(p => Writer(Unnamed(p), inside: true)).ToList();
                return value => value is ITuple tuple && tuple.Length == members.Count ? Tuple(tuple, (m, i) => members[i](m)) : Text(value, inside);
            case "Nested":
                var row = Writer($"Tuple({string.Join(", ", parts)})", inside: true);
                return value => value is IList rows ? List(rows, row) : Text(value, inside);
            default: return value => Text(value, inside);
        }
    }

    private static string Text(object? value, bool inside) => value switch
    {
        null or DBNull => Null,
        string text => inside ? $"'{Plain(text).Replace("'", @"\'", StringComparison.Ordinal)}'" : Plain(text),
        bool flag => flag ? "true" : "false",
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        DateTimeOffset time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFFzzz", CultureInfo.InvariantCulture),
        double real => Real(real),
        float real => Real(real),
        JsonNode json => Plain(json.ToJsonString()),
        byte[] bytes => Plain(Encoding.UTF8.GetString(bytes)),
        IDictionary map => Map(map, k => Text(k, inside: true), v => Text(v, inside: true)),
        ITuple tuple => Tuple(tuple, (m, _) => Text(m, inside: true)),
        IList list => List(list, v => Text(v, inside: true)),
        IFormattable other => Plain(other.ToString(null, CultureInfo.InvariantCulture)),
        _ => Plain(value.ToString() ?? ""),
    };

    /// <summary>Four digits behind the point; very small and very large ones with an exponent.</summary>
    private static string Real(double value) =>
        value.ToString(value == 0 || Math.Abs(value) is >= 1e-3 and < 1e15 || !double.IsFinite(value) ? "0.####" : "0.####E0", CultureInfo.InvariantCulture);

    private static string List(IList items, Func<object?, string> each) => $"[{string.Join(", ", items.Cast<object?>().Select(each))}]";

    private static string Map(IDictionary map, Func<object?, string> key, Func<object?, string> value) =>
        $"{{{string.Join(", ", map.Keys.Cast<object>().Select(k => $"{key(k)}: {value(map[k])}"))}}}";

    private static string Tuple(ITuple tuple, Func<object?, int, string> member) => $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(i => member(tuple[i], i)))})";

    /// <summary>A type's name and what stands in its parentheses.</summary>
    private static (string Name, IReadOnlyList<string> Parts) Taken(string type)
    {
        var open = type.IndexOf('(', StringComparison.Ordinal);
        if (open < 0 || type[^1] != ')') return (type, []);
        var parts = new List<string>();
        var (depth, quote, from) = (0, '\0', open + 1);
        for (var i = from; i < type.Length - 1; i++)
        {
            var at = type[i];
            if (quote != '\0')
            {
                if (at == '\\') i++;
                else if (at == quote) quote = '\0';
            }
            else if (at is '\'' or '`' or '"') quote = at;
            else if (at == '(') depth++;
            else if (at == ')') depth--;
            else if (at == ',' && depth == 0)
            {
                parts.Add(type[from..i].Trim());
                from = i + 1;
            }
        }
        parts.Add(type[from..^1].Trim());
        return (type[..open], parts);
    }

    /// <summary>A tuple's member without its name.</summary>
    private static string Unnamed(string member)
    {
        var (depth, quoted) = (0, false);
        for (var i = 0; i < member.Length; i++)
        {
            if (member[i] == '`') quoted = !quoted;
            else if (!quoted && member[i] == '(') depth++;
            else if (!quoted && member[i] == ')') depth--;
            else if (!quoted && depth == 0 && member[i] == ' ') return member[(i + 1)..];
        }
        return member;
    }
}
