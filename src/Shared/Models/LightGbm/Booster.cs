using System.Text;

namespace Media.Models.LightGbm;

/// <summary>A grown LightGBM model in its native library: to train, to explain, and to check <see cref="FlatTrees"/> against.</summary>
/// <remarks>Its text is its whole state. Prediction methods may be called by several threads at once; dispose when no call is under way.</remarks>
public sealed unsafe class Booster : IDisposable
{
    private readonly NativeLightGbm.BoosterHandle _handle;

    private Booster(string text, NativeLightGbm.BoosterHandle handle, int trees, int columns) =>
        (Text, _handle, Trees, Columns) = (text, handle, trees, columns);

    /// <summary>LightGBM's own text form, which any LightGBM 4 reads.</summary>
    public string Text { get; }
    public int Trees { get; }
    public int Columns { get; }

    /// <summary>Grows trees until the limit or, with validation rows, until their loss has not improved for <see cref="LightGbmParameters.Patience"/> trees; keeps the best count.</summary>
    /// <param name="names">One per column.</param>
    /// <param name="validation">Rows to stop by; <c>default</c> for none.</param>
    /// <exception cref="ArgumentException">Widths differ, a parameter is out of range, or binary labels are not 0 and 1, both present.</exception>
    /// <exception cref="LightGbmException">The native library refuses or is missing.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; looked at before each tree.</exception>
    public static Booster Train(LightGbmParameters parameters, IReadOnlyList<string> names, TrainingRows rows, TrainingRows validation, CancellationToken cancel)
    {
        parameters.Check();
        var text = parameters.ToText();
        if (rows.Rows == 0) throw new ArgumentException("There are no rows to learn from.");
        if (names.Count != rows.Columns) throw new ArgumentException($"names has {names.Count} entries but the rows have {rows.Columns} columns.");
        if (validation.Rows > 0 && validation.Columns != rows.Columns)
            throw new ArgumentException($"The validation rows have {validation.Columns} columns but the training rows {rows.Columns}.");
        foreach (var column in parameters.CategoricalColumns)
            if (column >= rows.Columns) throw new ArgumentException($"CategoricalColumns names column {column} but there are {rows.Columns}.");
        if (parameters.Objective == LightGbmObjective.Binary)
        {
            BinaryLabels.RequireBoth(rows.Labels);
            BinaryLabels.Require(validation.Labels);
        }

        NativeLightGbm.Require();
        using var training = CreateDataset(rows, names, text, reference: null);
        using var held = validation.Rows > 0 ? CreateDataset(validation, names, text, training) : null;
        NativeLightGbm.Check(NativeLightGbm.BoosterCreate(training, text, out var handle));
        using (handle)
        {
            if (held is not null) NativeLightGbm.Check(NativeLightGbm.BoosterAddValidData(handle, held));
            var best = Grow(parameters, handle, stopEarly: held is not null, cancel);
            return FromText(SaveText(handle, best));
        }
    }

    /// <summary>Loads what <see cref="Text"/> holds.</summary>
    /// <remarks>The native reader trusts its input: take text only from a place whose bytes are checked.</remarks>
    /// <exception cref="LightGbmException">Not a LightGBM model.</exception>
    public static Booster FromText(string text)
    {
        NativeLightGbm.Require();
        NativeLightGbm.Check(NativeLightGbm.BoosterLoadModelFromString(text, out var trees, out var handle));
        NativeLightGbm.Check(NativeLightGbm.BoosterGetNumFeature(handle, out var columns));
        return new Booster(text, handle, trees, columns);
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

    /// <summary>Raw scores (log-odds for binary), one per row.</summary>
    /// <exception cref="ArgumentException">The values are no whole number of rows.</exception>
    public double[] RawScores(ReadOnlySpan<float> values, int threads = 1) => PredictAll(values, NativeLightGbm.PredictRaw, 1, threads);

    /// <summary>Probabilities for binary, values for regression, one per row.</summary>
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

    private static NativeLightGbm.DatasetHandle CreateDataset(TrainingRows rows, IReadOnlyList<string> names, string text, NativeLightGbm.DatasetHandle? reference)
    {
        NativeLightGbm.DatasetHandle dataset;
        fixed (float* values = rows.Values)
            NativeLightGbm.Check(NativeLightGbm.DatasetCreateFromMat(values, NativeLightGbm.Float32, rows.Rows, rows.Columns, NativeLightGbm.RowMajor, text, reference?.DangerousGetHandle() ?? 0, out dataset));
        fixed (float* labels = rows.Labels)
            NativeLightGbm.Check(NativeLightGbm.DatasetSetField(dataset, "label", labels, rows.Rows, NativeLightGbm.Float32));
        if (rows.Offsets.Length > 0)
            fixed (double* offsets = rows.Offsets)
                NativeLightGbm.Check(NativeLightGbm.DatasetSetField(dataset, "init_score", offsets, rows.Rows, NativeLightGbm.Float64));
        if (reference is null) NativeLightGbm.Check(NativeLightGbm.DatasetSetFeatureNames(dataset, [.. names], names.Count));
        return dataset;
    }

    private static int Grow(LightGbmParameters parameters, NativeLightGbm.BoosterHandle handle, bool stopEarly, CancellationToken cancel)
    {
        var (best, bestLoss) = (0, double.PositiveInfinity);
        for (var tree = 1; tree <= parameters.Trees; tree++)
        {
            cancel.ThrowIfCancellationRequested();
            NativeLightGbm.Check(NativeLightGbm.BoosterUpdateOneIter(handle, out var finished));
            if (stopEarly)
            {
                double loss;
                NativeLightGbm.Check(NativeLightGbm.BoosterGetEval(handle, 1, out _, &loss));
                if (loss < bestLoss) (best, bestLoss) = (tree, loss);
                if (tree - best >= parameters.Patience) break;
            }
            if (finished != 0) break;
        }
        return stopEarly ? Math.Max(best, 1) : -1;
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
