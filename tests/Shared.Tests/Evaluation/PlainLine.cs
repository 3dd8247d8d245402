using Media.Features;
using Media.Models;

namespace Media.Tests.Evaluation;

/// <summary>A straight line by gradient steps on standardised columns and labels: the smallest estimator of amounts that keeps the contract.</summary>
internal sealed class PlainLine(string name, IReadOnlyList<string> features) : IEstimator
{
    public string Name => name;
    public IReadOnlyList<string> Features => features;

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        // The same columns as the logistic twin's, which standardises them; only the loss is another.
        var model = (PlainLogistic.Model)new PlainLogistic(name, features).Fit(x, new float[x.Rows], cancel);
        var rows = x.Select(features);
        var labels = y.ToArray();
        var (mean, width) = (labels.Average(v => (double)v), features.Count);
        var weights = new double[width + 1];
        var row = new double[width + 1];
        for (var step = 0; step < 60; step++)
        {
            cancel.ThrowIfCancellationRequested();
            var gradient = new double[width + 1];
            for (var r = 0; r < x.Rows; r++)
            {
                model.Standardise(rows.Row(r), row);
                var error = labels[r] - mean - Dot(weights, row);
                for (var f = 0; f <= width; f++) gradient[f] += error * row[f];
            }
            for (var f = 0; f <= width; f++) weights[f] += 0.4 * gradient[f] / x.Rows;
        }
        return new Model(model, weights, mean);
    }

    public IModel Load(Stream saved) => throw new NotSupportedException();

    private static double Dot(double[] a, double[] b) => a.Zip(b, (u, v) => u * v).Sum();

    private sealed class Model(PlainLogistic.Model columns, double[] weights, double mean) : IModel
    {
        public IReadOnlyList<string> Features => columns.Features;
        public int Outputs => 1;

        public void Predict(FeatureBatch x, Span<double> scores)
        {
            var rows = x.Select(Features);
            var row = new double[weights.Length];
            for (var r = 0; r < x.Rows; r++)
            {
                columns.Standardise(rows.Row(r), row);
                scores[r] = mean + Dot(weights, row);
            }
        }

        public void Save(Stream to) => throw new NotSupportedException();
    }
}
