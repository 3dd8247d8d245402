using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Media.Events;
using Media.Features;
using Media.Models;
using Media.Models.LightGbm;
using Media.Tuning;

namespace Media.Jobs;

/// <summary>What a search for a model's settings found, as the file that the report shows and that <c>train --tuned</c> takes up.</summary>
internal sealed record TuningResultFile(string Model, DateTimeOffset TestAsOf, string Lead, IReadOnlyList<TunedPart> Parts, IReadOnlyList<ModelMetrics> Leaderboard, string Gain);

/// <summary>One part of the model: the best settings, and all that were tried, best first.</summary>
internal sealed record TunedPart(string Name, string Objective, LightGbmParameters Best, IReadOnlyList<TrialLine> Trials);

/// <summary>One candidate: its settings in words, on how many folds it was tried, and its mean loss there.</summary>
internal sealed record TrialLine(int Number, string Settings, int Folds, double Loss);

/// <summary>The verb <c>tune</c>: search a model's settings inside the training rows, judge the best on the test instant beside its own settings and the baselines.</summary>
internal static class TuneModel
{
    private static readonly Option<int> Trials = JobOptions.Number("--trials", 30, 1, 10_000, "Settings to try of each of the model's parts; its own are always the first.");
    private static readonly Option<double?> Minutes = new("--minutes") { Description = "Draw no new settings after so many minutes; --trials then only if given." };

