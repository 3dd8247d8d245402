using System.CommandLine;
using System.Globalization;
using Media.Charts;
using Media.Evaluation;
using Media.Events;
using Media.Lake;
using Media.Models;
using Media.Registry;
using Media.Sessions;

namespace Media.Jobs;

/// <summary>The verb <c>report</c>: what the lake and the results hold, as one HTML page that needs no network.</summary>
internal static class WriteReport
{
    public static Command Command(JobConsole console, TimeProvider time)
    {
        var verb = new Command("report", "Writes the HTML report anew from the lake, the registry and the results.") { JobOptions.Out };
        verb.SetAction(async (parsed, cancel) =>
        {
            var folder = JobConfiguration.Folder(parsed);
            await RunAsync(folder, summary: null, console, cancel);
            console.Line($"  {folder.Report}");
            return 0;
        });
        return verb;
    }

    /// <param name="summary">The journey's; null to take the one that the last journey left.</param>
    public static async Task RunAsync(JourneyFolder folder, JourneySummary? summary, JobConsole console, CancellationToken cancel)
    {
        if (summary is not null) await RunResults.SaveAsync(folder, "summary", summary, cancel);
        else summary = await RunResults.FindAsync<JourneySummary>(folder, "summary", cancel);
        await console.StepAsync("report", async () =>
        {
            var lake = folder.OpenLake();
            var sessions = await LakeSessions.ReadAsync(lake, cancel);
            var page = new ReportPage("Media: from readers' events to predictions");
            if (summary is not null) page.Lines(summary.Lines);
            await AddFlowAsync(page, folder, lake, cancel);
            AddSessions(page, sessions);
            await AddFeaturesAsync(page, lake, cancel);
            foreach (var name in ModelCatalog.All.Keys)
                if (await RunResults.FindAsync<ModelResult>(folder, $"evaluation-{name}", cancel) is { } evaluation) AddModel(page, evaluation, await RunResults.FindAsync<TuningResultFile>(folder, TuneModel.FileName(name), cancel));
            if (await RunResults.FindAsync<LeakResult>(folder, "leaks", cancel) is { } leaks) AddLeaks(page, leaks);
            await AddSegmentsAsync(page, folder, cancel);
            if (await RunResults.FindAsync<BanditResult>(folder, "bandit", cancel) is { } bandit) AddBandit(page, bandit);
            await File.WriteAllTextAsync(folder.Report, page.ToHtml(), cancel);
            return 0;
        });
    }

    private static async Task AddFlowAsync(ReportPage page, JourneyFolder folder, IObjectStore lake, CancellationToken cancel)
    {
        if (await RunResults.FindAsync<IngestResult>(folder, "ingest", cancel) is not { } ingest) return;
        var c = ingest.Counts;
        page.Section("What came in, what went where");
        page.Paragraph("Every record that the log delivered is accounted for. Bad records are kept whole with their reason; late events (more than 6 h behind the newest of their partition) are kept in events but reopen no session; a second delivery of the same event_id is dropped.");
        page.Table(["step", "rows", "adds up as"],
        [
            ["received from Kafka", N(c.Received), $"{N(c.Good)} good + {N(c.Bad)} bad{(c.Replayed > 0 ? $" + {N(c.Replayed)} kept before" : "")}"],
            ["good", N(c.Good), $"{N(c.Accepted)} in sessions + {N(c.Late)} late + {N(c.Duplicates)} duplicates"],
            ["lake: events", N(ingest.EventRows), $"{N(c.Accepted)} + {N(c.Late)}"],
            ["lake: bad_events", N(ingest.BadEventRows), N(c.Bad)],
            ["lake: sessions", N(ingest.SessionRows), $"{N(c.Sessions)} closed{(c.Recovered > 0 ? $", {N(c.Recovered)} of them recovered" : "")}"],
        ]);
        var features = await RowsAsync(lake, Tables.Features, cancel);
        var predictions = await RowsAsync(lake, Tables.Predictions, cancel);
        page.Figure(FlowChart.Of("Rows at each step", ["received", "events", "bad_events", "sessions", "features", "predictions"],
            [c.Received, ingest.EventRows, ingest.BadEventRows, ingest.SessionRows, features, predictions]));
        var reasons = await BadReasonsAsync(lake, cancel);
        if (reasons.Count > 0) page.Table(["bad event: reason", "field", "records"], reasons);
    }

