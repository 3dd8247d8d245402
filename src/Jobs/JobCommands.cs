using System.CommandLine;
using System.Reflection;
using Media.Spark;
using Media.Warehouse;

namespace Media.Jobs;

/// <summary>The command line: which verb runs which job, with which options.</summary>
internal static class JobCommands
{
    /// <summary>Runs the command line and answers the exit code: 0 done (or stopped on request), 1 the job could not do it, 2 the command line is wrong, 130 a question stopped on request.</summary>
    public static async Task<int> RunAsync(string[] args, JobConsole console, TextWriter errors, TimeProvider time, CancellationToken cancel)
    {
        var parsed = Build(console, errors, time).Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) await errors.WriteLineAsync($"error: {error.Message}");
            await errors.WriteLineAsync("'--help' lists the verbs and their options.");
            return 2;
        }
        try
        {
            // The signals are Program's: they stop the job between two batches, not after a grace time.
            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null, Error = errors }, cancel);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            console.Line("Stopped on request. What was committed to the lake or sent to Kafka stays; an unfinished file or journey was not put in place.");
            return 0;
        }
        catch (Exception e)
        {
            // A person who typed a command needs the sentence, not the stack; --trace shows it before.
            var cause = Unwrapped(e);
            if (parsed.GetValue(JobOptions.Trace)) await errors.WriteLineAsync(e.ToString());
            var kind = IsExpected(cause) ? "error" : $"unexpected {cause.GetType().Name}";
            await errors.WriteLineAsync($"{kind}: {OneLine(cause.Message)}");
            return 1;
        }
    }

    private static RootCommand Build(JobConsole console, TextWriter errors, TimeProvider time)
    {
        var root = new RootCommand("Readers' events to predictions. Without a verb: the whole journey on this machine.");
        root.Options.Add(JobOptions.Trace);
        foreach (var verb in (Command[])
        [
            Journey.Command(console, time),
            ProduceEvents.Command(console, time), BuildSessions.Command(console, time), Resessionize.Command(console), ShowLag.Command(console), ReplayBadEvents.Command(console, time),
            BuildFeatures.Command(console, time), TrainModels.Command(console, time), TuneModel.Command(console), .. ModelVersions.Commands(console, time),
            ScoreUsers.Command(console, time), RecommendArticles.Command(console, time), RunBandit.Command(console, time), WriteReport.Command(console, time),
            QueryWarehouse.Command(console, errors), ReconcileWarehouse.Command(console), RebuildWarehouse.Command(console, time), EvaluateVerb.Command(),
        ])
            root.Subcommands.Add(verb);
        Journey.Attach(root, console, time);
        return root;
    }

    private static Exception Unwrapped(Exception e) => e switch
    {
        AggregateException { InnerExceptions.Count: 1 } a => Unwrapped(a.InnerException!),
        TargetInvocationException { InnerException: { } inner } => Unwrapped(inner),
        _ => e,
    };

    private static bool IsExpected(Exception e) => e is JobException or PartitionTakenException or WarehouseException or SparkException or IOException or InvalidDataException or UnauthorizedAccessException or ArgumentException or InvalidOperationException;

    private static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}
