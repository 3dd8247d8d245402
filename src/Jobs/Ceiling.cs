using Media.Evaluation;
using Media.Events.Simulator;
using Media.Features;
using Media.Models;
using Media.Sessions;

namespace Media.Jobs;

/// <summary>The best that any model could score: the probabilities that the simulator drew the labels with, and a world that has none.</summary>
internal static class Ceiling
{
    /// <summary>Readers of the world without signal: enough that chance alone leaves an AUC within 0.48 – 0.52.</summary>
    private const int NoSignalUsers = 20_000;

    private const int NoSignalDays = 90;

    /// <summary>The true probability of each test row, or null on real data and for labels without a simulated truth.</summary>
    public static double[]? Of(SourceResult? source, ILabelledEstimator estimator, LabelledRows test, IReadOnlyList<UserTimeline> timelines)
    {
        if (source?.Source != "simulator") return null;
        var truth = new SimulatedTruth(EventSource.SimulatorOptionsOf(source));
        var timelineOf = timelines.ToDictionary(t => t.UserId);
        var probabilities = new double[test.Rows];
        for (var row = 0; row < test.Rows; row++)
        {
            var (user, asOf) = (test.X.Users[row], test.X.AsOfMicros[row]);
            long[] starts = [.. timelineOf[user].Sessions.TakeWhile(s => s.SessionStartMicros < asOf).Select(s => s.SessionStartMicros)];
            switch (estimator)
            {
                case ChurnEstimator: probabilities[row] = truth.ChurnProbability(user, starts, asOf, estimator.Horizon); break;
                case ConversionEstimator: probabilities[row] = truth.ConversionProbability(user, starts, asOf, estimator.Horizon); break;
                default: return null;
            }
        }
        return probabilities;
    }

    /// <summary>Test AUC of the estimator in a world where nothing depends on anything: far from 0.5 means that it knows the label by another way.</summary>
    public static double NoSignalAuc(ILabelledEstimator estimator, int seed, CancellationToken cancel)
    {
        var options = new SimulatorOptions { Users = NoSignalUsers, Days = NoSignalDays, Seed = seed, Signal = 0 };
        var sessionizer = new Sessionizer(new SessionOptions { AllowedLateness = TimeSpan.Zero });
        var sessions = new List<Session>();
        foreach (var e in new EventSimulator(options).Events())
        {
            cancel.ThrowIfCancellationRequested();
            sessionizer.Add(e, sessions);
        }
        sessionizer.Flush(sessions);
        var end = new DateTimeOffset(options.StartDate.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero).AddDays(options.Days);
        var split = TimeSplit.Of([end - 2 * estimator.Horizon, end - estimator.Horizon], estimator.Horizon);
        var set = TrainingSet.Build(estimator, UserTimelines.From(sessions), [.. split.Train.Append(split.Test).Select(LakeSessions.Micros)]);
        var (train, test) = split.Cut(LabelledRows.Of(set.X, set.Y, estimator.Horizon));
        var scores = new double[test.Rows];
        estimator.Fit(train.X, train.Y, cancel).Predict(test.X, scores);
        return AreaUnderCurve.Of(scores, test.Y);
    }
}
