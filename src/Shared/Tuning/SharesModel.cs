using System.Globalization;
using Media.Models;

namespace Media.Tuning;

/// <summary>Articles before publication with the shares they got: rows in the order of time.</summary>
/// <param name="Names">One per column.</param>
/// <param name="Values">rows × columns, row-major, NaN = missing.</param>
/// <param name="Shares">One per row, ≥ 0.</param>
public sealed record SharedArticles(IReadOnlyList<string> Names, float[] Values, float[] Shares)
{
    public int Rows => Shares.Length;
}

/// <summary>Whether an article will be shared at least so often: one blend learns the yes or no, one ln(1 + shares); the score is the mean of both.</summary>
/// <remarks>
/// The amount says more of each row than the yes or no does, so its blend finds what the other misses. Each counts in standard deviations of its out-of-fold scores;
/// a fold is a stretch of time, so that no score knows its row's neighbours. Said to be popular is what is likelier than not by the calibrated score at the
/// <see cref="LatestLevel"/> of the training rows. Deterministic. Thread-safe; holds native boosters: dispose when no call is under way.
/// </remarks>
public sealed class SharesModel : IDisposable
{
    private readonly BlendedModel _popular;
    private readonly BlendedModel _amount;
    private readonly (double Mean, double Sd) _popularScale;
    private readonly (double Mean, double Sd) _amountScale;
    private readonly PlattCalibration _calibration;

    private SharesModel(BlendedModel popular, BlendedModel amount, float[] labels, Action<string> tell)
    {
        (_popular, _amount) = (popular, amount);
        double[] odds = LogOddsOf(popular.OutOfFold);
        (_popularScale, _amountScale) = (Scale(odds), Scale(amount.OutOfFold));
        var scores = Scores(odds, amount.OutOfFold);
        var calibration = PlattCalibration.Fit(scores, labels);
        var level = LatestLevel.Of([.. scores.Select(s => calibration.Slope * s + calibration.Intercept)], labels);
        tell(string.Create(CultureInfo.InvariantCulture, $"level since training row {level.Since}: {level.Shift:+0.000;-0.000;0} log-odds from that of all"));
        _calibration = calibration with { Intercept = calibration.Intercept + level.Shift };
    }

    /// <param name="popular">So many shares are a yes.</param>
    /// <param name="tell">Told in a sentence what was found, as it goes.</param>
    /// <exception cref="ArgumentException">Too few rows, or all are of one class.</exception>
    public static SharesModel Fit(SharedArticles articles, double popular, int seed, Action<string> tell, CancellationToken cancel)
    {
        // Two blends are to take no longer than one: neither searches the settings of its boosted trees.
        var options = BlendOptions.For(articles.Rows, articles.Names.Count) with { Trials = 1, Finalists = 1, Seed = seed };
        float[] labels = [.. articles.Shares.Select(s => s >= popular ? 1f : 0f)];
        var yesNo = Blend.Fit(Rows(labels, LabelKind.YesNo), options, tell, cancel);
        return new SharesModel(yesNo, Blend.Fit(Rows([.. articles.Shares.Select(float.LogP1)], LabelKind.Amount), options, tell, cancel), labels, tell);

        BlendRows Rows(float[] y, LabelKind kind) => new()
        {
            Names = articles.Names,
            Values = articles.Values,
            Labels = y,
            Kind = kind,
            FoldOf = TableFolds.InOrder(y, kind, BlendOptions.FoldsFor(articles.Rows, articles.Names.Count)),
        };
    }

    /// <summary>Scores by which rows are ranked, and whether each is said to be popular.</summary>
    /// <param name="values">rows × columns as in training.</param>
    public (double[] Scores, bool[] Popular) Predict(float[] values)
    {
        var scores = Scores(LogOddsOf(_popular.Predict(values)), _amount.Predict(values));
        return (scores, [.. scores.Select(s => _calibration.Apply(s) >= 0.5)]);
    }

    public void Dispose()
    {
        _popular.Dispose();
        _amount.Dispose();
    }

    private double[] Scores(IReadOnlyList<double> odds, IReadOnlyList<double> amounts) => [.. odds.Zip(amounts, (o, a) => (Scaled(o, _popularScale) + Scaled(a, _amountScale)) / 2)];

    private static double[] LogOddsOf(IReadOnlyList<double> probabilities) => [.. probabilities.Select(LogOdds.FromProbability)];

    private static (double Mean, double Sd) Scale(IReadOnlyList<double> scores)
    {
        var mean = scores.Average();
        // Scores that are all alike rank nothing, whatever they are divided by.
        return (mean, Math.Max(1e-9, Math.Sqrt(scores.Average(s => (s - mean) * (s - mean)))));
    }

    private static double Scaled(double score, (double Mean, double Sd) scale) => (score - scale.Mean) / scale.Sd;
}
