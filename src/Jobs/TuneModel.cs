using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Media.Events;
using Media.Features;
using Media.Lake;
using Media.Models;
using Media.Models.LightGbm;
using Media.Tuning;

namespace Media.Jobs;

/// <summary>What a search for a model's settings found, as the file that the report shows.</summary>
internal sealed record TuningResultFile(string Model, string Objective, IReadOnlyList<TrialLine> Trials, IReadOnlyList<ModelMetrics> Leaderboard, string Gain);

/// <summary>One candidate: its settings in words, on how many folds it was tried, and its mean loss there.</summary>
internal sealed record TrialLine(int Number, string Settings, int Folds, double Loss);

/// <summary>The verb <c>tune</c>: search a model's settings inside the training rows, judge the best on the test instant beside its own settings and the baselines.</summary>
internal static class TuneModel
{
    private static readonly Option<int> Trials = JobOptions.Number("--trials", 30, 1, 10_000, "Settings to try; the model's own are always the first.");
    private static readonly Option<double?> Minutes = new("--minutes") { Description = "Draw no new settings after so many minutes; --trials then only if given." };

    static TuneModel() => Minutes.Validators.Add(result =>
    {
        if (result.GetValueOrDefault<double?>() is <= 0 or > 1_440) result.AddError("--minutes takes a number above 0, at most 1440.");
    });

    public static Command Command(JobConsole console)
    {
        var tunable = ModelCatalog.All.Values.OfType<ITunable>().Select(e => e.Name).Order(StringComparer.Ordinal).ToList();
        var model = new Argument<string>("model") { Description = $"One of: {string.Join(", ", tunable)}." };
        model.Validators.Add(result =>
        {
            foreach (var token in result.Tokens.Where(t => !tunable.Contains(t.Value))) result.AddError($"There is no model '{token.Value}' to tune; there are {string.Join(", ", tunable)}.");
        });
        var verb = new Command("tune", "Searches the settings of a model's trees on the lake's rows, and prints a leaderboard of the best, the model's own and the baselines.")
        {
            model, Trials, Minutes, JobOptions.Out, JobOptions.Seed, JobOptions.HorizonDays, JobOptions.TrainAsOf, JobOptions.TestAsOf,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = new JourneyFolder(parsed.GetRequiredValue(JobOptions.Out));
            var lake = new LocalObjectStore(folder.Lake);
            var sessions = await console.StepAsync("read sessions", () => LakeSessions.ReadAsync(lake, cancel));
            var plan = new TrainingPlan([], parsed.GetValue(JobOptions.HorizonDays), parsed.GetValue(JobOptions.TrainAsOf) ?? [], parsed.GetValue(JobOptions.TestAsOf), parsed.GetValue(JobOptions.Seed), Quick: false)
                .For(await RunResults.FindAsync<SourceResult>(folder, "source", cancel));
            var estimator = (ITunable)ModelCatalog.Get(parsed.GetRequiredValue(model));
            if (plan.HorizonDays is { } days) estimator = (ITunable)estimator.WithHorizon(TimeSpan.FromDays(days));
            var articles = estimator.ReadsArticles ? await new LakeArticles(lake, console).ReadAsync(cancel) : ArticleLog.Empty;
            var minutes = parsed.GetValue(Minutes);
            var trials = minutes is not null && parsed.GetResult(Trials) is not { Implicit: false } ? 10_000 : parsed.GetValue(Trials);
            var split = TrainModels.Split(sessions, plan, estimator.Horizon);
            var rows = estimator.RowsOf(new History(sessions.Timelines, articles), [.. split.Train.Append(split.Test).Select(EpochMicros.Of)], cancel);
            if (TrainModels.WhyNot(rows, split) is { } fault) throw new JobException($"{estimator.Name} cannot be tuned: {fault}");
            var (train, test) = split.Cut(rows);
            var started = Stopwatch.GetTimestamp();
            var result = await Task.Run(() => ModelTuning.Run(estimator, train, test, ModelCatalog.BaselinesOf(estimator), new TuningOptions { Trials = trials, Seed = plan.Seed },
                () => minutes is not { } most || Stopwatch.GetElapsedTime(started).TotalMinutes < most, Say, cancel), cancel);

            var file = new TuningResultFile(estimator.Name, estimator.Objective.ToString(), [.. result.Trials.Select(t => new TrialLine(t.Number, Words(t.Settings), t.Losses.Count, t.Loss))], result.Leaderboard, result.Gain);
            await RunResults.SaveAsync(folder, $"tuning-{estimator.Name}", file, cancel);
            console.Table(TrialHeader, file.Trials.Take(10).Select(TrialCells));
            var (header, cells) = Leaderboard(file);
            console.Table(header, cells);
            console.Line($"  {file.Gain}");
            return 0;
        });
        return verb;

        void Say(Trial<LightGbmParameters> trial) =>
            console.Line(string.Create(CultureInfo.InvariantCulture, $"  trial {trial.Number}, {trial.Losses.Count} fold{(trial.Losses.Count > 1 ? "s" : "")}: loss {trial.Loss:0.00000}  {Words(trial.Settings)}"));
    }

    /// <summary>Headings of <see cref="TrialCells"/>.</summary>
    public static IReadOnlyList<string> TrialHeader => ["trial", "settings", "folds", "loss"];

    public static IReadOnlyList<string> TrialCells(TrialLine trial) =>
        [trial.Number == 0 ? "0 (own settings)" : trial.Number.ToString(CultureInfo.InvariantCulture), trial.Settings, trial.Folds.ToString(CultureInfo.InvariantCulture), trial.Loss.ToString("0.00000", CultureInfo.InvariantCulture)];

    /// <summary>The leaderboard as a table: every metric with its interval.</summary>
    public static (IReadOnlyList<string> Header, IEnumerable<IReadOnlyList<string>> Cells) Leaderboard(TuningResultFile file) =>
        (["model", .. file.Leaderboard[0].Metrics.Select(m => m.Metric)],
        file.Leaderboard.Select(row => (IReadOnlyList<string>)[row.Model, .. row.Metrics.Select(m => string.Create(CultureInfo.InvariantCulture, $"{m.Value:0.000} ({m.Low:0.000} – {m.High:0.000})"))]));

    private static string Words(LightGbmParameters s) => string.Create(CultureInfo.InvariantCulture,
        $"leaves {s.Leaves}, rows per leaf {s.RowsPerLeaf}, columns {s.FeatureShare:P0}, rows {s.RowShare:P0}, L2 {s.L2:0.###}{(s.RandomThresholds ? ", random thresholds" : "")}");
}
