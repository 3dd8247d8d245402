using Media.Evaluation;
using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Models;
using Media.Sessions;

namespace Media.Tests.Models;

public class AdRevenueModelTests
{
    private static readonly CancellationToken Cancel = TestContext.Current.CancellationToken;
    private static readonly SimulatorOptions World = new() { Users = 300, Days = 84 };
    private static readonly Lazy<History> Lately = new(() => HistoryOf(World));
    private static readonly AdRevenueEstimator Estimator = new() { RowsPerInstant = 400, RowsOfNewest = 800 };

    [Fact]
    public void Rows_AreVisitsOfKnownReadersWithTheirRevenue()
    {
        long[] asOfs = [Day(40), Day(47), Day(60)];
        var rows = Estimator.RowsOf(Lately.Value, asOfs, Cancel);
        var sessions = Lately.Value.Timelines.SelectMany(t => t.Sessions).ToDictionary(s => s.SessionId);
        Assert.Equal(1_600, rows.Rows);
        for (var row = 0; row < rows.Rows; row++)
        {
            var visit = sessions[rows.X.Items[row]];
            Assert.Equal((visit.UserId.Value, visit.SessionStartMicros, (float)visit[SessionMetrics.AdRevenueUsd]), (rows.X.Entities[row], rows.X.AsOfMicros[row], rows.Y[row]));
            Assert.Contains(asOfs, t => visit.SessionStartMicros >= t && visit.SessionStartMicros < t + 7 * 86_400_000_000);
            Assert.True(rows.X.LatestEventMicros[row] < visit.SessionStartMicros);
        }
        Assert.Equal(rows.X.AsOfMicros.Order(), rows.X.AsOfMicros);
    }

    [Fact]
    public void RowsFromACutHistory_AreTheSame()
    {
        var rows = Estimator.RowsOf(Lately.Value, [Day(60)], Cancel).Take([.. Enumerable.Range(0, 40).Select(i => i * 20)]);
        var rebuilt = PointInTime.Rebuild(Estimator, Lately.Value, rows.X.Select(Estimator.RowFeatures), Cancel);
        Assert.Equal(rows.X.Values, rebuilt.Values);
        Assert.Equal(rows.X.LatestEventMicros, rebuilt.LatestEventMicros);
    }

    [Fact]
    public void NegativeRevenue_IsRefused()
    {
        var rows = Estimator.RowsOf(Lately.Value, [Day(60)], Cancel);
        Assert.Contains("at least 0", Assert.Throws<ArgumentException>(() => Estimator.Fit(rows.X, [.. rows.Y.Select(_ => -1f)], Cancel)).Message, StringComparison.Ordinal);
    }

    /// <summary>A reader clicks some five ads in the run: how far they differ from their segment can be known in part only, so the ceiling is out of reach.</summary>
    [Fact(Explicit = true), Trait("Category", "Long")]
    public void DefaultWorld_HalfOfTheTruthIsFoundAndSumsAddUp()
    {
        var options = new SimulatorOptions();
        var history = HistoryOf(options);
        var estimator = new AdRevenueEstimator();
        var end = new DateTimeOffset(options.StartDate.AddDays(options.Days), TimeOnly.MinValue, TimeSpan.Zero);
        var split = TimeSplit.Of(TimeSplit.Grid(end.AddDays(-152), end - estimator.Horizon, TimeSpan.FromDays(7)), estimator.Horizon);
        var (train, test) = split.Cut(estimator.RowsOf(history, [.. split.Train.Append(split.Test).Select(EpochMicros.Of)], Cancel));
        var scores = new double[test.Rows];
        estimator.Fit(train.X, train.Y, Cancel).Predict(test.X, scores);
        var truth = estimator.TruthOf(new SimulatedTruth(options), test, history);
        var mean = truth.Average();
        var found = 1 - scores.Zip(truth, (s, t) => (s - t) * (s - t)).Sum() / truth.Sum(t => (t - mean) * (t - mean));
        var sums = scores.Sum() / test.Y.Sum(v => (double)v);
        TestContext.Current.TestOutputHelper?.WriteLine($"{found:P1} of the variance of the true means; Σ predicted / Σ observed {sums:0.000}");
        Assert.True(found > 0.5);
        Assert.InRange(sums, 0.85, 1.15);
    }

    private static long Day(int day) => EpochMicros.Of(new DateTimeOffset(World.StartDate.AddDays(day), TimeOnly.MinValue, TimeSpan.Zero));

    private static History HistoryOf(SimulatorOptions options) =>
        new(UserTimelines.From(Sessionizer.Cut(new EventSimulator(options).Events(), new SessionOptions())), ArticleLog.Empty);
}
