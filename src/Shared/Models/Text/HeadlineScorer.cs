using System.ComponentModel.DataAnnotations;
using System.Numerics.Tensors;

namespace Media.Models.Text;

/// <summary>How a <see cref="HeadlineScorer"/> is fitted.</summary>
public sealed record HeadlineScorerOptions
{
    /// <summary>Penalty on the weights of terms, L2 · Σ weight², beside squared errors in units of their variance. Default 100, range 0.001 – 1,000,000.</summary>
    [Range(0.001, 1e6)] public double L2 { get; init; } = 100;

    /// <summary>Scale of the standardised features beside term families of length 1: larger means less penalty on them. Default 0.1, range 0 – 10.</summary>
    [Range(0.0, 10.0)] public double FeatureScale { get; init; } = 0.1;

    /// <summary>Variance of a variant's log click rate that its headline does not tell (picture, chance of the day), beside that of counting clicks. Default 0.15, range 0 – 10.</summary>
    [Range(0.0, 10.0)] public double OwnVariance { get; init; } = 0.15;

    /// <summary>Variants at most; of more, the last given are taken. Default 200,000, range 1 – 10,000,000.</summary>
    [Range(1, 10_000_000)] public int MostVariants { get; init; } = 200_000;
}

/// <summary>How much a headline's words and form add to the log click rate of its article.</summary>
/// <remarks>
/// A mixed model: ln click rate = level of the test + Σ weight × column + rest. The test's level is free, the weights have a normal prior, and a variant counts by the inverse of
/// its variance 1 / clicks + <see cref="HeadlineScorerOptions.OwnVariance"/>. So subjects cancel, ten thousand pairs cost no more than their variants, and a difference of two scores is an
/// expected difference in ln click rate, shrunk to what can be known. One optimum, found by conjugate gradients: no seed. Immutable, thread-safe.
/// </remarks>
/// <seealso href="https://doi.org/10.1214/ss/1177011926">Robinson 1991, That BLUP is a Good Thing: The Estimation of Random Effects</seealso>
public sealed class HeadlineScorer
{
    private const string FileName = "headline_scorer";
    private const int MostSteps = 500;
    private const double SmallResidual = 1e-6;

    private readonly HeadlineColumns _columns;
    private readonly double[] _weights;

    private HeadlineScorer(HeadlineColumns columns, double[] weights) => (_columns, _weights) = (columns, weights);

    /// <summary>Fits on tests; those with a single headline teach nothing and are passed over.</summary>
    /// <param name="variants">In any order.</param>
    /// <exception cref="ArgumentException">An option is out of range, or clicks are not within impressions.</exception>
    /// <exception cref="OperationCanceledException">Asked to stop.</exception>
    public static HeadlineScorer Fit(IReadOnlyList<HeadlineVariant> variants, HeadlineScorerOptions options, CancellationToken cancel) =>
        Fit(variants, [options], cancel)[0];

    /// <summary>One scorer for each of several options over the same headlines, which are read once.</summary>
    /// <inheritdoc cref="Fit(IReadOnlyList{HeadlineVariant}, HeadlineScorerOptions, CancellationToken)"/>
    public static IReadOnlyList<HeadlineScorer> Fit(IReadOnlyList<HeadlineVariant> variants, IReadOnlyList<HeadlineScorerOptions> options, CancellationToken cancel)
    {
        foreach (var o in options) Media.Options.Check(o);
        foreach (var v in variants)
            if (v.Clicks < 0 || v.Clicks > v.Impressions) throw new ArgumentException($"'{v.Headline}' has {v.Clicks} clicks of {v.Impressions} impressions.", nameof(variants));
        var most = options.Max(o => o.MostVariants);
        var tests = variants.Skip(Math.Max(0, variants.Count - most)).Where(v => v.Impressions > 0).GroupBy(v => v.Test, StringComparer.Ordinal)
            .Where(test => test.DistinctBy(v => v.Headline).Skip(1).Any()).OrderBy(test => test.Key, StringComparer.Ordinal)
            .Select(test => test.OrderBy(v => v.Headline, StringComparer.Ordinal).ThenBy(v => v.Impressions).ThenBy(v => v.Clicks).ToArray()).ToArray();
        string[] headlines = [.. tests.SelectMany(test => test).Select(v => v.Headline)];
        var columns = HeadlineColumns.Fit([.. headlines.Distinct(StringComparer.Ordinal)], cancel);
        var rows = columns.Rows(headlines, cancel);
        return [.. options.Select(o => new HeadlineScorer(columns, new Problem(tests, rows.ScaledFrom(columns.Count - HeadlineFeatures.Names.Count, o.FeatureScale), o).Solve(cancel)).Scale(o.FeatureScale))];
    }

