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
/// The amount says more of each row than the yes or no does, so its blend finds what the other misses. Each counts in standard deviations of its scores of the training
/// rows. Said to be popular is what the first gives a probability of a half or more, calibrated on out-of-fold scores of the latest thousand training rows, since levels
/// move with time. Deterministic. Thread-safe; holds native boosters: dispose when no call is under way.
/// </remarks>
public sealed class SharesModel : IDisposable
{
    private const int LatestRows = 1_000;
    private const int ForestTrees = 150;

    private readonly BlendedModel _popular;
    private readonly BlendedModel _amount;
    private readonly (double Mean, double Sd) _popularScale;
    private readonly (double Mean, double Sd) _amountScale;

    private SharesModel(BlendedModel popular, BlendedModel amount, float[] training)
    {
        (_popular, _amount) = (popular, amount);
        (_popularScale, _amountScale) = (Scale(LogOddsOf(training)), Scale(amount.Predict(training)));
    }

    /// <param name="popular">So many shares are a yes.</param>
    /// <param name="tell">Told in a sentence what was found, as it goes.</param>
    /// <exception cref="ArgumentException">Too few rows, or all are of one class.</exception>
    public static SharesModel Fit(SharedArticles articles, double popular, int seed, Action<string> tell, CancellationToken cancel)
    {
        var options = BlendOptions.For(articles.Rows, articles.Names.Count) with { Trials = 1, Finalists = 1, ForestTrees = ForestTrees, Seed = seed };
        var yesNo = Blend.Fit(Rows([.. articles.Shares.Select(s => s >= popular ? 1f : 0f)], LabelKind.YesNo), options, tell, cancel);
        return new SharesModel(yesNo, Blend.Fit(Rows([.. articles.Shares.Select(float.LogP1)], LabelKind.Amount), options, tell, cancel), articles.Values);

        BlendRows Rows(float[] labels, LabelKind kind) => new()
        {
            Names = articles.Names, Values = articles.Values, Labels = labels, Kind = kind,
            FoldOf = TableFolds.Deal(labels, kind, BlendOptions.FoldsFor(articles.Rows, articles.Names.Count), seed),
            Latest = [.. Enumerable.Range(0, articles.Rows).TakeLast(LatestRows)],
        };
    }

    /// <summary>Scores by which rows are ranked, and whether each is said to be popular.</summary>
    /// <param name="values">rows × columns as in training.</param>
    public (double[] Scores, bool[] Popular) Predict(float[] values)
    {
        var (odds, amounts) = (LogOddsOf(values), _amount.Predict(values));
        return ([.. odds.Zip(amounts, (o, a) => (Scaled(o, _popularScale) + Scaled(a, _amountScale)) / 2)], [.. odds.Select(o => o >= 0)]);
    }

    public void Dispose()
    {
        _popular.Dispose();
        _amount.Dispose();
    }

    private double[] LogOddsOf(float[] values) => [.. _popular.Predict(values).Select(LogOdds.FromProbability)];

    private static (double Mean, double Sd) Scale(double[] scores)
    {
        var mean = scores.Average();
        // Scores that are all alike rank nothing, whatever they are divided by.
        return (mean, Math.Max(1e-9, Math.Sqrt(scores.Average(s => (s - mean) * (s - mean)))));
    }

    private static double Scaled(double score, (double Mean, double Sd) scale) => (score - scale.Mean) / scale.Sd;
}
