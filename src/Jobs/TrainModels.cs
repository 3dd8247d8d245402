using System.CommandLine;
using System.Globalization;
using System.Reflection;
using Media.Evaluation;
using Media.Events.Simulator;
using Media.Events;
using Media.Features;
using Media.Lake;
using Media.Models;
using Media.Registry;

namespace Media.Jobs;

/// <summary>What to train and on which instants.</summary>
/// <param name="Models">Names of the catalogue; empty for all.</param>
/// <param name="HorizonDays">null for the models' own.</param>
/// <param name="TrainAsOf">Empty for a weekly grid before the test.</param>
/// <param name="Quick">Fewer repetitions and no simulation without signal: figures with wider intervals in a tenth of the time.</param>
internal sealed record TrainingPlan(IReadOnlyList<string> Models, int? HorizonDays, IReadOnlyList<DateTimeOffset> TrainAsOf, DateTimeOffset? TestAsOf, int Seed, bool Quick)
{
    /// <summary>Whether boosted models take the settings that their search found.</summary>
    public bool Tuned { get; init; }

    /// <summary>Whether the registered models learn on from newer rows, instead of new ones being fitted.</summary>
    public bool Continue { get; init; }

    /// <summary>The plan that a source's data call for where the command line says nothing.</summary>
    public TrainingPlan For(SourceResult? source) => source?.Source == "deskdrop" ? this with
    {
        // The 30-day windows that published figures on this set use; its last day is 2016-11-30.
        HorizonDays = HorizonDays ?? 30,
        TrainAsOf = TrainAsOf.Count > 0 ? TrainAsOf : [.. Enumerable.Range(7, 4).Select(month => new DateTimeOffset(2016, month, 1, 0, 0, 0, TimeSpan.Zero))],
        TestAsOf = TestAsOf ?? new DateTimeOffset(2016, 11, 1, 0, 0, 0, TimeSpan.Zero),
    } : this;
}

/// <summary>The verb <c>train</c>: fit, judge on a later instant beside the baselines, ask the leak gate, save.</summary>
internal static class TrainModels
{
    /// <summary>Sessions that a feature row should be able to look back on before the first training instant.</summary>
    private const int HistoryDays = 28;

    private const int GridDays = 7;

    private static readonly Option<bool> Tuned = new("--tuned") { Description = "Fit boosted models with the settings that 'jobs tune' found for them." };

    private static readonly Option<bool> Continue = new("--continue") { Description = "Let the registered models learn on from rows newer than theirs; saved only where held-out rows say that it helped." };

