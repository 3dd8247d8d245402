using Media.Models;

namespace Media.Tests.Models;

public class BoostedModelTests
{
    private static readonly PlantedRows Training = PlantedRows.Draw(users: 800, instants: 2, seed: 1);
    private static readonly Lazy<BoostedModel> Fitted = new(() => (BoostedModel)new ChurnEstimator().Fit(Training.X, Training.Y, TestContext.Current.CancellationToken));

    [Fact]
    public void Contributions_SumToTheLogOddsBeforeCalibration()
    {
        var x = Training.X.Take([.. Enumerable.Range(0, 200)]);
        var contributions = Fitted.Value.Contributions(x);
        var width = x.Names.Count + 1;
        double[] sums = [.. Enumerable.Range(0, 200).Select(row => contributions.AsSpan(row * width, width).ToArray().Sum())];
        var scores = new double[200];
        Fitted.Value.Predict(x, scores);
        // Calibration is a line in log-odds: two rows fix it, and all others must lie on it.
        double[] logOdds = [.. scores.Select(p => Math.Log(p / (1 - p)))];
        var (low, high) = (Array.IndexOf(sums, sums.Min()), Array.IndexOf(sums, sums.Max()));
        var slope = (logOdds[high] - logOdds[low]) / (sums[high] - sums[low]);
        Assert.True(slope > 0);
        for (var row = 0; row < 200; row++) Assert.Equal(logOdds[low] + slope * (sums[row] - sums[low]), logOdds[row], 1e-8);
    }

    [Fact]
    public void Importances_PutThePlantedFeaturesFirst()
    {
        var importances = Fitted.Value.Importances(Training.X.Take([.. Enumerable.Range(0, 300)]));
        Assert.Equal(["days_since_last_session", "sessions_28d"], importances.Take(2).Select(i => i.Feature).Order(StringComparer.Ordinal));
        Assert.Equal(59, importances.Count);
        Assert.Equal(1, importances.Sum(i => i.GainShare), 1e-9);
        Assert.Equal(importances.Select(i => i.MeanAbsoluteShap).OrderDescending(), importances.Select(i => i.MeanAbsoluteShap));
        Assert.Throws<ArgumentException>(() => Fitted.Value.Importances(Training.X.Take([])));
    }

    [Fact]
    public void Probabilities_AreCalibratedOnOtherReaders()
    {
        var test = PlantedRows.Draw(users: 6000, instants: 1, seed: 3);
        var scores = new double[test.X.Rows];
        Fitted.Value.Predict(test.X, scores);
        foreach (var tenth in Enumerable.Range(0, scores.Length).OrderBy(i => scores[i]).Chunk(600))
            Assert.Equal(tenth.Average(i => 1 / (1 + Math.Exp(-test.Truth[i]))), tenth.Average(i => scores[i]), 0.07);
    }

    [Fact]
    public void NoSignal_ScoresAsChance()
    {
        var training = PlantedRows.Draw(users: 800, instants: 2, seed: 1, signal: 0);
        var test = PlantedRows.Draw(users: 20_000, instants: 1, seed: 2, signal: 0);
        var scores = new double[test.X.Rows];
        new ChurnEstimator().Fit(training.X, training.Y, TestContext.Current.CancellationToken).Predict(test.X, scores);
        // Three standard errors of the AUC at 20,000 rows are 0.012.
        Assert.InRange(PlantedRows.Auc(scores, test.Y), 0.488, 0.512);
    }

    [Fact]
    public void OptionsOutOfRange_AreRefused()
    {
        Assert.Contains("Folds", Fault(new BoostedOptions { Folds = 1 }), StringComparison.Ordinal);
        Assert.Contains("none of the features", Fault(new BoostedOptions { Belief = "absent" }), StringComparison.Ordinal);
        Assert.Contains("LineL2", Fault(new BoostedOptions { LineL2 = double.NaN }), StringComparison.Ordinal);
        Assert.Contains("Leaves", Fault(new BoostedOptions { Trees = new() { Leaves = 1 } }), StringComparison.Ordinal);

        static string Fault(BoostedOptions options) =>
            Assert.Throws<ArgumentException>(() => new ChurnEstimator { Fitting = options }.Fit(Training.X, Training.Y, TestContext.Current.CancellationToken)).Message;
    }

    [Fact]
    public void OtherFeatureList_IsRefusedByName()
    {
        using var saved = new MemoryStream();
        Fitted.Value.Save(saved);
        saved.Position = 0;
        var fewer = new ChurnEstimator { Features = [.. Training.X.Names.Where(n => n != "sessions_28d")] };
        Assert.Contains("sessions_28d", Assert.Throws<InvalidDataException>(() => fewer.Load(saved)).Message, StringComparison.Ordinal);
        saved.Position = 0;
        Assert.Contains("another order", Assert.Throws<InvalidDataException>(() => new ChurnEstimator { Features = [.. Training.X.Names.Reverse()] }.Load(saved)).Message, StringComparison.Ordinal);
        saved.Position = 0;
        Assert.Contains("'churn', not 'conversion'", Assert.Throws<InvalidDataException>(() => new ConversionEstimator().Load(saved)).Message, StringComparison.Ordinal);
    }
}
