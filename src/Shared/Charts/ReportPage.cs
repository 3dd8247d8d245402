using System.Globalization;
using System.Net;
using System.Text;
using Plotly.NET;

namespace Media.Charts;

/// <summary>One self-contained HTML page of text, tables and figures; opens without a network.</summary>
/// <remarks>Not thread-safe. All text is HTML-encoded here: callers pass plain text.</remarks>
public sealed class ReportPage(string title)
{
    private const int SentenceLength = 60;
    private readonly StringBuilder _body = new();
    private readonly StringBuilder _scripts = new();
    private int _figures;
    private bool _inRow;

    public ReportPage Section(string heading)
    {
        EndRow();
        _body.Append(CultureInfo.InvariantCulture, $"<h2>{Text(heading)}</h2>\n");
        return this;
    }

    public ReportPage Subsection(string heading)
    {
        EndRow();
        _body.Append(CultureInfo.InvariantCulture, $"<h3>{Text(heading)}</h3>\n");
        return this;
    }

    public ReportPage Paragraph(string text)
    {
        EndRow();
        _body.Append(CultureInfo.InvariantCulture, $"<p>{Text(text)}</p>\n");
        return this;
    }

    /// <summary>Text kept line by line, in a fixed-width font.</summary>
    public ReportPage Lines(IEnumerable<string> lines)
    {
        EndRow();
        _body.Append(CultureInfo.InvariantCulture, $"<pre>{Text(string.Join('\n', lines))}</pre>\n");
        return this;
    }

    /// <summary>A table; a cell that is a number is aligned right, one that is a sentence may break.</summary>
    /// <exception cref="ArgumentException">A row has another number of cells than the header.</exception>
    public ReportPage Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        EndRow();
        _body.Append("<div class=\"scroll\"><table><thead><tr>");
        foreach (var cell in header) _body.Append(CultureInfo.InvariantCulture, $"<th>{Text(cell)}</th>");
        _body.Append("</tr></thead><tbody>\n");
        foreach (var row in rows)
        {
            if (row.Count != header.Count) throw new ArgumentException($"A row has {row.Count} cells but the header has {header.Count}.");
            _body.Append("<tr>");
            foreach (var cell in row) _body.Append(CultureInfo.InvariantCulture, $"<td{(IsNumber(cell) ? " class=\"n\"" : cell.Length > SentenceLength ? " class=\"s\"" : "")}>{Text(cell)}</td>");
            _body.Append("</tr>\n");
        }
        _body.Append("</tbody></table></div>\n");
        return this;
    }

    /// <summary>A figure; those added one after another stand side by side while there is room.</summary>
    public ReportPage Figure(GenericChart chart)
    {
        if (!_inRow) { _body.Append("<div class=\"row\">\n"); _inRow = true; }
        var id = $"figure-{++_figures}";
        _body.Append(CultureInfo.InvariantCulture, $"<div class=\"figure\" id=\"{id}\"></div>\n");
        // "</" must not end the script element early, whatever a title holds.
        var json = GenericChart.toFigureJson(chart).Replace("</", "<\\/", StringComparison.Ordinal);
        _scripts.Append(CultureInfo.InvariantCulture, $"draw('{id}', {json});\n");
        return this;
    }

    public string ToHtml()
    {
        EndRow();
        return $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{Text(title)}}</title>
            <style>
            body { font: 15px/1.5 system-ui, "Helvetica Neue", Arial, sans-serif; color: #202124; background: #fff; max-width: 1290px; margin: 2rem auto; padding: 0 1rem; }
            h1 { font-size: 1.9rem; margin-bottom: .2rem; }
            h2 { margin-top: 2.4rem; border-bottom: 2px solid #0072B2; padding-bottom: .2rem; }
            h3 { margin-top: 1.6rem; }
            p { max-width: 62rem; }
            pre { background: #F6F8FA; padding: 1rem; overflow-x: auto; font-size: 13px; line-height: 1.55; }
            table { border-collapse: collapse; font-size: 14px; }
            th, td { padding: .3rem .7rem; border-bottom: 1px solid #DADCE0; text-align: left; white-space: nowrap; }
            th { background: #F6F8FA; }
            td.n { text-align: right; font-variant-numeric: tabular-nums; }
            td.s { white-space: normal; min-width: 30rem; }
            .scroll { overflow-x: auto; margin: .8rem 0; }
            .row { display: flex; flex-wrap: wrap; gap: 1rem; }
            </style>
            <script>{{PlotlyScript()}}</script>
            </head>
            <body>
            <h1>{{Text(title)}}</h1>
            {{_body}}
            <script>
            function draw(id, figure) { Plotly.newPlot(id, figure.data, figure.layout, { displaylogo: false, displayModeBar: false, responsive: true }); }
            {{_scripts}}
            </script>
            </body>
            </html>
            """;
    }

    private void EndRow()
    {
        if (!_inRow) return;
        _body.Append("</div>\n");
        _inRow = false;
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private static bool IsNumber(string cell) => cell.Any(char.IsAsciiDigit) && !cell.Any(char.IsLetter);

    /// <summary>The script that Plotly.NET carries, so that the page needs no network.</summary>
    private static string PlotlyScript()
    {
        var assembly = typeof(GenericChart).Assembly;
        var name = assembly.GetManifestResourceNames().Single(n => n.EndsWith(".min.js", StringComparison.Ordinal));
        using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
