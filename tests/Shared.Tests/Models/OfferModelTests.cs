using Media.Evaluation;
using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Models;
using Media.Sessions;

namespace Media.Tests.Models;

/// <summary>The models of single happenings between a reader and an article: click and engagement.</summary>
public class OfferModelTests(ITestOutputHelper output)
{
    private const long Day = 86_400_000_000;
    private static readonly Lazy<World> Small = new(() => World.Draw(new SimulatorOptions { Users = 150, Days = 50 }));
    private static readonly Lazy<World> Default = new(() => World.Draw(new SimulatorOptions()));

    public static TheoryData<string> Names => ["click", "engagement"];

    [Theory, MemberData(nameof(Names))]
    public void Rows_ComeOutTheSameFromAHistoryCutAtTheirAsOf(string name)
    {
        var (estimator, world) = (Of(name), Small.Value);
        var rows = estimator.RowsOf(world.History, world.Grid(instants: 3), TestContext.Current.CancellationToken);
        var sample = rows.X.Take([.. Enumerable.Range(0, 300).Select(i => (int)((long)i * rows.Rows / 300))]);
        var rebuilt = PointInTime.Rebuild(estimator, world.History, sample.Select(estimator.RowFeatures), TestContext.Current.CancellationToken);
        Assert.Equal(sample.Values, rebuilt.Values);
        Assert.Equal(sample.LatestEventMicros, rebuilt.LatestEventMicros);
        Assert.All(Enumerable.Range(0, rows.Rows), row => Assert.True(rows.X.LatestEventMicros[row] < rows.X.AsOfMicros[row] && rows.X.AsOfMicros[row] <= rows.Windows[row].StartMicros));
    }

    [Theory, MemberData(nameof(Names))]
    public void Rows_AreTheSameWhateverOtherInstantsAreAskedFor(string name)
    {
        var (estimator, world) = (Of(name), Small.Value);
        var grid = world.Grid(instants: 3);
        var together = estimator.RowsOf(world.History, grid, TestContext.Current.CancellationToken);
        var alone = grid.Select(asOf => estimator.RowsOf(world.History, [asOf], TestContext.Current.CancellationToken)).ToList();
        Assert.Equal(together.X.Values, alone.SelectMany(r => r.X.Values));
        Assert.Equal(together.X.Items, alone.SelectMany(r => r.X.Items));
        Assert.Equal(together.Y, alone.SelectMany(r => r.Y));
        Assert.Throws<ArgumentException>(() => estimator.RowsOf(world.History, [], TestContext.Current.CancellationToken));
    }

    [Theory, MemberData(nameof(Names))]
    public void WithoutALog_ThereIsNoRow(string name) =>
        Assert.Equal(0, Of(name).RowsOf(new History(Small.Value.History.Timelines, ArticleLog.Empty), Small.Value.Grid(1), TestContext.Current.CancellationToken).Rows);

    [Fact]
    public void AtTheTop_MovesNothingButThePosition()
    {
        var rows = new ClickEstimator().RowsOf(Small.Value.History, Small.Value.Grid(1), TestContext.Current.CancellationToken).X;
        var top = ClickEstimator.AtTheTop(rows);
        Assert.All(top.Select(["position"]).Values, position => Assert.Equal(0, position));
        string[] others = [.. rows.Names.Where(n => n != "position")];
        Assert.Equal(rows.Select(others).Values, top.Select(others).Values);
        Assert.Contains(rows.Select(["position"]).Values, position => position > 0);
    }

    /// <summary>
    /// The truth knows what a reader likes and how good an article is; who has seen some offers of each knows it in part only, and no model on the same log can know more.
    /// The floors leave some points for other draws.
    /// </summary>
    [Theory(Explicit = true), InlineData("click", 0.84), InlineData("engagement", 0.8)]
    [Trait("Category", "Long")]
    public void DefaultWorld_ComesNearTheCeiling(string name, double floor)
    {
        var (estimator, world) = (Of(name), Default.Value);
        var (got, best) = Figures(estimator, world, instants: 20);
        output.WriteLine($"{name}: {got:F4} of {best:F4}, {got / best:P1}");
        Assert.True(got >= floor * best, $"{got:F4}; the truth has {best:F4}.");
    }

    [Theory(Explicit = true), MemberData(nameof(Names))]
    [Trait("Category", "Long")]
    public void WithoutSignal_ThereIsNothingToLearn(string name)
    {
        var (got, _) = Figures(Of(name), World.Draw(new SimulatorOptions { Users = 2_000, Days = 90, Signal = 0 }), instants: 8);
        output.WriteLine($"{name}: {got:F4}");
        Assert.InRange(got, -0.02, 0.02);
    }

    /// <summary>AUC − ½ or R² on the last instant, of the model and of the truth.</summary>
    private static (double Model, double Truth) Figures(ILabelledEstimator estimator, World world, int instants)
    {
        var grid = world.Grid(instants);
        var split = TimeSplit.Of(grid.Select(EpochMicros.Instant), estimator.Horizon);
        var (train, test) = split.Cut(estimator.RowsOf(world.History, grid, TestContext.Current.CancellationToken));
        var scores = new double[test.Rows];
        estimator.Fit(train.X, train.Y, TestContext.Current.CancellationToken).Predict(test.X, scores);
        var truth = estimator.TruthOf(world.Truth, test, world.History)!;
        return estimator.Kind == LabelKind.YesNo ? (PlantedRows.Auc(scores, test.Y) - 0.5, PlantedRows.Auc(truth, test.Y) - 0.5) : (Explained(scores), Explained(truth));

        double Explained(double[] means)
        {
            var mean = test.Y.Average(v => (double)v);
            return 1 - means.Zip(test.Y, (m, y) => (m - y) * (m - y)).Sum() / test.Y.Sum(y => (y - mean) * (y - mean));
        }
    }

    private static ILabelledEstimator Of(string name) => (ILabelledEstimator)ModelCatalog.Get(name);

    private sealed record World(History History, SimulatedTruth Truth, long EndMicros)
    {
        public static World Draw(SimulatorOptions options)
        {
            var sessionizer = new Sessionizer(new SessionOptions { AllowedLateness = TimeSpan.Zero });
            var sessions = new List<Session>();
            var gathering = new ArticleLog.Gathering();
            foreach (var e in new EventSimulator(options).Events())
            {
                sessionizer.Add(e, sessions);
                gathering.Add(e);
            }
            sessionizer.Flush(sessions);
            var end = EpochMicros.Of(new DateTimeOffset(options.StartDate.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero)) + options.Days * Day;
            return new World(new History(UserTimelines.From(sessions), gathering.ToLog()), new SimulatedTruth(options), end);
        }

        /// <summary>The last so many weeks, each from its first instant.</summary>
        public long[] Grid(int instants) => [.. Enumerable.Range(1, instants).Reverse().Select(week => EndMicros - week * 7 * Day)];
    }
}
