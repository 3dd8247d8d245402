using System.Diagnostics;
using System.Globalization;
using Spectre.Console;

namespace Media.Jobs;

/// <summary>What a job tells the person who started it: steps, progress, tables; plain lines when the output is not a terminal.</summary>
internal sealed class JobConsole
{
    private readonly IAnsiConsole _console;
    private readonly bool _terminal;

    public JobConsole(IAnsiConsole console, bool terminal)
    {
        (_console, _terminal) = (console, terminal);
        // Piped output has no width of its own: wide enough that no table breaks.
        if (!terminal) _console.Profile.Width = 160;
    }

    public static JobConsole Standard() => new(AnsiConsole.Console, !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive);

    public void Line(string text) => _console.WriteLine(text);

    public void Heading(string text)
    {
        _console.WriteLine();
        _console.Write(new Text(text, new Style(decoration: Decoration.Bold)));
        _console.WriteLine();
    }

    /// <summary>A table; cells that begin with a digit or a sign are aligned right.</summary>
    public void Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        var all = rows.ToList();
        var table = new Table { Border = _terminal ? TableBorder.Rounded : TableBorder.Simple };
        for (var c = 0; c < header.Count; c++)
        {
            var number = all.Count > 0 && all.All(r => r[c].Length == 0 || char.IsAsciiDigit(r[c][0]) || r[c][0] is '-' or '−' or '+' or '.' or '$' || r[c] == AnswerText.Null);
            table.AddColumn(new TableColumn(Markup.Escape(header[c])) { Alignment = number ? Justify.Right : Justify.Left });
        }
        foreach (var row in all) table.AddRow([.. row.Select(Markup.Escape)]);
        _console.Write(table);
    }

    /// <summary>Rows of any shape: a table where it fits the width, otherwise a block for each row, of lines "column: value".</summary>
    /// <param name="first">Number of the first row, from 1.</param>
    public void Records(IReadOnlyList<string> header, IReadOnlyList<IReadOnlyList<string>> rows, long first)
    {
        // A column has a space on either side and a border.
        var width = 1 + header.Select((name, c) => 3 + rows.Select(r => r[c]).Append(name).Max(text => text.GetCellWidth())).Sum();
        if (width <= _console.Profile.Width)
        {
            Table(header, rows);
            return;
        }
        if (rows.Count == 0) Line("No rows.");
        var longest = header.Max(name => name.GetCellWidth());
        foreach (var row in rows)
        {
            Unbroken(string.Create(CultureInfo.InvariantCulture, $"row {first++}"));
            for (var c = 0; c < header.Count; c++) Unbroken($"  {header[c]}:{new string(' ', longest - header[c].GetCellWidth())} {row[c]}");
        }
    }

    /// <summary>A line that is not broken at the width: whoever reads it from a pipe has it in one.</summary>
    private void Unbroken(string text) => _console.Profile.Out.Writer.WriteLine(text);

    /// <summary>A bar for each value, the longest for the greatest.</summary>
    /// <param name="values">≥ 0</param>
    public void Bars(string label, string value, IReadOnlyList<(string Label, double Value)> values)
    {
        const int longest = 40;
        var most = values.Select(v => v.Value).DefaultIfEmpty().Max();
        Table([label, value, ""], values.Select(v => (IReadOnlyList<string>)[v.Label, v.Value.ToString("0.####", CultureInfo.InvariantCulture), new string('█', most > 0 ? (int)Math.Round(longest * v.Value / most) : 0)]));
    }

    /// <summary>Runs work whose progress is counted; <paramref name="total"/> ≤ 0 when it is not known.</summary>
    /// <param name="work">Gets a function that takes how much is done so far.</param>
    public async Task<T> ProgressAsync<T>(string name, long total, string unit, Func<Action<long>, Task<T>> work)
    {
        var started = Stopwatch.GetTimestamp();
        T result;
        if (_terminal)
        {
            result = await _console.Progress().AutoClear(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn(), new SpinnerColumn())
                .StartAsync(async context =>
                {
                    var task = context.AddTask(Markup.Escape(name), maxValue: Math.Max(1, total));
                    task.IsIndeterminate = total <= 0;
                    return await work(done => task.Value = done);
                });
        }
        else
        {
            var nextShown = total > 0 ? total / 4 : 500_000;
            result = await work(done =>
            {
                if (done < nextShown) return;
                _console.WriteLine(total > 0 ? $"  {name}: {Math.Min(100, 100 * done / total)} % ({Count(done)} {unit})" : $"  {name}: {Count(done)} {unit}");
                nextShown = done + (total > 0 ? Math.Max(1, total / 4) : 500_000);
            });
        }
        _console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"✓ {name} ({Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s)"));
        return result;
    }

    /// <summary>Runs one step whose progress cannot be counted.</summary>
    public Task<T> StepAsync<T>(string name, Func<Task<T>> work) => ProgressAsync(name, 0, "", _ => work());

    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);
}
