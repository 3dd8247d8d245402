using System.Globalization;
using Media.Evaluation;
using Media.Events;
using Media.Events.Simulator;
using Media.Features;
using Media.Models;
using Media.Sessions;

namespace Media.Tests;

/// <summary>Simulated worlds of the default size: each supervised model finds nearly all that was to be known beforehand, not on one lucky seed but on several together.</summary>
public class KnowableTests
{
    private static readonly TimeSpan Grid = TimeSpan.FromDays(7);

    [Fact(Explicit = true), Trait("Category", "Long")]
    public void SupervisedModels_OfSeveralWorlds_ReachNinetyFivePercentOfWhatWasToBeKnown()
    {
        var found = new SortedDictionary<string, List<(double Model, double Most)>>(StringComparer.Ordinal);
        foreach (var seed in new[] { 1, 2, 3 })
        {
            var options = new SimulatorOptions { Seed = seed };
            var (history, truth) = (Read(options), new SimulatedTruth(options));
            var firstDay = new DateTimeOffset(options.StartDate.ToDateTime(TimeOnly.MinValue), TimeSpan.Zero);
            foreach (var estimator in ModelCatalog.All.Values.OfType<ILabelledEstimator>())
            {
                var split = TimeSplit.Of(TimeSplit.Grid(firstDay.AddDays(28), firstDay.AddDays(options.Days) - estimator.Horizon, Grid), estimator.Horizon);
                var (train, test) = split.Cut(estimator.RowsOf(history, [.. split.Train.Append(split.Test).Select(EpochMicros.Of)], TestContext.Current.CancellationToken));
                var most = estimator.KnowableOf(truth, test, history) ?? estimator.TruthOf(truth, test, history)!;
                var scores = new double[test.Rows];
                estimator.Fit(train.X, train.Y, TestContext.Current.CancellationToken).Predict(test.X, scores);
                if (!found.TryGetValue(estimator.Name, out var of)) found.Add(estimator.Name, of = []);
                of.Add((Lift(estimator.LeadMetric, scores, most, test), Lift(estimator.LeadMetric, most, most, test)));
            }
        }
        var shares = found.ToDictionary(f => f.Key, f => f.Value.Sum(v => v.Model) / f.Value.Sum(v => v.Most));
        var table = string.Join(Environment.NewLine, found.Select(f =>
            string.Create(CultureInfo.InvariantCulture, $"{f.Key}: {shares[f.Key]:P1} of what was to be known; by seed {string.Join(", ", f.Value.Select(v => string.Create(CultureInfo.InvariantCulture, $"{v.Model:0.000} of {v.Most:0.000}")))}")));
        TestContext.Current.TestOutputHelper?.WriteLine(table);

        Assert.True(shares.Values.All(share => share >= 0.95), table);
    }

    /// <summary>What scores gain over chance; of amounts, what they are expected to gain: the share of the spread of what was to be known, free of the noise that single amounts of money have.</summary>
    private static double Lift(string metric, double[] scores, double[] most, LabelledRows test) => metric switch
    {
        "auc" => AreaUnderCurve.Of(scores, test.Y) - 0.5,
        "r2" => RSquared.Of(scores, [.. most.Select(m => (float)m)]),
        "pairwise_accuracy" => RankedLists.Of(scores, test.Y, [.. test.X.Entities.Zip(test.X.AsOfMicros)]) is var lists ? PairwiseAccuracy.Of(lists, lists.Once) - 0.5 : 0,
        _ => throw new ArgumentException($"No lift is known for the metric '{metric}'."),
    };

    private static History Read(SimulatorOptions options)
    {
        var sessionizer = new Sessionizer(new SessionOptions());
        var sessions = new List<Session>();
        var articles = new ArticleLog.Gathering();
        foreach (var e in new EventSimulator(options).Events())
        {
            sessionizer.Add(e, sessions);
            articles.Add(e);
        }
        sessionizer.Flush(sessions);
        return new History(UserTimelines.From(sessions), articles.ToLog());
    }
}
