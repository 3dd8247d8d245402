namespace Media.Models.LightGbm;

/// <summary>Rows with labels as LightGBM takes them.</summary>
/// <remarks>
/// Values: rows × Columns, row-major, NaN = missing; a column that is NaN throughout is allowed and never split on. Labels: one per row. Offsets: raw score each row
/// starts from. Weights: how much each row counts, ≥ 0. Groups: sizes of the queries whose rows are ranked among themselves, in the order of the rows. The last three
/// may be empty for none.
/// </remarks>
public readonly ref struct TrainingRows
{
    /// <exception cref="ArgumentException">No rows, a length does not fit, a label or offset is not finite, a weight is negative or all are 0, or the groups do not add up to the rows.</exception>
    public TrainingRows(ReadOnlySpan<float> values, int columns, ReadOnlySpan<float> labels, ReadOnlySpan<double> offsets = default, ReadOnlySpan<float> weights = default, ReadOnlySpan<int> groups = default)
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
        CheckWeights(weights, labels.Length);
        CheckGroups(groups, labels.Length);
        Values = values;
        Columns = columns;
        Labels = labels;
        Offsets = offsets;
        Weights = weights;
        Groups = groups;
    }

    public ReadOnlySpan<float> Values { get; }
    public int Columns { get; }
    public ReadOnlySpan<float> Labels { get; }
    public ReadOnlySpan<double> Offsets { get; }
    public ReadOnlySpan<float> Weights { get; }
    public ReadOnlySpan<int> Groups { get; }
    public int Rows => Labels.Length;

    /// <summary>The same rows starting from other raw scores.</summary>
    /// <exception cref="ArgumentException">Not one finite offset per row.</exception>
    public TrainingRows StartingFrom(ReadOnlySpan<double> offsets) => new(Values, Columns, Labels, offsets, Weights, Groups);

    private static void CheckWeights(ReadOnlySpan<float> weights, int rows)
    {
        if (weights.Length == 0) return;
        if (weights.Length != rows) throw new ArgumentException($"weights has {weights.Length} numbers but there are {rows} rows.");
        var some = false;
        for (var i = 0; i < weights.Length; i++)
        {
            if (!(weights[i] >= 0 && float.IsFinite(weights[i]))) throw new ArgumentException($"The weight of row {i} is {weights[i]}; weights are finite and not negative.");
            some |= weights[i] > 0;
        }
        if (!some) throw new ArgumentException($"All {rows} weights are 0; there is nothing to learn from.");
    }

    private static void CheckGroups(ReadOnlySpan<int> groups, int rows)
    {
        if (groups.Length == 0) return;
        var sum = 0L;
        for (var i = 0; i < groups.Length; i++)
        {
            if (groups[i] < 1) throw new ArgumentException($"Group {i} has {groups[i]} rows; a group has at least one.");
            sum += groups[i];
        }
        if (sum != rows) throw new ArgumentException($"The groups hold {sum} rows but there are {rows}.");
    }
}
