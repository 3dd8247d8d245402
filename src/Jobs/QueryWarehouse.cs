using System.CommandLine;
using System.Globalization;
using Media.Warehouse;

namespace Media.Jobs;

/// <summary>The verb <c>query</c>: asks the warehouse one of the named questions, or a question of one's own.</summary>
/// <remarks>Rows are printed as they come, at most as many as asked for: neither their number nor the engine's haste fills this process's memory.</remarks>
internal static class QueryWarehouse
{
    /// <summary>The shells' exit code for what Ctrl-C ended: unlike a job, a question cut short has brought nothing.</summary>
    private const int Interrupted = 130;

    private static readonly Option<bool> Chart = new("--chart") { Description = "Bars instead of the table, where the question has them." };

    private static readonly Option<int> Rows = JobOptions.Number("--rows", 1_000, 1, int.MaxValue, "Most rows to print; a line tells when there are more.");

    public static Command Command(JobConsole console, TextWriter errors)
    {
        var name = new Argument<string?>("name") { Description = "One of the questions below; none lists them.", Arity = ArgumentArity.ZeroOrOne };
        var sql = new Option<string?>("--sql") { Description = "SQL of your own instead: it may read the warehouse's tables, and nothing else." };
        var verb = new Command("query", "Asks the warehouse. Without a question: lists them.") { name, sql, Rows, JobOptions.Out };
        foreach (var query in NamedQuery.All) verb.Subcommands.Add(Question(query, console, errors));
        verb.SetAction(async (parsed, cancel) =>
        {
            if (parsed.GetValue(name) is { } unknown) throw new JobException($"There is no question '{unknown}'; there are {string.Join(", ", NamedQuery.All.Select(q => q.Name))}.");
            if (parsed.GetValue(sql) is { } own)
                return await StoppableAsync(errors, async () =>
                {
                    using var warehouse = await OpenAsync(parsed, cancel);
                    var most = parsed.GetValue(Rows);
                    var records = new AnswerRecords(console);
                    Tell(await warehouse.ReadReadOnlyAsync(own, most, records.Print, cancel), most, console);
                    await WarnAsync(parsed, warehouse, cancel);
                }, cancel);
            console.Table(["query", "question"], NamedQuery.All.Select(q => (IReadOnlyList<string>)[q.Name, q.Question]));
            console.Line("'jobs query NAME --help' tells a question's parameters; --sql \"SELECT …\" asks one of your own.");
            return 0;
        });
        return verb;
    }

    private static Command Question(NamedQuery query, JobConsole console, TextWriter errors)
    {
        var verb = new Command(query.Name, query.Question) { Rows, JobOptions.Out };
        if (query.Chart is not null) verb.Options.Add(Chart);
        var options = query.Parameters.Select(p => new Option<string?>($"--{p.Name.Replace('_', '-')}") { Description = Described(p) }).ToList();
        foreach (var option in options) verb.Options.Add(option);
        verb.SetAction((parsed, cancel) => StoppableAsync(errors, async () =>
        {
            using var warehouse = await OpenAsync(parsed, cancel);
            await Migrations.ApplyAsync(warehouse, cancel);
            var given = options.Zip(query.Parameters).Where(o => parsed.GetValue(o.First) is not null).ToDictionary(o => o.Second.Name, o => parsed.GetValue(o.First)!, StringComparer.Ordinal);
            var most = parsed.GetValue(Rows);
            bool more;
            if (query.Chart is var (labels, value) && parsed.GetValue(Chart))
            {
                var bars = new List<(string, double)>();
                more = await query.ReadAsync(warehouse, given, most, page => bars.AddRange(Bars(page, labels, value)), cancel);
                console.Line(query.Question);
                console.Bars(string.Join(" · ", labels), value, bars);
            }
            else
            {
                var records = new AnswerRecords(console, query.Question);
                more = await query.ReadAsync(warehouse, given, most, records.Print, cancel);
            }
            Tell(more, most, console);
            await WarnAsync(parsed, warehouse, cancel);
            foreach (var (column, unit) in query.Units) console.Line($"  {column}: {unit}");
        }, cancel));
        return verb;
    }

    private static async Task<int> StoppableAsync(TextWriter errors, Func<Task> ask, CancellationToken cancel)
    {
        try
        {
            await ask();
            return 0;
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            await errors.WriteLineAsync("Stopped on request, before the answer was whole.");
            return Interrupted;
        }
    }

    private static void Tell(bool more, int most, JobConsole console)
    {
        if (more) console.Line($"There are more rows than these {JobConsole.Count(most)}; --rows N prints so many.");
    }

    private static IEnumerable<(string Label, double Value)> Bars(QueryRows page, IReadOnlyList<string> labels, string value)
    {
        var columns = page.Columns.ToList();
        var named = labels.Select(l => columns.IndexOf(l)).Select(c => (At: c, Text: AnswerText.Of(page.Types[c]))).ToList();
        var length = columns.IndexOf(value);
        return page.Rows.Select(r => (string.Join(" · ", named.Select(n => n.Text(r[n.At]))), r[length] is { } some ? Convert.ToDouble(some, CultureInfo.InvariantCulture) : 0));
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
        var warehouse = await WarehouseClient.OpenAsync(options, cancel);
        try
        {
            if (await WarehouseDamage.FindAsync(warehouse, cancel) is { } damage)
                throw new JobException($"The warehouse in '{(warehouse.IsEmbedded ? options.Path : options.Database)}' {damage}: run 'jobs warehouse rebuild' beside its lake.");
            return warehouse;
        }
        catch
        {
            warehouse.Dispose();
            throw;
        }
    }

    /// <summary>An answer of tables that are being made anew, or were left half made, looks like any other.</summary>
    private static async Task WarnAsync(ParseResult parsed, WarehouseClient warehouse, CancellationToken cancel)
    {
        var unfinished = await UnfinishedWork.ReadAsync(warehouse, cancel);
        if (unfinished.Count == 0) return;
        var others = unfinished.Count > 1 ? $" (and {JobConsole.Count(unfinished.Count - 1)} more)" : "";
        await parsed.InvocationConfiguration.Error.WriteLineAsync($"warning: {unfinished[0]} has not ended{others}: this answer may lack rows. If nothing runs it, 'jobs reconcile --repair' finishes it.");
    }

    /// <summary>Pages of an answer on the console, their rows numbered through.</summary>
    private sealed class AnswerRecords(JobConsole console, string? heading = null)
    {
        private long _rows;
        private bool _begun;

        public void Print(QueryRows page)
        {
            if (heading is not null && !_begun) console.Line(heading);
            _begun = true;
            var text = page.Types.Select(AnswerText.Of).ToList();
            console.Records([.. page.Columns.Select(AnswerText.Plain)], [.. page.Rows.Select(r => (IReadOnlyList<string>)[.. text.Zip(r, (write, value) => write(value))])], _rows + 1);
            _rows += page.Rows.Count;
        }
    }
}
