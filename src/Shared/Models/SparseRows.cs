namespace Media.Models;

/// <summary>Rows of many columns of which few are not zero: indicators and counts.</summary>
/// <remarks>Compressed by row: the entries of row r are at Starts[r] … Starts[r + 1] − 1. Immutable, thread-safe.</remarks>
/// <param name="Columns">Number of columns.</param>
/// <param name="Starts">Rows + 1 entries, not falling, from 0.</param>
/// <param name="Indexes">The column of each entry, 0 … Columns − 1; a column that stands twice in a row counts as the sum.</param>
/// <param name="Values">The value of each entry, finite.</param>
public sealed record SparseRows(int Columns, int[] Starts, int[] Indexes, float[] Values)
{
    public int Rows => Starts.Length - 1;

    /// <summary>Σ value × weight over a row's entries.</summary>
    /// <param name="weights">One per column.</param>
    public double Dot(int row, ReadOnlySpan<double> weights)
    {
        var sum = 0.0;
        for (var at = Starts[row]; at < Starts[row + 1]; at++) sum += Values[at] * weights[Indexes[at]];
        return sum;
    }

    /// <summary>Adds factor × the row to a vector of one entry per column.</summary>
    public void AddTo(int row, double factor, Span<double> sums)
    {
        for (var at = Starts[row]; at < Starts[row + 1]; at++) sums[Indexes[at]] += Values[at] * factor;
    }
}
