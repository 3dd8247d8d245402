namespace Media.Models.LightGbm;

/// <summary>Rows with labels as LightGBM takes them.</summary>
/// <remarks>Values: rows × Columns, row-major, NaN = missing. Labels: one per row. Offsets: raw score each row starts from, one per row or empty for none.</remarks>
public readonly ref struct TrainingRows
{
    /// <exception cref="ArgumentException">No rows, a length does not fit, or a label or offset is not finite.</exception>
    public TrainingRows(ReadOnlySpan<float> values, int columns, ReadOnlySpan<float> labels, ReadOnlySpan<double> offsets = default)
    {
        if (columns < 1) throw new ArgumentException($"columns is {columns}; at least one is needed.");
        if (labels.Length == 0) throw new ArgumentException("There are no rows to learn from.");
        if ((long)labels.Length * columns != values.Length)
            throw new ArgumentException($"values has {values.Length} numbers but {labels.Length} labels × {columns} columns need {(long)labels.Length * columns}.");
        if (offsets.Length != 0 && offsets.Length != labels.Length)
            throw new ArgumentException($"offsets has {offsets.Length} numbers but there are {labels.Length} rows.");
        for (var i = 0; i < labels.Length; i++)
            if (!float.IsFinite(labels[i])) throw new ArgumentException($"The label of row {i} is {labels[i]}; labels are finite.");
        for (var i = 0; i < offsets.Length; i++)
            if (!double.IsFinite(offsets[i])) throw new ArgumentException($"The offset of row {i} is {offsets[i]}; offsets are finite.");
        Values = values;
        Columns = columns;
        Labels = labels;
        Offsets = offsets;
    }

    public ReadOnlySpan<float> Values { get; }
    public int Columns { get; }
    public ReadOnlySpan<float> Labels { get; }
    public ReadOnlySpan<double> Offsets { get; }
    public int Rows => Labels.Length;
}
