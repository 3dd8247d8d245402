using System.Text;

namespace Media.Models.LightGbm;

/// <summary>A grown LightGBM model in its native library: to train, to explain, and to check <see cref="FlatTrees"/> against.</summary>
/// <remarks>Its text is its whole state. Prediction methods may be called by several threads at once; dispose when no call is under way.</remarks>
public sealed unsafe class Booster : IDisposable
{
    private readonly NativeLightGbm.BoosterHandle _handle;

    private Booster(string text, NativeLightGbm.BoosterHandle handle, int trees, int columns, double validationMetric) =>
        (Text, _handle, Trees, Columns, ValidationMetric) = (text, handle, trees, columns, validationMetric);

    /// <summary>LightGBM's own text form, which any LightGBM 4 reads.</summary>
    public string Text { get; }
    public int Trees { get; }
    public int Columns { get; }

    /// <summary>The parameters' metric on the validation rows at the count of trees that was kept; NaN when there were none, or when it was loaded.</summary>
    internal double ValidationMetric { get; }

    /// <summary>Grows trees until the limit or, with validation rows, until their metric has not improved for <see cref="LightGbmParameters.Patience"/> trees; keeps the best count.</summary>
    /// <param name="names">One per column.</param>
    /// <param name="validation">Rows to stop by; <c>default</c> for none.</param>
    /// <exception cref="ArgumentException">Widths differ, a parameter is out of range, or labels are not of the objective's kind (binary ones: 0 and 1, both present).</exception>
    /// <exception cref="LightGbmException">The native library refuses or is missing.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; looked at before each tree.</exception>
    public static Booster Train(LightGbmParameters parameters, IReadOnlyList<string> names, TrainingRows rows, TrainingRows validation, CancellationToken cancel)
    {
        using var training = BinnedRows.Of(rows, names, parameters);
        using var held = validation.Rows > 0 ? training.Like(validation) : null;
        return Train(parameters, training, held, cancel);
    }

    /// <summary>As the other, on rows already binned.</summary>
    /// <param name="validation">Rows to stop by, binned like the training rows; null for none.</param>
    /// <exception cref="ArgumentException">A parameter is out of range, or labels are not of the objective's kind.</exception>
    /// <exception cref="LightGbmException">The native library refuses.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; looked at before each tree.</exception>
    public static Booster Train(LightGbmParameters parameters, BinnedRows training, BinnedRows? validation, CancellationToken cancel)
    {
        using var handle = Create(parameters, training, validation);
        var (best, metric) = Grow(parameters, handle, stopEarly: validation is not null, cancel);
        return FromText(SaveText(handle, best), metric);
    }

    /// <summary>Grows further trees after this booster's, on new rows; this one stays as it is.</summary>
    /// <remarks>Can make the model worse: take the result through <see cref="UpdateGate"/>.</remarks>
    /// <param name="rows">Its offsets, if any, are what this booster was grown from, too.</param>
    /// <param name="validation">Rows to stop by; <c>default</c> for none.</param>
    /// <exception cref="ArgumentException">As for <see cref="Train(LightGbmParameters, IReadOnlyList{string}, TrainingRows, TrainingRows, CancellationToken)"/>, or another width than this booster's.</exception>
    internal Booster ContinueOn(LightGbmParameters parameters, IReadOnlyList<string> names, TrainingRows rows, TrainingRows validation, CancellationToken cancel)
    {
        RequireWidth(rows);
        using var training = BinnedRows.Of(rows.StartingFrom(Scores(rows)), names, parameters);
        using var held = validation.Rows > 0 ? training.Like(validation.StartingFrom(Scores(validation))) : null;
        using var handle = Create(parameters, training, held);
        var (best, metric) = Grow(parameters, handle, stopEarly: held is not null, cancel);
        // Merging puts the other booster's trees in front of its own.
        NativeLightGbm.Check(NativeLightGbm.BoosterMerge(handle, _handle));
        return FromText(SaveText(handle, best < 0 ? best : Trees + best), metric);
    }

