namespace Media.Models.LightGbm;

/// <summary>Labelled rows in LightGBM's binned form: made once, then shared by every booster that is grown on them.</summary>
/// <remarks>
/// Binning looks at <see cref="LightGbmParameters.Bins"/>, <see cref="LightGbmParameters.CategoricalColumns"/>, <see cref="LightGbmParameters.Monotone"/> and
/// <see cref="LightGbmParameters.RowsPerLeaf"/> (a column that no split could divide into leaves of so many rows is left out): boosters grown on it keep the first
/// three and take no fewer rows per leaf. Several boosters may be grown on it at the same time; dispose when none is.
/// </remarks>
public sealed unsafe class BinnedRows : IDisposable
{
    private readonly LightGbmParameters _parameters;
    private readonly float[] _labels;

    private BinnedRows(NativeLightGbm.DatasetHandle handle, LightGbmParameters parameters, float[] labels, int columns, bool grouped) =>
        (Handle, _parameters, _labels, Columns, Grouped) = (handle, parameters, labels, columns, grouped);

    public int Rows => _labels.Length;
    public int Columns { get; }

    /// <summary>Whether the rows stand in groups to be ranked.</summary>
    public bool Grouped { get; }

    internal NativeLightGbm.DatasetHandle Handle { get; }

    internal ReadOnlySpan<float> Labels => _labels;

    /// <summary>Bins rows by their own distribution.</summary>
    /// <param name="names">One per column.</param>
    /// <exception cref="ArgumentException">Widths differ or a parameter is out of range.</exception>
    /// <exception cref="LightGbmException">The native library refuses or is missing.</exception>
    public static BinnedRows Of(TrainingRows rows, IReadOnlyList<string> names, LightGbmParameters parameters)
    {
        parameters.Check();
        if (rows.Rows == 0) throw new ArgumentException("There are no rows to learn from.");
        if (names.Count != rows.Columns) throw new ArgumentException($"names has {names.Count} entries but the rows have {rows.Columns} columns.");
        parameters.CheckColumns(rows.Columns);
        NativeLightGbm.Require();
        var binned = Create(rows, parameters, reference: null);
        NativeLightGbm.Check(NativeLightGbm.DatasetSetFeatureNames(binned.Handle, [.. names], names.Count));
        return binned;
    }

    /// <summary>Bins other rows by this one's bins, to validate on.</summary>
    /// <exception cref="ArgumentException">The rows have another width.</exception>
    public BinnedRows Like(TrainingRows rows)
    {
        if (rows.Columns != Columns) throw new ArgumentException($"The validation rows have {rows.Columns} columns but the training rows {Columns}.");
        return Create(rows, _parameters, Handle);
    }

    /// <summary>Some of the rows, sharing the bins; offsets and weights come along.</summary>
    /// <param name="rows">Positions, strictly ascending.</param>
    /// <exception cref="ArgumentException">No position, one out of range or not ascending, or the rows stand in groups.</exception>
    public BinnedRows Take(ReadOnlySpan<int> rows)
    {
        if (Grouped) throw new ArgumentException("Rows that stand in groups cannot be taken one by one.");
        if (rows.Length == 0) throw new ArgumentException("There are no rows to take.");
        var labels = new float[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i] < 0 || rows[i] >= Rows || (i > 0 && rows[i] <= rows[i - 1])) throw new ArgumentException($"Position {i} is row {rows[i]}; positions ascend from 0 to {Rows - 1}.");
            labels[i] = _labels[rows[i]];
        }
        NativeLightGbm.DatasetHandle subset;
        fixed (int* from = rows)
            NativeLightGbm.Check(NativeLightGbm.DatasetGetSubset(Handle, from, rows.Length, _parameters.ToText(), out subset));
        return new BinnedRows(subset, _parameters, labels, Columns, grouped: false);
    }

    public void Dispose() => Handle.Dispose();

    private static BinnedRows Create(TrainingRows rows, LightGbmParameters parameters, NativeLightGbm.DatasetHandle? reference)
    {
        NativeLightGbm.DatasetHandle dataset;
        fixed (float* values = rows.Values)
            NativeLightGbm.Check(NativeLightGbm.DatasetCreateFromMat(values, NativeLightGbm.Float32, rows.Rows, rows.Columns, NativeLightGbm.RowMajor, parameters.ToText(), reference?.DangerousGetHandle() ?? 0, out dataset));
        fixed (float* labels = rows.Labels)
            NativeLightGbm.Check(NativeLightGbm.DatasetSetField(dataset, "label", labels, rows.Rows, NativeLightGbm.Float32));
        if (rows.Offsets.Length > 0)
            fixed (double* offsets = rows.Offsets)
                NativeLightGbm.Check(NativeLightGbm.DatasetSetField(dataset, "init_score", offsets, rows.Rows, NativeLightGbm.Float64));
        if (rows.Weights.Length > 0)
            fixed (float* weights = rows.Weights)
                NativeLightGbm.Check(NativeLightGbm.DatasetSetField(dataset, "weight", weights, rows.Rows, NativeLightGbm.Float32));
        if (rows.Groups.Length > 0)
            fixed (int* groups = rows.Groups)
                NativeLightGbm.Check(NativeLightGbm.DatasetSetField(dataset, "group", groups, rows.Groups.Length, NativeLightGbm.Int32));
        return new BinnedRows(dataset, parameters, rows.Labels.ToArray(), rows.Columns, rows.Groups.Length > 0);
    }
}
