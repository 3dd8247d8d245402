using Media.Evaluation;
using Media.Events.Simulator;
using Media.Models;
using Media.Sessions;

namespace Media.Tests;

/// <summary>Events → sessions → features → models: the models find nearly all that can be found, and nothing where nothing is.</summary>
public class CeilingTests
{
    private static readonly TimeSpan Horizon = TimeSpan.FromDays(28);

    [Fact]
    public void DefaultSize_ReachesNinetyFivePercentOfTheCeilingsLift() => AssertNearCeiling(seed: 1);

    [Theory(Explicit = true), Trait("Category", "Long")]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void OtherSeeds_ReachItToo(int seed) => AssertNearCeiling(seed);

    [Fact(Explicit = true), Trait("Category", "Long")]
    public void NoSignal_ScoresAsChance()
    {
        // 40,000 and more test rows bring the standard error of the AUC to 0.005.
        var run = new Run(new SimulatorOptions { Users = 60_000, Days = 120, Signal = 0 }, trainingDates: 3);
        Assert.InRange(run.Score(new ChurnEstimator()).Auc, 0.48, 0.52);
        Assert.InRange(run.Score(new ConversionEstimator()).Auc, 0.48, 0.52);
    }

    [Fact]
    public void Sessionizer_FindsExactlyTheSimulatedVisits()
    {
        var options = new SimulatorOptions { Users = 300, Days = 60 };
        var visits = new EventSimulator(options).Events().GroupBy(e => e.ClientSessionId!)
            .Select(g => (g.First().UserId, Start: g.Min(e => e.EventTimeMicros), End: g.Max(e => e.EventTimeMicros), Events: (double)g.Count()));
        var sessions = Sessionize(options).Select(s => (s.UserId, Start: s.SessionStartMicros, End: s.SessionEndMicros, Events: s[SessionMetrics.TotalEvents]));
        Assert.Equal(visits.OrderBy(v => v.UserId.Value, StringComparer.Ordinal).ThenBy(v => v.Start), sessions.OrderBy(s => s.UserId.Value, StringComparer.Ordinal).ThenBy(s => s.Start));
    }

    private static void AssertNearCeiling(int seed)
    {
        var run = new Run(new SimulatorOptions { Seed = seed }, trainingDates: 10);
        var churn = run.Score(new ChurnEstimator());
        var conversion = run.Score(new ConversionEstimator());
        TestContext.Current.TestOutputHelper?.WriteLine($"churn: {churn}; conversion: {conversion}");
        Assert.InRange(churn.Ceiling, 0.75, 0.90);
        Assert.InRange(conversion.Ceiling, 0.80, 0.95);
        Assert.InRange(churn.BaseRate, 0.12, 0.30);
        Assert.InRange(conversion.BaseRate, 0.05, 0.14);
        Assert.True(churn.ShareOfLift >= 0.95, $"churn {churn}");
        Assert.True(conversion.ShareOfLift >= 0.95, $"conversion {conversion}");
    }

    private static IReadOnlyList<Session> Sessionize(SimulatorOptions options) => Sessionizer.Cut(new EventSimulator(options).Events(), new SessionOptions());

    private sealed record Outcome(int Rows, double BaseRate, double Auc, double Ceiling)
    {
        /// <summary>Of what the true probability gains over chance.</summary>
        public double ShareOfLift => (Auc - 0.5) / (Ceiling - 0.5);
    }

    /// <summary>One simulated run: training every week, each label's window ending at the latest where the test begins; the test's at the end of the run.</summary>
    private sealed class Run
    {
        private readonly SimulatedTruth _truth;
        private readonly Features.History _history;
        private readonly long[] _trainAt;
        private readonly long _testAt;

        public Run(SimulatorOptions options, int trainingDates)
        {
            _truth = new SimulatedTruth(options);
            _history = new Features.History(Features.UserTimelines.From(Sessionize(options)), Features.ArticleLog.Empty);
            var testDay = options.StartDate.AddDays(options.Days - Horizon.Days);
            _testAt = Midnight(testDay);
            _trainAt = [.. Enumerable.Range(0, trainingDates).Select(i => Midnight(testDay.AddDays(-Horizon.Days - 7 * (trainingDates - 1 - i))))];
        }

        public Outcome Score(ILabelledEstimator estimator)
        {
            var cancel = TestContext.Current.CancellationToken;
            var train = estimator.RowsOf(_history, _trainAt, cancel);
            var test = estimator.RowsOf(_history, [_testAt], cancel);
            var scores = new double[test.X.Rows];
            estimator.Fit(train.X, train.Y, cancel).Predict(test.X, scores);
            return new Outcome(test.Rows, test.MeanLabel, AreaUnderCurve.Of(scores, test.Y), AreaUnderCurve.Of(estimator.TruthOf(_truth, test, _history)!, test.Y));
        }

        private static long Midnight(DateOnly day) => (long)(day.ToDateTime(TimeOnly.MinValue) - DateTime.UnixEpoch).TotalMicroseconds;
    }
}