    /// <summary>The same splits with leaf values fitted anew: each becomes decay · old + (1 − decay) · what the new rows say; this booster stays as it is.</summary>
    /// <remarks>Can make the model worse: take the result through <see cref="UpdateGate"/>.</remarks>
    /// <param name="decay">0 – 1.</param>
    /// <exception cref="ArgumentException">A decay out of range, another width than this booster's, or labels not of the objective's kind.</exception>
    internal Booster RefitOn(LightGbmParameters parameters, IReadOnlyList<string> names, TrainingRows rows, double decay)
    {
        if (!(decay is >= 0 and <= 1)) throw new ArgumentException($"decay is {decay}; its range is 0 – 1.");
        RequireWidth(rows);
        using var training = BinnedRows.Of(rows, names, parameters);
        using var handle = Create(parameters, training, validation: null, FormattableString.Invariant($" refit_decay_rate={decay}"));
        NativeLightGbm.Check(NativeLightGbm.BoosterMerge(handle, _handle));
        int[] leaves = [.. PredictAll(rows.Values, NativeLightGbm.PredictLeaf, Trees, threads: 1).Select(l => (int)l)];
        fixed (int* from = leaves) NativeLightGbm.Check(NativeLightGbm.BoosterRefit(handle, from, rows.Rows, Trees));
        return FromText(SaveText(handle, -1));
    }

    /// <summary>The parameters' metric of this booster on labelled rows, as LightGBM computes it.</summary>
    /// <param name="rows">With offsets where the booster was grown from offsets.</param>
    /// <exception cref="ArgumentException">Another width than this booster's, or labels not of the objective's kind.</exception>
    public double Metric(LightGbmParameters parameters, IReadOnlyList<string> names, TrainingRows rows)
    {
        RequireWidth(rows);
        parameters.CheckLabels(rows.Labels, rows.Groups.Length > 0, training: false);
        using var binned = BinnedRows.Of(rows.StartingFrom(Scores(rows)), names, parameters);
        NativeLightGbm.Check(NativeLightGbm.BoosterCreate(binned.Handle, parameters.ToText(), out var handle));
        using (handle)
        {
            double metric;
            NativeLightGbm.Check(NativeLightGbm.BoosterGetEval(handle, 0, out _, &metric));
            return metric;
        }
    }

    /// <summary>Loads what <see cref="Text"/> holds.</summary>
    /// <remarks>The native reader trusts its input: take text only from a place whose bytes are checked.</remarks>
    /// <exception cref="LightGbmException">Not a LightGBM model.</exception>
    public static Booster FromText(string text) => FromText(text, validationMetric: double.NaN);

    private static Booster FromText(string text, double validationMetric)
    {
        NativeLightGbm.Require();
        NativeLightGbm.Check(NativeLightGbm.BoosterLoadModelFromString(text, out var trees, out var handle));
        NativeLightGbm.Check(NativeLightGbm.BoosterGetNumFeature(handle, out var columns));
        return new Booster(text, handle, trees, columns, validationMetric);
    }

    /// <summary>Sum of the split gains of each column, in column order, ≥ 0.</summary>
    public double[] GainImportance()
    {
        var gains = new double[Columns];
        fixed (double* to = gains)
            NativeLightGbm.Check(NativeLightGbm.BoosterFeatureImportance(_handle, 0, NativeLightGbm.ImportanceByGain, to));
        return gains;
    }

    /// <summary>SHAP values of the raw score: rows × (Columns + 1), row-major; the last of a row is the expected score, and a row sums to its raw score.</summary>
    /// <seealso href="https://arxiv.org/abs/1802.03888">Lundberg, Erion, Lee 2018, Consistent Individualized Feature Attribution for Tree Ensembles</seealso>
    /// <exception cref="ArgumentException">The values are no whole number of rows.</exception>
    public double[] Contributions(ReadOnlySpan<float> values) => PredictAll(values, NativeLightGbm.PredictContributions, Columns + 1, threads: 1);

    /// <summary>Raw scores (log-odds for binary, the mean's logarithm for Poisson, Tweedie and Gamma), one per row.</summary>
    /// <exception cref="ArgumentException">The values are no whole number of rows.</exception>
    public double[] RawScores(ReadOnlySpan<float> values, int threads = 1) => PredictAll(values, NativeLightGbm.PredictRaw, 1, threads);

    /// <summary>Probabilities for binary, amounts for the regressions, raw scores for ranking, one per row.</summary>
    /// <exception cref="ArgumentException">The values are no whole number of rows.</exception>
    public double[] Predict(ReadOnlySpan<float> values, int threads = 1) => PredictAll(values, NativeLightGbm.PredictNormal, 1, threads);

    /// <summary>LightGBM's fastest way to score one row at a time: what <see cref="FlatTrees"/> is measured against.</summary>
    /// <remarks>The returned function is for one thread and lives no longer than this booster.</remarks>
    internal SingleRow RawSingleRow()
    {
        NativeLightGbm.Check(NativeLightGbm.SingleRowFastInit(_handle, NativeLightGbm.PredictRaw, 0, -1, NativeLightGbm.Float32, Columns, "num_threads=1 verbosity=-1", out var config));
        return new SingleRow(config, Columns);
    }