    private static void AddSessions(ReportPage page, LakeSessions sessions)
    {
        var all = sessions.Timelines.SelectMany(t => t.Sessions).ToList();
        page.Section("Sessions");
        page.Paragraph($"{N(sessions.Rows)} sessions of {N(sessions.Timelines.Count)} readers; a session ends after 30 min without an event, or after 24 h. Closed by: {string.Join(", ", all.GroupBy(s => s.ClosedBy).OrderBy(g => g.Key).Select(g => $"{g.Key.ToString().ToLowerInvariant()} {N(g.Count())}"))}. The top 1 % of each distribution is folded into its last bar.");
        page.Figure(DistributionChart.Of("Session duration", "minutes", "sessions", [.. all.Select(s => s[SessionMetrics.DurationS] / 60)]));
        page.Figure(DistributionChart.Of("Events per session", "events", "sessions", [.. all.Select(s => s[SessionMetrics.TotalEvents])]));
        page.Figure(DistributionChart.Of("Start of the session", "hour of the day (UTC)", "sessions", [.. all.Select(s => s[SessionMetrics.StartHour])]));
        page.Figure(DistributionChart.Of("Days since the reader's session before", "days", "sessions", [.. all.Select(s => s[SessionMetrics.DaysSincePreviousSession])]));
    }

    private static async Task AddFeaturesAsync(ReportPage page, IObjectStore lake, CancellationToken cancel)
    {
        if (await RowsAsync(lake, Tables.Features, cancel) == 0) return;
        var features = await ScoreUsers.LatestFeaturesAsync(lake, cancel);
        page.Section("Features");
        page.Paragraph($"{features.Names.Count} features of {N(features.Rows)} readers as of {EpochMicros.Instant(features.AsOfMicros[0]):yyyy-MM-dd}, each from sessions that had ended before that instant only.");
        foreach (var (name, unit) in new[] { ("days_since_last_session", "days"), ("session_frequency_per_day", "sessions per day"), ("avg_engagement_score", "points per session"), ("content_diversity", "nats") })
            page.Figure(DistributionChart.Of(name, unit, "readers", [.. features.Column(name).Select(v => (double)v)]));
    }