    static TuneModel() => Minutes.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<double?>() is <= 0 or > 1_440) result.AddError("--minutes takes a number above 0, at most 1440.");
    });

    public static Command Command(JobConsole console)
    {
        var model = new Argument<string>("model") { Description = $"One of: {string.Join(", ", ModelCatalog.All.Values.OfType<IBoosted>().Select(e => e.Name))}." };
        model.Validators.Add(result =>
        {
            foreach (var token in result.Tokens)
                if (WhyNot(token.Value) is { } reason) result.AddError(reason);
        });
        var verb = new Command("tune", "Searches the settings of a model's trees on the lake's rows, and prints a leaderboard of the best, the model's own and the baselines.")
        {
            model, Trials, Minutes, JobOptions.Out, JobOptions.Seed, JobOptions.HorizonDays, JobOptions.TrainAsOf, JobOptions.TestAsOf,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            var lake = folder.OpenLake();
            var sessions = await console.StepAsync("read sessions", () => LakeSessions.ReadAsync(lake, cancel));
            var plan = new TrainingPlan([], parsed.GetValue(JobOptions.HorizonDays), parsed.GetValue(JobOptions.TrainAsOf) ?? [], parsed.GetValue(JobOptions.TestAsOf), parsed.GetValue(JobOptions.Seed), Quick: false)
                .For(await RunResults.FindAsync<SourceResult>(folder, "source", cancel));
            var estimator = (IBoosted)ModelCatalog.Get(parsed.GetRequiredValue(model));
            if (plan.HorizonDays is { } days) estimator = (IBoosted)estimator.WithHorizon(TimeSpan.FromDays(days));
            var articles = estimator.ReadsArticles ? await new LakeArticles(lake, console).ReadAsync(cancel) : ArticleLog.Empty;
            var minutes = parsed.GetValue(Minutes);
            var trials = minutes is not null && parsed.GetResult(Trials) is not { Implicit: false } ? 10_000 : parsed.GetValue(Trials);
            var split = TrainModels.Split(sessions, plan, estimator.Horizon);
            var rows = estimator.RowsOf(new History(sessions.Timelines, articles), [.. split.Train.Append(split.Test).Select(EpochMicros.Of)], cancel);
            if (TrainModels.WhyNot(rows, split) is { } fault) throw new JobException($"{estimator.Name} cannot be tuned: {fault}");
            var (train, test) = split.Cut(rows);
            var started = Stopwatch.GetTimestamp();
            var result = await Task.Run(() => ModelTuning.Run(estimator, train, test, ModelCatalog.BaselinesOf(estimator), new TuningOptions { Trials = trials, Seed = plan.Seed },
                share => minutes is not { } most || Stopwatch.GetElapsedTime(started).TotalMinutes < most * share, Say, cancel), cancel);

            var file = new TuningResultFile(estimator.Name, split.Test, result.Lead,
                [.. result.Parts.Select(p => new TunedPart(p.Part, p.Objective.ToString(), p.Trials[0].Settings, [.. p.Trials.Select(t => new TrialLine(t.Number, Words(t.Settings), t.Losses.Count, t.Loss))]))], result.Leaderboard, result.Gain);
            await RunResults.SaveAsync(folder, FileName(estimator.Name), file, cancel);
            foreach (var part in file.Parts)
            {
                if (part.Name.Length > 0) console.Line($"  {part.Name}:");
                console.Table(TrialHeader, part.Trials.Take(10).Select(TrialCells));
            }
            var (header, cells) = Leaderboard.Of(file.Lead, file.Leaderboard, intervals: false);
            console.Table(header, cells);
            console.Line($"  {file.Gain}");
            console.Line($"  'jobs train {estimator.Name} --tuned' fits it so.");
            return 0;
        });
        return verb;

        void Say(BoostedPart part, Trial<LightGbmParameters> trial) =>
            console.Line(string.Create(CultureInfo.InvariantCulture, $"  {(part.Name.Length > 0 ? $"{part.Name}, " : "")}trial {trial.Number}, {trial.Losses.Count} fold{(trial.Losses.Count > 1 ? "s" : "")}: loss {trial.Loss:0.00000}  {Words(trial.Settings)}"));
    }

    /// <summary>The name of a model's <see cref="TuningResultFile"/>.</summary>
    public static string FileName(string model) => $"tuning-{model}";

    /// <summary>The estimator with the best settings that its search found.</summary>
    /// <exception cref="JobException">It has not been tuned, or by a version whose model had other parts.</exception>
    public static async Task<IBoosted> TunedAsync(JourneyFolder folder, IBoosted estimator, CancellationToken cancel)
    {
        var found = await RunResults.FindAsync<TuningResultFile>(folder, FileName(estimator.Name), cancel) ?? throw new JobException($"{estimator.Name} has not been tuned; run 'jobs tune {estimator.Name}' first.");
        if (!found.Parts.Select(p => p.Name).SequenceEqual(estimator.Parts.Select(p => p.Name))) throw new JobException($"The tuned settings of {estimator.Name} are of other parts than it has; run 'jobs tune {estimator.Name}' again.");
        for (var i = 0; i < found.Parts.Count; i++) estimator = estimator.Parts[i].With(estimator.Parts[i].Fitting with { Trees = found.Parts[i].Best });
        return estimator;
    }

    /// <summary>Why a model cannot be tuned, or null.</summary>
    private static string? WhyNot(string model) => ModelCatalog.All.TryGetValue(model, out var estimator) ? estimator switch
    {
        IBoosted => null,
        SegmentationEstimator s => $"{model} has nothing to search: its training itself tries {s.MinSegments} to {s.MaxSegments} segments, and the report shows what each came to.",
        _ => $"{model} has nothing to search: its training sets no tree's settings.",
    } : $"There is no model '{model}' to tune; there are {string.Join(", ", ModelCatalog.All.Values.OfType<IBoosted>().Select(e => e.Name))}.";

    /// <summary>Headings of <see cref="TrialCells"/>.</summary>
    public static IReadOnlyList<string> TrialHeader => ["trial", "settings", "folds", "loss"];

    public static IReadOnlyList<string> TrialCells(TrialLine trial) =>
        [trial.Number == 0 ? "0 (own settings)" : trial.Number.ToString(CultureInfo.InvariantCulture), trial.Settings, trial.Folds.ToString(CultureInfo.InvariantCulture), trial.Loss.ToString("0.00000", CultureInfo.InvariantCulture)];

    private static string Words(LightGbmParameters s) => string.Create(CultureInfo.InvariantCulture,
        $"leaves {s.Leaves}, rows per leaf {s.RowsPerLeaf}, columns {s.FeatureShare:P0}, rows {s.RowShare:P0}, L2 {s.L2:0.###}{(s.RandomThresholds ? ", random thresholds" : "")}");
}
