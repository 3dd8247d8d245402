using System.CommandLine;
using System.Diagnostics;

namespace Media.Jobs;

/// <summary>The verb <c>evaluate</c>: train on real data's earlier rows, judge on later ones, print one JSON line.</summary>
/// <remarks>
/// What is evaluated stands in a file of its own beside this one. The JSON line is all that goes to standard output; progress and remarks go to standard error, so that
/// the line can be piped. Every line ends with <c>rows_train</c>, <c>rows_test</c>, <c>checksum</c>, <c>baseline</c> and <c>seconds</c>.
/// </remarks>
internal static class EvaluateVerb
{
    public static Command Command()
    {
        var verb = new Command("evaluate", "Trains a model on a real data set's earlier rows, judges it on the later ones beside a baseline, and prints one JSON line.");
        foreach (var evaluation in Evaluations()) verb.Subcommands.Add(evaluation);
        return verb;
    }

    /// <summary>One line each, in the order of the data's way.</summary>
    private static IEnumerable<Command> Evaluations()
    {
        yield return EvaluateHeadline.Command();
        yield return EvaluateChurn.Command();
        yield return EvaluateEngagement.Command();
        yield return EvaluateHeadlineBandit.Command();
        yield return EvaluateSegmentation.Command();
        yield return EvaluateOffPolicy.Command();
        yield return EvaluateRecommendation.Command();
        yield return EvaluateTable.Command();
        yield return EvaluateTrending.Command();
        yield return EvaluateArticlePerformance.Command();
        yield return ResultPages.Command();
    }

    /// <summary>A subcommand that runs an evaluation and prints its line.</summary>
    /// <param name="evaluate">Gets the parsed command line and a place for remarks; answers all but <c>seconds</c>.</param>
    public static Command Evaluation(string name, string description, IReadOnlyList<Option> options, Func<ParseResult, TextWriter, CancellationToken, EvaluationLine> evaluate)
    {
        var command = new Command(name, description);
        foreach (var option in options) command.Options.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            var started = Stopwatch.GetTimestamp();
            var line = await Task.Run(() => evaluate(parsed, parsed.InvocationConfiguration.Error, cancel), cancel);
            line.Add("seconds", Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3));
            await parsed.InvocationConfiguration.Output.WriteLineAsync(line.ToString());
            return 0;
        });
        return command;
    }

    /// <summary>A file that must be given.</summary>
    public static Option<string> File(string name, string description) => new(name) { Description = $"{description} (.csv or .csv.gz)", Required = true };
}