    private static void AddModel(ReportPage page, ModelResult model, TuningResultFile? tuning)
    {
        page.Section($"Model: {model.Model}");
        page.Paragraph($"{model.Label} {N(model.TestRows)} test rows as of {model.TestAsOf:yyyy-MM-dd} ({(model.Kind == LabelKind.YesNo ? $"base rate {P(model.TestMeanLabel)}" : $"mean label {F(model.TestMeanLabel, "0.###")}")}), {N(model.TrainRows)} training rows from {model.TrainAsOf.Count} instants, {model.TrainAsOf[0]:yyyy-MM-dd} to {model.TrainAsOf[^1]:yyyy-MM-dd}; every training label was known at the test instant.");
        page.Subsection($"Leaderboard, {model.Model}");
        var (header, rows) = Leaderboard.Of(model.Lead, model.Metrics, intervals: true);
        page.Table(header, rows);
        page.Paragraph($"Best first by {model.LeadHeading}, 95 % intervals in brackets. {model.Gain}{(model.ShareOfCeiling is { } s ? $" It reaches {P(s.Value)} (95 % CI {P(s.Low)} – {P(s.High)}) of what the true {(model.Kind == LabelKind.YesNo ? "probabilities" : "means")} reach in {model.LeadHeading} over chance: the ceiling." : !model.Metrics.Any(m => m.Model == "ceiling") ? " The ceiling is unknown, as always on real data." : " The ceiling is not beyond chance on these rows.")}{(model.ShareOfKnowable is { } k ? $" Part of the truth is hidden: one who knows how readers are simulated, but of each reader only what was seen before, does as the row 'knowable'; the model reaches {P(k.Value)} (95 % CI {P(k.Low)} – {P(k.High)}) of that." : "")}{(model.CalibrationNoise is { } noise ? $" A perfectly calibrated model would show an ECE of about {F(noise, "0.000")} on as many rows." : "")}");
        if (model.Roc.Count > 0) page.Figure(RocChart.Of($"ROC, {model.Model}", [.. model.Roc.Where(r => r.Low.Count > 0 || r.Name is "logistic" || r.Name.StartsWith("ceiling", StringComparison.Ordinal)).Select(r => new RocSeries(r.Name, r.FalsePositiveRate, r.TruePositiveRate, r.Low.Count > 0 ? r.Low : null, r.High.Count > 0 ? r.High : null))]));
        page.Figure(CalibrationChart.Of($"Calibration, {model.Model}", [.. model.Calibration.Select(b => b.Predicted)], [.. model.Calibration.Select(b => b.Observed)], [.. model.Calibration.Select(b => b.Low)], [.. model.Calibration.Select(b => b.High)], model.Kind == LabelKind.YesNo));
        if (model.Lift.Count > 0) page.Figure(LiftChart.Of($"Cumulative lift, {model.Model}", [.. model.Lift.Select(l => l.TopShare)], [.. model.Lift.Select(l => l.Lift)]));
        if (model.TopFeatures.Count > 0)
        {
            page.Figure(ImportanceChart.Of($"Top features, {model.Model}", [.. model.TopFeatures.Select(f => f.Feature)], [.. model.TopFeatures.Select(f => f.MeanAbsoluteShap)]));
            page.Table(["feature", "mean |SHAP| (unit of the score)", "share of the trees' gain"], model.TopFeatures.Select(f => (IReadOnlyList<string>)[f.Feature, F(f.MeanAbsoluteShap, "0.0000"), P(f.GainShare)]));
        }
        if (tuning is not null) AddTuning(page, tuning);
        page.Subsection("Leak gate");
        page.Table(["check", "verdict", "figure", "what was found"], model.Leaks.Checks.Select(c => (IReadOnlyList<string>)[c.Name, c.Verdict.ToString(), F(c.Figure, "0.000"), c.Sentence]));
    }

    private static void AddTuning(ReportPage page, TuningResultFile tuning)
    {
        page.Subsection($"Tuning, {tuning.Model}");
        page.Paragraph($"Settings of the trees were tried on entities left out of training, then the best were fitted and judged on the rows as of {tuning.TestAsOf:yyyy-MM-dd} beside the model's own settings and the baselines. {tuning.Gain}");
        var (header, cells) = Leaderboard.Of(tuning.Lead, tuning.Leaderboard, intervals: true);
        page.Table(header, cells);
        foreach (var part in tuning.Parts)
        {
            page.Paragraph($"{N(part.Trials.Count)} settings tried{(part.Name.Length > 0 ? $" for '{part.Name}'" : "")}; loss: {part.Objective}'s own, the mean of the folds tried. The ten best:");
            page.Table(TuneModel.TrialHeader, part.Trials.Take(10).Select(TuneModel.TrialCells));
        }
    }

