using System.Text.RegularExpressions;
using Media.Jobs;
using Spectre.Console;

namespace Media.Tests.Jobs;

/// <summary>A command line run in this process: its exit code, what it says, and its errors.</summary>
internal sealed record JobsRun(int Exit, string Output, string Errors)
{
    internal static async Task<JobsRun> Of(params string[] args)
    {
        var (console, output) = Console();
        var errors = new StringWriter();
        var exit = await JobCommands.RunAsync(args, console, errors, TimeProvider.System, TestContext.Current.CancellationToken);
        return new JobsRun(exit, output.ToString(), errors.ToString());
    }

    /// <summary>A console that writes down what it is told.</summary>
    internal static (JobConsole Console, StringWriter Output) Console()
    {
        var output = new StringWriter();
        return (new JobConsole(AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, Out = new AnsiConsoleOutput(output) }), terminal: false), output);
    }

    /// <summary>The table rows whose first cell is this, each as its cells.</summary>
    internal IReadOnlyList<string[]> Rows(string first) =>
        [.. Output.Split('\n').Select(line => Regex.Split(line.Trim(), " {2,}")).Where(cells => cells.Length > 2 && cells[0] == first)];
}
