using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Media.Jobs;

namespace Media.Tests.Jobs;

/// <summary>Runs <c>jobs evaluate …</c> by its entry point.</summary>
internal static class EvaluateRun
{
    /// <summary>The line that it prints, and its remarks.</summary>
    public static async Task<(JsonElement Line, string Remarks)> OfAsync(params string[] arguments)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        using var remarks = new StringWriter(CultureInfo.InvariantCulture);
        var parsed = EvaluateVerb.Command().Parse(arguments);
        Assert.Empty(parsed.Errors);
        await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = remarks }, TestContext.Current.CancellationToken);
        return (JsonSerializer.Deserialize<JsonElement>(output.ToString()), remarks.ToString());
    }
}