    private static void AddLeaks(ReportPage page, LeakResult leaks)
    {
        LeakCase honest = Case("honest"), random = Case("random_split"), both = Case("both");
        page.Section("Why these figures are not 99 %");
        page.Paragraph($"The system that this one is modelled on reported accuracies near 99 % for its models, and held some 200,000 sessions about 90 times each. The same mistakes, made on this run's own readers: {leaks.Model} (a lighter fit, the same in every case) reaches {P(both.Accuracy.Value)} accuracy with both leaks and {P(honest.Accuracy.Value)} without, where always giving the commoner answer reaches {P(honest.MajorityAccuracy)}. Only the honest figure says what the model will do on readers whose next {F(leaks.HorizonDays, "0")} days have not happened yet.");
        page.Table(["rows", "AUC", "95 % CI", "accuracy", "95 % CI", "commoner answer", "training rows", "test rows"], leaks.Cases.Select(c => (IReadOnlyList<string>)
            [Words(c.Name), F(c.Auc.Value, "0.000"), Interval(c.Auc, "0.000"), P(c.Accuracy.Value), $"{P(c.Accuracy.Low)} – {P(c.Accuracy.High)}", P(c.MajorityAccuracy), N(c.TrainRows), N(c.TestRows)]));
        page.Figure(LeakChart.Of($"AUC of {leaks.Model} with and without leaks", "AUC (95 % interval by reader)", [.. leaks.Cases.Select(c => new LeakPoint(Words(c.Name), c.Auc.Value, c.Auc.Low, c.Auc.High))], chance: 0.5));
        page.Figure(RepeatedCountChart.Of("Sessions counted with and without their ids", [.. Enumerable.Range(0, leaks.Count.Days.Count).Select(d => (double)d)], [.. leaks.Count.Rows.Select(r => (double)r)], [.. leaks.Count.Distinct.Select(d => (double)d)]));
        page.Paragraph($"Late features are those that stand in the table when the label window has ended: a reader who stayed away is then {F(leaks.HorizonDays, "0")} days absent, and the column days_since_last_session simply is the label. A random split puts rows of the same reader, with label windows that overlap, on both sides: the model is asked about weeks that it has partly seen (and about earlier, other weeks). That moves the AUC by {F(random.Auc.Value - honest.Auc.Value, "+0.000;-0.000;0.000")} here; how much of it is leak, nobody can tell from the figure. The leak gate says of these rows:");
        page.Table(["rows", "what the leak gate finds"], leaks.Cases.SelectMany(c => c.Refusals.DefaultIfEmpty("nothing: they may be trained on").Select(r => (IReadOnlyList<string>)[Words(c.Name), r.Length > 300 ? $"{r[..300]} …" : r])));
        page.Paragraph($"A daily job that appends the sessions of the last {leaks.Count.WindowDays} days, and never asks whether they are there already, turns this run's {N(leaks.Count.Distinct[^1])} sessions into {N(leaks.Count.Rows[^1])} rows, {F(leaks.Count.TimesEach, "0.0")} of each on average and {leaks.Count.WindowDays} of each that is older than that. Here a session's id follows from reader and start, the lake takes it once, and the leak gate compares rows with distinct ids before anything is trained.");

        LeakCase Case(string name) => leaks.Cases.Single(c => c.Name == name);

        static string Words(string name) => name switch
        {
            "honest" => "honest: features before, split by time",
            "random_split" => "random split",
            "late_features" => "late features",
            _ => "late features and random split",
        };

        static string Interval(Estimate e, string format) => $"{F(e.Low, format)} – {F(e.High, format)}";
    }

    private static async Task AddSegmentsAsync(ReportPage page, JourneyFolder folder, CancellationToken cancel)
    {
        var registry = new ModelRegistry(folder.OpenRegistry(), TimeProvider.System);
        if (!(await registry.ModelsAsync(cancel)).Contains("segmentation")) return;
        var saved = await registry.LoadAsync("segmentation", version: null, cancel);
        if (saved.Open() is not SegmentationModel model) return;
        page.Section("Segments");
        page.Paragraph($"K-Means on standardised features; {model.Profiles.Count} segments chosen by silhouette ({F(model.Chosen.Silhouette, "0.000")}) and by how well resampled data find them again (adjusted Rand index {F(model.Chosen.Stability, "0.00")}). Colours: standard deviations from the mean of all readers, clipped at ±2.");
        page.Table(["segments", "silhouette", "stability (ARI)", "least", "most", "Davies–Bouldin", ""], model.Trials.Select(t => (IReadOnlyList<string>)
            [N(t.Segments), F(t.Silhouette, "0.000"), F(t.Stability, "0.00"), F(t.LeastStability, "0.00"), F(t.MostStability, "0.00"), F(t.DaviesBouldin, "0.000"), t.Segments == model.Chosen.Segments ? "chosen" : ""]));
        page.Figure(SegmentChart.Of("Segments against all readers (z-scores)", [.. model.Profiles.Select(p => $"{p.Name} ({N(p.Users)})")], model.Features, [.. model.Profiles.Select(p => p.ZScores)]));
    }

