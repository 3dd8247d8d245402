using Media.Evaluation;
using Media.Features;
using Media.Models;

namespace Media.Tuning;

/// <summary>Ranks articles by what the trending model expects, held to what was viewed in the last day.</summary>
/// <remarks>
/// Score: (1 − weight) · expected ln(1 + views) + weight · ln(1 + views of the last day), each in standard deviations. The weight is the one whose lists were best in the last fifth of the
/// training time, by a model of the earlier part; then the model is fitted on all. Immutable, thread-safe.
/// </remarks>
public sealed class TrendingRanker
{
    private const double ValidationShare = 0.2;
    private static readonly double[] Weights = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1];

    private readonly IModel _model;
    private readonly Scale _expected;
    private readonly Scale _lastDay;

    private TrendingRanker(IModel model, FeatureBatch training, double weight) =>
        (_model, _expected, _lastDay, Weight) = (model, Scale.Of(Expected(model, training)), Scale.Of(LastDay(training)), weight);

    /// <summary>Of the last day's views, in [0, 1].</summary>
    public double Weight { get; }

    /// <param name="train">Rows of the trending model, in the order of time.</param>
    /// <exception cref="ArgumentException">Too few rows.</exception>
    public static TrendingRanker Fit(TrendingEstimator estimator, LabelledRows train, CancellationToken cancel)
    {
        if (train.Rows == 0) throw new ArgumentException("There are no rows to learn from.");
        var (first, last) = (train.X.AsOfMicros[0], train.X.AsOfMicros[^1]);
        var cut = last - (long)(ValidationShare * (last - first));
        // What the earlier rows learn from must be over when the validation begins.
        var early = train.Take([.. Enumerable.Range(0, train.Rows).Where(r => train.Windows[r].EndMicros <= cut)]);
        var late = TrendingLists.Judged(train.Take([.. Enumerable.Range(0, train.Rows).Where(r => train.X.AsOfMicros[r] >= cut)]));
        var weight = Weights[0];
        if (late.Rows > 0)
        {
            var ranker = new TrendingRanker(estimator.Fit(early.X, early.Y, cancel), early.X, weight);
            weight = Weights.MaxBy(w => TrendingLists.Precision(late, ranker.Score(late.X, w)));
        }
        return new TrendingRanker(estimator.Fit(train.X, train.Y, cancel), train.X, weight);
    }

    /// <summary>Scores by which rows of one hour are ranked.</summary>
    public double[] Score(FeatureBatch x) => Score(x, Weight);

    /// <summary>ln(1 + views of the last day): what rows are ranked by without a model.</summary>
    public static double[] LastDay(FeatureBatch x) => [.. x.Column("article_views_24h").Select(v => Math.Log(1 + v))];

    private double[] Score(FeatureBatch x, double weight) => [.. Expected(_model, x).Zip(LastDay(x), (e, d) => (1 - weight) * _expected.Standard(e) + weight * _lastDay.Standard(d))];

    private static double[] Expected(IModel model, FeatureBatch x)
    {
        var expected = new double[x.Rows];
        model.Predict(x, expected);
        return expected;
    }

    private readonly record struct Scale(double Mean, double Sd)
    {
        public static Scale Of(double[] values)
        {
            var mean = values.Average();
            return new Scale(mean, Math.Max(1e-9, Math.Sqrt(values.Average(v => (v - mean) * (v - mean)))));
        }

        public double Standard(double value) => (value - Mean) / Sd;
    }
}
