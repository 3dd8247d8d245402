using Media.Evaluation;
using Media.Features;
using Media.Models;

namespace Media.Tuning;

/// <summary>Ranks articles by what the trending model expects, held to what was viewed in the last day.</summary>
/// <remarks>
/// Score: (1 − weight) · expected ln(1 + views) + weight · ln(1 + views of the last day), each in standard deviations. The weight is elected in three steps forward over the later half of the
/// training time, each judged by a model of what was over when it began; a model that does not better the last day's views by more than the standard error of its gain, days taken whole, is
/// not heard at all. Then the model is fitted on all. Immutable, thread-safe.
/// </remarks>
public sealed class TrendingRanker
{
    /// <summary>Where the steps begin, as shares of the training time; each goes on to the next.</summary>
    private static readonly double[] Steps = [0.5, 0.65, 0.8, 1];
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
        var (first, last) = (train.X.AsOfMicros[0], train.X.AsOfMicros[^1] + 1);
        var (days, found) = (new List<long>(), Weights.Select(_ => new List<double>()).ToArray());
        for (var step = 0; step + 1 < Steps.Length; step++)
        {
            var (from, until) = (first + (long)(Steps[step] * (last - first)), first + (long)(Steps[step + 1] * (last - first)));
            // What the earlier rows learn from must be over when the step begins.
            var early = train.Take([.. Enumerable.Range(0, train.Rows).Where(r => train.Windows[r].EndMicros <= from)]);
            var late = TrendingLists.Judged(train.Take([.. Enumerable.Range(0, train.Rows).Where(r => train.X.AsOfMicros[r] >= from && train.X.AsOfMicros[r] < until)]));
            if (early.Rows == 0 || late.Rows == 0) continue;
            var ranker = new TrendingRanker(estimator.Fit(early.X, early.Y, cancel), early.X, 0);
            days.AddRange(TrendingLists.Days(late));
            for (var w = 0; w < Weights.Length; w++) found[w].AddRange(TrendingLists.PrecisionOfEach(late, ranker.Score(late.X, Weights[w])));
        }
        var weight = Weights[Elected(found, days)];
        return new TrendingRanker(estimator.Fit(train.X, train.Y, cancel), train.X, weight);
    }

    /// <summary>The weight with the best lists, or the last one, which is the last day's views alone, when the gain over it is within its standard error.</summary>
    /// <param name="precisions">Per weight, of each list.</param>
    /// <param name="days">Of each list.</param>
    private static int Elected(List<double>[] precisions, List<long> days)
    {
        var (plain, best) = (Weights.Length - 1, 0);
        if (days.Count == 0) return plain;
        for (var w = 1; w < Weights.Length; w++)
            if (precisions[w].Sum() >= precisions[best].Sum()) best = w;
        double[] gains = [.. precisions[best].Zip(precisions[plain], (own, last) => own - last)];
        var mean = gains.Average();
        var variance = gains.Zip(days).GroupBy(g => g.Second, g => g.First - mean).Sum(day => Math.Pow(day.Sum(), 2));
        return mean > Math.Sqrt(variance) / gains.Length ? best : plain;
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
