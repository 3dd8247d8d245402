using System.CommandLine;
using System.Diagnostics;
using Media.Registry;
using Media.Warehouse;

namespace Media.Jobs;

/// <summary>The verb <c>journey</c>, and what runs without a verb: every job one after another, from events to predictions and a report.</summary>
internal static class Journey
{
    private static readonly Option<bool> Small = new("--small") { Description = "A small world (300 readers, 112 days) with fewer repetitions, in some seconds." };

    public static Command Command(JobConsole console, TimeProvider time)
    {
        var verb = new Command("journey", "All of it on this machine: events → Kafka → sessions → lake → features → models → warehouse → bandit → report.");
        Attach(verb, console, time);
        return verb;
    }

    /// <summary>Gives a command the journey's options and action.</summary>
    public static void Attach(Command command, JobConsole console, TimeProvider time)
    {
        foreach (var option in new Option[]
        {
            JobOptions.Source, JobOptions.Path, JobOptions.Users, JobOptions.Days, JobOptions.Seed, JobOptions.Signal, Small, JobOptions.Out,
            JobOptions.HorizonDays, JobOptions.TrainAsOf, JobOptions.TestAsOf,
        })
            command.Options.Add(option);
        command.SetAction(async (parsed, cancel) =>
        {
            if (JobConfiguration.Folder(parsed) is { LakeAt: not null } or { RegistryAt: not null }) console.Line("The journey keeps lake and registry in its own folder; Lake__Url and Registry__Url are for the other verbs.");
            var small = parsed.GetValue(Small);
            var source = EventSource.From(parsed, small ? (Users: 300, Days: 112) : null);
            var plan = new TrainingPlan([], parsed.GetValue(JobOptions.HorizonDays), parsed.GetValue(JobOptions.TrainAsOf) ?? [], parsed.GetValue(JobOptions.TestAsOf), parsed.GetValue(JobOptions.Seed), Quick: small);
            await RunAsync(new JourneyFolder(parsed.GetRequiredValue(JobOptions.Out)), source, plan, small ? (Rounds: 5_000, Seeds: 20) : (Rounds: 20_000, Seeds: 100), console, time, cancel);
            return 0;
        });
    }

    /// <remarks>Made in a folder beside and put in place when it is whole: a journey that fails or is stopped leaves the former one as it was.</remarks>
    public static async Task<JourneySummary> RunAsync(JourneyFolder place, EventSource source, TrainingPlan plan, (int Rounds, int Seeds) bandit, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var started = Stopwatch.GetTimestamp();
        source.Check();
        TrainModels.CheckLength(source, plan);
        using var held = place.Hold();
        var folder = place.StartNext();
        var lake = folder.OpenLake();

        console.Heading("Events → sessions → lake");
        var ingest = await BuildSessions.PlayAsync(source, lake, folder, console, time, cancel);

        console.Heading("Features");
        var sessions = await console.StepAsync("read sessions", () => LakeSessions.ReadAsync(lake, cancel));
        var features = await BuildFeatures.RunAsync(lake, sessions, sessions.Now, console, time, cancel);

        console.Heading("Models");
        var articles = new LakeArticles(lake, console);
        var training = await TrainModels.RunAsync(folder, sessions, articles, plan, console, time, cancel);

        console.Heading("The same model with leaks");
        if (await CompareLeaks.RunAsync(folder, sessions, plan, console, cancel) is null) console.Line("– not run: this source gives the churn model nothing to learn.");

        console.Heading("Predictions and actions");
        var registry = new ModelRegistry(folder.OpenRegistry(), time);
        var models = await ScoreUsers.CurrentModelsAsync(registry, cancel);
        var predictions = await ScoreUsers.RunAsync(lake, models, features, console, time, cancel);
        await SuggestActions.RunAsync(lake, models, features, articles, console, time, cancel);

        console.Heading("Warehouse");
        // The journey's own, whatever server the other verbs use: it replaces what was there.
        if (WarehouseClient.EmbeddedIsHere) await RebuildWarehouse.RunAsync(new WarehouseOptions { Path = folder.Warehouse }, lake, console, cancel);
        else console.Line("– not loaded: the embedded ClickHouse is not here (it comes through npm, for Linux on x64).");

        console.Heading("Ad-slot bandit");
        var banditResult = await RunBandit.RunAsync(folder, bandit.Rounds, bandit.Seeds, plan.Seed, console, time, cancel);
        if (banditResult is null) console.Line("– not run: this source has no ads.");

        console.Heading("Report");
        var summary = JourneySummary.Of(source, ingest, sessions, features, training, models, predictions, banditResult);
        await WriteReport.RunAsync(folder, summary, console, cancel);
        place.ReplaceBy(folder);

        console.Heading($"Summary ({Stopwatch.GetElapsedTime(started).TotalSeconds:0} s, peak memory {PeakMemoryMiB():N0} MiB)");
        foreach (var line in summary.Lines) console.Line(line);
        console.Line("");
        console.Line($"Report:  {Path.GetFullPath(place.Report)}");
        console.Line($"Serve:   dotnet run --project src/Serving{(place.Root == JourneyFolder.Default ? "" : $" -- --Serving:DataFolder={place.Root}")}");
        if (WarehouseClient.EmbeddedIsHere) console.Line($"Ask:     dotnet run --project src/Jobs -- query top_articles{(place.Root == JourneyFolder.Default ? "" : $" --out {place.Root}")}");
        if (training.Refused.Count > 0) throw new JobException($"Not saved, because the leak gate found something: {string.Join("; ", training.Refused)}");
        return summary;
    }

    private static long PeakMemoryMiB()
    {
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64 >> 20;
    }
}
