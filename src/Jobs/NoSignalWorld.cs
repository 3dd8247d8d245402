using Media.Evaluation;
using Media.Events.Simulator;
using Media.Events;
using Media.Features;
using Media.Models;
using Media.Sessions;

namespace Media.Jobs;

/// <summary>Simulated readers in whose world nothing depends on anything: a model that predicts there more than the truth knows has the label by another way.</summary>
/// <remarks>
/// Drawn when first asked for and kept; one world for models of sessions, which get one row a reader and so need many, one for models of articles, whose rows are plenty. Where traffic
/// is counted, something is to be foretold even here (brands have their readers, hours their habits, and views so far count), so rows are ordered among those of which the truth expects the same.
/// </remarks>
internal sealed class NoSignalWorld(int seed)
{
    // Weeks enough that chance alone seldom goes beyond what the gate allows: over eight seeds the AUC of clicks then lies .493–.506, with four weeks of half the readers .485–.522 over twenty.
    private static readonly TimeSpan TestedSpan = TimeSpan.FromDays(42);

    private readonly Lazy<World> _ofReaders = new(() => Draw(new SimulatorOptions { Users = 20_000, Days = 90, Seed = seed, Signal = 0 }, articles: false));
    private readonly Lazy<World> _ofArticles = new(() => Draw(new SimulatorOptions { Users = 4_000, Days = 90, Seed = seed, Signal = 0 }, articles: true));

    /// <summary>How the estimator orders later rows of its world.</summary>
    public NoSignalOrder Order(ILabelledEstimator estimator, CancellationToken cancel)
    {
        var (history, truth, end) = (estimator.ReadsArticles ? _ofArticles : _ofReaders).Value;
        // Windows side by side: those of the last weeks test, as many before them train; one of each where no two windows fit.
        var windows = Math.Max(1, (int)(TestedSpan / estimator.Horizon));
        var rows = estimator.RowsOf(history, [.. Enumerable.Range(1, 2 * windows).Reverse().Select(back => EpochMicros.Of(end - back * estimator.Horizon))], cancel);
        var testFrom = EpochMicros.Of(end - windows * estimator.Horizon);
        var (train, test) = (Part(row => rows.X.AsOfMicros[row] < testFrom), Part(row => rows.X.AsOfMicros[row] >= testFrom));
        var scores = new double[test.Rows];
        estimator.Fit(train.X, train.Y, cancel).Predict(test.X, scores);
        // Only counts and amounts of traffic have something to foretell there; a yes or no is drawn with one probability.
        return NoSignalOrder.Of(estimator.Kind, scores, test, estimator.Kind == LabelKind.Amount ? estimator.TruthOf(truth, test, history) : null);

        LabelledRows Part(Func<int, bool> isOf) => rows.Take([.. Enumerable.Range(0, rows.Rows).Where(isOf)]);
    }

    private static World Draw(SimulatorOptions options, bool articles)
    {
        var sessionizer = new Sessionizer(new SessionOptions { AllowedLateness = TimeSpan.Zero });
        var sessions = new List<Session>();
        var gathering = new ArticleLog.Gathering();
        foreach (var e in new EventSimulator(options).Events())
        {
            sessionizer.Add(e, sessions);
            if (articles) gathering.Add(e);
        }
        sessionizer.Flush(sessions);
        return new World(new History(UserTimelines.From(sessions), gathering.ToLog()), new SimulatedTruth(options), new DateTimeOffset(options.StartDate.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddDays(options.Days));
    }

    /// <param name="End">The midnight after the last day.</param>
    private sealed record World(History History, SimulatedTruth Truth, DateTimeOffset End);
}
