using System.Numerics.Tensors;
using Media.Features;
using Media.Models.LightGbm;

namespace Media.Models;

/// <summary>Probability of a yes: a straight line, what trees add to it, and Platt's calibration; fitted once per fold of users and averaged.</summary>
/// <remarks>
/// Per fold, a penalised logistic line over standardised columns is fitted on the other users, trees are grown on what the line leaves over until the fold's own
/// users no longer gain, and the fold is scored. So every training row gets a score from a model that never saw its user: on the scores of the latest as-of
/// instant the calibration is fitted, and no rows are lost to it. The model is the mean of the folds' log-odds.
/// <para>Why the line: recency and frequency act smoothly, and trees spend hundreds of steps on a slope. Outputs: 1, in [0, 1]. Immutable, thread-safe; scores without native code.</para>
/// </remarks>
public sealed class BoostedModel : IModel, IExplains
{
    // Below these the latest instant alone says less about the level than all instants together.
    private const int FewestLatestRows = 200;
    private const int FewestLatestOfAClass = 30;

    private readonly string _name;
    private readonly Body _body;
    private readonly FlatTrees[] _trees;

    private BoostedModel(string name, IReadOnlyList<string> features, Body body)
    {
        (_name, Features, _body) = (name, features, body);
        _trees = [.. body.Trees.Select(FlatTrees.Parse)];
    }

    public IReadOnlyList<string> Features { get; }
    public int Outputs => 1;

    /// <exception cref="ArgumentException">Lengths differ, no rows, labels are not 0 and 1 with enough users of each, or a feature is missing.</exception>
    /// <exception cref="LightGbmException">The native library refuses or is missing.</exception>
    internal static BoostedModel Fit(string name, IReadOnlyList<string> features, BoostedOptions options, FeatureBatch x, ReadOnlySpan<float> y, CancellationToken cancel)
    {
        options.Check();
        BinaryLabels.RequireFitting(x, y);
        NativeLightGbm.Require();
        var rows = x.Select(features);
        var labels = y.ToArray();
        var foldOf = UserFolds.Deal(rows, labels, options.Folds);
        var standardisation = Standardisation.Fit(rows.Values, features.Count);

        var outOfFold = new double[rows.Rows];
        var lines = new LinearScore[options.Folds];
        var trees = new string[options.Folds];
        Parallel.For(0, options.Folds, new ParallelOptions { CancellationToken = cancel }, fold =>
        {
            int[] held = [.. Enumerable.Range(0, rows.Rows).Where(r => foldOf[r] == fold)];
            int[] kept = [.. Enumerable.Range(0, rows.Rows).Where(r => foldOf[r] != fold)];
            var scores = FitFold(options, fold, standardisation, Part.Of(rows, labels, kept), Part.Of(rows, labels, held), out lines[fold], out trees[fold], cancel);
            for (var i = 0; i < held.Length; i++) outOfFold[held[i]] = scores[i];
        });
        return new BoostedModel(name, features, new Body(LinearScore.Mean(lines), trees, Calibrate(rows, labels, outOfFold)));
    }

    /// <exception cref="InvalidDataException">The bytes are not such a model over these features.</exception>
    internal static BoostedModel Load(string name, IReadOnlyList<string> features, Stream saved)
    {
        var body = ModelFile.Read<Body>(saved, name, features);
        var model = new BoostedModel(name, features, body);
        if (body.Trees.Count == 0 || body.Line.Columns != features.Count || model._trees.Any(t => t.Columns != features.Count))
            throw new InvalidDataException("The saved model's parts have other widths than its features.");
        return model;
    }

    public void Predict(FeatureBatch x, Span<double> scores)
    {
        if (scores.Length != x.Rows) throw new ArgumentException($"scores has {scores.Length} places but x has {x.Rows} rows.");
        LogOddsOf(x.Select(Features), scores);
        for (var row = 0; row < scores.Length; row++) scores[row] = _body.Calibration.Apply(scores[row]);
    }

    public void Save(Stream to) => ModelFile.Write(to, _name, Features, _body);

