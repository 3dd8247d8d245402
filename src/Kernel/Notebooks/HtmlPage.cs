using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Markdig;
using Media.Kernel.Display;

namespace Media.Kernel.Notebooks;

/// <summary>An executed notebook as one HTML page: prose, code and outputs, figures drawn; opens without a network.</summary>
internal static class HtmlPage
{
    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers().UseAutoLinks().Build();

    /// <summary>Of an output's forms, the first of these that it has is shown.</summary>
    private static readonly (string MimeType, Func<string, string> ToHtml)[] Richest =
    [
        (MimeBundle.Html, html => $"<div class=\"html\">{html}</div>"),
        ("image/svg+xml", svg => $"<div class=\"html\">{svg}</div>"),
        ("image/png", png => $"<img alt=\"\" src=\"data:image/png;base64,{png}\">"),
        ("image/jpeg", jpeg => $"<img alt=\"\" src=\"data:image/jpeg;base64,{jpeg}\">"),
        ("text/markdown", markdown => $"<div class=\"prose\">{Markdig.Markdown.ToHtml(markdown, Markdown)}</div>"),
        (MimeBundle.Plain, text => Pre("out", text)),
    ];

    public static string Of(NotebookFile notebook)
    {
        var body = new StringBuilder();
        foreach (var cell in notebook.Cells)
        {
            if (cell.IsMarkdown) body.Append("<div class=\"prose\">").Append(Markdig.Markdown.ToHtml(cell.Source, Markdown)).Append("</div>\n");
            else if (cell.IsCode) Code(cell, body);
        }
        return $$"""
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{{WebUtility.HtmlEncode(Path.GetFileNameWithoutExtension(notebook.Name))}}</title>
            <style>
            body { font: 15px/1.55 system-ui, "Helvetica Neue", Arial, sans-serif; color: #202124; background: #fff; max-width: 1290px; margin: 2rem auto; padding: 0 1rem 0 4rem; }
            .prose { max-width: 50rem; }
            h1 { font-size: 1.9rem; } h2 { margin-top: 2.2rem; border-bottom: 2px solid #0072B2; padding-bottom: .2rem; }
            pre { font: 13px/1.5 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; overflow-x: auto; margin: .4rem 0; padding: .7rem .9rem; }
            .code { position: relative; margin-top: 1rem; } .code pre { background: #F6F8FA; border-left: 3px solid #DADCE0; }
            .count { position: absolute; left: -4rem; width: 3.4rem; text-align: right; color: #70757A; font: 12px/2.6 ui-monospace, monospace; }
            .k { color: #0B57D0; } .s { color: #A0301E; } .n { color: #7B3FA0; } .c { color: #5F7A5F; font-style: italic; }
            pre.err, pre.error { background: #FDECEA; } pre.error { border-left: 3px solid #C5221F; }
            table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; } th, td { padding: .25rem .7rem; border-bottom: 1px solid #DADCE0; text-align: left; white-space: nowrap; max-width: 26rem; overflow: hidden; text-overflow: ellipsis; } th { background: #F6F8FA; }
            .html { overflow-x: auto; margin: .6rem 0; } img { max-width: 100%; }
            </style>
            </head>
            <body>
            {{body}}</body>
            </html>

            """;
    }

    private static void Code(NotebookCell cell, StringBuilder body)
    {
        body.Append(CultureInfo.InvariantCulture, $"<div class=\"code\"><span class=\"count\">[{cell.ExecutionCount?.ToString(CultureInfo.InvariantCulture) ?? " "}]</span><pre>{CodeColours.ToHtml(cell.Source)}</pre></div>\n");
        foreach (var output in cell.Outputs.OfType<JsonObject>())
            body.Append(Output(output)).Append('\n');
    }

    private static string Output(JsonObject output)
    {
        switch ((string?)output["output_type"])
        {
            case "stream": return Pre((string?)output["name"] == ICellOutputs.StandardError ? "err" : "out", NotebookCell.Text(output["text"]));
            case "error": return Pre("error", $"{output["ename"]}: {NotebookCell.Text(output["evalue"])}\n{string.Join('\n', output["traceback"]?.AsArray().Select(l => l?.ToString()) ?? [])}");
            default:
                foreach (var (mimeType, toHtml) in Richest)
                    if (output["data"]?[mimeType] is { } form) return toHtml(NotebookCell.Text(form));
                return "";
        }
    }

    private static string Pre(string name, string text) => $"<pre class=\"{name}\">{WebUtility.HtmlEncode(text)}</pre>";
}
