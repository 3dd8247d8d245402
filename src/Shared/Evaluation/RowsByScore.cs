namespace Media.Evaluation;

/// <summary>Judged rows each of which stands for itself, in falling order of score.</summary>
/// <remarks>Immutable, thread-safe.</remarks>
public abstract class RowsByScore : JudgedRows
{
    private protected RowsByScore(ReadOnlySpan<double> scores, ReadOnlySpan<float> labels) : base(scores, labels) => (Falling, Rows, TieEnds) = Rank(scores);

    public override int Count => Rows.Length;

    /// <summary>Rows[i] is where the i-th row in falling order of score stood in the input.</summary>
    public int[] Rows { get; }

    /// <summary>Positions, exclusive, at which each run of equal scores ends; rising, the last is Count.</summary>
    public int[] TieEnds { get; }

    /// <summary>The scores, falling.</summary>
    private protected double[] Falling { get; }

    internal override int[] OwnUnits => Rows;

    internal override int[] UnitsOf(ReadOnlySpan<int> unitOfRow)
    {
        var units = new int[Count];
        for (var i = 0; i < units.Length; i++) units[i] = unitOfRow[Rows[i]];
        return units;
    }
}
