using System.Reflection;
using System.Runtime.CompilerServices;

namespace Media.Kernel.Display;

/// <summary>Figures of Plotly.NET: their JSON, for front ends that draw it themselves (VS Code), and HTML that draws it without a network.</summary>
/// <remarks>
/// The kernel does not know Plotly.NET: it asks the very assembly that the figure comes from, so that script and figure are of one version.
/// The script (some 4 MB) is shown once in a session, ahead of the first figure; figures wait for it. Thread-safe.
/// </remarks>
internal static class PlotlyFormat
{
    public const string MimeType = "application/vnd.plotly.v1+json";

    private static readonly ConditionalWeakTable<Assembly, object> ScriptShown = [];

    /// <summary>The script, when the value is a figure and the script has not been shown yet.</summary>
    public static MimeBundle? ScriptFor(object? value)
    {
        if (FigureModule(value) is not { } module) return null;
        lock (ScriptShown)
        {
            if (!ScriptShown.TryAdd(module.Assembly, module)) return null;
        }
        var resource = module.Assembly.GetManifestResourceNames().Single(n => n.EndsWith(".min.js", StringComparison.Ordinal));
        using var reader = new StreamReader(module.Assembly.GetManifestResourceStream(resource)!);
        // The names of module loaders are hidden from it: a page that has one (classic notebooks do) would keep Plotly from being a global.
        return MimeBundle.Of($"{resource}: draws the figures of this notebook", (MimeBundle.Html, $"<script>(function () {{ var define, module, exports;\n{reader.ReadToEnd()}\n;if (!window.Plotly && typeof Plotly !== 'undefined') window.Plotly = Plotly; }}).call(window);</script>"));
    }

    /// <summary>The figure's forms, or null when the value is none.</summary>
    public static MimeBundle? Of(object value)
    {
        if (FigureModule(value) is not { } module) return null;
        var json = (string)module.GetMethod("toFigureJson", BindingFlags.Public | BindingFlags.Static)!.Invoke(null, [value])!;
        var id = $"figure-{Guid.NewGuid():N}";
        // "</" must not end the script element early, whatever a title holds.
        var html = $$"""
            <div id="{{id}}"></div><script>(function () {
            var figure = {{json.Replace("</", "<\\/", StringComparison.Ordinal)}}, place = document.getElementById("{{id}}"), waits = 200;
            (function draw() {
              if (window.Plotly) window.Plotly.newPlot(place, figure.data, figure.layout, { displaylogo: false, responsive: true });
              else if (waits-- > 0) setTimeout(draw, 50);
              else place.textContent = "This figure needs plotly.js, which the notebook's first figure brings along: run that cell again.";
            })(); })();</script>
            """;
        return MimeBundle.Of("a Plotly figure", (MimeType, json), (MimeBundle.Html, html));
    }

    private static Type? FigureModule(object? value)
    {
        for (var type = value?.GetType(); type is not null; type = type.BaseType)
            if (type.FullName == "Plotly.NET.GenericChart") return type;
        return null;
    }
}
