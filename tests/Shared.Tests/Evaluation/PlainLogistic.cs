using System.Text.Json;
using Media.Features;
using Media.Models;

namespace Media.Tests.Evaluation;

/// <summary>Logistic regression by gradient steps on standardised columns: the smallest estimator that keeps the contract.</summary>
internal sealed class PlainLogistic(string name, IReadOnlyList<string> features) : IEstimator
{
    public string Name => name;
    public IReadOnlyList<string> Features => features;

    public IModel Fit(FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        var values = x.Select(features).Values;
        var width = features.Count;
        var mean = new double[width];
        var scale = new double[width];
        for (var f = 0; f < width; f++)
        {
            var column = Enumerable.Range(0, x.Rows).Select(r => (double)values[r * width + f]).Where(v => !double.IsNaN(v)).ToList();
            mean[f] = column.Count == 0 ? 0 : column.Average();
            var deviation = column.Count == 0 ? 0 : Math.Sqrt(column.Average(v => (v - mean[f]) * (v - mean[f])));
            scale[f] = deviation < 1e-9 ? 0 : 1 / deviation;
        }
        var model = new Model(features, mean, scale, new double[width + 1]);
        var row = new double[width + 1];
        for (var step = 0; step < 40; step++)
        {
            cancel.ThrowIfCancellationRequested();
            var gradient = new double[width + 1];
            for (var r = 0; r < x.Rows; r++)
            {
                model.Standardise(values.AsSpan(r * width, width), row);
                var error = y[r] - model.Probability(row);
                for (var f = 0; f <= width; f++) gradient[f] += error * row[f];
            }
            for (var f = 0; f <= width; f++) model.Weights[f] += gradient[f] / x.Rows - 0.001 * model.Weights[f];
        }
        return model;
    }

    public IModel Load(Stream saved) => JsonSerializer.Deserialize<Model>(saved) ?? throw new InvalidDataException("Not a model.");

    internal sealed record Model(IReadOnlyList<string> Features, double[] Mean, double[] Scale, double[] Weights) : IModel
    {
        public int Outputs => 1;

        public void Predict(FeatureBatch x, Span<double> scores)
        {
            var chosen = x.Select(Features);
            var row = new double[Weights.Length];
            for (var r = 0; r < x.Rows; r++)
            {
                Standardise(chosen.Row(r), row);
                scores[r] = Probability(row);
            }
        }

        public void Save(Stream to) => JsonSerializer.Serialize(to, this);

        internal void Standardise(ReadOnlySpan<float> from, double[] to)
        {
            for (var f = 0; f < from.Length; f++) to[f] = float.IsNaN(from[f]) ? 0 : Math.Clamp((from[f] - Mean[f]) * Scale[f], -5, 5);
            to[^1] = 1;
        }

        internal double Probability(double[] row)
        {
            var sum = 0.0;
            for (var f = 0; f < row.Length; f++) sum += row[f] * Weights[f];
            return 1 / (1 + Math.Exp(-sum));
        }
    }
}