    public double[] Contributions(FeatureBatch x)
    {
        var rows = x.Select(Features);
        var width = Features.Count + 1;
        var sum = new double[rows.Rows * width];
        foreach (var text in _body.Trees)
        {
            using var booster = Booster.FromText(text);
            TensorPrimitives.Add(sum, booster.Contributions(rows.Values), sum);
        }
        TensorPrimitives.Divide(sum, _body.Trees.Count, sum);
        var parts = new double[Features.Count];
        for (var row = 0; row < rows.Rows; row++)
        {
            _body.Line.Parts(rows.Row(row), parts);
            var line = sum.AsSpan(row * width, width);
            TensorPrimitives.Add(line[..^1], parts, line[..^1]);
            line[^1] += _body.Line.Intercept;
        }
        return sum;
    }

    public IReadOnlyList<FeatureImportance> Importances(FeatureBatch x)
    {
        if (x.Rows == 0) throw new ArgumentException("There are no rows to explain.");
        var gains = new double[Features.Count];
        foreach (var text in _body.Trees)
        {
            using var booster = Booster.FromText(text);
            TensorPrimitives.Add(gains, booster.GainImportance(), gains);
        }
        // Trees that found nothing to split have no gain to share.
        var total = Math.Max(TensorPrimitives.Sum<double>(gains), double.Epsilon);
        var contributions = Contributions(x);
        return [.. Features
            .Select((feature, c) => new FeatureImportance(feature, gains[c] / total,
                Enumerable.Range(0, x.Rows).Average(row => Math.Abs(contributions[row * (Features.Count + 1) + c]))))
            .OrderByDescending(f => f.MeanAbsoluteShap).ThenBy(f => f.Feature, StringComparer.Ordinal)];
    }

    private void LogOddsOf(FeatureBatch rows, Span<double> scores)
    {
        Span<double> one = scores.Length <= 128 ? stackalloc double[scores.Length] : new double[scores.Length];
        Span<double> sum = scores.Length <= 128 ? stackalloc double[scores.Length] : new double[scores.Length];
        sum.Clear();
        foreach (var trees in _trees)
        {
            trees.RawScores(rows.Values, one);
            TensorPrimitives.Add(sum, one, sum);
        }
        _body.Line.Score(rows.Values, scores);
        for (var row = 0; row < scores.Length; row++) scores[row] += sum[row] / _trees.Length;
    }

    private static double[] FitFold(BoostedOptions options, int fold, Standardisation standardisation, Part kept, Part held, out LinearScore line, out string trees, CancellationToken cancel)
    {
        line = LinearScore.Fit(standardisation, kept.Values, kept.Labels, options.LineL2, cancel);
        var columns = standardisation.Columns;
        var start = new double[kept.Labels.Length];
        var scores = new double[held.Labels.Length];
        line.Score(kept.Values, start);
        line.Score(held.Values, scores);
        var parameters = options.Trees with { Seed = options.Trees.Seed + fold };
        string[] names = [.. Enumerable.Range(0, columns).Select(c => $"column_{c}")];
        using var booster = Booster.Train(parameters, names, new TrainingRows(kept.Values, columns, kept.Labels, start), new TrainingRows(held.Values, columns, held.Labels, scores), cancel);
        trees = booster.Text;
        TensorPrimitives.Add(scores, booster.RawScores(held.Values), scores);
        return scores;
    }

    private static PlattCalibration Calibrate(FeatureBatch rows, float[] labels, double[] outOfFold)
    {
        var latest = rows.AsOfMicros.Max();
        int[] at = [.. Enumerable.Range(0, rows.Rows).Where(r => rows.AsOfMicros[r] == latest)];
        var positives = at.Count(r => labels[r] == 1);
        return at.Length >= FewestLatestRows && Math.Min(positives, at.Length - positives) >= FewestLatestOfAClass
            ? PlattCalibration.Fit([.. at.Select(r => outOfFold[r])], [.. at.Select(r => labels[r])])
            : PlattCalibration.Fit(outOfFold, labels);
    }

    private sealed record Body(LinearScore Line, IReadOnlyList<string> Trees, PlattCalibration Calibration);

    /// <summary>Some rows' values and labels.</summary>
    private readonly record struct Part(float[] Values, float[] Labels)
    {
        public static Part Of(FeatureBatch rows, float[] labels, int[] chosen) => new(rows.Take(chosen).Values, [.. chosen.Select(r => labels[r])]);
    }
}
