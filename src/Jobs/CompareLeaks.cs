using Media.Evaluation;
using Media.Features;
using Media.Models;

namespace Media.Jobs;

/// <summary>Judges the churn model on the run's own readers once honestly and once with each common leak, and counts the sessions with and without their ids, for the report.</summary>
internal static class CompareLeaks
{
    /// <summary>Instants that train, the latest: the comparison needs no more, and four fits must not hold up the journey.</summary>
    private const int TrainInstants = 4;

    /// <summary>Days that the repeating job reads anew each day.</summary>
    private const int RepeatedDays = 90;

    // A lighter fit of the same kind of model, the same in every case.
    private static readonly BoostedOptions Light = new() { Folds = 2, Trees = new BoostedOptions().Trees with { Trees = 300, LearningRate = 0.1, Patience = 20 } };

    /// <returns>null when this source gives the model nothing to learn.</returns>
    public static async Task<LeakResult?> RunAsync(JourneyFolder folder, LakeSessions sessions, TrainingPlan plan, JobConsole console, CancellationToken cancel)
    {
        plan = plan.For(await RunResults.FindAsync<SourceResult>(folder, "source", cancel));
        ILabelledEstimator estimator = new ChurnEstimator { Fitting = Light };
        if (plan.HorizonDays is { } days) estimator = estimator.WithHorizon(TimeSpan.FromDays(days));
        var whole = TrainModels.Split(sessions, plan, estimator.Horizon);
        var split = TimeSplit.Of(whole.Train.TakeLast(TrainInstants).Append(whole.Test), estimator.Horizon);
        var history = new History(sessions.Timelines, ArticleLog.Empty);
        var result = await console.StepAsync("compare with leaks", () => Task.Run(() =>
        {
            var rows = estimator.RowsOf(history, [.. split.Train.Append(split.Test).Select(Events.EpochMicros.Of)], cancel);
            if (TrainModels.WhyNot(rows, split) is not null) return null;
            var comparison = LeakComparison.Of(estimator, history, split, new BootstrapOptions { Seed = plan.Seed, Resamples = 300 }, cancel);
            var count = RepeatedCount.Of(sessions.Timelines.SelectMany(t => t.Sessions).Select(s => (s.SessionId, s.SessionStartMicros)), RepeatedDays);
            return new LeakResult(estimator.Name, estimator.Horizon.TotalDays, split.Train.Count, split.Test, comparison.Cases, count);
        }, cancel));
        if (result is null) return null;
        await RunResults.SaveAsync(folder, "leaks", result, cancel);
        foreach (var one in result.Cases) console.Line($"  {one.Name}: AUC {one.Auc.Value:0.000} ({one.Auc.Low:0.000} – {one.Auc.High:0.000}), accuracy {one.Accuracy.Value:P1}{(one.Refusals.Count > 0 ? "; the leak gate refuses these rows" : "")}");
        console.Line($"  {JobConsole.Count(result.Count.Distinct[^1])} sessions would be {JobConsole.Count(result.Count.Rows[^1])} rows if the last {RepeatedDays} days were appended anew each day");
        return result;
    }
}

/// <summary>The churn model with and without leaks, and the sessions with and without their ids.</summary>
/// <param name="TrainInstants">as-of instants that trained</param>
internal sealed record LeakResult(string Model, double HorizonDays, int TrainInstants, DateTimeOffset TestAsOf, IReadOnlyList<LeakCase> Cases, RepeatedCount Count);
