using System.Diagnostics;
using Media.Evaluation;
using Media.Events.Simulator;
using Media.Events;
using Media.Features;
using Media.Models;
using Media.Sessions;

namespace Media.Tests.Evaluation;

/// <summary>The gate, the evaluation and the segments over the real models and the simulator's readers.</summary>
[Trait("Category", "Long")]
public class SimulatedReadersTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    [Theory(Explicit = true)]
    [InlineData("churn", 1)]
    [InlineData("churn", 2)]
    [InlineData("churn", 3)]
    [InlineData("conversion", 1)]
    [InlineData("conversion", 2)]
    [InlineData("conversion", 3)]
    public void HonestModel_PassesTheGateAndBeatsChance(string name, int seed)
    {
        var estimator = (ILabelledEstimator)ModelCatalog.Get(name);
        var history = new History(Timelines(seed), ArticleLog.Empty);
        var (train, test) = Rows(estimator, history);

        var clock = Stopwatch.StartNew();
        var report = LeakGate.Check(new LeakGateInput
        {
            Estimator = estimator, Kind = estimator.Kind, Train = train, Test = test, Groups = FeatureCatalog.Groups, Exceptions = estimator.LeakExceptions, Recompute = rows => PointInTime.Rebuild(estimator, history, rows, Cancel),
        }, new LeakGateOptions(), Cancel);
        Say($"gate {clock.Elapsed.TotalSeconds:0.0} s");
        foreach (var check in report.Checks) Say($"  {check.Name}: {check.Verdict}, {check.Sentence}");
        Assert.True(report.Passed, report.ToString());

        clock.Restart();
        var result = ModelEvaluation.Evaluate(estimator, train, test, ModelCatalog.BaselinesOf(estimator), null, new Judging { Kind = LabelKind.YesNo }, Cancel);
        Say($"evaluation {clock.Elapsed.TotalSeconds:0.0} s, {result.TestRows} test rows, ECE noise {result.CalibrationNoise:0.0000}");
        foreach (var model in (JudgedModel[])[result.Judged, .. result.Baselines])
            Say($"  {model.Name}: {string.Join(" · ", model.Metrics.Select(m => $"{m.Metric} {m.Value:0.000} [{m.Low:0.000}, {m.High:0.000}]"))}");
        Say($"  {result.Gain.Sentence}");
        Assert.True(result.Judged["auc"].Low > 0.5);
    }

    [Theory(Explicit = true)]
    [InlineData("churn")]
    [InlineData("conversion")]
    public void LabelWithNoiseInARealColumn_Caught(string name)
    {
        var estimator = (ILabelledEstimator)ModelCatalog.Get(name);
        var history = new History(Timelines(1), ArticleLog.Empty);
        var (train, test) = Rows(estimator, history);
        var random = new Random(1);
        foreach (var rows in (LabelledRows[])[train, test])
            for (var r = 0; r < rows.Rows; r++)
                rows.X.Values[r * rows.X.Names.Count] = rows.Y[r] + 1.2f * (random.NextSingle() + random.NextSingle() - 1);
        var report = LeakGate.Check(new LeakGateInput { Estimator = estimator, Kind = estimator.Kind, Train = train, Test = test, Recompute = rows => PointInTime.Rebuild(estimator, history, rows, Cancel) }, new LeakGateOptions(), Cancel);
        Say(report.ToString());
        Assert.Contains(report.Checks, c => c is { Name: "recomputed", Verdict: LeakVerdict.Failed });
    }

    [Fact(Explicit = true)]
    public void Segments_NamedDifferentlyAndFoundAgain()
    {
        var timelines = Timelines(1);
        var x = FeatureCatalog.Build(timelines, timelines.SelectMany(t => t.Sessions).Max(s => s.SessionEndMicros) + 1);
        var clock = Stopwatch.StartNew();
        var model = (SegmentationModel)new SegmentationEstimator().Fit(x, [], Cancel);
        Say($"{x.Rows} readers, {clock.Elapsed.TotalSeconds:0.0} s");
        foreach (var trial in model.Trials) Say($"  k {trial.Segments}: silhouette {trial.Silhouette:0.000}, stability {trial.Stability:0.000}");
        foreach (var profile in model.Profiles) Say($"  {profile.Users} {profile.Name}: {string.Join(" ", model.Features.Zip(profile.ZScores, (f, z) => $"{f} {z:+0.0;-0.0}"))}");
        Assert.Equal(x.Rows, model.Profiles.Sum(p => p.Users));
        Assert.Equal(model.Profiles.Count, model.Profiles.Select(p => p.Name).Distinct().Count());
        Assert.True(model.Chosen.Stability >= 0.8);
    }

    private static void Say(string line) => TestContext.Current.TestOutputHelper?.WriteLine(line);

    private static IReadOnlyList<UserTimeline> Timelines(int seed) =>
        UserTimelines.From(Sessionizer.Cut(new EventSimulator(new SimulatorOptions { Seed = seed }).Events(), new SessionOptions()));

    private static (LabelledRows Train, LabelledRows Test) Rows(ILabelledEstimator estimator, History history)
    {
        var options = new SimulatorOptions();
        var test = new DateTimeOffset(options.StartDate.AddDays(options.Days), TimeOnly.MinValue, TimeSpan.Zero) - estimator.Horizon;
        var split = TimeSplit.Of(TimeSplit.Grid(test - TimeSpan.FromDays(56), test, TimeSpan.FromDays(7)), estimator.Horizon);
        return split.Cut(estimator.RowsOf(history, [.. split.Train.Append(split.Test).Select(EpochMicros.Of)], Cancel));
    }
}