    private static void AddBandit(ReportPage page, BanditResult bandit)
    {
        page.Section("Ad-slot bandit");
        page.Paragraph($"Thompson sampling over the five ad slots: a Beta posterior of the click times a Gamma posterior of the revenue per click. Learned from {N(bandit.Decisions)} shown ads of the lake; each logged with the propensity it was chosen with.");
        page.Paragraph($"{bandit.Reason} Saved as version {N(bandit.Version)}; the API serves it. What served before (at first: plain Thompson sampling) goes on unless a challenger is better beyond chance; they are compared by dr, paired ad by ad, and the interval holds for both challengers at once.");
        page.Table(["slot", "shown", "clicks", "click rate", "USD per click", "propensity now"], bandit.Slots.Select(s => (IReadOnlyList<string>)[s.Slot, N(s.Decisions), N(s.Clicks), P(s.Decisions == 0 ? double.NaN : (double)s.Clicks / s.Decisions), F(s.MeanRevenueUsd, "0.000"), F(s.Propensity, "0.000")]));
        page.Paragraph("Learned per segment of readers, each beginning where the others are: the propensity of each slot now.");
        page.Table(["segment", "shown", .. bandit.Slots.Select(s => s.Slot)], bandit.Segments.Select(s => (IReadOnlyList<string>)[s.Segment, N(s.Decisions), .. s.Propensities.Select(p => F(p, "0.000"))]));
        if (bandit.OffPolicy.Count > 0)
        {
            page.Paragraph("Off-policy value, from the log alone: its later half in five parts, each valued by what was learned from all before it. ips and snips weigh the logged rewards by the propensities, dm trusts a model of the reward, dr corrects the model by the weighed rewards; replay lets the policy choose anew and keeps the ads where it chose as logged.");
            page.Table(["estimator", "USD per 1,000 decisions", "95 % CI"], bandit.OffPolicy.Select(v => (IReadOnlyList<string>)[v.Estimator, F(v.UsdPerThousand, "0.00"), $"{F(v.Low, "0.00")} – {F(v.High, "0.00")}"]));
        }
        if (bandit.Policies.Count == 0) return;
        page.Paragraph($"Against the simulator's true odds, {N(bandit.Seeds)} runs of {N(bandit.Rounds)} decisions, all policies on the same luck:");
        page.Table(["policy", "revenue USD", "minus uniform USD", "95 % CI", "better than uniform in", "regret USD"], bandit.Policies.Select(p => (IReadOnlyList<string>)[p.Name, F(p.RevenueUsd, "0.00"), F(p.MinusUniformUsd.Value, "0.00"), $"{F(p.MinusUniformUsd.Low, "0.00")} – {F(p.MinusUniformUsd.High, "0.00")}", $"{p.BeatsUniform} of {bandit.Seeds}", F(p.Regret[^1], "0.00")]));
        foreach (var sentence in bandit.Findings) page.Paragraph(sentence);
        page.Figure(RegretChart.Of("Regret", [.. bandit.Policies.Select(p => new RegretSeries(p.Name, p.Round, p.Regret, p.Low, p.High))]));
    }

    private static async Task<long> RowsAsync(IObjectStore lake, TableSchema table, CancellationToken cancel)
    {
        try { return (await (await DeltaTable.OpenAsync(lake, table.Name, cancel)).StateAsync(cancel)).Rows ?? 0; }
        catch (FileNotFoundException) { return 0; } // the verb that makes it has not run
    }

    private static async Task<List<IReadOnlyList<string>>> BadReasonsAsync(IObjectStore lake, CancellationToken cancel)
    {
        var table = await LakeSessions.OpenAsync(lake, Tables.BadEvents, cancel);
        var counts = new SortedDictionary<(string Reason, string Field), long>();
        await foreach (var batch in table.ReadAsync(cancel))
            using (batch)
                foreach (var bad in BadEventColumns.Read(batch))
                {
                    var key = (bad.Reason.ToString(), bad.Field ?? "");
                    counts[key] = counts.GetValueOrDefault(key) + 1;
                }
        return [.. counts.OrderByDescending(p => p.Value).Select(p => (IReadOnlyList<string>)[p.Key.Reason, p.Key.Field, N(p.Value)])];
    }

    private static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string P(double share) => double.IsNaN(share) ? "–" : share.ToString("P1", CultureInfo.InvariantCulture);

    private static string F(double value, string format) => double.IsNaN(value) ? "–" : value.ToString(format, CultureInfo.InvariantCulture);
}
