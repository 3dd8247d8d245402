using Media.Models;

namespace Media.Tuning;

/// <summary>Rows that a blend learns from, dealt into folds.</summary>
/// <remarks>Not changed after construction; thread-safe.</remarks>
public sealed record BlendRows
{
    /// <summary>One per column.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>rows × columns, row-major, NaN = missing.</summary>
    public required float[] Values { get; init; }

    /// <summary>Columns that hold category codes from 0, by position.</summary>
    public IReadOnlyList<int> CategoricalColumns { get; init; } = [];

    /// <summary>One per row: 0 or 1, or an amount.</summary>
    public required float[] Labels { get; init; }

    public required LabelKind Kind { get; init; }

    /// <summary>The fold of each row, from 0. Rows that are not independent (of one reader) share a fold.</summary>
    public required int[] FoldOf { get; init; }

    /// <summary>Rows that tell the present level of the labels, such as those of the latest instant; null for all.</summary>
    public IReadOnlyList<int>? Latest { get; init; }

    public int Columns => Names.Count;
    public int Rows => Labels.Length;
    public int Folds => FoldOf.Max() + 1;

    /// <exception cref="ArgumentException">A length does not fit, a label is not of its kind, there is nothing to learn, or a fold is empty or leaves one class only.</exception>
    internal void Check()
    {
        if (Labels.Length == 0) throw new ArgumentException("There are no rows to learn from.");
        if (Columns == 0) throw new ArgumentException("There is no column to learn from.");
        if (Values.LongLength != (long)Rows * Columns) throw new ArgumentException($"Values has {Values.Length} numbers but {Rows} rows × {Columns} columns need {(long)Rows * Columns}.");
        if (FoldOf.Length != Rows) throw new ArgumentException($"FoldOf has {FoldOf.Length} entries but there are {Rows} rows.");
        for (var row = 0; row < Rows; row++)
            if (!float.IsFinite(Labels[row])) throw new ArgumentException($"The label of row {row} is {Labels[row]}; labels are finite.");
        if (Kind == LabelKind.YesNo) BinaryLabels.RequireBoth(Labels);
        else if (!Labels.AsSpan().ContainsAnyExcept(Labels[0])) throw new ArgumentException($"All {Rows} labels are {Labels[0]}; there is nothing to learn.");
        if (Folds < 2) throw new ArgumentException("All rows are in one fold; at least two are needed.");
        for (var fold = 0; fold < Folds; fold++)
        {
            if (!FoldOf.Contains(fold)) throw new ArgumentException($"Fold {fold} is empty: there are too few rows (or readers) for {Folds} folds.");
            if (Kind == LabelKind.YesNo) BinaryLabels.RequireBoth([.. Enumerable.Range(0, Rows).Where(r => FoldOf[r] != fold).Select(r => Labels[r])]);
        }
    }
}