    /// <exception cref="InvalidDataException">The bytes are not a saved scorer.</exception>
    public static HeadlineScorer Load(Stream saved)
    {
        var body = ModelFile.Read<Body>(saved, FileName, HeadlineFeatures.Names);
        var terms = body.Columns.Words.Length + body.Columns.Runs.Length;
        if (body.Columns.Idf.Length != terms || body.Columns.Features.Columns != HeadlineFeatures.Names.Count || body.Weights.Length != terms + HeadlineFeatures.Names.Count)
            throw new InvalidDataException("The saved scorer's parts have other widths than its columns.");
        return new HeadlineScorer(HeadlineColumns.Of(body.Columns), body.Weights);
    }

    public void Save(Stream to) => ModelFile.Write(to, FileName, HeadlineFeatures.Names, new Body(_columns.Saved, _weights));

    /// <summary>One finite score per headline; a higher one is expected to be clicked more. Of no meaning between articles.</summary>
    public double[] Score(IReadOnlyList<string> headlines, CancellationToken cancel)
    {
        const int Piece = 10_000;
        var scores = new double[headlines.Count];
        for (var from = 0; from < scores.Length; from += Piece)
        {
            _columns.Rows([.. headlines.Skip(from).Take(Piece)], cancel).Times(_weights).CopyTo(scores, from);
        }
        return scores;
    }

    /// <summary>Puts the features' scale into their weights, so that rows need not be scaled when scored.</summary>
    private HeadlineScorer Scale(double featureScale)
    {
        var features = _weights.AsSpan(_weights.Length - HeadlineFeatures.Names.Count);
        TensorPrimitives.Multiply(features, featureScale, features);
        return this;
    }

    private sealed record Body(HeadlineColumns.Body Columns, double[] Weights);

    /// <summary>Weighted ridge regression within tests: (XᵀPX + L2) weights = XᵀPy, where P weighs rows and takes off each test's weighted mean.</summary>
    private sealed class Problem
    {
        private readonly SparseRows _rows;
        private readonly int[] _ends;
        private readonly double[] _target;
        private readonly double[] _weight;
        private readonly double _l2;

        internal Problem(HeadlineVariant[][] tests, SparseRows rows, HeadlineScorerOptions options)
        {
            (_rows, _l2) = (rows, options.L2);
            _ends = new int[tests.Length];
            (_target, _weight) = (new double[rows.Rows], new double[rows.Rows]);
            var row = 0;
            for (var test = 0; test < tests.Length; test++)
            {
                foreach (var variant in tests[test])
                {
                    // Half a click more than counted takes the bias off the logarithm and keeps zero clicks finite.
                    _target[row] = Math.Log((variant.Clicks + 0.5) / (variant.Impressions + 1));
                    _weight[row++] = 1 / (1 / (variant.Clicks + 0.5) + options.OwnVariance);
                }
                _ends[test] = row;
            }
        }

        internal double[] Solve(CancellationToken cancel)
        {
            var weights = new double[_rows.Columns];
            var residual = _rows.TransposeTimes(Project((double[])_target.Clone()));
            var direction = (double[])residual.Clone();
            var square = TensorPrimitives.SumOfSquares<double>(residual);
            var small = square * SmallResidual * SmallResidual;
            for (var step = 0; step < MostSteps && square > small; step++)
            {
                cancel.ThrowIfCancellationRequested();
                var image = _rows.TransposeTimes(Project(_rows.Times(direction)));
                TensorPrimitives.MultiplyAdd(direction, _l2, image, image);
                var length = square / TensorPrimitives.Dot<double>(direction, image);
                TensorPrimitives.MultiplyAdd(direction, length, weights, weights);
                TensorPrimitives.MultiplyAdd(image, -length, residual, residual);
                var next = TensorPrimitives.SumOfSquares<double>(residual);
                TensorPrimitives.MultiplyAdd(direction, next / square, residual, direction);
                square = next;
            }
            return weights;
        }

        private double[] Project(double[] scores)
        {
            var start = 0;
            foreach (var end in _ends)
            {
                var one = scores.AsSpan(start..end);
                var weight = _weight.AsSpan(start..end);
                TensorPrimitives.Add(one, -TensorPrimitives.Dot<double>(one, weight) / TensorPrimitives.Sum<double>(weight), one);
                TensorPrimitives.Multiply(one, weight, one);
                start = end;
            }
            return scores;
        }
    }
}
