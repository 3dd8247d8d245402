using System.Globalization;
using System.Text.RegularExpressions;

namespace Media.Warehouse;

/// <summary>A value that a named query takes.</summary>
/// <param name="Type">ClickHouse's.</param>
/// <param name="Range">What a whole number may be; null where any value of the type will do.</param>
/// <param name="Default">As ClickHouse writes it; \N = NULL.</param>
/// <param name="Meaning">What it is, with its unit.</param>
public sealed record NamedQueryParameter(string Name, string Type, (long Least, long Most)? Range, string Default, string Meaning)
{
    private const string Null = @"\N";

    /// <summary>The value for the engine.</summary>
    /// <exception cref="WarehouseException">It is none of this parameter.</exception>
    internal object? ValueOf(string text)
    {
        if (text == Null) return null;
        if (Type.Contains("DateTime", StringComparison.Ordinal))
            return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) && char.IsAsciiDigit(text[0])
                ? time.UtcDateTime : throw Wrong("a time as 2026-03-01 12:30:00 (UTC), or with its offset");
        if (Range is var (least, most) && !(long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most))
            throw Wrong(string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"));
        return text;

        WarehouseException Wrong(string expected) => new($"Parameter {Name} takes {expected}, not '{text}'.");
    }
}

/// <summary>A question that the warehouse answers: one file of Queries/, its name the question's.</summary>
/// <param name="Units">What the numbers of a column are, by its name.</param>
/// <param name="Chart">The columns that name a bar, and that of its length; null when the answer is no such thing.</param>
public sealed partial record NamedQuery(
    string Name, string Question, IReadOnlyList<NamedQueryParameter> Parameters, IReadOnlyDictionary<string, string> Units, (IReadOnlyList<string> Labels, string Value)? Chart, string Sql)
{
    /// <summary>All of them, by name.</summary>
    public static IReadOnlyList<NamedQuery> All { get; } = [.. SqlResources.In("Queries").Select(r => Parse(r.Name, r.Text))];

    /// <summary>Asks it; the whole answer is in memory.</summary>
    /// <param name="given">Parameters other than the defaults.</param>
    /// <exception cref="WarehouseException">A parameter that the query has not, a value of another type, or whatever the warehouse refuses.</exception>
    public async Task<QueryRows> RunAsync(WarehouseClient warehouse, IReadOnlyDictionary<string, string> given, CancellationToken cancel)
    {
        var values = ValuesOf(given);
        return await ToldAsync(given, () => warehouse.QueryAsync(Sql, values, cancel));
    }

    /// <summary>Asks it and hands the rows over in pages, as they come.</summary>
    /// <param name="most">Rows wanted, ≥ 1.</param>
    /// <inheritdoc cref="RunAsync"/>
    /// <inheritdoc cref="WarehouseClient.ReadAsync(string, IReadOnlyList{QueryParameter}, long, Action{QueryRows}, CancellationToken)"/>
    public async Task<bool> ReadAsync(WarehouseClient warehouse, IReadOnlyDictionary<string, string> given, long most, Action<QueryRows> page, CancellationToken cancel)
    {
        var values = ValuesOf(given);
        return await ToldAsync(given, () => warehouse.ReadAsync(Sql, values, most, page, cancel));
    }

    private List<QueryParameter> ValuesOf(IReadOnlyDictionary<string, string> given) =>
        given.Keys.FirstOrDefault(name => Parameters.All(p => p.Name != name)) is { } unknown
            ? throw new WarehouseException($"Query '{Name}' has no parameter '{unknown}'; it has {string.Join(", ", Parameters.Select(p => p.Name))}.")
            : [.. Parameters.Select(p => new QueryParameter(p.Name, p.ValueOf(given.GetValueOrDefault(p.Name, p.Default))))];

    private async Task<T> ToldAsync<T>(IReadOnlyDictionary<string, string> given, Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (WarehouseException e) when (e.Code == WarehouseClient.WrongParameterValue)
        {
            var told = Parameters.Where(p => given.ContainsKey(p.Name)).Select(p => $"{p.Name} = '{given[p.Name]}' ({p.Type})");
            throw new WarehouseException($"A parameter of query '{Name}' has not its type: {string.Join(", ", told)}.", e.Code, e);
        }
    }

    /// <exception cref="InvalidDataException">The header is not as the other files' are.</exception>
    internal static NamedQuery Parse(string file, string sql)
    {
        var header = sql.Split('\n').TakeWhile(line => line.StartsWith("--", StringComparison.Ordinal)).Select(line => line[2..].Trim()).ToList();
        var parameters = new List<NamedQueryParameter>();
        var units = new Dictionary<string, string>(StringComparer.Ordinal);
        string? question = null;
        (IReadOnlyList<string>, string)? chart = null;
        foreach (var line in header)
        {
            if (line.StartsWith("question: ", StringComparison.Ordinal)) question = line["question: ".Length..];
            else if (ParameterLine().Match(line) is { Success: true } p) parameters.Add(new(p.Groups["name"].Value, p.Groups["type"].Value, p.Groups["least"].Success ? (long.Parse(p.Groups["least"].Value, CultureInfo.InvariantCulture), long.Parse(p.Groups["most"].Value, CultureInfo.InvariantCulture)) : null, p.Groups["default"].Value.Trim(), p.Groups["meaning"].Value));
            else if (ColumnLine().Match(line) is { Success: true } c) units.Add(c.Groups["name"].Value, c.Groups["unit"].Value);
            else if (ChartLine().Match(line) is { Success: true } b) chart = ([.. b.Groups["label"].Captures.Select(l => l.Value)], b.Groups["value"].Value);
            else throw new InvalidDataException($"Query file '{file}' has a header line that is none: '{line}'.");
        }
        if (question is null) throw new InvalidDataException($"Query file '{file}' states no question.");
        return new NamedQuery(Path.GetFileNameWithoutExtension(file), question, parameters, units, chart, sql);
    }

    [GeneratedRegex(@"^param (?<name>\w+) (?<type>.+?)(?: (?<least>\d+)–(?<most>\d+))? = (?<default>[^:]*): (?<meaning>.+)$")]
    private static partial Regex ParameterLine();

    [GeneratedRegex(@"^column (?<name>\w+): (?<unit>.+)$")]
    private static partial Regex ColumnLine();

    [GeneratedRegex(@"^chart:(?: (?<label>\w+))+ (?<value>\w+)$")]
    private static partial Regex ChartLine();
}