    public void Dispose() => _handle.Dispose();

    private static NativeLightGbm.BoosterHandle Create(LightGbmParameters parameters, BinnedRows training, BinnedRows? validation, string further = "")
    {
        parameters.Check();
        parameters.CheckColumns(training.Columns);
        parameters.CheckLabels(training.Labels, training.Grouped, training: true);
        if (validation is not null) parameters.CheckLabels(validation.Labels, validation.Grouped, training: false);
        NativeLightGbm.Check(NativeLightGbm.BoosterCreate(training.Handle, parameters.ToText() + further, out var handle));
        if (validation is not null) NativeLightGbm.Check(NativeLightGbm.BoosterAddValidData(handle, validation.Handle));
        return handle;
    }

    private void RequireWidth(TrainingRows rows)
    {
        if (rows.Columns != Columns) throw new ArgumentException($"The rows have {rows.Columns} columns but the booster {Columns}.");
    }

    /// <summary>Raw scores on top of the rows' own offsets.</summary>
    private double[] Scores(TrainingRows rows)
    {
        var scores = RawScores(rows.Values);
        for (var i = 0; i < rows.Offsets.Length; i++) scores[i] += rows.Offsets[i];
        return scores;
    }

    /// <summary>How many trees to keep (−1 for all), and the metric there.</summary>
    private static (int Trees, double Metric) Grow(LightGbmParameters parameters, NativeLightGbm.BoosterHandle handle, bool stopEarly, CancellationToken cancel)
    {
        var (best, bestLoss) = (0, double.PositiveInfinity);
        var sign = parameters.MetricRises ? -1 : 1;
        for (var tree = 1; tree <= parameters.Trees; tree++)
        {
            cancel.ThrowIfCancellationRequested();
            NativeLightGbm.Check(NativeLightGbm.BoosterUpdateOneIter(handle, out var finished));
            if (stopEarly)
            {
                double metric;
                NativeLightGbm.Check(NativeLightGbm.BoosterGetEval(handle, 1, out _, &metric));
                if (sign * metric < bestLoss) (best, bestLoss) = (tree, sign * metric);
                if (tree - best >= parameters.Patience) break;
            }
            if (finished != 0) break;
        }
        return stopEarly ? (Math.Max(best, 1), sign * bestLoss) : (-1, double.NaN);
    }

    private static string SaveText(NativeLightGbm.BoosterHandle handle, int trees)
    {
        NativeLightGbm.Check(NativeLightGbm.BoosterSaveModelToString(handle, 0, trees, NativeLightGbm.ImportanceByGain, 0, out var length, null));
        var bytes = new byte[length];
        fixed (byte* to = bytes)
            NativeLightGbm.Check(NativeLightGbm.BoosterSaveModelToString(handle, 0, trees, NativeLightGbm.ImportanceByGain, length, out length, to));
        return Encoding.UTF8.GetString(bytes.AsSpan().TrimEnd((byte)0));
    }

    private double[] PredictAll(ReadOnlySpan<float> values, int kind, int outputs, int threads)
    {
        if (values.Length % Columns != 0) throw new ArgumentException($"values has {values.Length} numbers: no whole number of rows of {Columns} columns.");
        var rows = values.Length / Columns;
        if (rows == 0) return [];
        var results = new double[rows * outputs];
        fixed (float* from = values)
        fixed (double* to = results)
            NativeLightGbm.Check(NativeLightGbm.BoosterPredictForMat(_handle, from, NativeLightGbm.Float32, rows, Columns, NativeLightGbm.RowMajor, kind, 0, -1, FormattableString.Invariant($"num_threads={threads} verbosity=-1"), out _, to));
        return results;
    }

    /// <summary>A prepared single-row prediction of a booster.</summary>
    internal sealed class SingleRow(NativeLightGbm.FastConfigHandle config, int columns) : IDisposable
    {
        public double Score(ReadOnlySpan<float> row)
        {
            if (row.Length != columns) throw new ArgumentException($"row has {row.Length} numbers but the model has {columns} columns.");
            double score;
            fixed (float* from = row) NativeLightGbm.Check(NativeLightGbm.SingleRowFast(config, from, out _, &score));
            return score;
        }

        public void Dispose() => config.Dispose();
    }
}
