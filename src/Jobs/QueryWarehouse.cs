using System.CommandLine;
using System.Globalization;
using Media.Warehouse;

namespace Media.Jobs;

/// <summary>The verb <c>query</c>: asks the warehouse one of the named questions, or a question of one's own.</summary>
internal static class QueryWarehouse
{
    private static readonly Option<bool> Chart = new("--chart") { Description = "Bars instead of the table, where the question has them." };

    public static Command Command(JobConsole console)
    {
        var name = new Argument<string?>("name") { Description = "One of the questions below; none lists them.", Arity = ArgumentArity.ZeroOrOne };
        var sql = new Option<string?>("--sql") { Description = "SQL of your own instead: it may read the warehouse's tables, and nothing else." };
        var verb = new Command("query", "Asks the warehouse. Without a question: lists them.") { name, sql, JobOptions.Out };
        foreach (var query in NamedQuery.All) verb.Subcommands.Add(Question(query, console));
        verb.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(name) is { } unknown) throw new JobException($"There is no question '{unknown}'; there are {string.Join(", ", NamedQuery.All.Select(q => q.Name))}.");
            if (parsed.GetValue(sql) is { } own)
            {
                using var warehouse = await OpenAsync(parsed, cancel);
                var answer = await warehouse.QueryReadOnlyAsync(own, cancel);
                console.Table(answer.Columns, answer.Rows.Select(r => Texts(answer, r)));
                return 0;
            }
            console.Table(["query", "question"], NamedQuery.All.Select(q => (IReadOnlyList<string>)[q.Name, q.Question]));
            console.Line("'jobs query NAME --help' tells a question's parameters; --sql \"SELECT …\" asks one of your own.");
            return 0;
        });
        return verb;
    }

    private static Command Question(NamedQuery query, JobConsole console)
    {
        var verb = new Command(query.Name, query.Question) { JobOptions.Out };
        if (query.Chart is not null) verb.Options.Add(Chart);
        var options = query.Parameters.Select(p => new Option<string?>($"--{p.Name.Replace('_', '-')}") { Description = Described(p) }).ToList();
        foreach (var option in options) verb.Options.Add(option);
        verb.SetAction(async (parsed, cancel) =>
        {
            using var warehouse = await OpenAsync(parsed, cancel);
            await Migrations.ApplyAsync(warehouse, cancel);
            var given = options.Zip(query.Parameters).Where(o => parsed.GetValue(o.First) is not null).ToDictionary(o => o.Second.Name, o => parsed.GetValue(o.First)!, StringComparer.Ordinal);
            var answer = await query.RunAsync(warehouse, given, cancel);
            console.Line(query.Question);
            if (query.Chart is var (label, value) && parsed.GetValue(Chart))
            {
                var (l, v) = (IndexOf(answer, label), IndexOf(answer, value));
                console.Bars(label, value, [.. answer.Rows.Select(r => (Text(answer.Types[l], r[l]), Convert.ToDouble(r[v], CultureInfo.InvariantCulture)))]);
            }
            else console.Table(answer.Columns, answer.Rows.Select(r => Texts(answer, r)));
            foreach (var (column, unit) in query.Units) console.Line($"  {column}: {unit}");
            return 0;
        });
        return verb;
    }

    private static string Described(NamedQueryParameter parameter)
    {
        var kind = parameter.Range is var (least, most) ? string.Create(CultureInfo.InvariantCulture, $"{least} to {most}")
            : parameter.Type.Contains("DateTime", StringComparison.Ordinal) ? "A time as 2026-03-01 12:30:00, UTC"
            : parameter.Type.Contains("Date", StringComparison.Ordinal) ? "A day as 2026-03-01"
            : parameter.Type == "String" ? "Text" : "A whole number";
        return $"{parameter.Meaning.Replace("\\N = ", "default: ", StringComparison.Ordinal)}. {kind}{(parameter.Default.Length > 0 && parameter.Default[0] != '\\' ? $", default {parameter.Default}" : "")}.";
    }

    private static async Task<WarehouseClient> OpenAsync(ParseResult parsed, CancellationToken cancel)
    {
        var options = JobConfiguration.Warehouse(JobConfiguration.Folder(parsed));
        // A question must not make the warehouse that it asks.
        if (string.IsNullOrWhiteSpace(options.ConnectionString) && !Directory.Exists(options.Path))
            throw new JobException($"There is no warehouse in '{options.Path}' yet; run 'jobs journey', or 'jobs warehouse rebuild' beside a lake.");
        return await WarehouseClient.OpenAsync(options, cancel);
    }

    private static int IndexOf(QueryRows answer, string column) => answer.Columns.ToList().IndexOf(column);

    private static List<string> Texts(QueryRows answer, object?[] row) => [.. answer.Types.Zip(row, Text)];

    private static string Text(string type, object? value) => value switch
    {
        null => "",
        DateTime day when type is "Date" or "Date32" or "Nullable(Date)" => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTime time => time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture),
        double real => real.ToString("0.####", CultureInfo.InvariantCulture),
        float real => real.ToString("0.####", CultureInfo.InvariantCulture),
        Array values => $"[{string.Join(", ", values.Cast<object?>().Select(v => Text("", v)))}]",
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };
}
