using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Media.Models;

namespace Media.Jobs;

/// <summary>Options that several verbs take: spelled, explained and checked once.</summary>
internal static class JobOptions
{
    /// <summary>The engine that is not this process.</summary>
    public const string Spark = "spark";

    public static readonly Option<bool> Trace = new("--trace") { Description = "On an error, show the stack trace too.", Recursive = true };

    public static readonly Option<string> Out = new("--out")
    {
        Description = "Folder for lake, warehouse, registry, results and report.",
        DefaultValueFactory = _ => JourneyFolder.Default,
    };

    public static readonly Option<string> Source = Choice("--source", "simulator", "Where the events come from.", EventSource.Names);

    public static readonly Option<string?> Path = new("--path") { Description = "File of the source: a Deskdrop CSV (.csv or .csv.gz), or events as JSON lines (.ndjson or .ndjson.gz)." };

    public static readonly Option<int> Users = Number("--users", 2_400, 1, 1_000_000, "Simulated readers.");

    public static readonly Option<int> Days = Number("--days", 180, 60, 3_650, "Simulated days.");

    public static readonly Option<int> Seed = Number("--seed", 1, 0, int.MaxValue, "Seed of everything that is drawn: readers, splits, models, bandit.");

    public static readonly Option<double> Signal = new("--signal")
    {
        Description = "How much the simulated readers' behaviour depends on who they are: 1 as planted, 0 not at all (every model must then score as chance).",
        DefaultValueFactory = _ => 1.0,
    };

    public static readonly Option<int?> HorizonDays = new("--horizon-days") { Description = "Days after the as-of instant in which a label looks. Default 28 (30 for deskdrop)." };

    public static readonly Option<DateTimeOffset?> TestAsOf = Date("--test-as-of", "As-of date of the test rows. Default: the last whole day whose label window has ended.");

    public static readonly Option<DateTimeOffset[]> TrainAsOf = new("--train-as-of")
    {
        Description = "As-of dates of the training rows, comma-separated. Default: weekly, as early as features make sense, none whose label window reaches past the test date.",
        AllowMultipleArgumentsPerToken = true,
        CustomParser = result => [.. result.Tokens.SelectMany(t => t.Value.Split(',', StringSplitOptions.RemoveEmptyEntries)).Select(v => ParseDate(v, result)).OfType<DateTimeOffset>()],
    };

    static JobOptions()
    {
        Signal.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is < 0 or > 1) result.AddError("--signal takes a number from 0 to 1.");
        });
        HorizonDays.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int?>() is < 1 or > 365) result.AddError("--horizon-days takes a whole number from 1 to 365.");
        });
    }

    public static Option<int> Number(string name, int value, int from, int to, string description)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out var given) && (given < from || given > to))
                result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} takes a whole number from {from} to {to}, not {given}."));
        });
        return option;
    }

    public static Option<DateTimeOffset?> Date(string name, string description) =>
        new(name) { Description = description, CustomParser = result => ParseDate(result.Tokens[0].Value, result) };

    /// <summary>A model of the catalogue.</summary>
    public static Argument<string> Model(string description, ArgumentArity arity)
    {
        var argument = new Argument<string>("model") { Description = description, Arity = arity };
        argument.Validators.Add(KnownModels);
        return argument;
    }

    /// <summary>Refuses names that the catalogue does not hold.</summary>
    public static void KnownModels(ArgumentResult result)
    {
        foreach (var token in result.Tokens.Where(t => !ModelCatalog.All.ContainsKey(t.Value)))
            result.AddError($"There is no model '{token.Value}'; there are {string.Join(", ", ModelCatalog.All.Keys)}.");
    }

    /// <summary>Who does the work.</summary>
    public static Option<string> Engine(string description) => Choice("--engine", "dotnet", description, ["dotnet", Spark]);

    private static Option<string> Choice(string name, string value, string description, IReadOnlyList<string> names)
    {
        var option = new Option<string>(name) { Description = $"{description} One of: {string.Join(", ", names)}.", DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string>() is { } given && !names.Contains(given)) result.AddError($"{name} takes one of {string.Join(", ", names)}, not '{given}'.");
        });
        return option;
    }

    private static DateTimeOffset? ParseDate(string text, ArgumentResult result)
    {
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            return new DateTimeOffset(date.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
        result.AddError($"'{text}' is not a date; write it as 2016-11-01 (midnight UTC is meant).");
        return null;
    }
}