    public static Command Command(JobConsole console, TimeProvider time)
    {
        var models = new Argument<string[]>("models") { Description = $"Models to train: {string.Join(", ", ModelCatalog.All.Keys)}. Default: all.", Arity = ArgumentArity.ZeroOrMore };
        models.Validators.Add(JobOptions.KnownModels);
        var verb = new Command("train", "Trains models on the lake's sessions, judges them on a later instant, and saves those that pass the leak gate.")
        {
            models, JobOptions.Out, JobOptions.Seed, JobOptions.HorizonDays, JobOptions.TrainAsOf, JobOptions.TestAsOf, Tuned, Continue,
        };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            var lake = folder.OpenLake();
            var sessions = await console.StepAsync("read sessions", () => LakeSessions.ReadAsync(lake, cancel));
            var plan = new TrainingPlan(parsed.GetValue(models) ?? [], parsed.GetValue(JobOptions.HorizonDays), parsed.GetValue(JobOptions.TrainAsOf) ?? [], parsed.GetValue(JobOptions.TestAsOf), parsed.GetValue(JobOptions.Seed), Quick: false) { Tuned = parsed.GetValue(Tuned), Continue = parsed.GetValue(Continue) };
            var outcome = await RunAsync(folder, sessions, new LakeArticles(lake, console), plan, console, time, cancel);
            if (outcome.Refused.Count > 0) throw new JobException($"Not saved, because the leak gate found something: {string.Join("; ", outcome.Refused)}");
            return 0;
        });
        return verb;
    }

    public static async Task<TrainingOutcome> RunAsync(JourneyFolder folder, LakeSessions sessions, LakeArticles articles, TrainingPlan plan, JobConsole console, TimeProvider time, CancellationToken cancel)
    {
        var source = await RunResults.FindAsync<SourceResult>(folder, "source", cancel);
        plan = plan.For(source);
        var registry = new ModelRegistry(folder.OpenRegistry(), time);
        var outcome = new TrainingOutcome();
        IReadOnlyList<IEstimator> estimators = [.. (plan.Models.Count > 0 ? plan.Models : ModelCatalog.All.Keys).Select(ModelCatalog.Get)];
        var history = new History(sessions.Timelines, estimators.OfType<ILabelledEstimator>().Any(e => e.ReadsArticles) ? await articles.ReadAsync(cancel) : ArticleLog.Empty);
        var truth = source?.Source == "simulator" ? new SimulatedTruth(EventSource.SimulatorOptionsOf(source)) : null;
        var noSignalWorld = new NoSignalWorld(plan.Seed);
        foreach (var estimator in estimators)
        {
            try
            {
                if (estimator is ILabelledEstimator labelled) await TrainLabelledAsync(labelled);
                else if (!plan.Continue) await TrainUnlabelledAsync(estimator);
                else Skip(estimator, "it learns without labels and cannot learn on; train it anew.");
            }
            catch (TooFewRowsException fault)
            {
                Skip(estimator, fault.Message); // the other models can still be trained
            }
        }
        return outcome;

        void Skip(IEstimator estimator, string reason)
        {
            console.Line($"– {estimator.Name}: not trained, {reason}");
            outcome.Skipped.Add($"{estimator.Name}: {reason}");
        }

        async Task TrainLabelledAsync(ILabelledEstimator estimator)
        {
            if (plan.Tuned && estimator is IBoosted boosted) estimator = await TuneModel.TunedAsync(folder, boosted, cancel);
            if (plan.HorizonDays is { } days) estimator = estimator.WithHorizon(TimeSpan.FromDays(days));
            var split = Split(sessions, plan, estimator.Horizon);
            var rows = estimator.RowsOf(history, [.. split.Train.Append(split.Test).Select(EpochMicros.Of)], cancel);
            if (WhyNot(rows, split) is { } fault)
            {
                Skip(estimator, fault);
                return;
            }
            var (train, test) = split.Cut(rows);
            LearntOn? learntOn = null;
            if (plan.Continue && (learntOn = await LearnOnAsync(estimator, split, train)) is null) return;
            var (evaluation, leaks) = await console.StepAsync($"train {estimator.Name}", () => Task.Run(() =>
            {
                IReadOnlyList<IEstimator> baselines = [.. ModelCatalog.BaselinesOf(estimator), .. learntOn is null ? [] : new[] { new GivenEstimator($"{estimator.Name} (version {learntOn.From.Version})", estimator, learntOn.Before) }];
                var judged = ModelEvaluation.Evaluate(learntOn is null ? estimator : new GivenEstimator(estimator.Name, estimator, learntOn.After), train, test, baselines, truth is null ? null : estimator.TruthOf(truth, test, history),
                    new Judging { Kind = estimator.Kind, Lead = estimator.LeadMetric, Knowable = truth is null ? null : estimator.KnowableOf(truth, test, history), Bootstrap = new BootstrapOptions { Seed = plan.Seed, Resamples = plan.Quick ? 300 : 1_000 } }, cancel);
                var noSignal = !plan.Quick && truth is not null ? noSignalWorld.Order(estimator, cancel) : null;
                var gate = LeakGate.Check(new LeakGateInput
                {
                    Estimator = estimator, Kind = estimator.Kind, Train = train, Test = test, Groups = estimator.FeatureGroups, Exceptions = estimator.LeakExceptions,
                    RowFeatures = estimator.RowFeatures, Recompute = asked => PointInTime.Rebuild(estimator, history, asked, cancel),
                    Stores = [new StoreCount("lake", sessions.Rows, sessions.DistinctIds)],
                    NoSignal = noSignal,
                }, Effort(plan, test), cancel);
                return (judged, gate);
            }, cancel));

            var importances = evaluation.Model is IExplains explains ? explains.Importances(test.X) : [];
            var card = new ModelCard
            {
                Name = estimator.Name, Label = estimator.LabelDefinition, Features = estimator.Features, LearnedOnFrom = learntOn?.From.Version,
                TrainAsOf = learntOn is null ? split.Train : [.. learntOn.From.TrainAsOf, .. learntOn.Instants], TestAsOf = split.Test,
                HorizonDays = estimator.Horizon.TotalDays, TrainRows = learntOn is null ? train.Rows : learntOn.From.TrainRows + learntOn.Rows, TestRows = test.Rows, TrainBaseRate = train.MeanLabel, TestBaseRate = test.MeanLabel,
                Metrics = evaluation.ForCard(), Ceiling = evaluation.Ceiling?.ForCard(), ShareOfCeiling = evaluation.ShareOfCeiling,
                Knowable = evaluation.Knowable?.ForCard(), ShareOfKnowable = evaluation.ShareOfKnowable, Gain = evaluation.Gain.Sentence,
                Leaks = leaks, TopFeatures = [.. importances.Take(15)], LakeVersions = new Dictionary<string, long> { [Tables.Sessions.Name] = sessions.Version },
                GitCommit = GitCommit(), Seed = plan.Seed, TrainedAt = time.GetUtcNow(), Libraries = Libraries(),
            };
            var version = 0;
            if (leaks.Passed) version = (await SaveAsync(evaluation.Model, card)).Version;
            else outcome.Refused.Add($"{estimator.Name}: {leaks}");

            var file = ModelResult.Of(estimator, version, split, train, test, evaluation, leaks, card.TopFeatures, plan.Seed, cancel);
            await RunResults.SaveAsync(folder, $"evaluation-{estimator.Name}", file, cancel);
            outcome.Evaluated.Add(file);
            Say(file);
        }

        // null where the registered model stays as it is.
        async Task<LearntOn?> LearnOnAsync(ILabelledEstimator estimator, TimeSplit split, LabelledRows train)
        {
            if (plan.Models.Count == 0 && await registry.CurrentVersionAsync(estimator.Name, cancel) is null)
            {
                Skip(estimator, "nothing was saved that could learn on.");
                return null;
            }
            var saved = await registry.LoadAsync(estimator.Name, version: null, cancel);
            if (estimator is not IBoosted boosted || saved.Open() is not ILearnsOn model)
            {
                Skip(estimator, "it cannot learn on; train it anew.");
                return null;
            }
            // Single happenings come up to a grid step after their instant: what a model learned from an instant ends with its step.
            var learnedUpTo = saved.Card.TrainAsOf.Max().AddDays(GridDays);
            List<DateTimeOffset> instants = [.. split.Train.Where(t => t >= learnedUpTo)];
            if (instants.Count == 0)
            {
                Skip(estimator, $"version {saved.Card.Version} learned from rows up to {learnedUpTo:yyyy-MM-dd}, and no training instant is newer.");
                return null;
            }
            var from = EpochMicros.Of(instants[0]);
            var fresh = train.Take([.. Enumerable.Range(0, train.Rows).Where(row => train.X.AsOfMicros[row] >= from)]);
            if (fresh.Rows == 0) throw new TooFewRowsException($"there is no row from {instants[0]:yyyy-MM-dd} on.");
            var update = await console.StepAsync($"learn on, {estimator.Name}", () => Task.Run(() => model.LearnOn(boosted.Parts, fresh.X, fresh.Y, new LearnOnOptions(), cancel), cancel));
            console.Line($"  {estimator.Name} version {saved.Card.Version}{(update.Taken ? "" : " stays")}: {update.Sentence}; {JobConsole.Count(fresh.Rows)} newer rows of {instants.Count} instants");
            return update.Taken ? new LearntOn(saved.Card, model, update.Model, instants, fresh.Rows) : null;
        }

        async Task TrainUnlabelledAsync(IEstimator estimator)
        {
            var asOf = sessions.Now;
            var x = FeatureCatalog.Build(sessions.Timelines, EpochMicros.Of(asOf));
            if (x.Rows < SegmentationEstimator.MinRows)
            {
                var fault = $"{x.Rows} readers are too few; it needs {SegmentationEstimator.MinRows}.";
                Skip(estimator, fault);
                return;
            }
            var model = await console.StepAsync($"train {estimator.Name}", () => Task.Run(() => estimator.Fit(x, [], cancel), cancel));
            var card = new ModelCard
            {
                Name = estimator.Name, Label = "A reader's segment; found without labels.", Features = estimator.Features, TrainAsOf = [asOf], TrainRows = x.Rows,
                LakeVersions = new Dictionary<string, long> { [Tables.Sessions.Name] = sessions.Version },
                GitCommit = GitCommit(), Seed = plan.Seed, TrainedAt = time.GetUtcNow(), Libraries = Libraries(),
            };
            await SaveAsync(model, card);
            if (model is SegmentationModel segments)
            {
                outcome.Segments = segments;
                console.Line($"  {segments.Profiles.Count} segments, silhouette {segments.Chosen.Silhouette:0.000}, stability (ARI between resamples) {segments.Chosen.Stability:0.00}");
                foreach (var profile in segments.Profiles) console.Line($"    {JobConsole.Count(profile.Users),7} {profile.Name}");
            }
        }

        async Task<ModelCard> SaveAsync(IModel model, ModelCard card)
        {
            using var bytes = new MemoryStream();
            model.Save(bytes);
            return await registry.SaveAsync(card.Name, bytes.ToArray(), card, cancel);
        }

        void Say(ModelResult file)
        {
            var (header, rows) = file.Table();
            var mean = file.Kind == LabelKind.YesNo ? string.Create(CultureInfo.InvariantCulture, $"base rate {file.TestMeanLabel:P1}") : string.Create(CultureInfo.InvariantCulture, $"mean label {file.TestMeanLabel:0.###}");
            console.Line($"  {JobConsole.Count(file.TestRows)} test rows as of {file.TestAsOf:yyyy-MM-dd}, {mean}; {JobConsole.Count(file.TrainRows)} training rows from {file.TrainAsOf.Count} earlier instants");
            console.Table(header, rows);
            console.Line($"  {file.Gain}");
            if (file.ShareOfCeiling is { } share) console.Line($"  {share.Value:P1} of the ceiling's {file.LeadHeading} over chance (95 % CI {share.Low:P1} – {share.High:P1})");
            if (file.ShareOfKnowable is { } known) console.Line($"  {known.Value:P1} of what was to be known beforehand (95 % CI {known.Low:P1} – {known.High:P1})");
            console.Line($"  leak gate: {file.Leaks}");
        }
    }

    /// <summary>Rows of happenings have an instant each, and each instant asked about costs a pass over the history.</summary>
    private static LeakGateOptions Effort(TrainingPlan plan, LabelledRows test)
    {
        var happenings = test.X.AsOfMicros.Distinct().Count() > 1;
        return plan.Quick
            ? new LeakGateOptions { Seed = plan.Seed, ShufflePairs = 2, MaxRows = 1_000, RecomputedRows = happenings ? 20 : 100 }
            : new LeakGateOptions { Seed = plan.Seed, RecomputedRows = happenings ? 40 : 500 };
    }

    /// <summary>Finds before a journey begins that its simulated days cannot hold a history and two label windows.</summary>
    /// <exception cref="JobException">They are too few.</exception>
    public static void CheckLength(EventSource source, TrainingPlan plan)
    {
        if (source is not SimulatorSource simulator || plan.TrainAsOf.Count > 0) return;
        var horizon = plan.HorizonDays ?? ModelCatalog.All.Values.OfType<ILabelledEstimator>().Max(e => (int)e.Horizon.TotalDays);
        var least = HistoryDays + 2 * horizon + 2;
        if (simulator.Options.Days < least)
            throw new JobException($"--days {simulator.Options.Days} is too short for {HistoryDays} days of history and two label windows of {horizon} days; use at least {least}, or a shorter --horizon-days.");
    }

    /// <summary>Which instants train and which later one tests.</summary>
    public static TimeSplit Split(LakeSessions sessions, TrainingPlan plan, TimeSpan horizon)
    {
        var lastWhole = new DateTimeOffset(sessions.LastEnd.UtcDateTime.Date, TimeSpan.Zero);
        var test = plan.TestAsOf ?? lastWhole - horizon;
        var first = new DateTimeOffset(sessions.FirstStart.UtcDateTime.Date, TimeSpan.Zero).AddDays(HistoryDays);
        if (test + horizon > sessions.Now) throw new JobException($"The test's label window ends at {test + horizon:yyyy-MM-dd}, but the data end at {sessions.LastEnd:yyyy-MM-dd HH:mm}.");
        if (plan.TrainAsOf.Count == 0 && test - horizon < first)
            throw new JobException($"The data run from {sessions.FirstStart:yyyy-MM-dd} to {sessions.LastEnd:yyyy-MM-dd}: too short for {HistoryDays} days of history and two label windows of {horizon.TotalDays:0} days. Use more days or a shorter --horizon-days.");
        try { return TimeSplit.Of(plan.TrainAsOf.Count > 0 ? plan.TrainAsOf.Append(test) : TimeSplit.Grid(first, test, TimeSpan.FromDays(GridDays)), horizon); }
        catch (ArgumentException e) { throw new JobException($"These as-of dates cannot be split: {e.Message}", e); }
    }

    /// <summary>What keeps a model from being trained on these rows, or null: a source may not hold what it predicts.</summary>
    public static string? WhyNot(LabelledRows rows, TimeSplit split)
    {
        var test = EpochMicros.Of(split.Test);
        foreach (var (part, labels) in new[] { ("training", Labels(isTest: false)), ("test", Labels(isTest: true)) })
        {
            if (labels.Count == 0) return $"this source gives it no {part} row.";
            if (labels.Distinct().Count() == 1) return $"all {JobConsole.Count(labels.Count)} {part} rows have the label {labels[0]:0}.";
        }
        return null;

        List<float> Labels(bool isTest) => [.. rows.Y.Where((_, row) => rows.X.AsOfMicros[row] >= test == isTest)];
    }

    /// <summary>The commit the program was built from, as the SDK wrote it into the assembly.</summary>
    private static string GitCommit() =>
        typeof(TrainModels).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+') is [_, var commit] ? commit : "unknown";

    /// <summary>The libraries that shape a model's bytes, by package, as the build pinned them.</summary>
    private static Dictionary<string, string> Libraries() => typeof(ModelCatalog).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Where(m => m.Key.StartsWith("Library:", StringComparison.Ordinal)).ToDictionary(m => m.Key["Library:".Length..], m => m.Value ?? "");
}

/// <summary>A registered model that learned on.</summary>
/// <param name="From">Its card.</param>
/// <param name="Instants">Of the newer rows.</param>
/// <param name="Rows">How many these are.</param>
internal sealed record LearntOn(ModelCard From, IModel Before, IModel After, IReadOnlyList<DateTimeOffset> Instants, int Rows);

/// <summary>A model already fitted, to be judged as if it were fitted now.</summary>
internal sealed record GivenEstimator(string Name, IEstimator Of, IModel Model) : IEstimator
{
    public IReadOnlyList<string> Features => Of.Features;
    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel) => Model;
    public IModel Load(Stream saved) => Of.Load(saved);
}

/// <summary>What came of a training run.</summary>
internal sealed class TrainingOutcome
{
    public List<ModelResult> Evaluated { get; } = [];

    /// <summary>Models the source cannot train, each with the reason.</summary>
    public List<string> Skipped { get; } = [];

    /// <summary>Models the leak gate refused, each with what it found.</summary>
    public List<string> Refused { get; } = [];
    public SegmentationModel? Segments { get; set; }
}
