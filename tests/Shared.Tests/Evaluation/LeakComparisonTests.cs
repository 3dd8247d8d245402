using Media.Evaluation;
using Media.Events.Simulator;
using Media.Events;
using Media.Features;
using Media.Models;
using Media.Sessions;

namespace Media.Tests.Evaluation;

public class LeakComparisonTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;

    // Some hundred readers and a light fit: a leak needs neither to show.
    private static readonly SimulatorOptions World = new() { Users = 250, Days = 112 };
    private static readonly ChurnEstimator Estimator = new() { Fitting = new BoostedOptions { Folds = 2, Trees = new BoostedOptions().Trees with { Trees = 300, LearningRate = 0.1 } } };
    private static readonly History History = new(Timelines(), ArticleLog.Empty);
    private static readonly LeakComparison Comparison = LeakComparison.Of(Estimator, History, Split(Estimator.Horizon), new BootstrapOptions { Resamples = 100 }, Cancel);

    [Fact]
    public void LateFeatures_LookPerfect_AndHonestOnesDoNot()
    {
        Assert.InRange(Case("honest").Auc.Value, 0.7, 0.93);
        Assert.All([Case("late_features"), Case("both")], leaking => Assert.True(leaking.Auc.Value > 0.99 && leaking.Accuracy.Low > Case("honest").Accuracy.High));
        Assert.True(Case("honest").Auc.High < Case("late_features").Auc.Low);
        Assert.All(Comparison.Cases, c => Assert.True(c.Auc.Low <= c.Auc.Value && c.Auc.Value <= c.Auc.High));
    }

    [Fact]
    public void GateRefusesEachLeak_ByItsOwnCheck_AndNotTheHonestRows()
    {
        Assert.Empty(Case("honest").Refusals);
        Assert.StartsWith("split: ", Assert.Single(Case("random_split").Refusals), StringComparison.Ordinal);
        Assert.Contains("days_since_last_session", Case("late_features").Refusals.Single(r => r.StartsWith("single_feature: ", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains(Case("late_features").Refusals, r => r.StartsWith("recomputed: ", StringComparison.Ordinal));
        Assert.DoesNotContain(Case("late_features").Refusals, r => r.StartsWith("split: ", StringComparison.Ordinal));
        Assert.Equal(3, Case("both").Refusals.Count);
    }

    [Fact]
    public void HonestCase_IsTheModelOnLaterRows_AsAnyoneWouldJudgeIt()
    {
        var split = Split(Estimator.Horizon);
        var (train, test) = split.Cut(Estimator.RowsOf(History, [.. split.Train.Append(split.Test).Select(EpochMicros.Of)], Cancel));
        var scores = new double[test.Rows];
        Estimator.Fit(train.X, train.Y, Cancel).Predict(test.X, scores);
        var honest = Case("honest");
        Assert.Equal((train.Rows, test.Rows), (honest.TrainRows, honest.TestRows));
        Assert.Equal(AreaUnderCurve.Of(scores, test.Y), honest.Auc.Value, 1e-12);
        Assert.Equal(scores.Zip(test.Y, (s, y) => s >= 0.5 == (y == 1)).Count(right => right) / (double)test.Rows, honest.Accuracy.Value, 1e-12);
        Assert.Equal(Math.Max(test.Y.Count(y => y == 1), test.Y.Count(y => y == 0)) / (double)test.Rows, honest.MajorityAccuracy, 1e-6);
    }

    [Fact]
    public void EveryCase_HasTheSameNumbersOfRows() => Assert.Single(Comparison.Cases.Select(c => (c.TrainRows, c.TestRows)).Distinct());

    [Fact]
    public void SameSeed_SameFigures()
    {
        var again = LeakComparison.Of(Estimator, History, Split(Estimator.Horizon), new BootstrapOptions { Resamples = 100 }, Cancel);
        Assert.Equal(Comparison.Cases.Select(c => (c.Name, c.Auc, c.Accuracy)), again.Cases.Select(c => (c.Name, c.Auc, c.Accuracy)));
    }

    private static LeakCase Case(string name) => Comparison.Cases.Single(c => c.Name == name);

    private static TimeSplit Split(TimeSpan horizon)
    {
        var test = new DateTimeOffset(World.StartDate.AddDays(World.Days), TimeOnly.MinValue, TimeSpan.Zero) - horizon;
        return TimeSplit.Of(TimeSplit.Grid(test - TimeSpan.FromDays(42), test, TimeSpan.FromDays(7)), horizon);
    }

    private static IReadOnlyList<UserTimeline> Timelines() => UserTimelines.From(Sessionizer.Cut(new EventSimulator(World).Events(), new SessionOptions()));
}
